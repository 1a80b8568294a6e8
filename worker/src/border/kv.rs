//! KV as texts and bytes. A read that fails counts as absent, a write that fails says so: KV holds only copies.

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;

use super::js::{self, Env};
use super::tasks::{Outcome, ask};

pub(super) const BINDING: &str = "WXEDGE_KV";

pub(super) async fn text(env: &Env, key: &str, cache_ttl: u64) -> Option<String> {
    match ask(|question| js::kv_text(question, env, key, number(cache_ttl))).await {
        Outcome::Text(text) => Some(text),
        _ => None,
    }
}

pub(super) async fn put_text(env: &Env, key: &str, text: &str, life: Option<u64>) -> bool {
    is_done(&ask(|question| js::kv_put_text(question, env, key, text, life.map(number))).await)
}

pub(super) async fn blob(env: &Env, key: &str) -> Option<Blob> {
    match ask(|question| js::kv_bytes(question, env, key)).await {
        Outcome::Value(buffer) => Some(Blob(Uint8Array::new(&buffer))),
        _ => None,
    }
}

/// Bytes as KV gave them. They stay outside until somebody looks at them, so that an image is served without a copy.
#[derive(Debug)]
pub(crate) struct Blob(pub(super) Uint8Array);

impl Blob {
    /// The first bytes, at most so many.
    pub(crate) fn start(&self, most: u32) -> Vec<u8> {
        self.0.subarray(0, most).to_vec()
    }

    pub(crate) fn to_vec(&self) -> Vec<u8> {
        self.0.to_vec()
    }
}

pub(super) async fn put_bytes(env: &Env, key: &str, bytes: &[u8]) -> bool {
    is_done(&ask(|question| js::kv_put_bytes(question, env, key, bytes)).await)
}

pub(super) async fn delete(env: &Env, key: &str) -> bool {
    is_done(&ask(|question| js::kv_delete(question, env, key)).await)
}

/// Some of the keys, in order.
pub(crate) struct KeyPage {
    pub(crate) keys: Vec<String>,
    /// Where the next ones begin; `None` when these are the last.
    pub(crate) cursor: Option<String>,
}

pub(super) async fn keys(env: &Env, prefix: &str, limit: u64, cursor: Option<String>) -> Option<KeyPage> {
    let asked = ask(|question| js::kv_keys(question, env, prefix, number(limit), cursor.as_deref()));
    let Outcome::Value(listed) = asked.await else { return None };
    let page: js::KeyPage = listed.unchecked_into();
    Some(KeyPage { keys: page.keys(), cursor: page.cursor() })
}

/// Seconds and counts are far below what fits.
fn number(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn is_done(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Nothing)
}
