//! WeChat's server API by `/v1/wechat/{path}`, for services: the documented endpoints and no other path. Read `handlers`
//! first: what a call goes through, a file each. `as_wechat` has the same calls for SDKs, at WeChat's own paths.

mod admission;
mod answer;
pub(crate) mod as_wechat;
mod body;
mod exchange;
mod handlers;
mod held;
mod outgoing;
mod query;
mod redaction;
mod session_key;
mod signatures;

pub(crate) use self::handlers::call_endpoint;
