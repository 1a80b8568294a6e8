//! What Rust calls in JavaScript, a block for each file of `js/`, and the handles that the runtime gives. What has to be
//! waited for is completed under the number `call`.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// The variables, secrets and bindings of the Worker.
    pub type Env;
    #[wasm_bindgen(method, indexing_getter)]
    pub(crate) fn get(this: &Env, name: &str) -> JsValue;

    /// The `ctx` of a request or of a Durable Object.
    pub type Context;

    #[wasm_bindgen(js_namespace = console, js_name = log)]
    pub(crate) fn console_log(line: &str);
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    pub(crate) fn console_error(line: &str);
}

#[wasm_bindgen(raw_module = "./executor.js")]
extern "C" {
    pub(crate) fn pending(task: f64) -> JsValue;
    pub(crate) fn resolve(task: f64, value: &JsValue);
    pub(crate) fn expire(task: f64);
    #[wasm_bindgen(js_name = waitUntil)]
    pub(crate) fn wait_until(context: &Context, task: &JsValue);
}

#[wasm_bindgen(raw_module = "./bindings.js")]
extern "C" {
    #[wasm_bindgen(js_name = kvText)]
    pub(crate) fn kv_text(call: f64, env: &Env, binding: &str, key: &str, cache_ttl: Option<u32>);
    #[wasm_bindgen(js_name = kvBlob)]
    pub(crate) fn kv_blob(call: f64, env: &Env, binding: &str, key: &str);
    #[wasm_bindgen(js_name = kvPutText)]
    pub(crate) fn kv_put_text(
        call: f64,
        env: &Env,
        binding: &str,
        key: &str,
        text: &str,
        expiration_ttl: Option<u32>,
    );
    #[wasm_bindgen(js_name = kvPutBytes)]
    pub(crate) fn kv_put_bytes(
        call: f64,
        env: &Env,
        binding: &str,
        key: &str,
        bytes: &[u8],
        expiration_ttl: Option<u32>,
    );
    #[wasm_bindgen(js_name = kvDelete)]
    pub(crate) fn kv_delete(call: f64, env: &Env, binding: &str, key: &str);
    #[wasm_bindgen(js_name = kvList)]
    pub(crate) fn kv_list(
        call: f64,
        env: &Env,
        binding: &str,
        prefix: &str,
        limit: u32,
        cursor: Option<&str>,
    );

    /// What comes of [`kv_list`].
    pub type KeyPage;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn keys(this: &KeyPage) -> Vec<String>;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn cursor(this: &KeyPage) -> Option<String>;

    pub(crate) fn asset(call: f64, env: &Env, binding: &str, path: &str);

    #[wasm_bindgen(js_name = isWithinLimit)]
    pub(crate) fn is_within_limit(call: f64, env: &Env, binding: &str, key: &str);

    #[wasm_bindgen(js_name = callObject)]
    pub(crate) fn call_object(
        call: f64,
        env: &Env,
        binding: &str,
        name: &str,
        location_hint: Option<&str>,
        method: &str,
        body: &str,
    );
    #[wasm_bindgen(js_name = objectError)]
    pub(crate) fn object_error(error: &str) -> JsValue;
}

#[wasm_bindgen(raw_module = "./storage.js")]
extern "C" {
    #[wasm_bindgen(js_name = storageGet)]
    pub(crate) fn storage_get(call: f64, context: &Context, key: &str);
    #[wasm_bindgen(js_name = storagePutText)]
    pub(crate) fn storage_put_text(call: f64, context: &Context, key: &str, text: &str);
    #[wasm_bindgen(js_name = storagePutBytes)]
    pub(crate) fn storage_put_bytes(call: f64, context: &Context, key: &str, bytes: &[u8]);
    #[wasm_bindgen(js_name = storageDeleteAll)]
    pub(crate) fn storage_delete_all(call: f64, context: &Context);
    #[wasm_bindgen(js_name = storageSetAlarm)]
    pub(crate) fn storage_set_alarm(call: f64, context: &Context, at: f64);
    #[wasm_bindgen(js_name = storageGetTexts)]
    pub(crate) fn storage_get_texts(call: f64, context: &Context, keys: Vec<String>);
    #[wasm_bindgen(js_name = storageList)]
    pub(crate) fn storage_list(
        call: f64,
        context: &Context,
        prefix: &str,
        end: Option<&str>,
        reverse: bool,
        limit: u32,
    );
    #[wasm_bindgen(js_name = storageWrite)]
    pub(crate) fn storage_write(
        call: f64,
        context: &Context,
        keys: Vec<String>,
        texts: Vec<String>,
        deletes: Vec<String>,
        alarm: Option<f64>,
    );
    #[wasm_bindgen(js_name = storageGetAlarm)]
    pub(crate) fn storage_get_alarm(call: f64, context: &Context);

    /// What comes of [`storage_list`].
    pub type Listed;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn keys(this: &Listed) -> Vec<String>;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn texts(this: &Listed) -> Vec<String>;
}

#[wasm_bindgen(raw_module = "./response.js")]
extern "C" {
    #[wasm_bindgen(js_name = defineHead)]
    pub(crate) fn define_head(number: usize, lines: &str);
    #[wasm_bindgen(js_name = respondText)]
    pub(crate) fn respond_text(status: u16, head: usize, text: &str) -> JsValue;
    #[wasm_bindgen(js_name = respondBytes)]
    pub(crate) fn respond_bytes(status: u16, head: usize, bytes: &[u8]) -> JsValue;
    #[wasm_bindgen(js_name = respondStored)]
    pub(crate) fn respond_stored(status: u16, head: usize, bytes: &Uint8Array) -> JsValue;
    #[wasm_bindgen(js_name = respondOpen)]
    pub(crate) fn respond_open(status: u16, head: usize, body: &OpenBody) -> JsValue;
    #[wasm_bindgen(js_name = respondEmpty)]
    pub(crate) fn respond_empty(status: u16, head: usize) -> JsValue;
}

#[wasm_bindgen(raw_module = "./incoming.js")]
extern "C" {
    /// The body of a request that nobody has read yet.
    #[derive(Debug)]
    pub type Incoming;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn announced(this: &Incoming) -> Option<f64>;
    #[wasm_bindgen(js_name = readIncoming)]
    pub(crate) fn read_incoming(call: f64, incoming: &Incoming, limit: usize, milliseconds: u32);
    #[wasm_bindgen(js_name = discardIncoming)]
    pub(crate) fn discard_incoming(call: f64, incoming: &Incoming, limit: usize, milliseconds: u32);
}

#[wasm_bindgen(raw_module = "./open_body.js")]
extern "C" {
    /// The body of a response from elsewhere, of which some has come.
    #[derive(Debug)]
    pub type OpenBody;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn start(this: &OpenBody) -> Uint8Array;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn length(this: &OpenBody) -> usize;
    #[wasm_bindgen(method, getter, js_name = isWhole)]
    pub(crate) fn is_whole(this: &OpenBody) -> bool;
    #[wasm_bindgen(method)]
    pub(crate) fn close(this: &OpenBody);
    #[wasm_bindgen(js_name = fillOpenBody)]
    pub(crate) fn fill_open_body(call: f64, body: &OpenBody, most: usize);
}

#[wasm_bindgen(raw_module = "./fetch.js")]
extern "C" {
    pub(crate) fn open(
        call: f64,
        url: &str,
        method: &str,
        headers: &str,
        body: Option<&Uint8Array>,
        milliseconds: u32,
        streaming: u32,
        limit: usize,
        wanted: &str,
    );
    pub(crate) fn send(
        call: f64,
        fetcher: &JsValue,
        url: &str,
        method: &str,
        headers: &str,
        text: Option<&str>,
        bytes: Option<&[u8]>,
        milliseconds: u32,
        limit: usize,
        wanted: &str,
        drops_larger: bool,
    );
}

#[wasm_bindgen(raw_module = "./socket.js")]
extern "C" {
    #[wasm_bindgen(js_name = sendOnce)]
    pub(crate) fn send_once(
        call: f64,
        hostname: &str,
        port: u16,
        is_secure: bool,
        request: &[u8],
        opening_milliseconds: u32,
        milliseconds: u32,
        limit: usize,
        lives_on: bool,
    );
}

#[wasm_bindgen(raw_module = "./timer.js")]
extern "C" {
    #[wasm_bindgen(js_name = startTimer)]
    pub(crate) fn start_timer(call: f64, milliseconds: u32);
    #[wasm_bindgen(js_name = endTimer)]
    pub(crate) fn end_timer(call: f64);
}

#[wasm_bindgen(raw_module = "./subtle_crypto.js")]
extern "C" {
    /// A key of the runtime's.
    #[derive(Clone)]
    pub type CryptoKey;
    #[wasm_bindgen(js_name = importKey)]
    pub(crate) fn import_key(call: f64, key_use: &str, bytes: &[u8]);
    pub(crate) fn sign(call: f64, key: &CryptoKey, message: &[u8]);
    pub(crate) fn verify(call: f64, key: &CryptoKey, signature: &[u8], message: &[u8]);
    pub(crate) fn encrypt(call: f64, key: &CryptoKey, plaintext: &[u8]);
    pub(crate) fn decrypt(
        call: f64,
        key: &CryptoKey,
        nonce: &[u8],
        associated_data: &[u8],
        ciphertext: &[u8],
    );
}
