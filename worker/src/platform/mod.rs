//! The platform as handlers see it: settings, clock, randomness, KV, Durable Objects, with our errors.

mod object;
mod storage;

use std::future::Future;

use edge::{Blob, Date, Env, KeyPage, KvError, KvStore};
use futures_util::FutureExt;
use wxedge_contract::{Code, Problem};

pub(crate) use self::object::{
    Asked, AskedForJson, Object, ObjectResult, ObjectState, Stub, as_durable_object, json,
};
pub(crate) use self::storage::{Storage, read_sound};

/// The KV namespace of the Worker.
const KV: &str = "WXEDGE_KV";
/// The static assets of the Worker.
const ASSETS: &str = "ASSETS";

/// The way to everything outside.
#[derive(Clone)]
pub(crate) struct Platform {
    env: Env,
}

impl Platform {
    pub(crate) const fn new(env: Env) -> Self {
        Self { env }
    }

    pub(crate) const fn env(&self) -> &Env {
        &self.env
    }

    /// Whether a binding is there.
    pub(crate) fn is_bound(&self, name: &str) -> bool {
        self.env.is_bound(name)
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
        self.is_bound(KV)
    }

    /// The time, in Unix seconds.
    #[expect(clippy::unused_self, reason = "the clock belongs to the platform")]
    pub(crate) fn now(&self) -> u64 {
        Date::now().as_secs()
    }

    /// The time, in Unix milliseconds.
    #[expect(clippy::unused_self, reason = "the clock belongs to the platform")]
    pub(crate) fn now_ms(&self) -> u64 {
        Date::now().as_millis()
    }

    fn kv(&self) -> KvStore<'_> {
        self.env.kv(KV)
    }

    /// A text of KV, which may come from the cache of the place for `cache_ttl` seconds. A read that fails counts as
    /// absent: KV holds only copies.
    pub(crate) fn kv_text(&self, key: &str, cache_ttl: u64) -> impl Future<Output = Option<String>> + use<> {
        self.kv().get_text(key, Some(cache_ttl)).map(|text| text.ok().flatten())
    }

    /// Stores a text, for `life` seconds or for good; tells whether that worked.
    pub(crate) fn kv_put_text(
        &self,
        key: &str,
        text: &str,
        life: Option<u64>,
    ) -> impl Future<Output = bool> + use<> {
        self.kv().put_text(key, text, life).map(worked)
    }

    /// Bytes of KV, as [`Self::kv_text`] reads a text.
    pub(crate) fn kv_blob(&self, key: &str) -> impl Future<Output = Option<Blob>> + use<> {
        self.kv().get_blob(key).map(|blob| blob.ok().flatten())
    }

    /// Stores bytes for good; tells whether that worked.
    pub(crate) fn kv_put_bytes(&self, key: &str, bytes: &[u8]) -> impl Future<Output = bool> + use<> {
        self.kv().put_bytes(key, bytes, None).map(worked)
    }

    /// Deletes a key; tells whether that worked. A key that is not there is deleted.
    pub(crate) fn kv_delete(&self, key: &str) -> impl Future<Output = bool> + use<> {
        self.kv().delete(key).map(worked)
    }

    /// The keys that begin with `prefix`, at most `limit` of them, and where the next ones begin.
    pub(crate) fn kv_keys(
        &self,
        prefix: &str,
        limit: u64,
        cursor: Option<&str>,
    ) -> impl Future<Output = Option<KeyPage>> + use<> {
        self.kv().list(prefix, limit, cursor).map(Result::ok)
    }

    /// A file that was deployed beside the Worker, if there is one.
    pub(crate) async fn asset(&self, path: &str) -> Result<Option<Blob>, Problem> {
        self.require(ASSETS)?;
        let read = self.env.assets(ASSETS).get(path).await;
        read.map_err(|error| Problem::new(Code::Internal, format!("{error}.")))
    }

    /// Whether the rate limit binding `name` lets one more through for `key`. Without the binding there is no limit;
    /// should it fail, people are let in.
    pub(crate) async fn is_within_limit(&self, name: &str, key: &str) -> bool {
        !self.is_bound(name) || self.env.rate_limiter(name).limit(key).await.unwrap_or(true)
    }
}

fn worked(written: Result<(), KvError>) -> bool {
    written.is_ok()
}
