//! The private storage of a Durable Object.

use std::fmt;
use std::future::Future;

use js_sys::Array;
use wasm_bindgen::JsCast;

use crate::executor::Call;
use crate::runtime::{Completion, call};
use crate::{Context, js};

/// Texts and bytes under keys, and one alarm. What is asked as another kind than it was stored counts as absent. Each call is
/// made at once; its future waits for what comes of it.
#[derive(Clone)]
pub struct Storage(pub(crate) Context);

/// Which texts a list is to hold, by their keys.
#[derive(Debug, Clone, Copy)]
pub struct Range<'a> {
    /// What the keys begin with.
    pub prefix: &'a str,
    /// The first key that no longer belongs to it.
    pub end: Option<&'a str>,
    /// Whether the last keys come first.
    pub reverse: bool,
    /// At most so many.
    pub limit: u32,
}

/// Changes of a storage that are made together.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Keys and texts to store.
    pub puts: Vec<(String, String)>,
    /// Keys to delete. One that is not there is deleted.
    pub deletes: Vec<String>,
    /// The time to set the alarm to, in Unix milliseconds; `None` leaves it as it is.
    pub alarm: Option<u64>,
}

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

    /// Texts, in the order of their keys.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn get_texts(
        &self,
        keys: Vec<String>,
    ) -> impl Future<Output = Result<Vec<Option<String>>, StorageError>> + use<> {
        call(|call| js::storage_get_texts(call, self.0.js(), keys)).map(|got| match got {
            Completion::Value(texts) => {
                Ok(texts.unchecked_into::<Array>().iter().map(|text| text.as_string()).collect())
            }
            _ => Err(StorageError),
        })
    }

    /// Texts with their keys, in the order of these.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn list(
        &self,
        range: Range<'_>,
    ) -> impl Future<Output = Result<Vec<(String, String)>, StorageError>> + use<> {
        let Range { prefix, end, reverse, limit } = range;
        let list = |call| js::storage_list(call, self.0.js(), prefix, end, reverse, limit);
        call(list).map(|got| match got {
            Completion::Value(listed) => {
                let listed: js::Listed = listed.unchecked_into();
                Ok(listed.keys().into_iter().zip(listed.texts()).collect())
            }
            _ => Err(StorageError),
        })
    }

    /// Makes all of these changes or none. They are made at once, in the order of the calls, and are on the disk, with
    /// all that was written before, when this is done.
    ///
    /// # Errors
    /// [`StorageError`].
    #[expect(clippy::cast_precision_loss, reason = "a time in milliseconds is far below 2^53")]
    pub fn write(&self, changes: Changes) -> impl Future<Output = Result<(), StorageError>> + use<> {
        let Changes { puts, deletes, alarm } = changes;
        let (keys, texts) = puts.into_iter().unzip();
        let alarm = alarm.map(|at| at as f64);
        done(call(|call| js::storage_write(call, self.0.js(), keys, texts, deletes, alarm)))
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

    /// The time of the alarm that is set, in Unix milliseconds.
    ///
    /// # Errors
    /// [`StorageError`].
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time is positive and far below 2^53"
    )]
    pub fn get_alarm(&self) -> impl Future<Output = Result<Option<u64>, StorageError>> + use<> {
        call(|call| js::storage_get_alarm(call, self.0.js())).map(|got| match got {
            Completion::Value(at) => Ok(at.as_f64().map(|at| at as u64)),
            Completion::Failed(_) => Err(StorageError),
            _ => Ok(None),
        })
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
