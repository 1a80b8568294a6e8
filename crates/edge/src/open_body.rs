//! Bodies of responses from elsewhere that stay outside.

use crate::runtime::{Completion, call};
use crate::{FetchError, js};

/// The body of a response from elsewhere, of which some has come. In a response of ours it goes to the client as it comes,
/// without entering the wasm; dropped, it is given up.
#[derive(Debug)]
pub struct OpenBody(js::OpenBody);

impl OpenBody {
    pub(crate) const fn new(body: js::OpenBody) -> Self {
        Self(body)
    }

    pub(crate) const fn js(&self) -> &js::OpenBody {
        &self.0
    }

    /// How many bytes have come.
    #[must_use]
    pub fn come(&self) -> usize {
        self.0.length()
    }

    /// Whether what has come is known to be all.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.0.is_whole()
    }

    /// The first bytes of what has come, at most so many.
    #[must_use]
    pub fn start(&self, most: u32) -> Vec<u8> {
        self.0.start().subarray(0, most).to_vec()
    }

    /// Waits until `most` bytes have come, or all.
    ///
    /// # Errors
    /// [`FetchError`].
    pub fn fill(&self, most: usize) -> impl Future<Output = Result<(), FetchError>> + use<> {
        call(|call| js::fill_open_body(call, &self.0, most)).map(|filled| match filled {
            Completion::Nothing => Ok(()),
            Completion::Failed(failure) => Err(failure.into()),
            _ => Err(FetchError::Failed),
        })
    }
}

impl Drop for OpenBody {
    fn drop(&mut self) {
        self.0.close();
    }
}
