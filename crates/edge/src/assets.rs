//! Static assets.

use std::fmt;

use js_sys::Uint8Array;

use crate::runtime::{Completion, call};
use crate::{Blob, js};

/// The files that were deployed beside the Worker: a binding of static assets, or any service that gives files by their path.
#[derive(Clone, Copy)]
pub struct Assets<'a> {
    pub(crate) env: &'a js::Env,
    pub(crate) binding: &'a str,
}

/// The assets cannot be read, or are not bound. The runtime's own words are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssetError;

impl fmt::Display for AssetError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the assets cannot be read or are not bound")
    }
}

impl std::error::Error for AssetError {}

impl Assets<'_> {
    /// The file of this path, as `/openapi.json`: its bytes stay outside; `None` when there is none. The path is taken as a
    /// URL's, so a caller's text has to be checked first.
    ///
    /// # Errors
    /// [`AssetError`], after ten seconds at the latest.
    pub fn get(self, path: &str) -> impl Future<Output = Result<Option<Blob>, AssetError>> + use<> {
        call(|call| js::asset(call, self.env, self.binding, path)).map(|got| match got {
            Completion::Value(buffer) => Ok(Some(Blob(Uint8Array::new(&buffer)))),
            Completion::Nothing => Ok(None),
            _ => Err(AssetError),
        })
    }
}
