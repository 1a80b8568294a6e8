//! The border to JavaScript and the platform. Nothing outside this module holds a JavaScript value.

mod entry;
mod fetch;
mod kv;
mod object;
mod once;
mod platform;

pub(crate) use fetch::{FetchError, OwnerCall, Received};
pub(crate) use object::{Answer, Durable, Object, Storage};
pub(crate) use platform::{Platform, log_error, log_info};
