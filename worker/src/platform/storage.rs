//! The private storage of a Durable Object: records as JSON, bytes, and one alarm.

use std::future::Future;

use edge::{State, StorageError};
use futures_util::{FutureExt, TryFutureExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wxedge_contract::{Code, Problem, read_own_json};

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

    /// Loads a record that must be readable.
    pub(crate) async fn load_sound<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.0.get_text(key).await.map_err(failed)? else { return Ok(None) };
        let unreadable = || Problem::new(Code::Internal, "What a Durable Object has stored is unreadable.");
        read_own_json(text.as_bytes()).map(Some).ok_or_else(unreadable)
    }

    /// Stores a record. Records are structs of texts, numbers and booleans, which always have a JSON form.
    pub(crate) fn persist<R: Serialize>(
        &self,
        key: &str,
        record: &R,
    ) -> impl Future<Output = Result<(), Problem>> + use<R> {
        let text = serde_json::to_string(record).unwrap_or_default();
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

/// The runtime resets an object whose storage fails; whoever asks again finds a fresh one.
fn failed(_: StorageError) -> Problem {
    Problem::new(Code::Internal, "The storage of a Durable Object failed.").hint("Try again.")
}
