//! The private storage of a Durable Object: records as JSON, bytes, and one alarm.

use std::future::Future;

use edge::{Changes, Range, State, StorageError};
use futures_util::{FutureExt, TryFutureExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wxedge_contract::{Code, Problem, read_own_json, to_json};

/// The storage of one object.
#[derive(Clone)]
pub(crate) struct Storage(edge::Storage);

impl Storage {
    pub(super) fn of(state: &State) -> Self {
        Self(state.storage())
    }

    /// Loads a record. One that cannot be read counts as absent.
    pub(crate) fn load<T: DeserializeOwned>(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<Option<T>, Problem>> + use<T> {
        self.0.get_text(key).map(|text| {
            let text = text.map_err(failed)?;
            Ok(text.and_then(|text| read_own_json(text.as_bytes())))
        })
    }

    /// Stores a record. Records are structs of texts, numbers and booleans, which always have a JSON form.
    pub(crate) fn persist<R: Serialize>(
        &self,
        key: &str,
        record: &R,
    ) -> impl Future<Output = Result<(), Problem>> + use<R> {
        let text = to_json(record);
        self.persist_text(key, &text)
    }

    /// Stores a record whose JSON is at hand.
    pub(crate) fn persist_text(
        &self,
        key: &str,
        text: &str,
    ) -> impl Future<Output = Result<(), Problem>> + use<> {
        self.0.put_text(key, text).map_err(failed)
    }

    /// Texts, in the order of their keys.
    pub(crate) fn texts(
        &self,
        keys: Vec<String>,
    ) -> impl Future<Output = Result<Vec<Option<String>>, Problem>> + use<> {
        self.0.get_texts(keys).map_err(failed)
    }

    /// Texts with their keys, in the order of these.
    pub(crate) fn list(
        &self,
        range: Range<'_>,
    ) -> impl Future<Output = Result<Vec<(String, String)>, Problem>> + use<> {
        self.0.list(range).map_err(failed)
    }

    /// Makes all of these changes or none: at once, in the order of the calls. When this is done they are on the disk, with
    /// all that was written before.
    pub(crate) fn write(&self, changes: Changes) -> impl Future<Output = Result<(), Problem>> + use<> {
        self.0.write(changes).map_err(failed)
    }

    /// The time of the alarm that is set, in Unix milliseconds.
    pub(crate) fn alarm(&self) -> impl Future<Output = Result<Option<u64>, Problem>> + use<> {
        self.0.get_alarm().map_err(failed)
    }

    pub(crate) fn bytes(&self, key: &str) -> impl Future<Output = Result<Option<Vec<u8>>, Problem>> + use<> {
        self.0.get_bytes(key).map_err(failed)
    }

    pub(crate) fn put_bytes(
        &self,
        key: &str,
        bytes: &[u8],
    ) -> impl Future<Output = Result<(), Problem>> + use<> {
        self.0.put_bytes(key, bytes).map_err(failed)
    }

    /// Deletes everything, the alarm too.
    pub(crate) fn delete_all(&self) -> impl Future<Output = Result<(), Problem>> + use<> {
        self.0.delete_all().map_err(failed)
    }

    /// Sets the alarm to a time in Unix milliseconds.
    pub(crate) fn set_alarm(&self, at: u64) -> impl Future<Output = Result<(), Problem>> + use<> {
        self.0.set_alarm(at).map_err(failed)
    }
}

/// A record that must be readable, by its text.
pub(crate) fn read_sound<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let unreadable = || Problem::new(Code::Internal, "What a Durable Object has stored is unreadable.");
    read_own_json(text.as_bytes()).map(Some).ok_or_else(unreadable)
}

/// The runtime resets an object whose storage fails; whoever asks again finds a fresh one.
fn failed(_: StorageError) -> Problem {
    Problem::new(Code::Internal, "The storage of a Durable Object failed.").hint("Try again.")
}
