//! Responses as plain data, and how they become the runtime's.

use std::cell::RefCell;

use wasm_bindgen::JsValue;

use crate::{Blob, Headers, OpenBody, js};

/// A response.
#[derive(Debug)]
pub struct Response {
    status: u16,
    headers: Headers,
    body: Body,
}

/// In bytes: a short text crosses the border quicker as a text, a longer one as bytes.
const LONGEST_TEXT: usize = 4096;

/// The body of a response.
#[derive(Debug)]
pub enum Body {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// What KV holds, as it is: its bytes never enter the wasm.
    Stored(Blob),
    /// What comes from elsewhere, as it comes.
    Open(OpenBody),
}

impl Response {
    /// A response without a body.
    #[must_use]
    pub const fn empty(status: u16) -> Self {
        Self { status, headers: Headers::new(), body: Body::Empty }
    }

    /// A response with a text of that `Content-Type`.
    #[must_use]
    pub fn text(status: u16, content_type: &str, text: String) -> Self {
        let body = if text.len() > LONGEST_TEXT { Body::Bytes(text.into_bytes()) } else { Body::Text(text) };
        Self::empty(status).with_body(content_type, body)
    }

    /// A response with bytes of that `Content-Type`.
    #[must_use]
    pub fn bytes(status: u16, content_type: &str, bytes: Vec<u8>) -> Self {
        Self::empty(status).with_body(content_type, Body::Bytes(bytes))
    }

    /// A response with what KV holds.
    #[must_use]
    pub fn stored(status: u16, content_type: &str, blob: Blob) -> Self {
        Self::empty(status).with_body(content_type, Body::Stored(blob))
    }

    /// The same with a body of that `Content-Type`.
    #[must_use]
    pub fn with_body(self, content_type: &str, body: Body) -> Self {
        Self { body, ..self.with_header("Content-Type", content_type) }
    }

    /// The same with one more header; see [`Headers::append`].
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.append(name, value);
        self
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The headers, to be changed.
    pub fn headers_mut(&mut self) -> &mut Headers {
        &mut self.headers
    }

    /// The body.
    #[must_use]
    pub const fn body(&self) -> &Body {
        &self.body
    }

    /// The runtime's response. A status that none may have, which would throw, becomes 500.
    pub(crate) fn into_js(self, is_head: bool) -> JsValue {
        let status = if (200..=599).contains(&self.status) { self.status } else { 500 };
        // What comes from elsewhere has headers from there too, which few others share.
        let head = head_number(self.headers, !matches!(self.body, Body::Open(_)));
        match self.body {
            _ if is_head || has_no_body(status) => js::respond_empty(status, head),
            Body::Empty => js::respond_empty(status, head),
            Body::Text(text) => js::respond_text(status, head, &text),
            Body::Bytes(bytes) => js::respond_bytes(status, head, &bytes),
            Body::Stored(blob) => js::respond_stored(status, head, &blob.0),
            Body::Open(body) => js::respond_open(status, head, body.js()),
        }
    }
}

/// A body with one of these would throw. Source: Fetch, "null body status".
const fn has_no_body(status: u16) -> bool {
    matches!(status, 204 | 205 | 304)
}

/// How many heads are kept: an app has some tens of them, though a value may vary without end.
const MOST_HEADS: usize = 100;

thread_local! {
    static HEADS: RefCell<Vec<Headers>> = const { RefCell::new(Vec::new()) };
}

/// The number under which JavaScript keeps these headers, which stays theirs when others are to find it.
fn head_number(headers: Headers, is_shared: bool) -> usize {
    HEADS.with_borrow_mut(|heads| {
        heads.iter().position(|known| *known == headers).unwrap_or_else(|| {
            let number = heads.len();
            js::define_head(number, headers.lines());
            // A number that is nobody's is taken anew each time.
            if is_shared && number < MOST_HEADS {
                heads.push(headers);
            }
            number
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{Body, Response};

    #[test]
    fn a_long_text_crosses_as_bytes() {
        let body = |length| Response::text(200, "text/plain", "x".repeat(length)).body;
        assert!(matches!(body(4096), Body::Text(_)));
        assert!(matches!(body(4097), Body::Bytes(_)));
    }
}
