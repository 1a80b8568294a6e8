//! KV as texts and bytes. A read that fails counts as absent, a write that fails says so: KV holds only copies.

use worker::Env;
use worker::kv::KvStore;

const BINDING: &str = "WXEDGE_KV";

pub(super) fn is_bound(env: &Env) -> bool {
    env.kv(BINDING).is_ok()
}

pub(super) async fn text(env: &Env, key: &str, cache_ttl: u64) -> Option<String> {
    env.kv(BINDING).ok()?.get(key).cache_ttl(cache_ttl).text().await.ok()?
}

pub(super) async fn put_text(env: &Env, key: &str, text: &str, life: Option<u64>) -> bool {
    let put = async |kv: KvStore| {
        let put = kv.put(key, text).ok()?;
        let put = match life {
            Some(life) => put.expiration_ttl(life),
            None => put,
        };
        put.execute().await.ok()
    };
    match env.kv(BINDING) {
        Ok(kv) => put(kv).await.is_some(),
        Err(_) => false,
    }
}

pub(super) async fn bytes(env: &Env, key: &str) -> Option<Vec<u8>> {
    env.kv(BINDING).ok()?.get(key).bytes().await.ok()?
}

pub(super) async fn put_bytes(env: &Env, key: &str, bytes: &[u8]) -> bool {
    let put = async |kv: KvStore| kv.put_bytes(key, bytes).ok()?.execute().await.ok();
    match env.kv(BINDING) {
        Ok(kv) => put(kv).await.is_some(),
        Err(_) => false,
    }
}

pub(super) async fn delete(env: &Env, key: &str) -> bool {
    match env.kv(BINDING) {
        Ok(kv) => kv.delete(key).await.is_ok(),
        Err(_) => false,
    }
}

/// Some of the keys, in order.
pub(crate) struct KeyPage {
    pub(crate) keys: Vec<String>,
    /// Where the next ones begin; `None` when these are the last.
    pub(crate) cursor: Option<String>,
}

pub(super) async fn keys(env: &Env, prefix: &str, limit: u64, cursor: Option<String>) -> Option<KeyPage> {
    let list = env.kv(BINDING).ok()?.list().prefix(prefix.to_owned()).limit(limit);
    let list = match cursor {
        Some(cursor) => list.cursor(cursor),
        None => list,
    };
    let page = list.execute().await.ok()?;
    let cursor = page.cursor.filter(|_| !page.list_complete);
    Some(KeyPage { keys: page.keys.into_iter().map(|key| key.name).collect(), cursor })
}
