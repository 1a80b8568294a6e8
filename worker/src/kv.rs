//! What all that lies in KV has in common. Each feature has its own keys and forms beside it.

use std::future::Future;

use futures_util::FutureExt;
use wxedge_contract::{Code, Problem};

use crate::platform::Platform;

/// For how long a location may serve its own copy of what can change, in seconds: the shortest that KV takes. What may be
/// missing can: KV keeps "there is nothing" for as long, and a code that is printed just now has to work.
pub(crate) const SHORT_CACHE: u64 = 60;

/// Deletes a key.
///
/// # Errors
/// `internal` when KV could not.
pub(crate) fn delete(platform: &Platform, key: &str) -> impl Future<Output = Result<(), Problem>> + use<> {
    platform.kv_delete(key).map(written)
}

/// What a write came to.
///
/// # Errors
/// `internal` when KV could not.
pub(crate) fn written(done: bool) -> Result<(), Problem> {
    if done {
        return Ok(());
    }
    Err(Problem::new(Code::Internal, "KV did not take the change.")
        .hint("Try again in a second; if it stays so, check the binding WXEDGE_KV.")
        .retry_after(1))
}
