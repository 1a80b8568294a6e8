//! What the Rust side calls in JavaScript: the functions of `platform.js`, and the handles that the runtime gives.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(raw_module = "./platform.js")]
extern "C" {
    /// The variables, secrets and bindings of the Worker.
    #[derive(Clone)]
    pub type Env;
    #[wasm_bindgen(method, indexing_getter)]
    pub(super) fn get(this: &Env, name: &str) -> JsValue;

    #[wasm_bindgen(js_name = kvText, catch)]
    pub(super) fn kv_text(env: &Env, key: &str, cache_ttl: u32) -> Result<Promise, JsValue>;
    #[wasm_bindgen(js_name = kvBytes, catch)]
    pub(super) fn kv_bytes(env: &Env, key: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(js_name = kvPut, catch)]
    pub(super) fn kv_put_text(
        env: &Env,
        key: &str,
        text: &str,
        life: Option<u32>,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(js_name = kvPutBytes, catch)]
    pub(super) fn kv_put_bytes(env: &Env, key: &str, bytes: &[u8]) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_name = kvDelete, catch)]
    pub(super) fn kv_delete(env: &Env, key: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(js_name = kvKeys, catch)]
    pub(super) fn kv_keys(
        env: &Env,
        prefix: &str,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Promise, JsValue>;

    /// What [`kv_keys`] resolves to.
    pub type KeyPage;
    #[wasm_bindgen(method, getter)]
    pub(super) fn keys(this: &KeyPage) -> Vec<String>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn cursor(this: &KeyPage) -> Option<String>;

    #[wasm_bindgen(js_name = isWithinLimit)]
    pub(super) fn is_within_limit(env: &Env, name: &str, key: &str) -> Promise;
    #[wasm_bindgen(js_name = fillRandom, catch)]
    pub(super) fn fill_random(bytes: &mut [u8]) -> Result<(), JsValue>;

    #[wasm_bindgen(js_name = askObject, catch)]
    pub(super) fn ask_object(
        env: &Env,
        namespace: &str,
        name: &str,
        location: &str,
        question: &str,
        body: &str,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_name = defineHead)]
    pub(super) fn define_head(number: usize, text: &str);
    pub(super) fn respond(status: u16, head: usize, bytes: &[u8]) -> JsValue;
    #[wasm_bindgen(js_name = respondStored)]
    pub(super) fn respond_stored(status: u16, head: usize, bytes: &Uint8Array) -> JsValue;

    pub(super) fn send(
        fetcher: &JsValue,
        url: &str,
        method: &str,
        authorization: Option<&str>,
        asker: Option<&str>,
        body: Option<&str>,
        milliseconds: u32,
        limit: u32,
    ) -> Promise;

    /// What [`send`] resolves to.
    pub type Outcome;
    #[wasm_bindgen(method, getter)]
    pub(super) fn failure(this: &Outcome) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn status(this: &Outcome) -> u16;
    #[wasm_bindgen(method, getter)]
    pub(super) fn body(this: &Outcome) -> Vec<u8>;
    #[wasm_bindgen(method, getter, js_name = codesUsed)]
    pub(super) fn codes_used(this: &Outcome) -> Option<String>;

    /// A TCP connection.
    pub type Connection;
    #[wasm_bindgen(constructor, catch)]
    pub(super) fn new(hostname: &str, port: u16, is_secure: bool) -> Result<Connection, JsValue>;
    #[wasm_bindgen(method)]
    pub(super) fn opened(this: &Connection, milliseconds: u32) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn write(this: &Connection, bytes: &[u8], milliseconds: u32) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn read(this: &Connection, milliseconds: u32) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn close(this: &Connection);

    /// The `ctx` of a Durable Object.
    pub type ObjectContext;
    #[wasm_bindgen(method, js_name = waitUntil)]
    pub(super) fn wait_until(this: &ObjectContext, work: &Promise);
    #[wasm_bindgen(method, getter)]
    pub(super) fn storage(this: &ObjectContext) -> ObjectStorage;

    /// The storage of a Durable Object.
    pub type ObjectStorage;
    #[wasm_bindgen(method, catch, js_name = get)]
    pub(super) fn read(this: &ObjectStorage, key: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = put)]
    pub(super) fn put(this: &ObjectStorage, key: &str, value: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    pub(super) fn set_alarm(this: &ObjectStorage, at: f64) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = deleteAlarm)]
    pub(super) fn delete_alarm(this: &ObjectStorage) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = deleteAll)]
    pub(super) fn delete_all(this: &ObjectStorage) -> Result<Promise, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = log)]
    pub(super) fn console_log(line: &str);
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    pub(super) fn console_error(line: &str);
}
