//! Sends a call with the current token, and once more with a fresh one when WeChat refuses it.

use edge::{Deadline, Fetch, FetchError, Headers, Method, OpenBody, SendOnce};
use wxedge_contract::Problem;
use wxedge_crypto::Secret;
use wxedge_operations::{Flag, Operation, Refusal, ReplyError, errcode_at_start, read_status};

use super::outgoing::Outgoing;
use crate::token::source;
use crate::transport::unanswered;
use crate::{App, log};

/// How long WeChat may take until its JSON is there, or its bytes begin, in milliseconds: the contract's ten seconds.
const TIMEOUT: u32 = 10_000;
/// … where an upload goes before it: 10 MiB at 3 Mbit/s.
const UPLOAD_TIMEOUT: u32 = 30_000;
/// How long what is handed on may take, in milliseconds: a file of 10 MiB at 1.5 Mbit/s, by WeChat or to the caller.
const STREAMING: u32 = 60_000;
/// How long opening a connection of its own may take, in milliseconds: what is left is enough for an answer.
const CONNECT_TIMEOUT: u32 = 3_000;
/// The largest answer, in bytes: the largest documented file is one of 10 MB, and the largest JSON holds some printed
/// waybills.
const LARGEST: usize = 16 * 1024 * 1024;
/// Up to how many bytes JSON is read whole to find how the call went. A refusal of WeChat's is a few hundred; in what is
/// longer only the start is looked at, and the rest passes.
pub(super) const LOOKED_AT: usize = 64 * 1024;

/// What WeChat says of its bytes.
pub(super) const CONTENT_TYPE: &str = "Content-Type";
pub(super) const NUM_USED: &str = "Num-Used";
pub(super) const DISPOSITION: &str = "Content-Disposition";

/// What stands in the place of a credential.
const MASK: &str = "***";

/// What came back.
pub(super) struct Received {
    pub(super) status: u16,
    /// Of those that are handed on.
    pub(super) headers: Headers,
    pub(super) reply: Reply,
    /// What the call carried, to be taken out of WeChat's words.
    pub(super) credential: Secret,
}

pub(super) enum Reply {
    /// What begins as a JSON object and is short enough to be read.
    Json(Vec<u8>),
    /// What begins as a JSON object and is longer, with its start.
    LongJson(OpenBody, Vec<u8>),
    /// Anything else.
    Bytes(OpenBody),
    Empty,
}

impl Received {
    /// `text` without the token of the call.
    pub(super) fn cleaned(&self, text: &str) -> String {
        text.replace(self.credential.expose(), MASK)
    }

    /// What WeChat says when it refused the call; of a long reply only its code.
    pub(super) fn refusal(&self, operation: Operation) -> Option<Refusal> {
        let refusal = match &self.reply {
            Reply::Json(json) => match read_status(operation, json) {
                Err(ReplyError::Refused(refusal)) => Some(refusal),
                _ => None,
            },
            Reply::LongJson(_, start) => {
                errcode_at_start(start).map(|errcode| Refusal::new(operation, errcode, ""))
            }
            Reply::Bytes(_) | Reply::Empty => None,
        };
        refusal.map(|refusal| refusal.cleaned(|words| self.cleaned(words)))
    }

    /// … when it refused the token.
    fn token_refusal(&self, operation: Operation) -> Option<Refusal> {
        self.refusal(operation).filter(Refusal::is_token_refused)
    }
}

/// A text without a credential that is in it.
pub(super) fn without(credential: &Secret, text: Vec<u8>) -> Vec<u8> {
    let lossy = String::from_utf8_lossy(&text);
    if lossy.contains(credential.expose()) {
        return lossy.replace(credential.expose(), MASK).into_bytes();
    }
    text
}

/// Makes a call. A refused token means that nothing has happened, so the call is made once more with a fresh one.
///
/// # Errors
/// What there is no token for, and a lost answer.
pub(super) async fn exchange(app: &App, call: &Outgoing) -> Result<Received, Problem> {
    let token = source::current(app).await?.token;
    let base = app.config.api_base.as_deref()?;
    let received = send(app, call, &call.url(base, &token), &token).await?;
    let Some(refusal) = received.token_refusal(call.operation) else { return Ok(received) };
    log::token_refused(call.operation.path(), &refusal.problem());
    drop(received);
    let fresh = source::after_refusal(app, &token).await?.token;
    let received = send(app, call, &call.url(base, &fresh), &fresh).await?;
    if received.token_refusal(call.operation).is_some() {
        // Not for this call, which has had its retry, but for the next.
        drop(source::after_refusal(app, &fresh).await);
    }
    Ok(received)
}

/// Sends a call to `url`, which carries the credential. After a lost answer it is sent again only where the row says that this
/// does no more than once, and only when the connection broke: who waited ten seconds has waited enough.
pub(super) async fn send(
    app: &App,
    call: &Outgoing,
    url: &Secret,
    credential: &Secret,
) -> Result<Received, Problem> {
    let may_repeat = call.operation.is(Flag::Repeatable);
    let deadline = Deadline::after(if call.operation.is(Flag::Multipart) { UPLOAD_TIMEOUT } else { TIMEOUT });
    let mut outcome = send_once(app, call, url, deadline).await;
    if may_repeat && matches!(outcome, Err(FetchError::Failed)) {
        outcome = send_once(app, call, url, deadline).await;
    }
    let (status, headers, reply) = outcome.map_err(|error| lost(error, may_repeat))?;
    Ok(Received { status, headers, reply, credential: credential.clone() })
}

type Parts = (u16, Headers, Reply);

async fn send_once(
    app: &App,
    call: &Outgoing,
    url: &Secret,
    deadline: Deadline,
) -> Result<Parts, FetchError> {
    if call.method == Method::Get && !call.operation.is(Flag::Repeatable) {
        let once = SendOnce::get(url.expose(), CONNECT_TIMEOUT, deadline, LOOKED_AT)
            .with_header("Accept", "*/*")
            .with_header("User-Agent", "wxedge")
            .reading(CONTENT_TYPE);
        match once.send(app.platform.env()).await {
            Err(FetchError::NotConnected) => {}
            // Calls that must not be repeated answer in short JSON, so it is taken for that, whatever it is.
            outcome => {
                return outcome
                    .map(|response| (response.status, response.headers, Reply::Json(response.body)));
            }
        }
    }
    let mut request = Fetch::new(call.method, url.expose(), deadline, LARGEST)
        .reading(CONTENT_TYPE)
        .reading(NUM_USED)
        .reading(DISPOSITION);
    if let Some((content_type, bytes)) = call.body.sent() {
        request = request.with_blob(content_type, bytes);
    }
    let response = request.open(STREAMING).await?;
    let reply = look_at(response.body).await?;
    Ok((response.status, response.headers, reply))
}

/// Finds by its first bytes what an answer is: the Content-Type of WeChat's JSON cannot be trusted.
async fn look_at(body: OpenBody) -> Result<Reply, FetchError> {
    if body.come() == 0 {
        return Ok(Reply::Empty);
    }
    if body.start(64).trim_ascii_start().first() != Some(&b'{') {
        return Ok(Reply::Bytes(body));
    }
    body.fill(LOOKED_AT).await?;
    let start = body.start(u32::MAX);
    Ok(if body.is_whole() { Reply::Json(start) } else { Reply::LongJson(body, start) })
}

/// What a call without a whole answer becomes. Where it may have been done, sending it again is not for a machine to decide.
fn lost(error: FetchError, may_repeat: bool) -> Problem {
    let problem = unanswered(error);
    if may_repeat {
        return problem;
    }
    problem.hint("WeChat may have done it all the same: look before you send it again.").non_retryable()
}
