//! Signatures for H5 pages in WeChat, in the name of a service account.

mod handlers;
pub(crate) mod signing;
pub(crate) mod ticket_maker;

pub(crate) use handlers::jssdk;
