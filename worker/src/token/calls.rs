//! Calls to WeChat with its token, and one retry with a fresh one.

use futures_util::FutureExt;
use wxedge_contract::Problem;
use wxedge_operations::{Fields, ReplyError, token_refusal};
use wxedge_wechat::{Call, read_image};

use super::source;
use crate::transport::{LARGEST_JSON, Received, problem, send, unanswered};
use crate::{App, log};

/// The largest image, in bytes: a code of 1280 pixels is under 400 KB.
const LARGEST_IMAGE: usize = 4 * 1024 * 1024;

/// An image, and how many limited codes the account had made when `WeChat` made this one, where it says so.
#[derive(Clone)]
pub(crate) struct Image {
    pub(crate) bytes: Vec<u8>,
    pub(crate) codes_used: Option<u64>,
}

/// Makes a call with the current token, and once more with a fresh one when WeChat refuses it.
pub(crate) fn call<'a, T>(
    app: &'a App,
    call: &'a Call,
    parse: impl Fn(&[u8]) -> Result<T, ReplyError> + 'a,
) -> impl Future<Output = Result<T, Problem>> + 'a {
    exchange(app, call, LARGEST_JSON).boxed_local().map(move |exchanged| {
        let (sent, received) = exchanged?;
        parse(&received.body).map_err(|error| problem(&sent, error))
    })
}

/// Makes a call and reads its reply by its row, as [`call`] does.
pub(crate) fn fields<'a>(app: &'a App, call: &'a Call) -> impl Future<Output = Result<Fields, Problem>> + 'a {
    self::call(app, call, |body| call.operation().read(body))
}

/// Makes a call that gives an image, as [`call`] does.
pub(crate) async fn image(app: &App, call: &Call) -> Result<Image, Problem> {
    let (sent, received) = exchange(app, call, LARGEST_IMAGE).boxed_local().await?;
    read_image(call.operation(), &received.body).map_err(|error| problem(&sent, error))?;
    Ok(Image { bytes: received.body, codes_used: received.codes_used })
}

/// Gives the call as it was sent last, and what came back.
async fn exchange(app: &App, call: &Call, limit: usize) -> Result<(Call, Received), Problem> {
    let base = app.config.api_base.as_deref()?;
    let token = source::current(app).await?.token;
    let first = call.with_token(&token);
    let received = send(app, &first, base, limit).await.map_err(unanswered)?;
    let Some(refusal) = token_refusal(call.operation(), &received.body) else { return Ok((first, received)) };
    log::token_refused(call.operation().path(), &problem(&first, refusal));
    let fresh = source::after_refusal(app, &token).await?.token;
    let second = call.with_token(&fresh);
    let received = send(app, &second, base, limit).await.map_err(unanswered)?;
    if token_refusal(call.operation(), &received.body).is_some() {
        // Not for this call, which has had its retry, but for the next.
        drop(source::after_refusal(app, &fresh).await);
    }
    Ok((second, received))
}
