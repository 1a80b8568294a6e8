use alloc::string::String;

use super::state::State;
use crate::amount::Fen;
use crate::number::OutRefundNo;
use crate::stored::record;

/// What one method asks of the owner: store the order, set the alarm, then make the call and tell the order how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "the order is to be stored, and the call to be made"]
pub struct Step {
    /// The one call to make. Its request is [`crate::Order::request`]; it ends in [`crate::Order::answered`].
    pub call: Option<Call>,
    /// The moment to set the alarm to, in Unix milliseconds; none: no alarm.
    pub alarm: Option<u64>,
}

/// A call to `WeChat` Pay. One order makes one at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Makes the order: the same bytes at every try.
    Create,
    /// Asks how the order stands.
    Query,
    /// Closes the order.
    Close,
    /// Asks for a refund: the same number and content at every try.
    Refund(OutRefundNo),
    /// Asks how a refund stands.
    QueryRefund(OutRefundNo),
}

/// An event on its way to the outbox, and to the index of the order's day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// Its number within the order, from 1 on. The outbox tells a repeat by order and number.
    pub seq: u32,
    /// `pay.order.<state>`, `pay.refund.<state>`, or an alert.
    pub kind: String,
    /// When it happened, in Unix milliseconds.
    pub at: u64,
    /// The order or the refund as its route shows it, as JSON.
    pub data: String,
}

/// Why something is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The state does not allow it: 409 `order_state`.
    State(State),
    /// The same number with other content: 409 `conflict`.
    Conflict,
    /// More than is left of the order: 400.
    Beyond {
        /// How much is left.
        left: Fen,
    },
    /// The order has had its 50 refunds.
    TooMany,
    /// The payment is more than a year old.
    TooOld,
}

record! { Outgoing { seq, kind as "type", at, data, } }
