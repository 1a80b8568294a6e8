//! Calls to WeChat without its token, with their limits: one answer in ten seconds.

use edge::{Deadline, Fetch, FetchError, Method, SendOnce};
use futures_util::FutureExt;
use wxedge_contract::{Code, Problem};
use wxedge_operations::ReplyError;
use wxedge_wechat::Call;

use crate::App;
use crate::config::SettingError;

/// The largest JSON reply, in bytes: the largest documented one is under 4 KB.
pub(crate) const LARGEST_JSON: usize = 256 * 1024;

/// Makes a call that carries no token of the mini program, once.
pub(crate) fn call<'a, T>(
    app: &'a App,
    call: &'a Call,
    parse: impl Fn(&[u8]) -> Result<T, ReplyError> + 'a,
) -> impl Future<Output = Result<T, Problem>> + 'a {
    call_at(app, app.config.api_base.as_deref(), call, parse)
}

/// Makes a call under another base than the mini program's, once. What is boxed is the same for all types of replies.
pub(crate) fn call_at<'a, T>(
    app: &'a App,
    base: Result<&'a str, &'a SettingError>,
    call: &'a Call,
    parse: impl Fn(&[u8]) -> Result<T, ReplyError> + 'a,
) -> impl Future<Output = Result<T, Problem>> + 'a {
    let received = async move { send(app, call, base?, LARGEST_JSON).await.map_err(unanswered) };
    received.boxed_local().map(move |received| parse(&received?.body).map_err(|error| problem(call, error)))
}

/// How long a call may take, its body included, in milliseconds: the contract's ten seconds.
const TIMEOUT: u32 = 10_000;
/// How long opening a connection of its own may take, in milliseconds: what is left is enough for an answer.
const CONNECT_TIMEOUT: u32 = 3_000;
/// What WeChat says of the account's limited codes. Source: 获取小程序码 (getQRCode).
const NUM_USED: &str = "Num-Used";

/// What came back from WeChat: the body, and the one header that says something.
pub(crate) struct Received {
    pub(crate) body: Vec<u8>,
    /// How many of the account's limited codes are made.
    pub(crate) codes_used: Option<u64>,
}

/// Sends a call and reads its whole body, up to `limit` bytes. What must be sent once has a connection of its own, where
/// one can be opened.
pub(crate) async fn send(app: &App, call: &Call, base: &str, limit: usize) -> Result<Received, FetchError> {
    let deadline = Deadline::after(TIMEOUT);
    let url = call.url(base);
    if call.must_be_sent_once() && call.body().is_none() {
        let once = SendOnce::get(url.expose(), CONNECT_TIMEOUT, deadline, limit)
            .with_header("Accept", "*/*")
            .with_header("User-Agent", "wxedge");
        match once.send(app.platform.env()).await {
            Err(FetchError::NotConnected) => {}
            outcome => return outcome.map(|response| Received { body: response.body, codes_used: None }),
        }
    }
    let method = if call.body().is_some() { Method::Post } else { Method::Get };
    let mut request = Fetch::new(method, url.expose(), deadline, limit).reading(NUM_USED);
    if let Some(body) = call.body() {
        request = request.with_text("application/json", body.expose());
    }
    let response = request.send().await?;
    let codes_used = response.headers.get(NUM_USED).and_then(|used| used.parse().ok());
    Ok(Received { body: response.body, codes_used })
}

/// What a call without a whole answer becomes.
pub(crate) fn unanswered(error: FetchError) -> Problem {
    match error {
        FetchError::TimedOut => {
            Problem::new(Code::UpstreamTimeout, "WeChat did not answer within ten seconds.")
        }
        FetchError::Failed | FetchError::NotConnected => Problem::new(
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
