//! The `access_token`: `keeper` owns it, `source` is where a request gets it, `remote` asks the deployment that owns it.

mod handlers;
pub(crate) mod keeper;
pub(crate) mod remote;
pub(crate) mod source;

pub(crate) use handlers::{refresh_token, token, token_state};
