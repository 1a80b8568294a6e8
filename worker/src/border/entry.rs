//! What the runtime calls, and how its requests become ours.

use worker::{Context, Env, ScheduleContext, ScheduledEvent, event};

use super::fetch::read_all;
use super::platform::Platform;
use crate::http::{LARGEST_BODY, Method, Reply, Request};
use crate::objects::keeper;
use crate::remote::ASKER;
use crate::{App, routes};

#[event(fetch)]
async fn fetch(request: worker::Request, env: Env, _context: Context) -> worker::Result<worker::Response> {
    let app = App::new(Platform::new(env));
    let without_body = request.inner().method() == "HEAD";
    let request = incoming(request.inner()).await?;
    let reply = routes::answer(&app, &request).await;
    outgoing(reply, without_body)
}

#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    keeper::wake(&App::new(Platform::new(env))).await;
}

async fn incoming(request: &web_sys::Request) -> worker::Result<Request> {
    let headers = request.headers();
    let header = |name| headers.get(name).ok().flatten();
    let url = request.url();
    let (origin, path, query) = split_url(&url);
    Ok(Request {
        method: Method::parse(&request.method()),
        origin_of_url: origin.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        authorization: header("authorization"),
        origin: header("origin"),
        content_type: header("content-type"),
        accept: header("accept"),
        accept_language: header("accept-language"),
        user_agent: header("user-agent"),
        client_address: header("cf-connecting-ip"),
        asks_token_of: header(ASKER),
        body: read_all(request.body(), LARGEST_BODY).await.ok(),
    })
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

fn outgoing(reply: Reply, without_body: bool) -> worker::Result<worker::Response> {
    let response = match reply.body {
        body if body.is_empty() || without_body => worker::Response::empty()?,
        body => worker::Response::from_bytes(body)?,
    };
    let response = response.with_status(reply.status);
    let headers = worker::Headers::new();
    if let Some(content_type) = reply.content_type {
        headers.set("Content-Type", content_type)?;
    }
    headers.set("Cache-Control", "no-store")?;
    headers.set("X-Content-Type-Options", "nosniff")?;
    for (name, value) in reply.headers {
        headers.set(name, &value)?;
    }
    Ok(response.with_headers(headers))
}
