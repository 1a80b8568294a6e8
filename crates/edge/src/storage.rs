//! The private storage of a Durable Object.

use std::fmt;
use std::future::Future;

use futures_util::FutureExt;

use crate::executor::Call;
use crate::runtime::{Completion, call};
use crate::{Context, js};

/// Texts and bytes under keys, and one alarm. What is asked as another kind than it was stored counts as absent. Each call is
/// made at once; its future waits for what comes of it.
#[derive(Clone)]
pub struct Storage(pub(crate) Context);

/// The storage failed. The runtime then resets the object; whoever calls it again finds a fresh one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageError;

impl fmt::Display for StorageError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the storage of the Durable Object failed")
    }
}

impl std::error::Error for StorageError {}

impl Storage {
    /// A text.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn get_text(&self, key: &str) -> impl Future<Output = Result<Option<String>, StorageError>> + use<> {
        call(|call| js::storage_get(call, self.0.js(), key)).map(|got| match got {
            Completion::Text(text) => Ok(Some(text)),
            Completion::Failed(_) => Err(StorageError),
            _ => Ok(None),
        })
    }

    /// Stores a text.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn put_text(&self, key: &str, text: &str) -> impl Future<Output = Result<(), StorageError>> + use<> {
        done(call(|call| js::storage_put_text(call, self.0.js(), key, text)))
    }

    /// Bytes.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn get_bytes(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StorageError>> + use<> {
        call(|call| js::storage_get(call, self.0.js(), key)).map(|got| match got {
            Completion::Bytes(bytes) => Ok(Some(bytes)),
            Completion::Failed(_) => Err(StorageError),
            _ => Ok(None),
        })
    }

    /// Stores bytes.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn put_bytes(
        &self,
        key: &str,
        bytes: &[u8],
    ) -> impl Future<Output = Result<(), StorageError>> + use<> {
        done(call(|call| js::storage_put_bytes(call, self.0.js(), key, bytes)))
    }

    /// Deletes everything, the alarm too.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn delete_all(&self) -> impl Future<Output = Result<(), StorageError>> + use<> {
        done(call(|call| js::storage_delete_all(call, self.0.js())))
    }

    /// Sets the alarm to a time in Unix milliseconds; an earlier setting is replaced.
    ///
    /// # Errors
    /// [`StorageError`].
    #[expect(clippy::cast_precision_loss, reason = "a time in milliseconds is far below 2^53")]
    pub fn set_alarm(&self, at: u64) -> impl Future<Output = Result<(), StorageError>> + use<> {
        done(call(|call| js::storage_set_alarm(call, self.0.js(), at as f64)))
    }
}

fn done(call: Call<Completion>) -> impl Future<Output = Result<(), StorageError>> {
    call.map(|done| match done {
        Completion::Failed(_) => Err(StorageError),
        _ => Ok(()),
    })
}
