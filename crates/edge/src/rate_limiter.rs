//! Rate limits.

use std::fmt;
use std::future::Future;

use crate::js;
use crate::runtime::{Completion, call};

/// A rate limit binding.
#[derive(Clone, Copy)]
pub struct RateLimiter<'a> {
    pub(crate) env: &'a js::Env,
    pub(crate) binding: &'a str,
}

/// The rate limit failed, or is not bound: whether that lets people in is the app's to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimitError;

impl fmt::Display for RateLimitError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the rate limit failed or is not bound")
    }
}

impl std::error::Error for RateLimitError {}

impl RateLimiter<'_> {
    /// Counts one more for `key`, and tells whether it is within the limit.
    ///
    /// # Errors
    /// [`RateLimitError`].
    pub fn limit(self, key: &str) -> impl Future<Output = Result<bool, RateLimitError>> + use<> {
        call(|call| js::is_within_limit(call, self.env, self.binding, key)).map(|counted| match counted {
            Completion::Bool(is_within) => Ok(is_within),
            _ => Err(RateLimitError),
        })
    }
}
