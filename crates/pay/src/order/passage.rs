//! Going from state to state: only as the table says, each time with its event.

use alloc::format;
use alloc::string::String;

use super::plan::{Pauses, Plan};
use super::record::{Contradiction, Dispute, Next, Order};
use super::state::{By, RefundState, State};
use super::step::Outgoing;
use crate::limits::MAX_DISPUTES;
use crate::number::OutRefundNo;

impl Order {
    /// Goes there, if the table allows it from here by that. What is stored with it is set before.
    pub(crate) fn go(&mut self, to: State, by: By, now: u64) -> bool {
        if !self.state.may_become(to, by) {
            return false;
        }
        if self.state != to {
            self.state = to;
            self.plan_payment(now);
            self.announce(now);
        }
        true
    }

    /// What is looked up in the state that was reached.
    fn plan_payment(&mut self, now: u64) {
        self.watched = None;
        let spread = self.spread();
        match self.state {
            State::Created | State::Paying => {
                self.next = Next::Query;
                self.plan =
                    if self.closing { Plan::now(now) } else { Plan::begin(Pauses::Open, now, spread) };
            }
            State::Closed => {
                self.closing = false;
                self.next = Next::Query;
                self.plan = Plan::begin(Pauses::Closed, now, spread);
            }
            _ => {
                self.closing = false;
                self.plan = Plan::none();
            }
        }
    }

    /// Something contradicts the order: it waits for a person.
    pub(crate) fn contradicts(&mut self, dispute: Dispute, now: u64) {
        if self.disputes.len() < MAX_DISPUTES {
            self.disputes.push(dispute);
        }
        self.go(State::Quarantined, By::Contradiction, now);
        self.emit("alert.quarantined".into(), self.view_json(), now);
    }

    /// The event of the state that the order is in.
    pub(crate) fn announce(&mut self, now: u64) {
        self.emit(format!("pay.order.{}", self.state.as_str()), self.view_json(), now);
        if self.state == State::RefundAttention {
            self.emit("alert.refund_attention".into(), self.view_json(), now);
        }
    }

    /// The event of the state that a refund is in.
    pub(crate) fn announce_refund(&mut self, number: &OutRefundNo, state: RefundState, now: u64) {
        if let Some(json) = self.refund_json(number) {
            self.emit(format!("pay.refund.{}", state.as_str()), json, now);
        }
    }

    fn emit(&mut self, kind: String, data: String, now: u64) {
        self.events = self.events.saturating_add(1);
        self.outgoing.push(Outgoing { seq: self.events, kind, at: now, data });
        if self.forward.at.is_none() {
            self.forward = Plan::now(now);
        }
    }

    /// A contradiction by what it is about.
    pub(crate) fn dispute(why: Contradiction, id: &str, now: u64) -> Dispute {
        Dispute { why, at: now, id: id.into(), amount: None, openid: None }
    }
}
