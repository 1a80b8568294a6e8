//! The platform as handlers see it: variables, clock, randomness, KV, objects, calls.

use js_sys::{Date, Reflect};
use serde::Serialize;
use wasm_bindgen::JsValue;
use worker::{Env, console_error, console_log};
use wxedge_contract::{Code, Problem};
use wxedge_wechat::Call;

use super::kv::KeyPage;
use super::{FetchError, OwnerCall, Received, fetch, kv};

/// The way to everything outside.
#[derive(Clone)]
pub(crate) struct Platform {
    pub(super) env: Env,
}

impl Platform {
    pub(super) const fn new(env: Env) -> Self {
        Self { env }
    }

    /// A variable or secret.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        Reflect::get(&self.env, &JsValue::from_str(name)).ok()?.as_string()
    }

    /// Whether a binding is there.
    pub(crate) fn is_bound(&self, name: &str) -> bool {
        Reflect::get(&self.env, &JsValue::from_str(name)).is_ok_and(|binding| !binding.is_undefined())
    }

    /// Refuses to go on without a binding.
    pub(crate) fn require(&self, name: &'static str) -> Result<(), Problem> {
        if self.is_bound(name) {
            return Ok(());
        }
        Err(Problem::new(Code::Misconfigured, format!("{name} is not bound."))
            .hint("Bind it in wrangler.toml as the one of this project does, and deploy again."))
    }

    /// Whether the KV namespace is there and can be used.
    pub(crate) fn has_kv(&self) -> bool {
        kv::is_bound(&self.env)
    }

    /// The time, in Unix seconds.
    pub(crate) fn now(&self) -> u64 {
        self.now_ms() / 1000
    }

    /// The time, in Unix milliseconds.
    #[expect(clippy::unused_self, reason = "the clock belongs to the platform")]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time is positive and far below 2^53"
    )]
    pub(crate) fn now_ms(&self) -> u64 {
        Date::now() as u64
    }

    /// Random bytes from the runtime's generator.
    ///
    /// The runtime always has one; should it fail, the bytes stay zero and are worth nothing, so this says so.
    #[expect(clippy::unused_self, reason = "randomness belongs to the platform")]
    pub(crate) fn random<const N: usize>(&self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Sends a call to WeChat under `base`, and reads up to `limit` bytes.
    pub(crate) async fn send(&self, call: &Call, base: &str, limit: usize) -> Result<Received, FetchError> {
        fetch::send(call, base, limit).await
    }

    /// Asks the deployment that owns the token; gives the status and the body.
    pub(crate) async fn ask_owner(&self, call: &OwnerCall<'_>) -> Result<(u16, Vec<u8>), FetchError> {
        let binding =
            Reflect::get(&self.env, &JsValue::from_str("TOKEN_OWNER")).unwrap_or(JsValue::UNDEFINED);
        fetch::ask_owner(&binding, call).await
    }

    pub(crate) async fn kv_text(&self, key: &str, cache_ttl: u64) -> Option<String> {
        kv::text(&self.env, key, cache_ttl).await
    }

    /// Stores a text, for `life` seconds or for good; tells whether that worked.
    pub(crate) async fn kv_put_text(&self, key: &str, text: &str, life: Option<u64>) -> bool {
        kv::put_text(&self.env, key, text, life).await
    }

    pub(crate) async fn kv_bytes(&self, key: &str) -> Option<Vec<u8>> {
        kv::bytes(&self.env, key).await
    }

    pub(crate) async fn kv_put_bytes(&self, key: &str, bytes: &[u8]) -> bool {
        kv::put_bytes(&self.env, key, bytes).await
    }

    /// Deletes a key; tells whether that worked. A key that is not there is deleted.
    pub(crate) async fn kv_delete(&self, key: &str) -> bool {
        kv::delete(&self.env, key).await
    }

    /// The keys that begin with `prefix`, at most `limit` of them, and where the next ones begin.
    pub(crate) async fn kv_keys(&self, prefix: &str, limit: u64, cursor: Option<String>) -> Option<KeyPage> {
        kv::keys(&self.env, prefix, limit, cursor).await
    }

    /// Whether the rate limit binding `name` lets one more through for `key`. Without the binding there is no limit;
    /// should it fail, people are let in.
    pub(crate) async fn is_within_limit(&self, name: &str, key: &str) -> bool {
        match self.env.rate_limiter(name) {
            Ok(limiter) => limiter.limit(key.to_owned()).await.map_or(true, |outcome| outcome.success),
            Err(_) => true,
        }
    }
}

/// Writes a structured line to the log.
pub(crate) fn log_info(line: &impl Serialize) {
    console_log!("{}", serde_json::to_string(line).unwrap_or_default());
}

/// Writes a structured line about something that went wrong to the log.
pub(crate) fn log_error(line: &impl Serialize) {
    console_error!("{}", serde_json::to_string(line).unwrap_or_default());
}
