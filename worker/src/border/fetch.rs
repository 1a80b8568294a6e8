//! Requests to WeChat and to the owner of the token, with their limits.

use wasm_bindgen::JsValue;
use wxedge_crypto::Secret;
use wxedge_wechat::Call;

use super::tasks::{Failure, Outcome, Reply, ask};
use super::{js, once};

/// How long a call may take, its body included, in milliseconds: the contract's ten seconds.
pub(super) const PATIENCE: u32 = 10_000;
/// The largest answer of the owner of the token, in bytes: a token has up to 2048 characters.
const LARGEST_OWNER_REPLY: usize = 16 * 1024;

/// Why there is no whole body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FetchError {
    TimedOut,
    Broken,
    TooLarge,
}

/// What came back from WeChat: the body, and the one header that says something.
pub(crate) struct Received {
    pub(crate) body: Vec<u8>,
    /// How many of the account's limited codes are made. Source: 获取小程序码 (getQRCode), `Num-Used`.
    pub(crate) codes_used: Option<u64>,
}

/// Sends a call and reads its whole body, up to `limit` bytes. `lives_on` is whether connections outlive the request.
pub(super) async fn send(
    call: &Call,
    base: &str,
    limit: usize,
    lives_on: bool,
) -> Result<Received, FetchError> {
    let patience = Patience::begin();
    if call.must_be_sent_once()
        && call.body().is_none()
        && let Some(outcome) = once::get(&call.url(base), limit, lives_on).await
    {
        return outcome.map(|body| Received { body, codes_used: None });
    }
    let url = call.url(base);
    let outbound = Outbound {
        url: url.expose(),
        method: call.method().as_str(),
        authorization: None,
        asker: None,
        body: call.body().map(Secret::expose),
        patience,
    };
    let Reply { body, codes_used, .. } = fetch(&JsValue::UNDEFINED, &outbound, limit).await?;
    Ok(Received { body, codes_used: codes_used.and_then(|used| used.parse().ok()) })
}

/// A question to the deployment that owns the token.
pub(crate) struct OwnerCall<'a> {
    /// Without a slash at the end.
    pub(crate) url: &'a str,
    pub(crate) path: &'static str,
    pub(crate) key: &'a Secret,
    /// Whose token is asked for.
    pub(crate) appid: &'a str,
    /// JSON.
    pub(crate) body: Option<&'a str>,
}

/// Asks the owner of the token, through the service `binding` where there is one. A Worker that fetches another Worker
/// of its own zone by URL would fail, hence the binding.
pub(super) async fn ask_owner(binding: &JsValue, call: &OwnerCall<'_>) -> Result<(u16, Vec<u8>), FetchError> {
    let authorization = Secret::new(["Bearer ", call.key.expose()].concat());
    let outbound = Outbound {
        url: &[call.url, call.path].concat(),
        method: if call.body.is_some() { "POST" } else { "GET" },
        authorization: Some(authorization.expose()),
        asker: Some(call.appid),
        body: call.body,
        patience: Patience::begin(),
    };
    let Reply { status, body, .. } = fetch(binding, &outbound, LARGEST_OWNER_REPLY).await?;
    Ok((status, body))
}

/// A request to somewhere outside.
struct Outbound<'a> {
    url: &'a str,
    method: &'static str,
    authorization: Option<&'a str>,
    asker: Option<&'a str>,
    /// JSON.
    body: Option<&'a str>,
    patience: Patience,
}

/// How long a call may still take, all its ways together.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// Unix milliseconds.
    began: f64,
}

impl Patience {
    pub(super) fn begin() -> Self {
        Self { began: js_sys::Date::now() }
    }

    /// Milliseconds.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
    pub(super) fn left(self) -> u32 {
        let spent = (js_sys::Date::now() - self.began).clamp(0.0, f64::from(PATIENCE));
        PATIENCE.saturating_sub(spent as u32)
    }
}

/// Sends a request by the `fetch` of `fetcher`, or by the global one, and reads its whole body, up to `limit` bytes.
async fn fetch(fetcher: &JsValue, outbound: &Outbound<'_>, limit: usize) -> Result<Reply, FetchError> {
    let sent = ask(|question| {
        js::send(
            question,
            fetcher,
            outbound.url,
            outbound.method,
            outbound.authorization,
            outbound.asker,
            outbound.body,
            outbound.patience.left(),
            limit,
        );
    });
    match sent.await {
        Outcome::Reply(reply) => Ok(reply),
        Outcome::Failed(failure) => Err(failure.into()),
        _ => Err(FetchError::Broken),
    }
}

impl From<Failure> for FetchError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::TimedOut => Self::TimedOut,
            Failure::TooLarge => Self::TooLarge,
            Failure::Broken | Failure::NotOpened => Self::Broken,
        }
    }
}
