//! What `js/worker.js` and `js/durable_object.js` call.

#![expect(unreachable_pub, reason = "wasm-bindgen exports what is pub")]

use std::rc::Rc;

use futures_util::FutureExt;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::app::app;
use crate::durable_object::{Answer, DurableObject, State};
use crate::runtime::spawn;
use crate::{Context, Env, Headers, Method, Request, Response, js};

/// Answers a request: gives the response, or a `Pending` for it. `headers` are lines; `body` is absent when it was too large
/// or broke off, and where `incoming` is there, which is the body that was left outside.
#[wasm_bindgen]
pub fn fetch(
    env: js::Env,
    context: js::Context,
    method: &str,
    url: String,
    headers: String,
    body: Option<Vec<u8>>,
    incoming: Option<js::Incoming>,
) -> JsValue {
    let Some(app) = app() else { return without_app() };
    let method = Method::named(method);
    let request = Request::new(method, url, Headers::from_lines(headers), body).with_incoming(incoming);
    app.fetch(request, Env::of_request(env), Context::new(context), method == Method::Head)
}

fn without_app() -> JsValue {
    js::console_error("No app is registered: call edge::serve from #[wasm_bindgen(start)].");
    Response::empty(500).into_js(false)
}

/// Gives the response to a request whose wasm trapped.
#[wasm_bindgen]
pub fn trapped(env: js::Env, method: &str, url: String, headers: String) -> JsValue {
    let Some(app) = app() else { return without_app() };
    let method = Method::named(method);
    let request = Request::new(method, url, Headers::from_lines(headers), None);
    app.trapped(request, Env::of_request(env), method == Method::Head)
}

/// What the cron trigger calls: gives nothing, or a `Pending`.
#[wasm_bindgen]
pub fn scheduled(env: js::Env) -> JsValue {
    app().map_or(JsValue::UNDEFINED, |app| app.scheduled(Env::of_request(env)))
}

/// The largest body that is read, in bytes.
#[wasm_bindgen]
#[must_use]
pub fn largest_body() -> usize {
    app().map_or(0, |app| app.largest_body())
}

/// A Durable Object as `js/durable_object.js` holds it.
#[wasm_bindgen]
pub struct Instance(Rc<dyn DurableObject>);

#[wasm_bindgen]
impl Instance {
    /// An object of that class, if the app has it.
    #[must_use]
    pub fn create(class: &str, context: js::Context, env: js::Env) -> Option<Self> {
        app()?.durable_object(class, State::new(context), Env::of_object(env)).map(Self)
    }

    /// Gives a text, bytes, or an object that holds an error, or a `Pending`.
    #[must_use]
    pub fn call(&self, method: String, body: String) -> JsValue {
        spawn(self.0.clone().call(method, body).map(|answer| match answer {
            Ok(Answer::Text(text)) => JsValue::from(text),
            Ok(Answer::Bytes(bytes)) => Uint8Array::from(bytes.as_slice()).into(),
            Err(error) => js::object_error(&error),
        }))
    }

    /// Gives nothing, or a text when the alarm is to ring again, or a `Pending`.
    #[must_use]
    pub fn alarm(&self) -> JsValue {
        spawn(self.0.clone().alarm().map(|rung| rung.err().map_or(JsValue::UNDEFINED, JsValue::from)))
    }
}
