//! The `access_token`: `keeper` owns it, `source` is where a request gets it,
//! `calls` are the calls that carry it, `remote` asks the deployment that owns it.

pub(crate) mod calls;
mod copy;
mod handlers;
pub(crate) mod keeper;
pub(crate) mod remote;
pub(crate) mod source;

pub(crate) use handlers::{refresh_token, token, token_state};
