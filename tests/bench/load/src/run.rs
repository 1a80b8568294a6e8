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

use crate::plan::{Latency, Outcome, Plan};

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
        while let Some(request) = self.next() {
            let request = request?;
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

    fn next(&self) -> Option<Result<hyper::Request<Full<Bytes>>, Box<dyn Error>>> {
        let number = self.sent.get();
        self.sent.set(number.saturating_add(1));
        let variant = self.plan.variants.get(number.checked_rem(self.plan.variants.len())?)?;
        (number < self.plan.requests).then(|| variant.request(&self.host))
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
