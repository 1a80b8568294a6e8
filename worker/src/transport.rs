//! Calls to WeChat without its token, with their limits: one answer in ten seconds.

use wxedge_contract::{Code, Problem};
use wxedge_wechat::{Call, ReplyError};

use crate::App;
use crate::border::FetchError;

/// The largest JSON reply, in bytes: the largest documented one is under 4 KB.
pub(crate) const LARGEST_JSON: usize = 256 * 1024;

/// Makes a call that carries no token of the mini program, once.
pub(crate) async fn call<T>(
    app: &App,
    call: &Call,
    parse: impl Fn(&[u8]) -> Result<T, ReplyError>,
) -> Result<T, Problem> {
    call_at(app, app.config.api_base.as_deref()?, call, parse).await
}

/// Makes a call under another base than the mini program's, once.
pub(crate) async fn call_at<T>(
    app: &App,
    base: &str,
    call: &Call,
    parse: impl Fn(&[u8]) -> Result<T, ReplyError>,
) -> Result<T, Problem> {
    let received = app.platform.send(call, base, LARGEST_JSON).await.map_err(unanswered)?;
    parse(&received.body).map_err(|error| problem(call, error))
}

/// What a call without a whole answer becomes.
pub(crate) fn unanswered(error: FetchError) -> Problem {
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

/// What a reply that is no answer becomes, without the credentials of the call.
pub(crate) fn problem(call: &Call, error: ReplyError) -> Problem {
    error.cleaned(|words| call.without_credentials(words)).problem()
}
