//! The border to JavaScript and the platform. Nothing outside this module holds a JavaScript value.
//!
//! `entry.js` is what the runtime calls, `platform.js` what we call, `tasks.js` how the two wait for each other. Between
//! them and us go texts, bytes and numbers, each once; objects of the runtime stay on their side.

mod entry;
mod fetch;
mod js;
mod kv;
mod object;
mod once;
mod platform;
mod slots;
mod tasks;

pub(crate) use fetch::{FetchError, OwnerCall, Received};
pub(crate) use kv::Blob;
pub(crate) use object::{Answer, Durable, Object, Resident, Said, Storage};
pub(crate) use platform::{Platform, log_error, log_info, now};
