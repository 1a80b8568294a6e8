use serde::{Deserialize, Serialize};
use wxedge_crypto::Secret;

use crate::failure::Failure;

/// A token as `WeChat` has just given it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// The `access_token`.
    pub token: Secret,
    /// The seconds it has left, as `WeChat` said. More than 7,200 counts as 7,200.
    pub expires_in: u64,
}

/// What the keeper says to somebody who wants a token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a refresh that it orders has to be made"]
pub struct Reading {
    /// What to tell the caller.
    pub answer: Answer,
    /// A refresh to start now, in the background when the answer is [`Answer::Use`].
    pub refresh: Option<Ticket>,
}

/// What a caller is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Use this token.
    Use {
        /// The `access_token`.
        token: Secret,
        /// Whole seconds that it has left; 0 in its last second.
        expires_in: u64,
    },
    /// Wait until the refresh in flight ends, then read again.
    Wait,
    /// There is no usable token, and none to be had now.
    Fail {
        /// Whole seconds, at least 1, after which another try makes sense.
        retry_after: u64,
        /// What is wrong.
        failure: Failure,
    },
}

/// The order to make one refresh. Whoever holds it fetches a token once and reports how that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a refresh that it orders has to be made"]
pub struct Ticket {
    /// Which refresh of this keeper it is, from 1.
    pub number: u64,
    /// Why it is made.
    pub why: Why,
    /// The token that was refused, when that is why. An owner elsewhere has to be told.
    pub refused: Option<Secret>,
    /// The age of the token held so far, in seconds.
    pub previous_age: Option<u64>,
    /// For how many milliseconds to hold it back first: at most one second, which the budget asks for.
    pub starts_in: u32,
    /// How many more refreshes there may be before each has to be earned.
    pub budget_left: u32,
}

/// Why a refresh is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// There was no token yet.
    Cold,
    /// The token is near its end and still usable.
    Renewal,
    /// The token has run out.
    Expired,
    /// `WeChat` refused the token.
    Refused,
}
