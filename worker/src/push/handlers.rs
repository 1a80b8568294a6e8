use std::borrow::Cow;

use wxedge_contract::{Code, Problem};
use wxedge_launch::percent;
use wxedge_outbox::{Order, webhook_body};
use wxedge_push::{Push, PushError, PushKeys, Query};

use crate::events::{self, Incoming, Work};
use crate::http::{Reply, Request};
use crate::route::Call;
use crate::{App, log};

/// `GET /v1/push`: the console's check of the address.
pub(crate) async fn check_address(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    let parameters = Parameters::of(request);
    let echo = keys(app)?.check_address(&parameters.query(), app.platform.now()).map_err(refused)?;
    Ok(Reply::text("text/plain; charset=utf-8", echo.to_owned()))
}

/// `POST /v1/push`: a push.
pub(crate) async fn push(Call { app, request, body, .. }: Call<'_>) -> Result<Reply, Problem> {
    // (1) Verify and open.
    let keys = keys(app)?;
    let parameters = Parameters::of(request);
    let push = keys.open(&parameters.query(), body, app.platform.now()).map_err(refused)?;
    // (2) A signature that does not cover the body is good for one.
    if let Some(once) = push.once.clone()
        && events::is_used_otherwise(app, once.key, once.digest, once.until).await?
    {
        return Err(refused(PushError::BadSignature));
    }
    // (3) Store it, and hear what the receiver says.
    let taken = events::take_in(app, &incoming(&push, app.platform.now())).await?;
    // (4) Answer.
    let answer = taken.answer.and_then(|said| push.answer(&said)).unwrap_or_else(|| push.acknowledgement());
    let random = edge::random().ok_or_else(|| Problem::new(Code::Internal, "There is no randomness."))?;
    let reply = keys.reply(&push, &answer, app.platform.now(), random);
    Ok(Reply::text(reply.content_type, reply.body))
}

/// What is set in the console is set here, too; else there is no such route.
fn keys(app: &App) -> Result<&PushKeys, Problem> {
    app.config.push_keys.as_ref()?.as_ref().ok_or_else(|| {
        Problem::new(Code::NotFound, "No message push is set up.").hint(
            "Set PUSH_TOKEN and PUSH_AES_KEY to Token and EncodingAESKey of the console's message push.",
        )
    })
}

/// The event that a push is. What nobody signed changes nothing here.
fn incoming(push: &Push, now: u64) -> Incoming {
    let work = Work::about(&push.name).filter(|_| push.verified);
    Incoming {
        order: push.user.as_deref().map(Order::of_user),
        key: push.key.clone(),
        body: webhook_body(&push.name, push.created_at.unwrap_or(now), &push.data(), push.verified),
        work: work.is_some(),
        outlives_user: work == Some(Work::EraseUser),
        wait: push.answer_wait(),
        kind: push.name.clone(),
    }
}

fn refused(error: PushError) -> Problem {
    log::push_refused(error.code());
    let code = if error.status() == 401 { Code::Unauthenticated } else { Code::InvalidRequest };
    Problem::new(code, format!("The push is refused ({}): {error}", error.code()))
}

/// What stands in the query, decoded.
struct Parameters<'a>([Option<Cow<'a, str>>; 5]);

impl<'a> Parameters<'a> {
    fn of(request: &'a Request) -> Self {
        let names = ["signature", "timestamp", "nonce", "msg_signature", "echostr"];
        Self(names.map(|name| request.parameter(name).map(percent::decode)))
    }

    fn query(&self) -> Query<'_> {
        let [signature, timestamp, nonce, msg_signature, echostr] = self.0.each_ref().map(Option::as_deref);
        Query { signature, timestamp, nonce, msg_signature, echostr }
    }
}
