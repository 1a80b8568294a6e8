//! Requests and replies as plain data.

use std::borrow::Cow;

use edge::{Blob, Body, Deadline, Incoming, Method, OpenBody, Response};
use wxedge_contract::{Code, PROBLEM_CONTENT_TYPE, Problem, to_json};

/// The largest body of a route that sets no limit of its own, in bytes: over ten times what the largest honest one needs.
pub(crate) const LARGEST_BODY: usize = 64 * 1024;
/// The largest body of any route.
pub(crate) const LARGEST_OF_ALL: usize = wxedge_push::MAX_BODY_BYTES;

/// How much of a body that is left outside is let come when its request is refused, in bytes: an upload of one file.
const LARGEST_DISCARDED: usize = 10 * 1024 * 1024 + 64 * 1024;
/// How long that may take, in milliseconds.
const DISCARDING: u32 = 30_000;

/// How `Allow` names a method.
pub(crate) const fn allowed(method: Method) -> &'static str {
    match method {
        Method::Get => "GET, HEAD",
        _ => method.as_str(),
    }
}

/// A request.
#[derive(Debug)]
pub(crate) struct Request(edge::Request);

impl Request {
    pub(crate) const fn new(request: edge::Request) -> Self {
        Self(request)
    }

    /// A `HEAD` is a `GET` whose body is left out.
    pub(crate) const fn method(&self) -> Method {
        match self.0.method() {
            Method::Head => Method::Get,
            method => method,
        }
    }

    /// Scheme and host, as `https://h5.example.com`.
    pub(crate) fn origin_of_url(&self) -> &str {
        self.0.origin()
    }

    /// As it came, percent-encoding included.
    pub(crate) fn path(&self) -> &str {
        self.0.path()
    }

    /// Without the question mark.
    pub(crate) fn query(&self) -> &str {
        self.0.query()
    }

    /// A header of those that the entry names.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().get(name)
    }

    /// The body of a route that takes JSON. Whether it is JSON shows when it is parsed.
    ///
    /// # Errors
    /// `too_large` and `unsupported_media_type`.
    pub(crate) fn json(&self, limit: usize) -> Result<&[u8], Problem> {
        let body = self.bytes(limit)?;
        if !body.is_empty() && !self.is_json() {
            return Err(Problem::new(Code::UnsupportedMediaType, "Send Content-Type: application/json."));
        }
        Ok(body)
    }

    /// The body of a route that takes any bytes.
    ///
    /// # Errors
    /// `too_large`.
    pub(crate) fn bytes(&self, limit: usize) -> Result<&[u8], Problem> {
        let body = self.0.body().filter(|body| body.len() <= limit);
        body.ok_or_else(|| Problem::new(Code::TooLarge, format!("The body may have up to {limit} bytes.")))
    }

    /// The address that was opened, without a fragment.
    pub(crate) fn url(&self) -> String {
        let (path, query) = (self.path(), self.query());
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{path}{mark}{query}", self.origin_of_url())
    }

    /// The host that was asked, with its port where it has one.
    pub(crate) fn host(&self) -> &str {
        self.origin_of_url().split_once("://").map_or("", |(_, host)| host)
    }

    /// The body, where the entry has it left outside.
    pub(crate) const fn incoming(&self) -> Option<&Incoming> {
        self.0.incoming()
    }

    /// Lets a body that nobody has read come and go: most clients hear no answer before they have sent what they have, and the
    /// runtime closes the connection of a body that is left.
    pub(crate) async fn discard_body(&self) {
        if let Some(incoming) = self.incoming() {
            incoming.discard(LARGEST_DISCARDED, Deadline::after(DISCARDING)).await;
        }
    }

    pub(crate) fn is_json(&self) -> bool {
        let media_type = self.header("content-type").and_then(|value| value.split(';').next());
        media_type.is_some_and(|name| name.trim().eq_ignore_ascii_case("application/json"))
    }

    /// The value of a parameter of the query as it came, percent-encoding included. A name that stands there twice is none.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.query().split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let mut values = pairs.filter(|(other, _)| *other == name).map(|(_, value)| value);
        values.next().filter(|_| values.next().is_none())
    }

    /// Whether the query has this parameter with this value.
    pub(crate) fn asks(&self, name: &str, value: &str) -> bool {
        self.query().split('&').any(|pair| pair.split_once('=') == Some((name, value)))
    }
}

/// A reply.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: Option<Cow<'static, str>>,
    pub(crate) headers: Vec<(&'static str, Cow<'static, str>)>,
    pub(crate) body: Body,
}

impl Reply {
    pub(crate) fn json(body: &impl serde::Serialize) -> Self {
        // Replies are structs of texts, numbers and booleans, which always have a JSON form.
        Self::text("application/json", to_json(body))
    }

    pub(crate) const fn text(content_type: &'static str, text: String) -> Self {
        Self::with_body(content_type, Body::Text(text))
    }

    pub(crate) const fn bytes(content_type: &'static str, bytes: Vec<u8>) -> Self {
        Self::with_body(content_type, Body::Bytes(bytes))
    }

    pub(crate) const fn stored(content_type: &'static str, blob: Blob) -> Self {
        Self::with_body(content_type, Body::Stored(blob))
    }

    /// What comes from elsewhere, as it comes.
    pub(crate) fn open(content_type: impl Into<Cow<'static, str>>, body: OpenBody) -> Self {
        Self {
            status: 200,
            content_type: Some(content_type.into()),
            headers: Vec::new(),
            body: Body::Open(body),
        }
    }

    const fn with_body(content_type: &'static str, body: Body) -> Self {
        Self { status: 200, content_type: Some(Cow::Borrowed(content_type)), headers: Vec::new(), body }
    }

    pub(crate) const fn no_content() -> Self {
        Self { status: 204, content_type: None, headers: Vec::new(), body: Body::Empty }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Whether it has this header.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| *known == name)
    }
}

impl Reply {
    /// An error, whose type begins with `types`.
    pub(crate) fn problem(problem: &Problem, types: &str) -> Self {
        let mut reply = Self::text(PROBLEM_CONTENT_TYPE, problem.to_json(types));
        reply.status = problem.code.status();
        if let Some(seconds) = problem.wait() {
            reply = reply.with("Retry-After", seconds.to_string());
        }
        if reply.status == 401 {
            reply = reply.with("WWW-Authenticate", "Bearer");
        }
        reply
    }
}

impl From<Reply> for Response {
    fn from(reply: Reply) -> Self {
        let Reply { status, content_type, headers, body } = reply;
        let content_type = content_type.unwrap_or_default();
        let mut response = match body {
            Body::Empty => Self::empty(status),
            Body::Text(text) => Self::text(status, &content_type, text),
            body => Self::empty(status).with_body(&content_type, body),
        };
        let all = response.headers_mut();
        all.append("X-Content-Type-Options", "nosniff");
        if !headers.iter().any(|(name, _)| *name == CACHE_CONTROL) {
            all.append(CACHE_CONTROL, "no-store");
        }
        for (name, value) in &headers {
            all.append(name, value);
        }
        response
    }
}

const CACHE_CONTROL: &str = "Cache-Control";
