//! KV as texts and bytes. A read that fails counts as absent, a write that fails says so: KV holds only copies.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::js::{self, Env};

pub(super) const BINDING: &str = "WXEDGE_KV";

pub(super) async fn text(env: &Env, key: &str, cache_ttl: u32) -> Option<String> {
    outcome(js::kv_text(env, key, cache_ttl)).await?.as_string()
}

pub(super) async fn put_text(env: &Env, key: &str, text: &str, life: Option<u32>) -> bool {
    outcome(js::kv_put_text(env, key, text, life)).await.is_some()
}

pub(super) async fn bytes(env: &Env, key: &str) -> Option<Vec<u8>> {
    let buffer = outcome(js::kv_bytes(env, key)).await?;
    (!buffer.is_null()).then(|| Uint8Array::new(&buffer).to_vec())
}

pub(super) async fn put_bytes(env: &Env, key: &str, bytes: &[u8]) -> bool {
    outcome(js::kv_put_bytes(env, key, bytes)).await.is_some()
}

async fn outcome(asked: Result<Promise, JsValue>) -> Option<JsValue> {
    JsFuture::from(asked.ok()?).await.ok()
}
