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

pub(super) async fn put_text(env: &Env, key: &str, text: &str, life: u64) -> bool {
    let put = async |kv: KvStore| kv.put(key, text).ok()?.expiration_ttl(life).execute().await.ok();
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
