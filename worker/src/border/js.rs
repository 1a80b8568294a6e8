//! What the Rust side calls in JavaScript: the functions of `platform.js` and `tasks.js`, and the handles that the runtime
//! gives. What has to be waited for is answered under the number `question`.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(raw_module = "./platform.js")]
extern "C" {
    /// The variables, secrets and bindings of the Worker.
    #[derive(Clone)]
    pub type Env;
    #[wasm_bindgen(method, indexing_getter)]
    pub(super) fn get(this: &Env, name: &str) -> JsValue;

    #[wasm_bindgen(js_name = kvText)]
    pub(super) fn kv_text(question: f64, env: &Env, key: &str, cache_ttl: u32);
    #[wasm_bindgen(js_name = kvBytes)]
    pub(super) fn kv_bytes(question: f64, env: &Env, key: &str);
    #[wasm_bindgen(js_name = kvPut)]
    pub(super) fn kv_put_text(question: f64, env: &Env, key: &str, text: &str, life: Option<u32>);
    #[wasm_bindgen(js_name = kvPutBytes)]
    pub(super) fn kv_put_bytes(question: f64, env: &Env, key: &str, bytes: &[u8]);
    #[wasm_bindgen(js_name = kvDelete)]
    pub(super) fn kv_delete(question: f64, env: &Env, key: &str);
    #[wasm_bindgen(js_name = kvKeys)]
    pub(super) fn kv_keys(question: f64, env: &Env, prefix: &str, limit: u32, cursor: Option<&str>);

    /// What comes of [`kv_keys`].
    pub type KeyPage;
    #[wasm_bindgen(method, getter)]
    pub(super) fn keys(this: &KeyPage) -> Vec<String>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn cursor(this: &KeyPage) -> Option<String>;

    #[wasm_bindgen(js_name = isWithinLimit)]
    pub(super) fn is_within_limit(question: f64, env: &Env, name: &str, key: &str);
    pub(super) fn pause(question: f64, milliseconds: u32);
    #[wasm_bindgen(js_name = fillRandom, catch)]
    pub(super) fn fill_random(bytes: &mut [u8]) -> Result<(), JsValue>;

    #[wasm_bindgen(js_name = askObject)]
    pub(super) fn ask_object(
        question: f64,
        env: &Env,
        namespace: &str,
        name: &str,
        location: &str,
        asked: &str,
        body: &str,
    );
    #[wasm_bindgen(js_name = objectProblem)]
    pub(super) fn object_problem(problem: &str) -> JsValue;

    #[wasm_bindgen(js_name = defineHead)]
    pub(super) fn define_head(number: usize, text: &str);
    #[wasm_bindgen(js_name = respondText)]
    pub(super) fn respond_text(status: u16, head: usize, text: &str) -> JsValue;
    #[wasm_bindgen(js_name = respondBytes)]
    pub(super) fn respond_bytes(status: u16, head: usize, bytes: &[u8]) -> JsValue;
    #[wasm_bindgen(js_name = respondStored)]
    pub(super) fn respond_stored(status: u16, head: usize, bytes: &Uint8Array) -> JsValue;
    #[wasm_bindgen(js_name = respondEmpty)]
    pub(super) fn respond_empty(status: u16, head: usize) -> JsValue;

    pub(super) fn send(
        question: f64,
        fetcher: &JsValue,
        url: &str,
        method: &str,
        authorization: Option<&str>,
        asker: Option<&str>,
        body: Option<&str>,
        milliseconds: u32,
        limit: usize,
    );
    #[wasm_bindgen(js_name = sendOnce)]
    pub(super) fn send_once(
        question: f64,
        hostname: &str,
        port: u16,
        is_secure: bool,
        request: &[u8],
        connect_milliseconds: u32,
        milliseconds: u32,
        limit: usize,
        lives_on: bool,
    );

    /// The `ctx` of a Durable Object.
    pub type ObjectContext;
    #[wasm_bindgen(js_name = waitUntil)]
    pub(super) fn wait_until(context: &ObjectContext, task: &JsValue);
    #[wasm_bindgen(js_name = storageGet)]
    pub(super) fn storage_get(question: f64, context: &ObjectContext, key: &str);
    #[wasm_bindgen(js_name = storagePut)]
    pub(super) fn storage_put_text(question: f64, context: &ObjectContext, key: &str, text: &str);
    #[wasm_bindgen(js_name = storagePutBytes)]
    pub(super) fn storage_put_bytes(question: f64, context: &ObjectContext, key: &str, bytes: &[u8]);
    #[wasm_bindgen(js_name = storageDeleteAll)]
    pub(super) fn storage_delete_all(question: f64, context: &ObjectContext);
    #[wasm_bindgen(js_name = setAlarm)]
    pub(super) fn set_alarm(question: f64, context: &ObjectContext, at: f64);
}

#[wasm_bindgen(raw_module = "./tasks.js")]
extern "C" {
    pub(super) fn finish(task: f64, outcome: &JsValue);
    pub(super) fn forget(task: f64);
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = log)]
    pub(super) fn console_log(line: &str);
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    pub(super) fn console_error(line: &str);
}
