use alloc::string::String;

use serde::Serialize;

use crate::failure::Failure;

/// The keeper's state for an operator. It never holds the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct State {
    /// Which token it is; see [`wxedge_crypto::fingerprint`].
    pub fingerprint: Option<String>,
    /// Seconds since it was fetched.
    pub age: Option<u64>,
    /// Seconds that it has left.
    pub expires_in: Option<u64>,
    /// Whether it can be handed out: it has time left and `WeChat` has not refused it.
    pub usable: bool,
    /// Whether a refresh is in flight.
    pub refreshing: bool,
    /// Refreshes started since midnight in China.
    pub refreshes_today: u32,
    /// How many more there may be before each has to be earned.
    pub budget_left: u32,
    /// The last failure, also when it has been overcome.
    pub last_error: Option<LastError>,
    /// When the keeper wants to be woken, in Unix seconds.
    pub next_alarm: u64,
}

/// The last failure of a refresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LastError {
    /// Seconds since it happened.
    pub age: u64,
    /// What it was.
    #[serde(flatten)]
    pub failure: Failure,
}
