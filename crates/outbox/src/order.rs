use alloc::format;
use alloc::string::String;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::limits::SHARDS;

/// With whom an event is kept in order: a user or an order. Events of one are delivered one after the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Order(String);

impl Order {
    /// The order of a user's events.
    #[must_use]
    pub fn of_user(openid: &str) -> Self {
        Self(format!("user:{openid}"))
    }

    /// The order of the events of an order, a refund or a transfer.
    #[must_use]
    pub fn of_number(number: &str) -> Self {
        Self(format!("number:{number}"))
    }

    /// The shard that holds its events.
    #[must_use]
    pub fn shard(&self) -> u8 {
        shard_of(&self.0)
    }

    /// The user, where it is one's.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.0.strip_prefix("user:")
    }

    pub(crate) fn is_of_user(&self, openid: &str) -> bool {
        self.user() == Some(openid)
    }
}

/// The shard of an event that has no order: by its key.
#[must_use]
pub fn shard_of(key: &str) -> u8 {
    let [first, ..]: [u8; 32] = Sha256::digest(key).into();
    first.checked_rem(SHARDS).unwrap_or_default()
}
