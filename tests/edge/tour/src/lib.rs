//! Does one thing of `edge` for each path, so that the tests can look at it.

mod crypto;
mod outside;
mod thing;

use std::rc::Rc;

use edge::{
    App, Body, Context, Date, Delay, DurableObject, Env, KvError, Method, Request, Response, State, StubError,
};
use futures_util::future::join;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::thing::Thing;

/// Runs when the wasm is started, and again when it is started anew after a trap.
#[wasm_bindgen(start)]
pub fn start() {
    edge::serve(Tour);
}

struct Tour;

impl App for Tour {
    const LARGEST_BODY: usize = 1024 * 1024;

    async fn fetch(self: Rc<Self>, request: Request, env: Env, context: Context) -> Response {
        let path = request.path().to_owned();
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match segments.as_slice() {
            ["request", ..] => describe(&request),
            ["echo"] => echo(request),
            ["status", status] => {
                Response::text(number(status), "text/plain", "text".to_owned()).with_header("X-Kept", "yes")
            }
            ["header"] => {
                Response::empty(200).with_header("X-Value", &text(&request)).with_header("X-After", "there")
            }
            ["text", length] => Response::text(200, "text/plain", "x".repeat(number(length))),
            ["var", name] => found(env.var(name)),
            ["random"] => {
                Response::bytes(200, "text/plain", edge::random::<16>().unwrap_or_default().to_vec())
            }
            ["delay", milliseconds] => delay(number(milliseconds)).await,
            ["trap"] => std::process::abort(),
            ["kv", binding, key] => {
                kv(&request, &env, binding, key).await.unwrap_or_else(|error| failed(&error))
            }
            ["keys", prefix, limit] => {
                keys(&env, prefix, number(limit)).await.unwrap_or_else(|error| failed(&error))
            }
            ["blob", key] => blob(&env, key).await.unwrap_or_else(|error| failed(&error)),
            ["limit", binding, key] => match env.rate_limiter(binding).limit(key).await {
                Ok(is_within) => Response::text(200, "text/plain", is_within.to_string()),
                Err(error) => failed(&error),
            },
            ["object", binding, name, method] => object(&request, &env, binding, name, method).await,
            ["both", name] => both(&env, name).await,
            ["later", key] => later(&env, &context, key),
            ["fetch"] => outside::fetch(&request).await,
            ["outside", "relay"] => outside::relay(&request).await,
            ["outside", "discard"] => outside::discard(&request).await,
            ["crypto", parts @ ..] => crypto::answer(parts, request.body().unwrap_or_default()).await,
            ["once"] => outside::send_once(&request, &env).await,
            ["service", binding] => outside::service(&request, &env, binding).await,
            _ => Response::empty(404),
        }
    }

    fn trapped(&self, request: Request, _env: Env) -> Response {
        Response::text(500, "text/plain", "trapped".to_owned()).with_header("X-Path", request.path())
    }

    async fn scheduled(self: Rc<Self>, env: Env) {
        if env.kv("KV").put_text("scheduled", "yes", None).await.is_err() {
            edge::console_error("KV failed");
        }
    }

    fn durable_object(&self, class: &str, state: State, env: Env) -> Option<Rc<dyn DurableObject>> {
        match class {
            "Thing" => Some(Rc::new(Thing::new(state, env))),
            _ => None,
        }
    }
}

fn text(request: &Request) -> String {
    String::from_utf8_lossy(request.body().unwrap_or_default()).into_owned()
}

fn number<T: std::str::FromStr + Default>(text: &str) -> T {
    text.parse().unwrap_or_default()
}

fn found(text: Option<String>) -> Response {
    text.map_or_else(|| Response::empty(404), |text| Response::text(200, "text/plain", text))
}

fn failed(error: &impl std::fmt::Display) -> Response {
    Response::text(502, "text/plain", error.to_string())
}

fn describe(request: &Request) -> Response {
    let length = request.body().map_or("none".to_owned(), |body| body.len().to_string());
    let mut lines = vec![
        request.method().as_str().to_owned(),
        request.url().to_owned(),
        request.origin().to_owned(),
        request.path().to_owned(),
        request.query().to_owned(),
        length,
    ];
    lines.extend(request.headers().iter().map(|(name, value)| [name, "=", value].concat()));
    Response::text(200, "text/plain", lines.join("\n"))
}

fn echo(request: Request) -> Response {
    request
        .into_body()
        .map_or_else(|| Response::empty(413), |body| Response::bytes(200, "application/octet-stream", body))
}

/// Two delays, of which the longer one is dropped.
async fn delay(milliseconds: u32) -> Response {
    let began = Date::now();
    let longer = Delay::of(60_000);
    Delay::of(milliseconds).await;
    drop(longer);
    let took = Date::now().as_millis().saturating_sub(began.as_millis());
    Response::text(200, "text/plain", took.to_string())
}

async fn kv(request: &Request, env: &Env, binding: &str, key: &str) -> Result<Response, KvError> {
    let store = env.kv(binding);
    match request.method() {
        Method::Put if request.query() == "bytes" => {
            store.put_bytes(key, request.body().unwrap_or_default(), Some(60)).await?;
        }
        Method::Put => store.put_text(key, &text(request), None).await?,
        Method::Delete => store.delete(key).await?,
        _ => return store.get_text(key, Some(60)).await.map(found),
    }
    Ok(Response::empty(204))
}

/// One key a line, page by page.
async fn keys(env: &Env, prefix: &str, limit: u64) -> Result<Response, KvError> {
    let mut lines = String::new();
    let mut cursor = None;
    loop {
        let page = env.kv("KV").list(prefix, limit, cursor.as_deref()).await?;
        lines.extend([page.keys.join(" ").as_str(), "\n"]);
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(Response::text(200, "text/plain", lines));
        }
    }
}

async fn blob(env: &Env, key: &str) -> Result<Response, KvError> {
    let Some(blob) = env.kv("KV").get_blob(key).await? else { return Ok(Response::empty(404)) };
    let start = String::from_utf8_lossy(&blob.start(4)).into_owned();
    let length = blob.len().to_string();
    let response = Response::empty(200).with_body("image/png", Body::Stored(blob));
    Ok(response.with_header("X-Start", &start).with_header("X-Length", &length))
}

async fn object(request: &Request, env: &Env, binding: &str, name: &str, method: &str) -> Response {
    let stub = env.durable_object(binding).get_by_name_with_location_hint(name, "apac");
    match stub.call(method, &text(request)).await {
        Ok(answer) => Response::bytes(200, "text/plain", answer.into_bytes()),
        Err(StubError::Object(error)) => Response::text(422, "text/plain", error),
        Err(error) => failed(&error),
    }
}

/// Two calls of an object at once.
async fn both(env: &Env, name: &str) -> Response {
    let stub = env.durable_object("THINGS").get_by_name(name);
    let (first, second) = join(stub.call("increment", ""), stub.call("increment", "")).await;
    let texts =
        [first, second].map(|answer| answer.ok().and_then(edge::Answer::into_text).unwrap_or_default());
    Response::text(200, "text/plain", texts.join(" "))
}

/// Stores something after the response.
fn later(env: &Env, context: &Context, key: &str) -> Response {
    let (env, key) = (env.clone(), key.to_owned());
    context.wait_until(async move {
        Delay::of(50).await;
        if env.kv("KV").put_text(&key, "later", None).await.is_err() {
            edge::console_error("KV failed");
        }
    });
    Response::empty(202)
}
