use alloc::string::String;
use alloc::vec::Vec;

use super::plan::Plan;
use super::state::{RefundState, State};
use super::step::{Call, Outgoing};
use crate::amount::Fen;
use crate::number::{OutRefundNo, OutTradeNo};
use crate::stored::{record, words};

/// All that is known of one order, refunds inside.
///
/// `now` is always the clock in Unix milliseconds. Its JSON is what is stored, as one value, after each call of a method
/// that gives a [`crate::Step`] and before anything else happens: before the call is made that the step asks for, before
/// an event leaves, before anybody is answered. Then a restart loses nothing but the answer to a call in flight, and that
/// outcome is unknown like any other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Order {
    pub(crate) number: OutTradeNo,
    pub(crate) state: State,
    pub(crate) appid: String,
    pub(crate) mchid: String,
    /// Where notifications are sent, as it was when the order was made: a refund repeats the same bytes.
    pub(crate) notify_url: String,
    pub(crate) amount: Fen,
    pub(crate) openid: String,
    pub(crate) description: String,
    pub(crate) attach: Option<String>,
    /// What is bought, where it is a product with a stored price.
    pub(crate) product: Option<String>,
    /// How many of it.
    pub(crate) quantity: u32,
    /// The exact body that is sent.
    pub(crate) body: String,
    /// What tells its content from other content.
    pub(crate) content: String,
    /// The name of the key that made it; none for a session.
    pub(crate) by: Option<String>,
    pub(crate) created_at: u64,
    pub(crate) expires_at: u64,
    pub(crate) prepay: Option<Prepay>,
    /// Why `WeChat` Pay refused what was asked last.
    pub(crate) refusal: Option<Refused>,
    /// It is to be closed: no payment parameters any more.
    pub(crate) closing: bool,
    /// The last thing that was done to close it was the close itself.
    pub(crate) close_asked: bool,
    pub(crate) payment: Option<Paid>,
    /// The payment came after the close.
    pub(crate) late: bool,
    pub(crate) refunds: Vec<Refund>,
    /// Since when it is known that somebody else asked for a refund of which no more is known.
    pub(crate) unexplained_refund: Option<u64>,
    /// What had been given back when the refunds were last settled.
    pub(crate) refunded: Fen,
    pub(crate) last_refund_call: Option<RefundCall>,
    pub(crate) disputes: Vec<Dispute>,
    pub(crate) resolving: Option<Resolution>,
    pub(crate) resolutions: Vec<Resolution>,
    /// What the next call about the payment is.
    pub(crate) next: Next,
    pub(crate) plan: Plan,
    /// When somebody last had it looked up.
    pub(crate) looked_at: u64,
    /// How many quick looks are behind, since the payer last asked.
    pub(crate) watched: Option<u32>,
    pub(crate) outgoing: Vec<Outgoing>,
    pub(crate) forward: Plan,
    /// How many events it has had.
    pub(crate) events: u32,
    /// The call that is being made; it ends with the object that makes it.
    pub(crate) flight: Option<(Call, u64)>,
    /// The last answer was not verified, and the same call was made once more at once.
    pub(crate) repeated: bool,
}

/// What the next call about the payment is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Next {
    #[default]
    Create,
    Query,
    Close,
}

/// What payment parameters are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prepay {
    pub(crate) id: String,
    pub(crate) at: u64,
}

/// What `WeChat` Pay refused with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// HTTP's status.
    pub status: u32,
    /// `code` as it came.
    pub code: String,
    /// `message`.
    pub message: String,
}

/// The payment that is proven.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Paid {
    pub(crate) transaction_id: String,
    pub(crate) success_time: Option<u64>,
    pub(crate) payer_total: Option<Fen>,
}

/// One refund.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refund {
    pub(crate) number: OutRefundNo,
    pub(crate) amount: Fen,
    pub(crate) state: RefundState,
    pub(crate) reason: Option<String>,
    /// The name of the key that asked; none where it was found, or where a late payment is given back.
    pub(crate) by: Option<String>,
    pub(crate) asked_at: u64,
    /// How often it was asked for, and how many of these tries certainly did nothing: while they differ, its outcome is
    /// unknown.
    pub(crate) sent: u32,
    pub(crate) did_nothing: u32,
    /// How often `WeChat` Pay refused it.
    pub(crate) refusals: u32,
    pub(crate) refusal: Option<Refused>,
    /// `WeChat` Pay's own id of it.
    pub(crate) id: Option<String>,
    pub(crate) success_time: Option<u64>,
    /// A person has settled the order without it: it is not waited for any more, and still counts against the amount.
    pub(crate) written_off: bool,
    pub(crate) plan: Plan,
}

/// The refund that was asked for last, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RefundCall {
    pub(crate) number: OutRefundNo,
    pub(crate) at: u64,
}

/// A proof that contradicts the order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dispute {
    pub(crate) why: Contradiction,
    pub(crate) at: u64,
    /// The transaction or refund that it is about.
    pub(crate) id: String,
    pub(crate) amount: Option<Fen>,
    pub(crate) openid: Option<String>,
}

/// How a proof contradicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contradiction {
    /// Another amount or currency.
    #[default]
    Amount,
    /// Another payer.
    Payer,
    /// Another merchant or mini program.
    Merchant,
    /// Two transactions for one order.
    TwoTransactions,
    /// A proof for an order that `WeChat` Pay refused to make.
    Failed,
    /// A refund of another amount than was asked for, or more in all than was paid.
    Refund,
}

/// What a person decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resolution {
    pub(crate) to: State,
    pub(crate) note: String,
    /// The name of the key.
    pub(crate) by: String,
    pub(crate) at: u64,
}

impl Refund {
    /// Whether it is still waited for.
    pub(crate) fn is_pending(&self) -> bool {
        !self.state.is_settled() && !self.written_off
    }
}

record! {
    Order {
        number,
        state,
        appid,
        mchid,
        notify_url,
        amount,
        openid,
        description,
        attach,
        product,
        quantity,
        body,
        content,
        by,
        created_at,
        expires_at,
        prepay,
        refusal,
        closing,
        close_asked,
        payment,
        late,
        refunds,
        unexplained_refund,
        refunded,
        last_refund_call,
        disputes,
        resolving,
        resolutions,
        next,
        plan,
        looked_at,
        watched,
        outgoing,
        forward,
        events,
    }
}

record! { Prepay { id, at, } }
record! { Refused { status, code, message, } }
record! { Paid { transaction_id, success_time, payer_total, } }
record! {
    Refund {
        number,
        amount,
        state,
        reason,
        by,
        asked_at,
        sent,
        did_nothing,
        refusals,
        refusal,
        id as "refund_id",
        success_time,
        written_off,
        plan,
    }
}
record! { RefundCall { number, at, } }
record! { Dispute { why, at, id, amount, openid, } }
record! { Resolution { to, note, by, at, } }

words! { pub(crate) Next { Create = "create", Query = "query", Close = "close", } }
words! {
    pub Contradiction {
        Amount = "amount",
        Payer = "payer",
        Merchant = "merchant",
        TwoTransactions = "two_transactions",
        Failed = "failed",
        Refund = "refund",
    }
}
