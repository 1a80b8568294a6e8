//! The payment of an order: asked for, looked up, proven, closed.

use super::plan::{Pauses, Plan};
use super::record::{Contradiction, Dispute, Next, Order, Paid, Prepay, Refused};
use super::state::{By, State};
use super::step::Call;
use crate::answer::{Answer, Meaning, PayRefusal};
use crate::facts::{TradeState, Transaction, prepay_id};
use crate::limits::{LOOKS_WHEN_CLOSED, MISSING_FOR};
use crate::verifying::Verified;

impl Order {
    /// The call about the payment that is due. The next look is planned before it is made, so that one that ends with the
    /// object itself is not made again at once.
    pub(crate) fn begin_payment_call(&mut self, now: u64) -> Call {
        if self.next == Next::Create && now >= self.expires_at {
            self.next = Next::Query;
        }
        let call = match self.next {
            Next::Create => Call::Create,
            Next::Query => Call::Query,
            Next::Close => Call::Close,
        };
        if self.state != State::Created || call != Call::Create {
            self.next = Next::Query;
        }
        self.plan_next(now);
        call
    }

    /// Looks it up now, if there is anything to find.
    pub(crate) fn look(&mut self, now: u64) -> bool {
        match self.state {
            State::Created | State::Paying => {
                self.next = Next::Query;
                self.plan.at = Some(now);
                self.watched = Some(0);
                true
            }
            State::Refunding => self.look_at_refunds(now),
            _ => false,
        }
    }

    /// From now on it is to be closed: asked, closed, asked again.
    pub(crate) fn begin_closing(&mut self, now: u64) {
        self.closing = true;
        self.close_asked = false;
        self.next = Next::Query;
        self.plan = Plan::now(now);
    }

    pub(crate) fn create_answered(&mut self, answer: &Answer, now: u64) {
        match answer {
            Answer::Verified(verified) => {
                let Some(id) = prepay_id(verified) else { return };
                if self.state.is_open() {
                    self.prepay = Some(Prepay { id, at: now });
                    self.refusal = None;
                    self.go(State::Paying, By::Prepay, now);
                }
            }
            Answer::Refused(refusal) => self.create_refused(refusal, now),
            Answer::Unverified | Answer::Lost => self.refusal = None,
        }
    }

    fn create_refused(&mut self, refusal: &PayRefusal, now: u64) {
        self.refusal = Some(Refused::of(refusal));
        match refusal.meaning() {
            Meaning::Again => {}
            Meaning::Ask if self.state == State::Created => self.begin_closing(now),
            Meaning::Ask => self.query_now(now),
            Meaning::Missing | Meaning::Balance | Meaning::Definite => {
                self.go(State::Failed, By::Refusal, now);
            }
        }
    }

    pub(crate) fn query_answered(&mut self, answer: &Answer, now: u64) {
        if self.resolving.is_some() {
            return self.resolve_by(answer, now);
        }
        match answer {
            Answer::Verified(verified) => {
                if let Some(transaction) = self.transaction_of(verified) {
                    self.query_says(&transaction, now);
                }
            }
            Answer::Refused(refusal) if refusal.meaning() == Meaning::Missing => {
                self.query_finds_nothing(now);
            }
            Answer::Refused(_) | Answer::Unverified | Answer::Lost => {}
        }
    }

    /// The order that an answer is about: another number than ours is no answer.
    pub(crate) fn transaction_of(&self, verified: &Verified) -> Option<Transaction> {
        Transaction::of_query(verified).filter(|transaction| transaction.out_trade_no == self.number)
    }

    fn query_says(&mut self, transaction: &Transaction, now: u64) {
        match transaction.state {
            TradeState::Success | TradeState::Refund => self.learn_payment(transaction, now),
            TradeState::Closed if self.state.is_open() => {
                self.go(State::Closed, By::Close, now);
            }
            TradeState::Unpaid if self.state.is_open() && self.closing => self.close_unless_done(now),
            TradeState::Closed | TradeState::Unpaid => self.rest(),
        }
    }

    /// An error is signed by nobody. It is believed where nothing hangs on it: nobody has a `prepay_id`, or its time is over.
    fn query_finds_nothing(&mut self, now: u64) {
        match self.state {
            State::Created if self.closing => {
                self.go(State::Closed, By::Close, now);
            }
            State::Created => self.next = Next::Create,
            State::Paying if self.closing && now >= self.expires_at.saturating_add(MISSING_FOR) => {
                self.go(State::Closed, By::Close, now);
            }
            State::Paying => {}
            _ => self.rest(),
        }
    }

    /// After a query that says unpaid: the close, unless that was just done.
    fn close_unless_done(&mut self, now: u64) {
        if self.close_asked {
            self.close_asked = false;
        } else {
            self.next = Next::Close;
            self.plan.at = Some(now);
        }
    }

    /// Whatever the close says, a query says more.
    pub(crate) fn close_answered(&mut self, answer: &Answer, now: u64) {
        self.close_asked = true;
        match answer {
            Answer::Verified(_) => self.query_now(now),
            Answer::Refused(refusal) if refusal.meaning() == Meaning::Ask => self.query_now(now),
            Answer::Refused(_) | Answer::Unverified | Answer::Lost => {}
        }
    }

    /// A payment is stated by somebody who was verified: a notification, or the answer to a query.
    pub(crate) fn learn_payment(&mut self, stated: &Transaction, now: u64) {
        let Some(id) = stated.id.as_deref().filter(|_| stated.is_paid()) else { return };
        if stated.out_trade_no != self.number || self.is_disputed(stated, id) {
            return;
        }
        if let Some(why) = self.contradiction(stated, id) {
            return self.contradicts(Dispute::of(why, stated, id, now), now);
        }
        let is_known = self.payment.is_some();
        if !is_known {
            self.payment = Some(Paid::of(stated, id));
        }
        match self.state {
            State::Created | State::Paying => {
                self.go(State::Paid, By::Proof, now);
            }
            State::Closed if !is_known => {
                self.late = true;
                self.go(State::PaidAfterClose, By::LateProof, now);
                self.give_back_late_payment(now);
            }
            _ => {}
        }
        if stated.state == TradeState::Refund {
            self.refund_is_rumoured(now);
        }
        self.settle_refunds(now);
    }

    /// How a proof contradicts the order. Amounts are compared by `total`: coupons make what the payer paid smaller.
    pub(crate) fn contradiction(&self, stated: &Transaction, id: &str) -> Option<Contradiction> {
        let is_ours = stated.mchid == self.mchid && stated.appid == self.appid;
        let amount_is_ours = stated.total == Some(self.amount) && stated.is_in_yuan;
        let payer_is_ours = stated.openid.as_deref() == Some(self.openid.as_str());
        let is_another = self.payment.as_ref().is_some_and(|payment| payment.transaction_id != id);
        [
            (!is_ours, Contradiction::Merchant),
            (!amount_is_ours, Contradiction::Amount),
            (!payer_is_ours, Contradiction::Payer),
            (is_another, Contradiction::TwoTransactions),
            (self.state == State::Failed, Contradiction::Failed),
        ]
        .into_iter()
        .find_map(|(contradicts, why)| contradicts.then_some(why))
    }

    /// The same was said before, and a person has it or has had it.
    pub(crate) fn is_disputed(&self, stated: &Transaction, id: &str) -> bool {
        self.disputes.iter().any(|dispute| {
            dispute.id == id && dispute.amount == stated.total && dispute.openid == stated.openid
        })
    }

    pub(crate) fn query_now(&mut self, now: u64) {
        self.next = Next::Query;
        self.plan.at = Some(now);
    }

    /// An order that is settled is looked at no more.
    fn rest(&mut self) {
        if !self.state.is_open() {
            self.plan = Plan::none();
        }
    }

    fn plan_next(&mut self, now: u64) {
        let spread = self.spread();
        match self.watched {
            Some(looks) if looks < Pauses::Watched.len() && self.state.is_open() => {
                self.plan.at = Some(now.saturating_add(Pauses::Watched.after(looks)));
                self.watched = Some(looks.saturating_add(1));
            }
            _ => {
                self.watched = None;
                let pauses = if self.state == State::Closed { Pauses::Closed } else { Pauses::Open };
                self.plan.next(pauses, now, spread);
                if self.state == State::Closed && self.plan.looks > LOOKS_WHEN_CLOSED {
                    self.plan = Plan::none();
                }
            }
        }
    }
}

impl Transaction {
    pub(crate) fn is_paid(&self) -> bool {
        matches!(self.state, TradeState::Success | TradeState::Refund)
    }
}

impl Paid {
    pub(crate) fn of(stated: &Transaction, id: &str) -> Self {
        Self { transaction_id: id.into(), success_time: stated.success_time, payer_total: stated.payer_total }
    }
}

impl Dispute {
    pub(crate) fn of(why: Contradiction, stated: &Transaction, id: &str, now: u64) -> Self {
        Self { why, at: now, id: id.into(), amount: stated.total, openid: stated.openid.clone() }
    }
}

impl Refused {
    pub(crate) fn of(refusal: &PayRefusal) -> Self {
        Self {
            status: u32::from(refusal.status),
            code: refusal.code.clone(),
            message: refusal.message.clone(),
        }
    }
}
