use crate::stored::words;

use State::{
    Closed, Created, Failed, Paid, PaidAfterClose, PartiallyRefunded, Paying, Quarantined, RefundAttention,
    Refunded, Refunding,
};

/// Where an order stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum State {
    /// Stored, and asked for at `WeChat` Pay; no answer so far.
    #[default]
    Created,
    /// `WeChat` Pay gave a `prepay_id`.
    Paying,
    /// `WeChat` Pay definitely refused it.
    Failed,
    /// Paid, by proof.
    Paid,
    /// It ended unpaid.
    Closed,
    /// Paid, but it had been closed.
    PaidAfterClose,
    /// Refunds are not settled.
    Refunding,
    /// A part was given back.
    PartiallyRefunded,
    /// All was given back.
    Refunded,
    /// A refund waits for a person.
    RefundAttention,
    /// Proof that contradicts the order waits for a person.
    Quarantined,
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RefundState {
    /// Stored, and asked for; no answer that settles it so far.
    #[default]
    Asked,
    /// `WeChat` Pay works on it.
    Processing,
    /// The payer's account takes nothing: a person has to act.
    Abnormal,
    /// Final: nothing was given back.
    Closed,
    /// The payer has the money.
    Succeeded,
}

/// What moves an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// `WeChat` Pay gave a `prepay_id`. Stored with it: the id and its moment.
    Prepay,
    /// `WeChat` Pay definitely refused. Stored with it: the refusal.
    Refusal,
    /// A verified notification or query: paid, our amount, payer and merchant. Stored with it: the transaction.
    Proof,
    /// Query, close, query: a verified query says closed, or there is no such order and nobody can pay it.
    Close,
    /// A proof that came after the close. Stored with it: the transaction.
    LateProof,
    /// A refund is stored: ours, to be asked for, or one that was found. Stored with it: the refund.
    Refund,
    /// All refunds are settled, and some of them gave money back.
    Settled,
    /// All refunds are settled, and none gave money back.
    NothingRefunded,
    /// `WeChat` Pay says ABNORMAL, or a refund is not settled in time.
    Attention,
    /// A proof that contradicts. Stored with it: the dispute.
    Contradiction,
    /// A person. Stored with it: the key's name and the note.
    Person,
}

/// What may happen, and nothing else: from any of these states to that one, by that cause.
pub const TRANSITIONS: &[(&[State], State, By)] = &[
    (&[Created], Paying, By::Prepay),
    (&[Created], Failed, By::Refusal),
    (&[Created, Paying], Paid, By::Proof),
    (&[Created, Paying], Closed, By::Close),
    (&[Closed], PaidAfterClose, By::LateProof),
    (&[PaidAfterClose, Paid, PartiallyRefunded, Refunding], Refunding, By::Refund),
    (&[Refunding], PartiallyRefunded, By::Settled),
    (&[Refunding], Refunded, By::Settled),
    (&[Refunding], Paid, By::NothingRefunded),
    (&[Refunding, PaidAfterClose], RefundAttention, By::Attention),
    (&[RefundAttention], PartiallyRefunded, By::Settled),
    (&[RefundAttention], Refunded, By::Settled),
    (ALL, Quarantined, By::Contradiction),
    (WAITING_FOR_A_PERSON, Paid, By::Person),
    (WAITING_FOR_A_PERSON, PartiallyRefunded, By::Person),
    (WAITING_FOR_A_PERSON, Refunded, By::Person),
    (WAITING_FOR_A_PERSON, Closed, By::Person),
];

const ALL: &[State] = State::ALL;

const EVERY: &[State] = &[
    Created,
    Paying,
    Failed,
    Paid,
    Closed,
    PaidAfterClose,
    Refunding,
    PartiallyRefunded,
    Refunded,
    RefundAttention,
    Quarantined,
];

const WAITING_FOR_A_PERSON: &[State] = &[RefundAttention, Quarantined];

impl State {
    /// Every state.
    pub const ALL: &'static [Self] = EVERY;

    /// Whether an order may go from here to there by that.
    #[must_use]
    pub fn may_become(self, to: Self, by: By) -> bool {
        TRANSITIONS.iter().any(|(from, into, cause)| from.contains(&self) && *into == to && *cause == by)
    }

    /// Whether it may still be paid.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Created | Paying)
    }

    /// Whether a person has to act.
    #[must_use]
    pub const fn waits_for_a_person(self) -> bool {
        matches!(self, RefundAttention | Quarantined)
    }
}

impl RefundState {
    /// A refund only goes forward through these, whatever order its news come in: what was given back stays so.
    pub(crate) const fn place(self) -> u8 {
        match self {
            Self::Asked => 0,
            Self::Processing => 1,
            Self::Abnormal => 2,
            Self::Closed => 3,
            Self::Succeeded => 4,
        }
    }

    /// Whether nothing more will happen to it.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Closed | Self::Succeeded)
    }
}

words! {
    pub State {
        Created = "created",
        Paying = "paying",
        Failed = "failed",
        Paid = "paid",
        Closed = "closed",
        PaidAfterClose = "paid_after_close",
        Refunding = "refunding",
        PartiallyRefunded = "partially_refunded",
        Refunded = "refunded",
        RefundAttention = "refund_attention",
        Quarantined = "quarantined",
    }
}

words! {
    pub RefundState {
        Asked = "asked",
        Processing = "processing",
        Abnormal = "abnormal",
        Closed = "closed",
        Succeeded = "succeeded",
    }
}
