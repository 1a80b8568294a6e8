//! Requests to elsewhere.

use std::fmt;
use std::future::Future;

use wasm_bindgen::JsValue;

use crate::runtime::{Completion, Failure, RawOpening, RawResponse, call};
use crate::{Blob, Deadline, Headers, Method, OpenBody, js};

/// A request to elsewhere, with its limits. Nothing of it is ever logged: its URL and headers may hold secrets.
///
/// A redirect is not followed: it would carry the secrets of the URL to wherever it points.
pub struct Fetch<'a> {
    method: Method,
    url: &'a str,
    headers: Headers,
    text: Option<&'a str>,
    bytes: Option<&'a [u8]>,
    blob: Option<&'a Blob>,
    wanted: String,
    deadline: Deadline,
    limit: usize,
    drops_larger: bool,
}

impl<'a> Fetch<'a> {
    /// A request whose response has up to `limit` bytes, and is there until `deadline`.
    #[must_use]
    pub const fn new(method: Method, url: &'a str, deadline: Deadline, limit: usize) -> Self {
        Self {
            method,
            url,
            headers: Headers::new(),
            text: None,
            bytes: None,
            blob: None,
            wanted: String::new(),
            deadline,
            limit,
            drops_larger: false,
        }
    }

    /// Takes a response whose body is over the limit as one without a body.
    #[must_use]
    pub fn dropping_larger(self) -> Self {
        Self { drops_larger: true, ..self }
    }

    /// Adds a header; see [`Headers::append`].
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.append(name, value);
        self
    }

    /// The body, as a text.
    #[must_use]
    pub fn with_text(self, content_type: &str, text: &'a str) -> Self {
        Self { text: Some(text), bytes: None, ..self.with_header("Content-Type", content_type) }
    }

    /// The body, as bytes.
    #[must_use]
    pub fn with_bytes(self, content_type: &str, bytes: &'a [u8]) -> Self {
        Self { bytes: Some(bytes), text: None, ..self.with_header("Content-Type", content_type) }
    }

    /// The body, as bytes that stay outside: for [`open`](Self::open) only.
    #[must_use]
    pub fn with_blob(self, content_type: &str, blob: &'a Blob) -> Self {
        Self { blob: Some(blob), ..self.with_header("Content-Type", content_type) }
    }

    /// Reads that header of the response: each is a call into the runtime, so none is read unasked.
    #[must_use]
    pub fn reading(mut self, name: &str) -> Self {
        if !self.wanted.is_empty() {
            self.wanted.push('\n');
        }
        self.wanted.push_str(name);
        self
    }

    /// Sends it at once by the global `fetch`; the future waits for the response.
    ///
    /// # Errors
    /// [`FetchError`].
    pub fn send(self) -> impl Future<Output = Result<FetchResponse, FetchError>> + use<> {
        self.send_by(&JsValue::UNDEFINED)
    }

    /// Sends it by the global `fetch` and gives the response when its first bytes are there, by the deadline, which counts for
    /// what is looked at later too. The rest of the body stays outside, and has `streaming` milliseconds from when it is
    /// handed on.
    ///
    /// # Errors
    /// [`FetchError`].
    pub fn open(self, streaming: u32) -> impl Future<Output = Result<OpenResponse, FetchError>> + use<> {
        let sent = call(|call| {
            js::open(
                call,
                self.url,
                self.method.as_str(),
                self.headers.lines(),
                self.blob.map(|blob| &blob.0),
                self.deadline.remaining(),
                streaming,
                self.limit,
                &self.wanted,
            );
        });
        sent.map(|sent| match sent {
            Completion::Opening(response) => Ok(response.into()),
            Completion::Failed(failure) => Err(failure.into()),
            _ => Err(FetchError::Failed),
        })
    }

    fn send_by(&self, fetcher: &JsValue) -> impl Future<Output = Result<FetchResponse, FetchError>> + use<> {
        let sent = call(|call| {
            js::send(
                call,
                fetcher,
                self.url,
                self.method.as_str(),
                self.headers.lines(),
                self.text,
                self.bytes,
                self.deadline.remaining(),
                self.limit,
                &self.wanted,
                self.drops_larger,
            );
        });
        sent.map(|sent| match sent {
            Completion::Response(response) => Ok(response.into()),
            Completion::Failed(failure) => Err(failure.into()),
            _ => Err(FetchError::Failed),
        })
    }
}

/// A service binding.
#[derive(Clone, Copy)]
pub struct Fetcher<'a> {
    pub(crate) env: &'a js::Env,
    pub(crate) binding: &'a str,
}

impl Fetcher<'_> {
    /// Sends a request to the service.
    ///
    /// # Errors
    /// [`FetchError`]: `NotConnected` when it is not bound.
    pub async fn fetch(self, request: Fetch<'_>) -> Result<FetchResponse, FetchError> {
        let fetcher = self.env.get(self.binding);
        if !fetcher.is_object() {
            return Err(FetchError::NotConnected);
        }
        request.send_by(&fetcher).await
    }
}

/// What came back.
#[derive(Debug)]
pub struct FetchResponse {
    /// The status.
    pub status: u16,
    /// Those headers that were to be read.
    pub headers: Headers,
    /// The whole body.
    pub body: Vec<u8>,
}

impl From<RawResponse> for FetchResponse {
    fn from(RawResponse { status, headers, body }: RawResponse) -> Self {
        Self { status, headers, body }
    }
}

/// What came back, with a body that is not read to its end.
#[derive(Debug)]
pub struct OpenResponse {
    /// The status.
    pub status: u16,
    /// Those headers that were to be read.
    pub headers: Headers,
    /// Its first bytes are there, if it has any.
    pub body: OpenBody,
}

impl From<RawOpening> for OpenResponse {
    fn from(RawOpening { status, headers, body }: RawOpening) -> Self {
        Self { status, headers, body: OpenBody::new(body) }
    }
}

/// Why there is no whole response. The runtime's own words are dropped: they may hold the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchError {
    /// The deadline passed. Whether the request arrived is not known.
    TimedOut,
    /// The connection broke, or what came was no response. Whether the request arrived is not known.
    Failed,
    /// The body has more bytes than the limit.
    TooLarge,
    /// Nothing was sent: there is no such binding, or no connection for what is to be sent once.
    NotConnected,
}

impl fmt::Display for FetchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TimedOut => "the deadline passed",
            Self::Failed => "the connection broke",
            Self::TooLarge => "the response is too large",
            Self::NotConnected => "nothing was sent",
        })
    }
}

impl std::error::Error for FetchError {}

impl From<Failure> for FetchError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::TimedOut => Self::TimedOut,
            Failure::TooLarge => Self::TooLarge,
            Failure::Failed => Self::Failed,
            Failure::NotConnected => Self::NotConnected,
        }
    }
}
