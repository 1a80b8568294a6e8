//! Requests to elsewhere: the body of the request says where, its query with which limits: `deadline&limit`.

use edge::{
    Body, Deadline, Env, Fetch, FetchError, FetchResponse, Method, OpenResponse, Request, Response, SendOnce,
};

use crate::{failed, number, text};

const CONNECT: u32 = 1_000;

pub(crate) async fn fetch(request: &Request) -> Response {
    let (deadline, limit) = limits(request);
    let url = text(request);
    let fetch = match request.headers().get("content-type") {
        Some("bytes") => {
            Fetch::new(Method::Post, &url, deadline, limit).with_bytes("application/x-bytes", b"\x00\xff")
        }
        Some("text") => {
            Fetch::new(Method::Post, &url, deadline, limit).with_text("application/json", "{\"é\":1}")
        }
        Some("any") => Fetch::new(Method::Get, &url, deadline, limit).dropping_larger(),
        _ => Fetch::new(Method::Get, &url, deadline, limit),
    };
    answer(fetch.with_header("X-Sent", "one: two").reading("X-Count").reading("X-Missing").send().await)
}

pub(crate) async fn send_once(request: &Request, env: &Env) -> Response {
    let (deadline, limit) = limits(request);
    let url = text(request);
    let get =
        SendOnce::get(&url, CONNECT, deadline, limit).with_header("X-Sent", "one: two").reading("x-count");
    answer(get.send(env).await)
}

pub(crate) async fn service(request: &Request, env: &Env, binding: &str) -> Response {
    let (deadline, limit) = limits(request);
    let fetch = Fetch::new(Method::Post, "https://service/path?query", deadline, limit);
    let body = text(request);
    answer(env.service(binding).fetch(fetch.with_text("text/plain", &body)).await)
}

/// Sends the request's body on without looking at it, by the query: `milliseconds&most in&most out&most to look at&url`.
pub(crate) async fn relay(request: &Request) -> Response {
    let mut parts = request.query().splitn(5, '&');
    let mut next = || parts.next().unwrap_or_default();
    let (milliseconds, most_in, most_out, most_seen, url) =
        (number(next()), number(next()), number(next()), number(next()), next());
    let Some(incoming) = request.incoming() else { return Response::empty(404) };
    let blob = match incoming.read(most_in, Deadline::after(milliseconds)).await {
        Ok(blob) => blob,
        Err(error) => return Response::text(500, "text/plain", format!("{error:?}")),
    };
    let fetch = Fetch::new(Method::Post, url, Deadline::after(milliseconds), most_out);
    let opened = fetch.with_blob("application/x-bytes", &blob).reading("X-Count").open(milliseconds).await;
    let OpenResponse { status, headers, body } = match opened {
        Ok(response) => response,
        Err(error) => return failed(&error),
    };
    if let Err(error) = body.fill(most_seen).await {
        return failed(&error);
    }
    Response::empty(200)
        .with_header("X-Status", &status.to_string())
        .with_header("X-Count", headers.get("x-count").unwrap_or("none"))
        .with_header("X-Announced", &format!("{:?}", incoming.announced()))
        .with_header("X-Seen", &format!("{} {}", body.start(10).len(), body.is_whole()))
        .with_body("text/plain", Body::Open(body))
}

/// Lets the body come and go.
pub(crate) async fn discard(request: &Request) -> Response {
    let (deadline, limit) = limits(request);
    if let Some(incoming) = request.incoming() {
        incoming.discard(limit, deadline).await;
    }
    Response::empty(429)
}

fn limits(request: &Request) -> (Deadline, usize) {
    let (deadline, limit) = request.query().split_once('&').unwrap_or_default();
    (Deadline::after(number(deadline)), number(limit))
}

fn answer(received: Result<FetchResponse, FetchError>) -> Response {
    match received {
        Ok(FetchResponse { status, headers, body }) => {
            Response::bytes(200, "text/plain", body).with_header("X-Status", &status.to_string()).with_header(
                "X-Read",
                &headers.iter().map(|(name, value)| [name, "=", value].concat()).collect::<String>(),
            )
        }
        Err(error) => failed(&error),
    }
}
