use std::cell::{Cell, RefCell};
use std::error::Error;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::{LocalSet, spawn_local};

use crate::plan::{Latency, Outcome, Plan, Variant};

/// How much of an unexpected answer is shown, in characters.
const SHOWN: usize = 400;

/// Sends what the plan asks for, over connections that are all open before the first request.
///
/// # Errors
/// The first connection that fails, and the first answer with another status.
pub(crate) fn run(plan: Plan) -> Result<Outcome, Box<dyn Error>> {
    if plan.variants.is_empty() || plan.connections == 0 || plan.requests == 0 {
        return Err("the plan sends nothing".into());
    }
    // One thread: the server needs the other cores more.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, send_all(plan))
}

async fn send_all(plan: Plan) -> Result<Outcome, Box<dyn Error>> {
    let mut senders = Vec::with_capacity(plan.connections);
    for _ in 0..plan.connections {
        senders.push(connect(&plan).await?);
    }
    let shared = Rc::new(Shared::new(plan));
    let start = Instant::now();
    let lanes: Vec<_> = senders
        .into_iter()
        .map(|sender| {
            let shared = shared.clone();
            spawn_local(async move { shared.lane(sender).await.map_err(|error| error.to_string()) })
        })
        .collect();
    for lane in lanes {
        lane.await??;
    }
    Ok(shared.outcome(start.elapsed()))
}

async fn connect(plan: &Plan) -> Result<SendRequest<Full<Bytes>>, Box<dyn Error>> {
    let stream = TcpStream::connect(plan.address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    spawn_local(connection);
    Ok(sender)
}

/// What all connections work on.
struct Shared {
    plan: Plan,
    host: String,
    sent: Cell<usize>,
    bytes: Cell<usize>,
    latencies: RefCell<Vec<Duration>>,
}

impl Shared {
    fn new(plan: Plan) -> Self {
        let latencies = RefCell::new(Vec::with_capacity(plan.requests));
        Self { host: plan.address.to_string(), plan, sent: Cell::new(0), bytes: Cell::new(0), latencies }
    }

    /// Sends over one connection until all requests of the plan are on their way.
    async fn lane(&self, mut sender: SendRequest<Full<Bytes>>) -> Result<(), Box<dyn Error>> {
        while let Some(variant) = self.next() {
            let request = variant.request(&self.host)?;
            let start = Instant::now();
            sender.ready().await?;
            let response = sender.send_request(request).await?;
            let status = response.status().as_u16();
            let body = response.into_body().collect().await?.to_bytes();
            self.latencies.borrow_mut().push(start.elapsed());
            if status != self.plan.status {
                let shown: String = String::from_utf8_lossy(&body).chars().take(SHOWN).collect();
                return Err(format!("expected {}, got {status}: {shown}", self.plan.status).into());
            }
            self.bytes.set(self.bytes.get().saturating_add(body.len()));
        }
        Ok(())
    }

    /// What is sent next, until the plan is done.
    fn next(&self) -> Option<&Variant> {
        let number = self.sent.get();
        self.sent.set(number.saturating_add(1));
        let turn = number.checked_rem(self.plan.variants.len())?;
        self.plan.variants.get(turn).filter(|_| number < self.plan.requests)
    }

    fn outcome(&self, took: Duration) -> Outcome {
        let mut latencies = self.latencies.borrow_mut();
        latencies.sort_unstable();
        let at = |percent: usize| {
            let index = latencies.len().saturating_mul(percent) / 100;
            latencies.get(index).or(latencies.last()).map_or(0, Duration::as_micros)
        };
        Outcome {
            seconds: took.as_secs_f64(),
            bytes: self.bytes.get(),
            latency_us: Latency { p50: at(50), p99: at(99) },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::{SocketAddr, TcpListener};
    use std::thread;

    use serde_json::json;

    use super::run;

    /// Answers every request with this status, and with its path as the body.
    fn server(status: u16) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                thread::spawn(move || {
                    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                    let heads = lines.map_while(Result::ok).filter(|line| line.starts_with("GET "));
                    for head in heads {
                        let path = head.split(' ').nth(1).unwrap();
                        let length = path.len();
                        write!(stream, "HTTP/1.1 {status} -\r\nContent-Length: {length}\r\n\r\n{path}")
                            .unwrap();
                    }
                });
            }
        });
        address
    }

    fn outcome(address: SocketAddr, requests: usize) -> Result<usize, String> {
        let variants = json!([
            { "method": "GET", "path": "/a", "headers": {} },
            { "method": "GET", "path": "/bcde", "headers": { "x": "y" } },
        ]);
        let plan = json!({
            "address": address, "connections": 3, "requests": requests, "status": 200, "variants": variants,
        });
        run(serde_json::from_value(plan).unwrap())
            .map(|outcome| outcome.bytes)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn as_many_requests_are_sent_as_the_plan_says_in_turns() {
        let address = server(200);
        assert_eq!(outcome(address, 1), Ok(2));
        assert_eq!(outcome(address, 11), Ok(6 * 2 + 5 * 5));
    }

    #[test]
    fn another_status_than_the_expected_one_ends_the_run() {
        assert_eq!(outcome(server(503), 10).unwrap_err(), "expected 200, got 503: /a");
    }

    #[test]
    fn a_server_that_is_not_there_ends_the_run() {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(outcome(address, 1).is_err());
    }

    #[test]
    fn a_plan_of_nothing_is_refused() {
        assert_eq!(outcome(server(200), 0).unwrap_err(), "the plan sends nothing");
    }
}
