//! Requests as plain data.

use crate::{Headers, Incoming, Method, js};

/// A request, with the headers that the Worker's entry names.
#[derive(Debug)]
pub struct Request {
    method: Method,
    url: Url,
    headers: Headers,
    body: Option<Vec<u8>>,
    incoming: Option<Incoming>,
}

impl Request {
    pub(crate) fn new(method: Method, url: String, headers: Headers, body: Option<Vec<u8>>) -> Self {
        Self { method, url: Url::new(url), headers, body, incoming: None }
    }

    pub(crate) fn with_incoming(self, incoming: Option<js::Incoming>) -> Self {
        Self { incoming: incoming.map(Incoming::new), ..self }
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// The URL that was asked, as the runtime has parsed it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url.text
    }

    /// Scheme and host of the URL, as `https://h5.example.com`.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.url.part(0, self.url.path)
    }

    /// The path, as it came: percent-encoding included.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.part(self.url.path, self.url.path_end)
    }

    /// The query without its question mark; empty where there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        self.url.part(self.url.path_end.saturating_add(1), self.url.query_end)
    }

    /// The headers that cross: `Authorization`, and those that the entry names.
    #[must_use]
    pub const fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The body; `None` when it was larger than [`App::largest_body`](crate::App::largest_body) or broke off.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    /// The body that was left outside, by the Worker's entry. Such a request has no [`body`](Self::body).
    #[must_use]
    pub const fn incoming(&self) -> Option<&Incoming> {
        self.incoming.as_ref()
    }

    /// The body, without a copy.
    #[must_use]
    pub fn into_body(self) -> Option<Vec<u8>> {
        self.body
    }
}

/// A serialised URL and where its parts end, found without a parser: the runtime has parsed it.
#[derive(Debug)]
struct Url {
    text: String,
    path: usize,
    path_end: usize,
    query_end: usize,
}

impl Url {
    fn new(text: String) -> Self {
        let end = text.len();
        let find = |from: usize, what: &str, to: usize| {
            let part = text.get(from..to).unwrap_or_default();
            part.find(what).map_or(to, |at| from.saturating_add(at))
        };
        let host = text.find("://").map_or(0, |at| at.saturating_add(3));
        let path = find(host, "/", end);
        let query_end = find(path, "#", end);
        let path_end = find(path, "?", query_end);
        Self { text, path, path_end, query_end }
    }

    fn part(&self, from: usize, to: usize) -> &str {
        self.text.get(from..to).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Request;
    use crate::{Headers, Method};

    fn request(url: &str) -> Request {
        Request::new(Method::Get, url.to_owned(), Headers::new(), None)
    }

    #[test]
    fn a_url_is_taken_apart() {
        for (url, origin, path, query) in [
            ("https://a.example/", "https://a.example", "/", ""),
            ("https://a.example:8080/b/%2F?c=d/?e", "https://a.example:8080", "/b/%2F", "c=d/?e"),
            ("http://[::1]:1/b?#c?d", "http://[::1]:1", "/b", ""),
            ("http://a.example/b#c?d", "http://a.example", "/b", ""),
            ("http://a.example/?", "http://a.example", "/", ""),
            ("http://a.example", "http://a.example", "", ""),
            ("", "", "", ""),
        ] {
            let request = request(url);
            assert_eq!((request.origin(), request.path(), request.query()), (origin, path, query), "{url}");
        }
    }

    proptest! {
        #[test]
        fn no_url_panics(url in "[a-z:/?#\\[\\]é]{0,30}") {
            let request = request(&url);
            let parts = [request.origin(), request.path(), request.query()];
            prop_assert!(parts.iter().map(|part| part.len()).sum::<usize>() <= url.len());
        }
    }
}
