//! Requests to WeChat, and bodies of bounded length.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, ReadableStream, ReadableStreamDefaultReader, RequestInit, RequestRedirect,
    Response, WorkerGlobalScope,
};
use wxedge_crypto::Secret;
use wxedge_wechat::Call;

use super::once;
use crate::remote::ASKER;

/// How long a call may take, its body included, in milliseconds: the contract's ten seconds.
const PATIENCE: u32 = 10_000;
/// The largest answer of the owner of the token, in bytes: a token has up to 2048 characters.
const LARGEST_OWNER_REPLY: usize = 16 * 1024;

/// Why there is no whole body. The runtime's own words are dropped: they may hold the URL, and that a secret.
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

/// Sends a call and reads its whole body, up to `limit` bytes.
pub(super) async fn send(call: &Call, base: &str, limit: usize) -> Result<Received, FetchError> {
    let patience = Patience::begin();
    if call.must_be_sent_once()
        && call.body().is_none()
        && let Some(outcome) = once::get(&call.url(base), limit).await
    {
        return outcome.map(|body| Received { body, codes_used: None });
    }
    let body = call.body().map(Secret::expose);
    let outbound =
        Outbound { url: call.url(base), method: call.method().as_str(), headers: &[], body, patience };
    let response = fetch(&js_sys::global(), &outbound).await?;
    let codes_used = response.headers().get("Num-Used").ok().flatten().and_then(|used| used.parse().ok());
    Ok(Received { body: read_all(response.body(), limit).await?, codes_used })
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
    let authorization = Secret::new(format!("Bearer {}", call.key.expose()));
    let outbound = Outbound {
        url: Secret::new(format!("{}{}", call.url, call.path)),
        method: if call.body.is_some() { "POST" } else { "GET" },
        headers: &[("Authorization", authorization.expose()), (ASKER, call.appid)],
        body: call.body,
        patience: Patience::begin(),
    };
    let global = js_sys::global();
    let fetcher = if binding.is_undefined() { &global } else { binding };
    let response = fetch(fetcher, &outbound).await?;
    Ok((response.status(), read_all(response.body(), LARGEST_OWNER_REPLY).await?))
}

/// A request to somewhere outside.
struct Outbound<'a> {
    url: Secret,
    method: &'static str,
    headers: &'a [(&'static str, &'a str)],
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

/// Sends a request by the `fetch` of `fetcher`, the global scope or a binding.
async fn fetch(fetcher: &JsValue, outbound: &Outbound<'_>) -> Result<Response, FetchError> {
    let init = request_init(outbound).map_err(|_| FetchError::Broken)?;
    let scope: &WorkerGlobalScope = fetcher.unchecked_ref();
    let promise = scope.fetch_with_str_and_init(outbound.url.expose(), &init);
    Ok(JsFuture::from(promise).await.map_err(|error| reason(&error))?.unchecked_into())
}

fn request_init(outbound: &Outbound<'_>) -> Result<RequestInit, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in outbound.headers {
        headers.set(name, value)?;
    }
    let init = RequestInit::new();
    init.set_method(outbound.method);
    // A redirect would carry the secrets of the URL to wherever it points.
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(outbound.patience.left())));
    if let Some(body) = outbound.body {
        headers.set("Content-Type", "application/json")?;
        init.set_body(&JsValue::from_str(body));
    }
    init.set_headers(&headers);
    Ok(init)
}

fn reason(error: &JsValue) -> FetchError {
    let name = Reflect::get(error, &JsValue::from_str("name")).ok().and_then(|name| name.as_string());
    match name.as_deref() {
        Some("TimeoutError" | "AbortError") => FetchError::TimedOut,
        _ => FetchError::Broken,
    }
}

/// Reads a body up to `limit` bytes, and stops there.
pub(super) async fn read_all(body: Option<ReadableStream>, limit: usize) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    let Some(body) = body else { return Ok(bytes) };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    while let Some(chunk) = next_chunk(&reader).await.map_err(|error| reason(&error))? {
        let length = usize::try_from(chunk.length()).unwrap_or(usize::MAX);
        if bytes.len().saturating_add(length) > limit {
            // What is left is not wanted; whether cancelling works makes no difference.
            drop(reader.cancel());
            return Err(FetchError::TooLarge);
        }
        bytes.extend(chunk.to_vec());
    }
    Ok(bytes)
}

async fn next_chunk(reader: &ReadableStreamDefaultReader) -> Result<Option<Uint8Array>, JsValue> {
    let result = JsFuture::from(reader.read()).await?;
    if Reflect::get(&result, &JsValue::from_str("done"))?.is_truthy() {
        return Ok(None);
    }
    Reflect::get(&result, &JsValue::from_str("value"))?.dyn_into().map(Some)
}
