//! Calls to WeChat, with their limits: one answer in ten seconds, one retry with a fresh token.

use wxedge_contract::{Code, Problem};
use wxedge_wechat::{Call, ReplyError};

use crate::border::FetchError;
use crate::{App, token_source};

/// The largest JSON reply, in bytes: the largest documented one is under 4 KB.
const LARGEST_JSON: usize = 256 * 1024;
/// The largest image, in bytes: a code of 1280 pixels is under 400 KB.
const LARGEST_IMAGE: usize = 4 * 1024 * 1024;

/// What a reply is read as, which bounds it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expect {
    Json,
    Image,
}

/// Makes a call that carries no token, once.
pub(crate) async fn call<T>(
    app: &App,
    call: &Call,
    parse: impl Fn(&[u8]) -> Result<T, ReplyError>,
) -> Result<T, Problem> {
    attempt(app, call, Expect::Json, parse).await?.map_err(|error| problem(call, error))
}

/// Makes a call with the current token, and once more with a fresh one when WeChat refuses it.
pub(crate) async fn call_with_token<T>(
    app: &App,
    call: &Call,
    expect: Expect,
    parse: impl Fn(&[u8]) -> Result<T, ReplyError>,
) -> Result<T, Problem> {
    let token = token_source::current(app).await?.token;
    let first = call.with_token(&token);
    let error = match attempt(app, &first, expect, &parse).await? {
        Err(error) if error.is_token_refused() => error,
        outcome => return outcome.map_err(|error| problem(&first, error)),
    };
    crate::log::token_refused(call.endpoint().path(), &problem(&first, error));
    let fresh = token_source::after_refusal(app, &token).await?.token;
    let second = call.with_token(&fresh);
    let outcome = attempt(app, &second, expect, &parse).await?;
    if outcome.as_ref().is_err_and(ReplyError::is_token_refused) {
        // Not for this call, which has had its retry, but for the next.
        drop(token_source::after_refusal(app, &fresh).await);
    }
    outcome.map_err(|error| problem(&second, error))
}

async fn attempt<T>(
    app: &App,
    call: &Call,
    expect: Expect,
    parse: impl Fn(&[u8]) -> Result<T, ReplyError>,
) -> Result<Result<T, ReplyError>, Problem> {
    let limit = match expect {
        Expect::Json => LARGEST_JSON,
        Expect::Image => LARGEST_IMAGE,
    };
    let base = app.config.api_base.as_deref()?;
    let body = app.platform.send(call, base, limit).await.map_err(unanswered)?;
    Ok(parse(&body))
}

fn unanswered(error: FetchError) -> Problem {
    match error {
        FetchError::TimedOut => {
            Problem::new(Code::UpstreamTimeout, "WeChat did not answer within ten seconds.")
        }
        FetchError::Broken => Problem::new(
            Code::UpstreamMalformed,
            "The connection to WeChat broke before its answer was whole.",
        ),
        FetchError::TooLarge => {
            Problem::new(Code::UpstreamMalformed, "WeChat's reply is larger than any real one.")
        }
    }
}

fn problem(call: &Call, error: ReplyError) -> Problem {
    error.cleaned(|words| call.without_credentials(words)).problem()
}
