use std::collections::BTreeMap;
use std::error::Error;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::Full;
use serde::{Deserialize, Serialize};

/// What to send, and what must come back.
#[derive(Debug, Deserialize)]
pub(crate) struct Plan {
    /// Where the server listens.
    pub(crate) address: SocketAddr,
    /// How many connections are kept open, each with one request at a time.
    pub(crate) connections: usize,
    /// How many requests are sent in all.
    pub(crate) requests: usize,
    /// The only status that an answer may have.
    pub(crate) status: u16,
    /// What is sent, one after the other and again from the start.
    pub(crate) variants: Vec<Variant>,
}

/// One request.
#[derive(Debug, Deserialize)]
pub(crate) struct Variant {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
}

impl Variant {
    /// The request as it goes to the server of this name.
    pub(crate) fn request(&self, host: &str) -> Result<hyper::Request<Full<Bytes>>, Box<dyn Error>> {
        let mut request =
            hyper::Request::builder().method(self.method.as_str()).uri(&self.path).header("host", host);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        Ok(request.body(Full::new(Bytes::copy_from_slice(self.body.as_bytes())))?)
    }
}

/// How long it took.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    /// From the first request to the last answer.
    pub(crate) seconds: f64,
    /// Bytes of all bodies that came back.
    pub(crate) bytes: usize,
    /// Microseconds from a request to the end of its answer, of so many percent of the requests.
    pub(crate) latency_us: Latency,
}

/// Percentiles.
#[derive(Debug, Serialize)]
pub(crate) struct Latency {
    pub(crate) p50: u128,
    pub(crate) p99: u128,
}
