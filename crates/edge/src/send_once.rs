//! A `GET` that is sent exactly once.
//!
//! `fetch` keeps connections open, and the runtime repeats a request without a body when such a connection turns out to
//! be reset before an answer came. A `GET` that spends something must not be repeated, so it gets a connection of its own,
//! which nobody repeats anything on.

#![expect(unreachable_pub, reason = "wasm-bindgen exports what is pub")]

use wasm_bindgen::prelude::wasm_bindgen;

use crate::runtime::{Completion, call};
use crate::{Deadline, Env, FetchError, FetchResponse, Headers, js};

/// The largest head of a reply, in bytes, and how many headers it may have: far above what servers send.
const LARGEST_HEAD: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;

/// A `GET` over a connection of its own, with its limits. Nothing of it is ever logged.
///
/// Where no connection can be opened, as to a host that is itself behind Cloudflare, nothing was sent, and
/// [`Fetch`](crate::Fetch) may take over, with the caveat that it may repeat the request.
pub struct SendOnce<'a> {
    url: &'a str,
    headers: Headers,
    wanted: Vec<&'static str>,
    connect: u32,
    deadline: Deadline,
    limit: usize,
}

impl<'a> SendOnce<'a> {
    /// A request whose response has up to `limit` bytes, and is there until `deadline`. Opening the connection may take
    /// `connect` milliseconds of that.
    #[must_use]
    pub const fn get(url: &'a str, connect: u32, deadline: Deadline, limit: usize) -> Self {
        Self { url, headers: Headers::new(), wanted: Vec::new(), connect, deadline, limit }
    }

    /// Adds a header; see [`Headers::append`]. `Host` and `Connection` are there.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Reads that header of the response.
    #[must_use]
    pub fn reading(mut self, name: &'static str) -> Self {
        self.wanted.push(name);
        self
    }

    /// Sends it. The connection is closed where things live on after the request: in Durable Objects.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn send(self, env: &Env) -> Result<FetchResponse, FetchError> {
        let target = Target::of(self.url).ok_or(FetchError::NotConnected)?;
        let request = self.request(&target);
        let sent = call(|call| {
            let milliseconds = self.deadline.remaining();
            js::send_once(
                call,
                target.host,
                target.port,
                target.is_secure,
                request.as_bytes(),
                self.connect.min(milliseconds),
                milliseconds,
                self.limit.saturating_add(LARGEST_HEAD),
                env.lives_on(),
            );
        });
        match sent.await {
            Completion::Bytes(reply) => self.response(&reply),
            Completion::Failed(failure) => Err(failure.into()),
            _ => Err(FetchError::Failed),
        }
    }

    fn request(&self, target: &Target<'_>) -> String {
        let start =
            ["GET ", target.path, " HTTP/1.1\r\nHost: ", target.authority, "\r\nConnection: close\r\n"];
        let mut request = start.concat();
        for (name, value) in self.headers.iter() {
            request.extend([name, ": ", value, "\r\n"]);
        }
        request.push_str("\r\n");
        request
    }

    fn response(&self, reply: &[u8]) -> Result<FetchResponse, FetchError> {
        let body = match whole_body(reply)? {
            Some(body) => body,
            None => body_until_close(reply)?,
        };
        if body.len() > self.limit {
            return Err(FetchError::TooLarge);
        }
        let Some(head) = read_head(reply, &self.wanted)? else { return Err(FetchError::Failed) };
        Ok(FetchResponse { status: head.status, headers: head.headers, body })
    }
}

/// Whether nothing more needs to be read of a reply: it is whole, or no reply at all.
#[wasm_bindgen]
#[must_use]
pub fn is_whole_reply(reply: &[u8]) -> bool {
    !matches!(whole_body(reply), Ok(None))
}

/// The parts of an address that a request needs.
struct Target<'a> {
    is_secure: bool,
    /// Host and port as the address has them.
    authority: &'a str,
    host: &'a str,
    port: u16,
    path: &'a str,
}

impl<'a> Target<'a> {
    fn of(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let is_secure = scheme == "https";
        let (authority, path) = rest.split_at(rest.find('/')?);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, if is_secure { 443 } else { 80 }),
        };
        Some(Self { is_secure, authority, host, port, path })
    }
}

/// How a reply says where its body ends.
enum End {
    Length(usize),
    Chunked,
    Close,
}

/// The body, when the reply says where it ends and that much is there.
fn whole_body(reply: &[u8]) -> Result<Option<Vec<u8>>, FetchError> {
    let Some(Head { start, end, .. }) = read_head(reply, &[])? else { return Ok(None) };
    let body = reply.get(start..).unwrap_or_default();
    match end {
        End::Length(length) => Ok(body.get(..length).map(<[u8]>::to_vec)),
        End::Chunked => dechunked(body),
        End::Close => Ok(None),
    }
}

/// The body of a reply whose connection has closed. One that was to be longer is broken.
fn body_until_close(reply: &[u8]) -> Result<Vec<u8>, FetchError> {
    match read_head(reply, &[])? {
        Some(Head { start, end: End::Close, .. }) => Ok(reply.get(start..).unwrap_or_default().to_vec()),
        _ => Err(FetchError::Failed),
    }
}

/// The bytes of all chunks, when the last one is there.
fn dechunked(mut body: &[u8]) -> Result<Option<Vec<u8>>, FetchError> {
    let mut bytes = Vec::new();
    loop {
        let httparse::Status::Complete((start, size)) =
            httparse::parse_chunk_size(body).map_err(|_| FetchError::Failed)?
        else {
            return Ok(None);
        };
        if size == 0 {
            return Ok(Some(bytes));
        }
        let size = usize::try_from(size).map_err(|_| FetchError::TooLarge)?;
        let Some((chunk, rest)) = body.get(start..).and_then(|rest| rest.split_at_checked(size)) else {
            return Ok(None);
        };
        bytes.extend_from_slice(chunk);
        body = match rest {
            [b'\r', b'\n', rest @ ..] => rest,
            [] | [b'\r'] => return Ok(None),
            _ => return Err(FetchError::Failed),
        };
    }
}

/// The head of a reply.
struct Head {
    status: u16,
    /// Those that were wanted.
    headers: Headers,
    /// Where the body starts.
    start: usize,
    end: End,
}

/// Reads the head; `None` while it is not whole. Interim answers (1xx) are passed over.
fn read_head(reply: &[u8], wanted: &[&str]) -> Result<Option<Head>, FetchError> {
    let mut start: usize = 0;
    loop {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut head = httparse::Response::new(&mut headers);
        let rest = reply.get(start..).unwrap_or_default();
        let httparse::Status::Complete(length) = head.parse(rest).map_err(|_| FetchError::Failed)? else {
            return if reply.len() > LARGEST_HEAD { Err(FetchError::TooLarge) } else { Ok(None) };
        };
        start = start.saturating_add(length);
        let status = head.code.unwrap_or_default();
        if !(100..=199).contains(&status) {
            let headers = chosen(head.headers, wanted);
            return end_of_body(head.headers).map(|end| Some(Head { status, headers, start, end }));
        }
    }
}

fn chosen(headers: &[httparse::Header<'_>], wanted: &[&str]) -> Headers {
    let mut chosen = Headers::new();
    for name in wanted {
        if let Some(value) = value_of(headers, name) {
            chosen.append(name, value);
        }
    }
    chosen
}

fn value_of<'a>(headers: &[httparse::Header<'a>], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
    found.and_then(|header| core::str::from_utf8(header.value).ok()).map(str::trim)
}

fn end_of_body(headers: &[httparse::Header<'_>]) -> Result<End, FetchError> {
    match (value_of(headers, "transfer-encoding"), value_of(headers, "content-length")) {
        (Some(encoding), _) if encoding.eq_ignore_ascii_case("chunked") => Ok(End::Chunked),
        (None, Some(length)) => length.parse().map(End::Length).map_err(|_| FetchError::Failed),
        _ => Ok(End::Close),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Target, body_until_close, read_head, whole_body};

    #[test]
    fn an_address_is_taken_apart() {
        for (url, is_secure, authority, host, port, path) in [
            ("https://api.example.com/a?b=1", true, "api.example.com", "api.example.com", 443, "/a?b=1"),
            ("http://127.0.0.1:8788/x", false, "127.0.0.1:8788", "127.0.0.1", 8788, "/x"),
            ("http://[::1]:8788/x/y", false, "[::1]:8788", "[::1]", 8788, "/x/y"),
            ("http://[::1]/", false, "[::1]", "[::1]", 80, "/"),
        ] {
            let target = Target::of(url).unwrap();
            assert_eq!(
                (target.is_secure, target.authority, target.host, target.port, target.path),
                (is_secure, authority, host, port, path)
            );
        }
        assert!(Target::of("nonsense").is_none());
    }

    #[test]
    fn a_body_ends_where_the_reply_says() {
        let whole = |reply: &str| whole_body(reply.as_bytes()).ok().flatten();
        assert_eq!(whole("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), Some(b"{}".to_vec()));
        assert_eq!(whole("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}"), None);
        assert_eq!(
            whole("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"),
            Some(b"{}".to_vec())
        );
        assert_eq!(whole("HTTP/1.1 200 OK\r\n\r\n{}"), None, "it ends when the connection does");
        let interim =
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(whole(interim), Some(b"{}".to_vec()));
        assert_eq!(whole("HTTP/1.1 20"), None);
        assert!(whole_body(b"garbage\r\n\r\n").is_err());
    }

    #[test]
    fn a_connection_that_closes_early_gives_no_body() {
        assert_eq!(body_until_close(b"HTTP/1.1 200 OK\r\n\r\n{}").unwrap(), b"{}");
        for reply in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        ] {
            assert!(body_until_close(reply.as_bytes()).is_err(), "{reply}");
        }
    }

    #[test]
    fn only_the_headers_that_are_wanted_are_read() {
        let reply = b"HTTP/1.1 201 Created\r\nA: 1\r\nNum-Used: 2\r\nContent-Length: 0\r\n\r\n";
        let head = read_head(reply, &["num-used", "other"]).unwrap().unwrap();
        assert_eq!((head.status, head.headers.lines()), (201, "num-used: 2\n"));
    }

    proptest! {
        #[test]
        fn no_reply_panics(reply in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = whole_body(&reply);
            let _ = body_until_close(&reply);
        }

        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            for head in ["Transfer-Encoding: chunked", "Content-Length: 99999999999999999999", "Content-Length: 7", "X: y"] {
                let reply = [format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n").into_bytes(), body.clone()].concat();
                let _ = whole_body(&reply);
                let _ = body_until_close(&reply);
            }
        }
    }
}
