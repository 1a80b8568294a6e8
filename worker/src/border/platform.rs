//! The platform as handlers see it: variables, clock, randomness, KV, objects, calls.

use js_sys::Date;
use serde::Serialize;
use wxedge_contract::{Code, Problem};
use wxedge_wechat::Call;

use super::js::{self, Env};
use super::kv::{Blob, KeyPage};
use super::tasks::{Outcome, ask};
use super::{FetchError, OwnerCall, Received, fetch, kv};

/// The way to everything outside.
#[derive(Clone)]
pub(crate) struct Platform {
    pub(super) env: Env,
    /// Whether it is used on after a request has ended, as in a Durable Object.
    lives_on: bool,
}

impl Platform {
    /// For one request.
    pub(super) const fn new(env: Env) -> Self {
        Self { env, lives_on: false }
    }

    /// For a Durable Object.
    pub(super) const fn of_object(env: Env) -> Self {
        Self { env, lives_on: true }
    }

    /// A variable or secret.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        self.env.get(name).as_string()
    }

    /// Whether a binding is there.
    pub(crate) fn is_bound(&self, name: &str) -> bool {
        self.env.get(name).is_object()
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
        self.is_bound(kv::BINDING)
    }

    /// The time, in Unix seconds.
    pub(crate) fn now(&self) -> u64 {
        self.now_ms() / 1000
    }

    /// The time, in Unix milliseconds.
    #[expect(clippy::unused_self, reason = "the clock belongs to the platform")]
    pub(crate) fn now_ms(&self) -> u64 {
        now_ms()
    }

    /// Lets so many milliseconds pass.
    pub(crate) async fn pause(&self, milliseconds: u32) {
        ask(|question| js::pause(question, milliseconds)).await;
    }

    /// Random bytes from the runtime's generator.
    ///
    /// The runtime always has one; should it fail, there are none.
    #[expect(clippy::unused_self, reason = "randomness belongs to the platform")]
    pub(crate) fn random<const N: usize>(&self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        js::fill_random(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Sends a call to WeChat under `base`, and reads up to `limit` bytes.
    pub(crate) fn send(
        &self,
        call: &Call,
        base: &str,
        limit: usize,
    ) -> impl Future<Output = Result<Received, FetchError>> {
        fetch::send(call, base, limit, self.lives_on)
    }

    /// Asks the deployment that owns the token; gives the status and the body.
    pub(crate) async fn ask_owner(&self, call: &OwnerCall<'_>) -> Result<(u16, Vec<u8>), FetchError> {
        fetch::ask_owner(&self.env.get("TOKEN_OWNER"), call).await
    }

    pub(crate) fn kv_text(&self, key: &str, cache_ttl: u64) -> impl Future<Output = Option<String>> {
        kv::text(&self.env, key, cache_ttl)
    }

    /// Stores a text, for `life` seconds or for good; tells whether that worked.
    pub(crate) fn kv_put_text(&self, key: &str, text: &str, life: Option<u64>) -> impl Future<Output = bool> {
        kv::put_text(&self.env, key, text, life)
    }

    pub(crate) fn kv_blob(&self, key: &str) -> impl Future<Output = Option<Blob>> {
        kv::blob(&self.env, key)
    }

    pub(crate) fn kv_put_bytes(&self, key: &str, bytes: &[u8]) -> impl Future<Output = bool> {
        kv::put_bytes(&self.env, key, bytes)
    }

    /// Deletes a key; tells whether that worked. A key that is not there is deleted.
    pub(crate) fn kv_delete(&self, key: &str) -> impl Future<Output = bool> {
        kv::delete(&self.env, key)
    }

    /// The keys that begin with `prefix`, at most `limit` of them, and where the next ones begin.
    pub(crate) fn kv_keys(
        &self,
        prefix: &str,
        limit: u64,
        cursor: Option<String>,
    ) -> impl Future<Output = Option<KeyPage>> {
        kv::keys(&self.env, prefix, limit, cursor)
    }

    /// Whether the rate limit binding `name` lets one more through for `key`. Without the binding there is no limit;
    /// should it fail, people are let in.
    pub(crate) async fn is_within_limit(&self, name: &str, key: &str) -> bool {
        if !self.is_bound(name) {
            return true;
        }
        let asked = ask(|question| js::is_within_limit(question, &self.env, name, key));
        !matches!(asked.await, Outcome::Truth(false))
    }
}

/// The time where no [`Platform`] is at hand, in Unix seconds.
pub(crate) fn now() -> u64 {
    now_ms() / 1000
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time is positive and far below 2^53"
)]
fn now_ms() -> u64 {
    Date::now() as u64
}

/// Writes a structured line to the log.
pub(crate) fn log_info(line: &impl Serialize) {
    js::console_log(&serde_json::to_string(line).unwrap_or_default());
}

/// Writes a structured line about something that went wrong to the log.
pub(crate) fn log_error(line: &impl Serialize) {
    js::console_error(&serde_json::to_string(line).unwrap_or_default());
}
