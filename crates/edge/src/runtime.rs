//! The executor with JavaScript as its host: `js/executor.js` is the other side.

#![expect(unreachable_pub, reason = "wasm-bindgen exports what is pub")]

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::executor::slab::Key;
use crate::executor::{Call, Executor, Host, Spawned};
use crate::headers::Headers;
use crate::js;

/// What comes of a call.
pub(crate) enum Completion {
    /// It is done, or what was looked for is not there.
    Nothing,
    Bool(bool),
    Text(String),
    Bytes(Vec<u8>),
    /// An object that stays outside.
    Value(JsValue),
    /// The error of a Durable Object, in its own words.
    Error(String),
    Response(RawResponse),
    /// A response whose body is open.
    Opening(RawOpening),
    Failed(Failure),
}

/// The response to a request to elsewhere.
pub(crate) struct RawResponse {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

/// The response to a request to elsewhere, with a body that stays outside.
pub(crate) struct RawOpening {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: js::OpenBody,
}

/// Why nothing came of a call. The runtime's own words are dropped: they may hold a URL, and that a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    Failed,
    TimedOut,
    TooLarge,
    /// There was no connection, so nothing was sent.
    NotConnected,
}

impl Failure {
    fn named(name: &str) -> Self {
        match name {
            "timed_out" => Self::TimedOut,
            "too_large" => Self::TooLarge,
            "not_connected" => Self::NotConnected,
            _ => Self::Failed,
        }
    }
}

struct JavaScript;

impl Host for JavaScript {
    type Value = JsValue;
    type Completion = Completion;

    fn now(&self) -> f64 {
        js_sys::Date::now()
    }

    fn resolve(&self, task: Key, value: JsValue) {
        js::resolve(task.to_f64(), &value);
    }

    fn expire(&self, task: Key) {
        js::expire(task.to_f64());
    }
}

thread_local! {
    static EXECUTOR: Executor<JavaScript> = Executor::new(JavaScript);
}

/// Runs a future as far as it goes without waiting. Gives what it gives when that is all, else a `Pending` for it.
pub(crate) fn spawn(future: impl Future<Output = JsValue> + 'static) -> JsValue {
    match EXECUTOR.with(|executor| executor.spawn(Box::pin(future))) {
        Spawned::Ready(value) => value,
        Spawned::Pending(task) => js::pending(task.to_f64()),
    }
}

/// Asks JavaScript for something: `start` learns the number under which that is to be completed.
pub(crate) fn call(start: impl FnOnce(f64)) -> Call<Completion> {
    let call = EXECUTOR.with(Executor::call);
    start(call.key().to_f64());
    call
}

impl Call<Completion> {
    /// As `FutureExt::map` does it, with one piece of code for each type of outcome and not for each call.
    pub(crate) fn map<T>(self, take: fn(Completion) -> T) -> Outcome<T> {
        Outcome { call: self, take }
    }
}

/// Waits for what comes of a call, and gives what that means there.
pub(crate) struct Outcome<T> {
    call: Call<Completion>,
    take: fn(Completion) -> T,
}

impl<T> Future for Outcome<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.call).poll(context).map(self.take)
    }
}

fn complete(call: f64, completion: Completion) {
    EXECUTOR.with(|executor| executor.complete(Key::from_f64(call), completion));
}

/// It is done, or not there.
#[wasm_bindgen]
pub fn complete_nothing(call: f64) {
    complete(call, Completion::Nothing);
}

/// Yes or no.
#[wasm_bindgen]
pub fn complete_bool(call: f64, value: bool) {
    complete(call, Completion::Bool(value));
}

/// A text.
#[wasm_bindgen]
pub fn complete_text(call: f64, text: String) {
    complete(call, Completion::Text(text));
}

/// Bytes.
#[wasm_bindgen]
pub fn complete_bytes(call: f64, bytes: Vec<u8>) {
    complete(call, Completion::Bytes(bytes));
}

/// An object that stays outside.
#[wasm_bindgen]
pub fn complete_value(call: f64, value: JsValue) {
    complete(call, Completion::Value(value));
}

/// The error of a Durable Object.
#[wasm_bindgen]
pub fn complete_error(call: f64, error: String) {
    complete(call, Completion::Error(error));
}

/// The response to a request to elsewhere, its headers as lines.
#[wasm_bindgen]
pub fn complete_response(call: f64, status: u16, headers: String, body: Vec<u8>) {
    let headers = Headers::from_lines(headers);
    complete(call, Completion::Response(RawResponse { status, headers, body }));
}

/// The response to a request to elsewhere, its headers as lines, its body open.
#[wasm_bindgen]
pub fn complete_opening(call: f64, status: u16, headers: String, body: js::OpenBody) {
    let headers = Headers::from_lines(headers);
    complete(call, Completion::Opening(RawOpening { status, headers, body }));
}

/// Nothing came of it, by the name of a [`Failure`].
#[wasm_bindgen]
pub fn complete_failure(call: f64, name: &str) {
    complete(call, Completion::Failed(Failure::named(name)));
}
