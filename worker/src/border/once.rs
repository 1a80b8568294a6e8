//! A `GET` that is sent exactly once.
//!
//! `fetch` keeps connections open, and the runtime repeats a request without a body when such a connection turns out to
//! be reset before an answer came. WeChat's `GET` calls that spend a code or replace a key must not be repeated, so each
//! gets a connection of its own, which nobody repeats anything on.

#![expect(unreachable_pub, reason = "wasm-bindgen exports what is pub")]

use wasm_bindgen::prelude::wasm_bindgen;
use wxedge_crypto::Secret;

use super::fetch::{FetchError, PATIENCE};
use super::js;
use super::tasks::{Failure, Outcome, ask};

/// The largest head of a reply, in bytes, and how many headers it may have: far above what WeChat sends.
const LARGEST_HEAD: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;
/// How long opening a connection may take, in milliseconds, of the whole patience: what is left is enough for an answer.
const CONNECT_PATIENCE: u32 = 3_000;

/// Sends a `GET` and reads its whole body, up to `limit` bytes. `None` when no connection could be opened: then nothing
/// was sent, and the call may go another way. The connection is closed where things live on after the request.
pub(super) async fn get(url: &Secret, limit: usize, lives_on: bool) -> Option<Result<Vec<u8>, FetchError>> {
    let target = Target::of(url.expose())?;
    let request = Secret::new(
        [
            "GET ",
            target.path,
            " HTTP/1.1\r\nHost: ",
            target.authority,
            "\r\nAccept: */*\r\nUser-Agent: wxedge\r\nConnection: close\r\n\r\n",
        ]
        .concat(),
    );
    let sent = ask(|question| {
        js::send_once(
            question,
            target.host,
            target.port,
            target.is_secure,
            request.expose().as_bytes(),
            CONNECT_PATIENCE,
            PATIENCE,
            limit.saturating_add(LARGEST_HEAD),
            lives_on,
        );
    });
    match sent.await {
        Outcome::Bytes(reply) => Some(body_of(&reply, limit)),
        Outcome::Failed(Failure::NotOpened) => None,
        Outcome::Failed(failure) => Some(Err(failure.into())),
        _ => Some(Err(FetchError::Broken)),
    }
}

/// Whether nothing more needs to be read of a reply: it is whole, or no reply at all.
#[wasm_bindgen]
#[must_use]
pub fn is_whole_reply(reply: &[u8]) -> bool {
    !matches!(whole_body(reply), Ok(None))
}

fn body_of(reply: &[u8], limit: usize) -> Result<Vec<u8>, FetchError> {
    let body = match whole_body(reply)? {
        Some(body) => body,
        None => body_until_close(reply)?,
    };
    if body.len() > limit { Err(FetchError::TooLarge) } else { Ok(body) }
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
    let Some((start, end)) = read_head(reply)? else { return Ok(None) };
    let body = reply.get(start..).unwrap_or_default();
    match end {
        End::Length(length) => Ok(body.get(..length).map(<[u8]>::to_vec)),
        End::Chunked => dechunked(body),
        End::Close => Ok(None),
    }
}

/// The body of a reply whose connection has closed. One that was to be longer is broken.
fn body_until_close(reply: &[u8]) -> Result<Vec<u8>, FetchError> {
    match read_head(reply)? {
        Some((start, End::Close)) => Ok(reply.get(start..).unwrap_or_default().to_vec()),
        _ => Err(FetchError::Broken),
    }
}

/// The bytes of all chunks, when the last one is there.
fn dechunked(mut body: &[u8]) -> Result<Option<Vec<u8>>, FetchError> {
    let mut bytes = Vec::new();
    loop {
        let httparse::Status::Complete((start, size)) =
            httparse::parse_chunk_size(body).map_err(|_| FetchError::Broken)?
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
            _ => return Err(FetchError::Broken),
        };
    }
}

/// Where the body starts and how it ends; `None` while the head is not whole. Interim answers (1xx) are passed over.
fn read_head(reply: &[u8]) -> Result<Option<(usize, End)>, FetchError> {
    let mut start: usize = 0;
    loop {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut head = httparse::Response::new(&mut headers);
        let rest = reply.get(start..).unwrap_or_default();
        let httparse::Status::Complete(length) = head.parse(rest).map_err(|_| FetchError::Broken)? else {
            return if reply.len() > LARGEST_HEAD { Err(FetchError::TooLarge) } else { Ok(None) };
        };
        start = start.saturating_add(length);
        if !matches!(head.code, Some(100..=199)) {
            return end_of_body(head.headers).map(|end| Some((start, end)));
        }
    }
}

fn end_of_body(headers: &[httparse::Header<'_>]) -> Result<End, FetchError> {
    let value = |name: &str| {
        let found = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.and_then(|header| core::str::from_utf8(header.value).ok()).map(str::trim)
    };
    match (value("transfer-encoding"), value("content-length")) {
        (Some(encoding), _) if encoding.eq_ignore_ascii_case("chunked") => Ok(End::Chunked),
        (None, Some(length)) => length.parse().map(End::Length).map_err(|_| FetchError::Broken),
        _ => Ok(End::Close),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Target, body_until_close, whole_body};

    #[test]
    fn an_address_is_taken_apart() {
        for (url, is_secure, authority, host, port, path) in [
            (
                "https://api.weixin.qq.com/sns?a=1",
                true,
                "api.weixin.qq.com",
                "api.weixin.qq.com",
                443,
                "/sns?a=1",
            ),
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
