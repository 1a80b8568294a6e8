//! How often each route of ours was called, and each endpoint of WeChat's by which API key, and what came of it. `counts` is what an isolate has counted, `keeper` the
//! part of a Durable Object that adds it up.

mod counts;
mod day;
mod handlers;
pub(crate) mod keeper;

pub(crate) use self::counts::{count_endpoint, count_route, flush_when_due};
pub(crate) use self::handlers::stats;
