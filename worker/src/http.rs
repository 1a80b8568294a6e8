//! Requests and replies as plain data.

use std::borrow::Cow;

use wxedge_contract::{Code, PROBLEM_CONTENT_TYPE, Problem};

use crate::border::Blob;

/// The largest body that a route reads, in bytes: over ten times what the largest honest one needs.
pub(crate) const LARGEST_BODY: usize = 64 * 1024;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Put,
    Delete,
    Options,
    #[default]
    Other,
}

impl Method {
    /// `HEAD` is a `GET` whose body the border leaves out.
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "GET" | "HEAD" => Self::Get,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }

    /// The method itself.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Other => "",
        }
    }

    /// How `Allow` names it.
    pub(crate) const fn allowed(self) -> &'static str {
        match self {
            Self::Get => "GET, HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Other => "",
        }
    }
}

/// A request, with the few headers that anybody reads.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// Scheme and host, as `https://h5.example.com`.
    pub(crate) origin_of_url: String,
    /// As it came, percent-encoding included.
    pub(crate) path: String,
    /// Without the question mark.
    pub(crate) query: String,
    pub(crate) authorization: Option<String>,
    pub(crate) origin: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) accept: Option<String>,
    pub(crate) accept_language: Option<String>,
    pub(crate) user_agent: Option<String>,
    /// The address of the client as Cloudflare saw it.
    pub(crate) client_address: Option<String>,
    /// The appid whose token another wxedge asks for.
    pub(crate) asks_token_of: Option<String>,
    /// `None` when it is over [`LARGEST_BODY`] or broke off.
    pub(crate) body: Option<Vec<u8>>,
}

impl Request {
    /// The body of a route that takes JSON. Whether it is JSON shows when it is parsed.
    ///
    /// # Errors
    /// `too_large` and `unsupported_media_type`.
    pub(crate) fn json(&self) -> Result<&[u8], Problem> {
        let body = self.bytes()?;
        if !body.is_empty() && !self.is_json() {
            return Err(Problem::new(Code::UnsupportedMediaType, "Send Content-Type: application/json."));
        }
        Ok(body)
    }

    /// The body of a route that takes any bytes.
    ///
    /// # Errors
    /// `too_large`.
    pub(crate) fn bytes(&self) -> Result<&[u8], Problem> {
        self.body.as_deref().ok_or_else(|| {
            Problem::new(Code::TooLarge, format!("The body may have up to {LARGEST_BODY} bytes."))
        })
    }

    /// The address that was opened, without a fragment.
    pub(crate) fn url(&self) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{}{}{mark}{}", self.origin_of_url, self.path, self.query)
    }

    /// The host that was asked, with its port where it has one.
    pub(crate) fn host(&self) -> &str {
        self.origin_of_url.split_once("://").map_or("", |(_, host)| host)
    }

    fn is_json(&self) -> bool {
        let media_type = self.content_type.as_deref().and_then(|value| value.split(';').next());
        media_type.is_some_and(|name| name.trim().eq_ignore_ascii_case("application/json"))
    }

    /// Whether the query has this parameter with this value.
    pub(crate) fn asks(&self, name: &str, value: &str) -> bool {
        self.query.split('&').any(|pair| pair.split_once('=') == Some((name, value)))
    }
}

/// A reply.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) headers: Vec<(&'static str, Cow<'static, str>)>,
    pub(crate) body: Body,
}

/// In bytes: a short text crosses the border quicker as a text, a longer one as bytes.
const LONGEST_TEXT: usize = 4096;

/// The body of a reply.
#[derive(Debug)]
pub(crate) enum Body {
    Empty,
    Text(String),
    Bytes(Vec<u8>),
    /// What KV holds, as it is.
    Stored(Blob),
}

impl Reply {
    pub(crate) fn json(body: &impl serde::Serialize) -> Self {
        // Replies are structs of texts, numbers and booleans, which always have a JSON form.
        Self::text("application/json", serde_json::to_string(body).unwrap_or_default())
    }

    pub(crate) fn text(content_type: &'static str, text: String) -> Self {
        if text.len() > LONGEST_TEXT {
            Self::bytes(content_type, text.into_bytes())
        } else {
            Self::with_body(content_type, Body::Text(text))
        }
    }

    pub(crate) const fn bytes(content_type: &'static str, bytes: Vec<u8>) -> Self {
        Self::with_body(content_type, Body::Bytes(bytes))
    }

    pub(crate) const fn stored(content_type: &'static str, blob: Blob) -> Self {
        Self::with_body(content_type, Body::Stored(blob))
    }

    const fn with_body(content_type: &'static str, body: Body) -> Self {
        Self { status: 200, content_type: Some(content_type), headers: Vec::new(), body }
    }

    pub(crate) const fn no_content() -> Self {
        Self { status: 204, content_type: None, headers: Vec::new(), body: Body::Empty }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

impl From<&Problem> for Reply {
    fn from(problem: &Problem) -> Self {
        let mut reply = Self::text(PROBLEM_CONTENT_TYPE, problem.to_json());
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
