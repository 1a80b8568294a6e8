//! Bodies of requests that stay outside until somebody reads them, and afterwards too.

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;

use crate::runtime::{Completion, Failure, call};
use crate::{Blob, Deadline, js};

/// The body of a request whose path the Worker's entry names as `outside`. It is read when the app says so, once the caller
/// is let in, and never enters the wasm unasked.
#[derive(Debug)]
pub struct Incoming(js::Incoming);

impl Incoming {
    pub(crate) const fn new(incoming: js::Incoming) -> Self {
        Self(incoming)
    }

    /// How many bytes the client announces; `None` where it does not say.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a length is not negative, and what is beyond the range is as large as anything"
    )]
    pub fn announced(&self) -> Option<usize> {
        self.0.announced().map(|length| length as usize)
    }

    /// Reads all of it, up to `limit` bytes and until `deadline`. It takes the memory that was announced, or for a moment up
    /// to twice its length where that is not said. Once: what comes twice is broken.
    ///
    /// # Errors
    /// [`IncomingError`].
    pub fn read(
        &self,
        limit: usize,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Blob, IncomingError>> + use<> {
        let read = |call| js::read_incoming(call, &self.0, limit, deadline.remaining());
        call(read).map(|got| match got {
            Completion::Value(bytes) => {
                bytes.dyn_into::<Uint8Array>().map(Blob).map_err(|_| IncomingError::Broken)
            }
            Completion::Failed(Failure::TooLarge) => Err(IncomingError::TooLarge),
            Completion::Failed(Failure::TimedOut) => Err(IncomingError::TimedOut),
            _ => Err(IncomingError::Broken),
        })
    }

    /// Lets up to `limit` bytes come and go, until `deadline`: most clients hear no answer before they have sent what they
    /// have, and the runtime closes the connection of a body that nobody reads.
    pub fn discard(&self, limit: usize, deadline: Deadline) -> impl Future<Output = ()> + use<> {
        call(|call| js::discard_incoming(call, &self.0, limit, deadline.remaining())).map(drop)
    }
}

/// Why there is no whole body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncomingError {
    /// It has more bytes than the limit.
    TooLarge,
    /// The client did not send it in time.
    TimedOut,
    /// It broke off.
    Broken,
}
