//! What the runtime calls, by way of `entry.js`, and how its requests become ours.

#![expect(unreachable_pub, reason = "wasm-bindgen exports what is pub")]

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::js::{self, Env};
use super::platform::Platform;
use super::tasks::run;
use crate::http::{Body, LARGEST_BODY, Method, Reply, Request};
use crate::token::keeper;
use crate::{App, router};

/// Answers a request: gives the response, or the number of the task that will. `body` is absent when it was too large or broke off.
#[wasm_bindgen]
#[expect(clippy::too_many_arguments, reason = "plain values cross the border at the least cost")]
pub fn fetch(
    env: Env,
    method: &str,
    url: &str,
    authorization: Option<String>,
    origin: Option<String>,
    content_type: Option<String>,
    accept: Option<String>,
    accept_language: Option<String>,
    user_agent: Option<String>,
    client_address: Option<String>,
    asks_token_of: Option<String>,
    body: Option<Vec<u8>>,
) -> JsValue {
    let (origin_of_url, path, query) = split_url(url);
    let without_body = method == "HEAD";
    let request = Request {
        method: Method::parse(method),
        origin_of_url: origin_of_url.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        authorization,
        origin,
        content_type,
        accept,
        accept_language,
        user_agent,
        client_address,
        asks_token_of,
        body,
    };
    run(async move {
        let reply = router::answer(&App::new(Platform::new(env)), &request).await;
        response(&reply, without_body)
    })
}

/// Gives the response to a request in whose middle the wasm trapped.
#[wasm_bindgen]
pub fn apologise(env: Env, url: &str, origin: Option<String>) -> JsValue {
    let (_, path, _) = split_url(url);
    let request = Request { path: path.to_owned(), origin, ..Request::default() };
    response(&router::answer_after_trap(&App::new(Platform::new(env)), &request), false)
}

/// What the cron trigger calls: gives nothing, or the number of the task that will.
#[wasm_bindgen]
pub fn scheduled(env: Env) -> JsValue {
    run(async move {
        keeper::wake(&App::new(Platform::new(env))).await;
        JsValue::UNDEFINED
    })
}

/// The largest body that is read, in bytes.
#[wasm_bindgen]
#[must_use]
pub fn largest_body() -> usize {
    LARGEST_BODY
}

/// Splits a serialised URL into origin, path and query, without a parser: the runtime has parsed it.
fn split_url(url: &str) -> (&str, &str, &str) {
    let host = url.find("://").map_or(0, |end| end.saturating_add(3));
    let end =
        url.get(host..).and_then(|rest| rest.find('/')).map_or(url.len(), |end| host.saturating_add(end));
    let (origin, rest) = url.split_at_checked(end).unwrap_or((url, ""));
    let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    (origin, path, query)
}

fn response(reply: &Reply, without_body: bool) -> JsValue {
    let head = head_number(head(reply));
    match &reply.body {
        _ if without_body => js::respond_empty(reply.status, head),
        Body::Empty => js::respond_empty(reply.status, head),
        Body::Text(text) => js::respond_text(reply.status, head, text),
        Body::Bytes(bytes) => js::respond_bytes(reply.status, head, bytes),
        Body::Stored(blob) => js::respond_stored(reply.status, head, &blob.0),
    }
}

/// How many heads are kept: there are some thirty, but `Retry-After` and the origins of pages vary.
const MOST_HEADS: usize = 100;

thread_local! {
    static HEADS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// The number under which JavaScript keeps these headers.
fn head_number(head: String) -> usize {
    HEADS.with_borrow_mut(|heads| {
        heads.iter().position(|known| *known == head).unwrap_or_else(|| {
            let number = heads.len();
            js::define_head(number, &head);
            // The one number beyond the limit is taken anew each time.
            if number < MOST_HEADS {
                heads.push(head);
            }
            number
        })
    })
}

/// The headers, one a line. What is no single line is left out, so that no value adds a header.
fn head(reply: &Reply) -> String {
    let mut head = String::from("Cache-Control: no-store\nX-Content-Type-Options: nosniff");
    let content_type = reply.content_type.map(|value| ("Content-Type", value));
    let others = reply.headers.iter().map(|(name, value)| (*name, value.as_ref()));
    for (name, value) in content_type.into_iter().chain(others) {
        if !value.contains(|character: char| character.is_ascii_control()) {
            head.extend(["\n", name, ": ", value]);
        }
    }
    head
}
