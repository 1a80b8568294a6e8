//! The private storage of a Durable Object.

use std::fmt;

use crate::executor::Call;
use crate::runtime::{Completion, call};
use crate::{Context, js};

/// Texts and bytes under keys, and one alarm. What is asked as another kind than it was stored counts as absent.
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
    pub async fn get_text(&self, key: &str) -> Result<Option<String>, StorageError> {
        match call(|call| js::storage_get(call, self.0.js(), key)).await {
            Completion::Text(text) => Ok(Some(text)),
            Completion::Failed(_) => Err(StorageError),
            _ => Ok(None),
        }
    }

    /// Stores a text.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn put_text(&self, key: &str, text: &str) -> Result<(), StorageError> {
        done(call(|call| js::storage_put_text(call, self.0.js(), key, text))).await
    }

    /// Bytes.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn get_bytes(&self, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        match call(|call| js::storage_get(call, self.0.js(), key)).await {
            Completion::Bytes(bytes) => Ok(Some(bytes)),
            Completion::Failed(_) => Err(StorageError),
            _ => Ok(None),
        }
    }

    /// Stores bytes.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn put_bytes(&self, key: &str, bytes: &[u8]) -> Result<(), StorageError> {
        done(call(|call| js::storage_put_bytes(call, self.0.js(), key, bytes))).await
    }

    /// Deletes everything, the alarm too.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn delete_all(&self) -> Result<(), StorageError> {
        done(call(|call| js::storage_delete_all(call, self.0.js()))).await
    }

    /// Sets the alarm to a time in Unix milliseconds; an earlier setting is replaced.
    ///
    /// # Errors
    /// [`StorageError`].
    #[expect(clippy::cast_precision_loss, reason = "a time in milliseconds is far below 2^53")]
    pub async fn set_alarm(&self, at: u64) -> Result<(), StorageError> {
        done(call(|call| js::storage_set_alarm(call, self.0.js(), at as f64))).await
    }
}

async fn done(call: Call<Completion>) -> Result<(), StorageError> {
    match call.await {
        Completion::Failed(_) => Err(StorageError),
        _ => Ok(()),
    }
}
