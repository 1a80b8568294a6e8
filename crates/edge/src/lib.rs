//! A lean runtime for Cloudflare Workers in Rust.
//!
//! An [`App`] takes requests as plain data and gives responses as plain data. [`Env`] is the way to everything outside: KV
//! namespaces, Durable Objects, services, rate limits, variables. Between Rust and JavaScript go texts, bytes and numbers,
//! each once; objects of the runtime stay on their side. Futures are run by an executor of its own, which needs no promise
//! for a request that waits for nothing, and goes on within the call that brings an answer. When the wasm traps, it is
//! started anew, and all who waited are told at once.
//!
//! `js/` is the other side, of which the Worker's own entry imports `edge.js`. README.md shows a whole Worker.
//!
//! Names are those of the `worker` crate where it has the thing. What waits for the platform works in wasm only: on the host
//! the crate compiles, so that an app can be checked and its pure parts tested, and calls into JavaScript panic.

mod app;
mod assets;
mod console;
mod context;
mod durable_object;
mod entry;
mod env;
mod executor;
mod fetch;
mod headers;
mod incoming;
mod js;
mod kv;
mod method;
mod open_body;
mod random;
mod rate_limiter;
mod request;
mod response;
mod runtime;
mod send_once;
mod single_flight;
mod storage;
mod subtle_crypto;
mod time;

pub use futures_util::future::LocalBoxFuture;

pub use app::{App, serve};
pub use assets::{AssetError, Assets};
pub use console::{console_error, console_log};
pub use context::Context;
pub use durable_object::{Answer, Calling, DurableObject, ObjectNamespace, State, Stub, StubError};
pub use env::Env;
pub use fetch::{Fetch, FetchError, FetchResponse, Fetcher, OpenResponse};
pub use headers::Headers;
pub use incoming::{Incoming, IncomingError};
pub use kv::{Blob, KeyPage, KvError, KvStore};
pub use method::Method;
pub use open_body::OpenBody;
pub use random::random;
pub use rate_limiter::{RateLimitError, RateLimiter};
pub use request::Request;
pub use response::{Body, Response};
pub use send_once::SendOnce;
pub use single_flight::{Flight, SingleFlight};
pub use storage::{Changes, Range, Storage, StorageError};
pub use subtle_crypto::{CryptoError, CryptoKey, KeyUse};
pub use time::{Date, Deadline, Delay};
