//! A person settles an order that waits for one, after a query.

use super::plan::Plan;
use super::record::{Dispute, Order, Paid, Resolution};
use super::state::{By, State};
use super::step::{Denied, Step};
use crate::answer::{Answer, Meaning, shortened};
use crate::facts::Transaction;
use crate::limits::{MAX_NOTE, MAX_RESOLUTIONS};

impl Order {
    /// A person decides. `to` is one of paid, partially refunded, refunded and closed, `by` the name of the key. `WeChat` Pay
    /// is asked first: when the call has ended and the order is not in that state, the decision was not taken, since the
    /// answer did not come or, for [`State::Paid`], does not say so.
    ///
    /// # Errors
    /// [`Denied::State`] when the order waits for nobody, or cannot become that.
    pub fn resolve(&mut self, to: State, note: &str, by: &str, now: u64) -> Result<Step, Denied> {
        if !self.state.may_become(to, By::Person) {
            return Err(Denied::State(self.state));
        }
        let note = shortened(note, MAX_NOTE);
        self.resolving = Some(Resolution { to, note, by: by.into(), at: now });
        self.query_now(now);
        Ok(self.step(now))
    }

    pub(crate) fn resolve_by(&mut self, answer: &Answer, now: u64) {
        let Some(resolution) = self.resolving.take() else { return };
        self.plan = Plan::none();
        let stated = match answer {
            Answer::Verified(verified) => match self.transaction_of(verified) {
                Some(stated) => Some(stated),
                None => return,
            },
            Answer::Refused(refusal) if refusal.meaning() == Meaning::Missing => None,
            Answer::Refused(_) | Answer::Unverified | Answer::Lost => return,
        };
        let is_proven = stated.as_ref().is_some_and(|stated| self.is_paid_as_ordered(stated));
        if (resolution.to != State::Paid || is_proven) && self.state.may_become(resolution.to, By::Person) {
            self.settle_by_person(resolution, stated.as_ref(), now);
        }
    }

    /// The amount and the merchant have to be ours; who paid it, and by which of two transactions, a person may accept.
    fn is_paid_as_ordered(&self, stated: &Transaction) -> bool {
        let is_ours = stated.mchid == self.mchid && stated.appid == self.appid;
        stated.is_paid()
            && stated.id.is_some()
            && is_ours
            && stated.total == Some(self.amount)
            && stated.is_in_yuan
    }

    fn settle_by_person(&mut self, resolution: Resolution, stated: Option<&Transaction>, now: u64) {
        if let Some(stated) = stated
            && let Some(id) = stated.id.as_deref().filter(|_| stated.is_paid())
        {
            self.acknowledge(stated, id, now);
        }
        for refund in self.refunds.iter_mut().filter(|refund| refund.is_pending()) {
            refund.written_off = true;
            refund.plan = Plan::none();
        }
        self.unexplained_refund = None;
        self.late = false;
        self.refunded = self.given_back().unwrap_or_default();
        let to = resolution.to;
        if self.resolutions.len() >= MAX_RESOLUTIONS {
            self.resolutions.remove(0);
        }
        self.resolutions.push(resolution);
        self.go(to, By::Person, now);
        self.plan = Plan::none();
    }

    /// What the person saw of the payment is no news any more when it is stated again.
    fn acknowledge(&mut self, stated: &Transaction, id: &str, now: u64) {
        if self.is_paid_as_ordered(stated) {
            self.payment = Some(Paid::of(stated, id));
        }
        if let Some(why) = self.contradiction(stated, id)
            && !self.is_disputed(stated, id)
        {
            self.disputes.push(Dispute::of(why, stated, id, now));
        }
    }
}
