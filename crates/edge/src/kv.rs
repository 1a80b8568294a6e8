//! KV namespaces.

use std::fmt;
use std::future::Future;

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;

use crate::executor::Call;
use crate::js;
use crate::runtime::{Completion, call};

/// A KV namespace: texts and bytes under keys. Each call is made at once; its future waits for what comes of it.
#[derive(Clone, Copy)]
pub struct KvStore<'a> {
    pub(crate) env: &'a js::Env,
    pub(crate) binding: &'a str,
}

/// KV failed, or is not bound. The runtime's own words are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KvError;

impl fmt::Display for KvError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the KV namespace failed or is not bound")
    }
}

impl std::error::Error for KvError {}

impl KvStore<'_> {
    /// A text; `None` when there is none. It may come from the cache of the place for `cache_ttl` seconds, at least 30.
    ///
    /// # Errors
    /// [`KvError`].
    pub fn get_text(
        self,
        key: &str,
        cache_ttl: Option<u64>,
    ) -> impl Future<Output = Result<Option<String>, KvError>> + use<> {
        let cache_ttl = cache_ttl.map(clamped);
        call(|call| js::kv_text(call, self.env, self.binding, key, cache_ttl)).map(|got| match got {
            Completion::Text(text) => Ok(Some(text)),
            Completion::Nothing => Ok(None),
            _ => Err(KvError),
        })
    }

    /// Bytes, which stay outside; `None` when there are none.
    ///
    /// # Errors
    /// [`KvError`].
    pub fn get_blob(self, key: &str) -> impl Future<Output = Result<Option<Blob>, KvError>> + use<> {
        call(|call| js::kv_blob(call, self.env, self.binding, key)).map(|got| match got {
            Completion::Value(buffer) => Ok(Some(Blob(Uint8Array::new(&buffer)))),
            Completion::Nothing => Ok(None),
            _ => Err(KvError),
        })
    }

    /// Stores a text, for so many seconds (at least 60) or for good.
    ///
    /// # Errors
    /// [`KvError`].
    pub fn put_text(
        self,
        key: &str,
        text: &str,
        expiration_ttl: Option<u64>,
    ) -> impl Future<Output = Result<(), KvError>> + use<> {
        let ttl = expiration_ttl.map(clamped);
        done(call(|call| js::kv_put_text(call, self.env, self.binding, key, text, ttl)))
    }

    /// Stores bytes, for so many seconds (at least 60) or for good.
    ///
    /// # Errors
    /// [`KvError`].
    pub fn put_bytes(
        self,
        key: &str,
        bytes: &[u8],
        expiration_ttl: Option<u64>,
    ) -> impl Future<Output = Result<(), KvError>> + use<> {
        let ttl = expiration_ttl.map(clamped);
        done(call(|call| js::kv_put_bytes(call, self.env, self.binding, key, bytes, ttl)))
    }

    /// Deletes a key. One that is not there is deleted.
    ///
    /// # Errors
    /// [`KvError`].
    pub fn delete(self, key: &str) -> impl Future<Output = Result<(), KvError>> + use<> {
        done(call(|call| js::kv_delete(call, self.env, self.binding, key)))
    }

    /// The keys that begin with `prefix`, in order, at most `limit` of them (up to 1000), from where `cursor` says.
    ///
    /// # Errors
    /// [`KvError`].
    pub fn list(
        self,
        prefix: &str,
        limit: u64,
        cursor: Option<&str>,
    ) -> impl Future<Output = Result<KeyPage, KvError>> + use<> {
        let list = |call| js::kv_list(call, self.env, self.binding, prefix, clamped(limit), cursor);
        call(list).map(|listed| {
            let Completion::Value(page) = listed else { return Err(KvError) };
            let page: js::KeyPage = page.unchecked_into();
            Ok(KeyPage { keys: page.keys(), cursor: page.cursor() })
        })
    }
}

/// Some of the keys of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPage {
    /// In order.
    pub keys: Vec<String>,
    /// Where the next ones begin; `None` when these are the last.
    pub cursor: Option<String>,
}

/// Bytes as KV or a client gave them. They stay outside until somebody looks at them, so that an image is served, and an
/// upload sent on, without a copy.
#[derive(Debug, Clone)]
pub struct Blob(pub(crate) Uint8Array);

impl Blob {
    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.0.length()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first bytes, at most so many.
    #[must_use]
    pub fn start(&self, most: u32) -> Vec<u8> {
        self.0.subarray(0, most).to_vec()
    }

    /// All bytes.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        self.0.to_vec()
    }
}

impl From<&str> for Blob {
    /// Bytes of the app's own.
    fn from(text: &str) -> Self {
        Self(Uint8Array::from(text.as_bytes()))
    }
}

/// Seconds and counts are far below what fits.
fn clamped(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn done(call: Call<Completion>) -> impl Future<Output = Result<(), KvError>> {
    call.map(|done| match done {
        Completion::Nothing => Ok(()),
        _ => Err(KvError),
    })
}
