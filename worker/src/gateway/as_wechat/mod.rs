//! WeChat's own paths at the root, for SDKs: an API key stands as the `AppSecret`, and a token of ours as the `access_token`.
//! What is called is the gateway's; what differs is how a caller is let in, and that replies and refusals are WeChat's own in
//! form. Source: the contract, section 6, "As WeChat".

mod admission;
mod handlers;
mod login;
mod parameters;
mod passed_on;
mod paths;
mod refusal;

pub(crate) use self::handlers::{call_endpoint, issue_token, unknown_endpoint};
pub(crate) use self::login::code_to_session;
pub(crate) use self::paths::{is_endpoint, is_wechats};
pub(crate) use self::refusal::{lost, refusal};
