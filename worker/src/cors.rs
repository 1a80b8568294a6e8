//! Which H5 pages may call, by the Fetch standard's CORS protocol.

use crate::App;
use crate::http::{Reply, Request};

/// How long a browser may keep the answer to a preflight, in seconds.
const PREFLIGHT_AGE: &str = "600";

/// Opens a reply to the page that asked, if its origin is allowed.
pub(crate) fn open(app: &App, request: &Request, reply: Reply) -> Reply {
    let reply = reply.with("Vary", "Origin");
    match allowed_origin(app, request) {
        Some(origin) => reply
            .with("Access-Control-Allow-Origin", origin.to_owned())
            .with("Access-Control-Expose-Headers", "Retry-After, X-Cache"),
        None => reply,
    }
}

/// Answers a preflight, with all methods of the path and those that pages may use. Without an allowed origin it says nothing
/// of these, which a browser takes for a no.
pub(crate) fn preflight(app: &App, request: &Request, methods: &str, open: &str) -> Reply {
    let reply = Reply::no_content().with("Allow", methods.to_owned());
    match allowed_origin(app, request) {
        Some(_) => reply
            .with("Access-Control-Allow-Methods", open.to_owned())
            .with("Access-Control-Allow-Headers", "Authorization, Content-Type")
            .with("Access-Control-Max-Age", PREFLIGHT_AGE),
        None => reply,
    }
}

fn allowed_origin<'a>(app: &App, request: &'a Request) -> Option<&'a str> {
    let origins = app.config.allowed_origins.as_ref().ok()?;
    request.header("origin").filter(|origin| origins.iter().any(|allowed| allowed == origin))
}
