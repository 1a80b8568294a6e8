//! The refunds of an order: stored, then asked for, then looked up until each is settled.

use alloc::format;
use alloc::string::String;

use super::plan::{Pauses, Plan};
use super::record::{Contradiction, Order, Refund, RefundCall, Refused};
use super::state::{By, RefundState, State};
use super::step::{Call, Denied, Step};
use crate::amount::Fen;
use crate::answer::{Answer, Meaning, PayRefusal};
use crate::facts::{RefundFact, RefundStatus};
use crate::form::json_text;
use crate::limits::{
    LATE_REFUND_TRIES, LOOK_GAP, MAX_REFUND_ROWS, MAX_REFUNDS, REFUND_GAP, REFUND_PATIENCE, REFUND_UNTIL,
};
use crate::new_refund::NewRefund;
use crate::number::OutRefundNo;

/// What the payer sees when a payment that came after the close is given back.
const LATE_REASON: &str = "订单已关闭，付款原路退回";

impl Order {
    /// A service wants some money given back. `by` is the name of its key. The refund is stored with this step; it is asked
    /// for a minute after the one before it, by the alarm if need be. The same refund again is the same; where its outcome is
    /// unknown, it is asked for again at once.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn refund(&mut self, new: &NewRefund, by: &str, now: u64) -> Result<Step, Denied> {
        let may_ask = self.last_refund_call.as_ref().is_none_or(|last| now.abs_diff(last.at) >= LOOK_GAP);
        if let Some(known) = self.refund_mut(&new.out_refund_no) {
            if known.amount != new.amount || known.reason != new.reason {
                return Err(Denied::Conflict);
            }
            if known.is_unknown() && may_ask {
                known.plan.at = Some(now);
            }
            return Ok(self.step(now));
        }
        self.check_refund(new.amount, now)?;
        let refund =
            Refund::new(new.out_refund_no.clone(), new.amount, new.reason.clone(), Some(by.into()), now);
        self.store_refund(refund, now);
        self.settle_refunds(now);
        Ok(self.step(now))
    }

    /// Where a refund stands.
    #[must_use]
    pub fn refund_state(&self, number: &OutRefundNo) -> Option<RefundState> {
        self.refund_of(number).map(|refund| refund.state)
    }

    /// What `WeChat` Pay refused a refund with last, if it did.
    #[must_use]
    pub fn refund_refusal(&self, number: &OutRefundNo) -> Option<&Refused> {
        self.refund_of(number)?.refusal.as_ref()
    }

    /// Whether a refund was asked for, and no answer says what became of it.
    #[must_use]
    pub fn is_refund_unknown(&self, number: &OutRefundNo) -> bool {
        self.refund_of(number).is_some_and(Refund::is_unknown)
    }

    fn check_refund(&self, amount: Fen, now: u64) -> Result<(), Denied> {
        let may =
            matches!(self.state, State::Paid | State::PartiallyRefunded | State::Refunding) && !self.late;
        if !may {
            return Err(Denied::State(self.state));
        }
        let counted = self.refunds.iter().filter(|refund| refund.counts_as_one()).count();
        if counted >= MAX_REFUNDS || self.refunds.len() >= MAX_REFUND_ROWS {
            return Err(Denied::TooMany);
        }
        let paid_at =
            self.payment.as_ref().and_then(|payment| payment.success_time).unwrap_or(self.created_at);
        if now >= paid_at.saturating_add(REFUND_UNTIL) {
            return Err(Denied::TooOld);
        }
        let left = self.left();
        if amount > left { Err(Denied::Beyond { left }) } else { Ok(()) }
    }

    /// What is neither given back nor may still be.
    fn left(&self) -> Fen {
        self.spoken_for().and_then(|fen| self.amount.minus(fen)).unwrap_or(Fen::ZERO)
    }

    /// All refunds but those that are closed. One whose outcome is unknown counts.
    fn spoken_for(&self) -> Option<Fen> {
        let open = self.refunds.iter().filter(|refund| refund.state != RefundState::Closed);
        Fen::sum(open.map(|refund| refund.amount))
    }

    pub(crate) fn given_back(&self) -> Option<Fen> {
        let done = self.refunds.iter().filter(|refund| refund.state == RefundState::Succeeded);
        Fen::sum(done.map(|refund| refund.amount))
    }

    fn store_refund(&mut self, refund: Refund, now: u64) {
        let (number, state) = (refund.number.clone(), refund.state);
        self.refunds.push(refund);
        self.announce_refund(&number, state, now);
    }

    /// The whole amount of a payment that came after the close is given back at once.
    pub(crate) fn give_back_late_payment(&mut self, now: u64) {
        let number = OutRefundNo::of_late_payment(&self.number);
        let left = self.left();
        if left > Fen::ZERO && self.refund_of(&number).is_none() {
            self.store_refund(Refund::new(number, left, Some(LATE_REASON.into()), None, now), now);
        }
    }

    /// `WeChat` Pay says that a refund was asked for. If none of those that are known can be meant, somebody asked for it
    /// elsewhere; how much it is a notification will say, or a person.
    pub(crate) fn refund_is_rumoured(&mut self, now: u64) {
        if self.unexplained_refund.is_none() && !self.refunds.iter().any(Refund::is_known_there) {
            self.unexplained_refund = Some(now);
        }
    }

    /// The body of a refund: the same bytes at every try.
    pub(crate) fn refund_body(&self, number: &OutRefundNo) -> Option<String> {
        let refund = self.refund_of(number)?;
        let reason = refund.reason.as_ref().map(|reason| format!("\"reason\":{},", json_text(reason)));
        Some(format!(
            "{{\"out_trade_no\":{},\"out_refund_no\":{},{}\"notify_url\":{},\"amount\":{{\"refund\":{},\"total\":{},\"currency\":\"CNY\"}}}}",
            json_text(self.number.as_str()),
            json_text(number.as_str()),
            reason.unwrap_or_default(),
            json_text(&self.notify_url),
            refund.amount,
            self.amount,
        ))
    }

    /// The call about a refund that is due. The next look is planned before it is made.
    pub(crate) fn begin_refund_call(&mut self, now: u64) -> Option<Call> {
        let may_ask = self.state == State::Refunding;
        let spread = self.spread();
        let open_at = self.gap_ends(now);
        let last = self.last_refund_call.as_ref().map(|last| last.number.clone());
        for refund in self.refunds.iter_mut().filter(|refund| refund.is_pending() && refund.plan.is_due(now))
        {
            let pauses = if may_ask { Pauses::Refund } else { Pauses::Attention };
            if refund.state == RefundState::Asked && may_ask {
                if last.as_ref() != Some(&refund.number) && open_at > now {
                    refund.plan.at = Some(open_at);
                    continue;
                }
                refund.sent = refund.sent.saturating_add(1);
                refund.plan.next(pauses, now, spread);
                self.last_refund_call = Some(RefundCall { number: refund.number.clone(), at: now });
                return Some(Call::Refund(refund.number.clone()));
            }
            if refund.is_forgotten(now) || !refund.is_known_there() {
                refund.plan = Plan::none();
                continue;
            }
            refund.plan.next(pauses, now, spread);
            return Some(Call::QueryRefund(refund.number.clone()));
        }
        None
    }

    /// When another refund may be asked for. A clock that was set back makes nobody wait longer than the gap.
    fn gap_ends(&self, now: u64) -> u64 {
        let last = self.last_refund_call.as_ref().map(|last| last.at.min(now));
        last.map_or(0, |at| at.saturating_add(REFUND_GAP))
    }

    pub(crate) fn next_refund_moment(&self) -> Option<u64> {
        self.refunds.iter().filter(|refund| refund.is_pending()).filter_map(|refund| refund.plan.at).min()
    }

    /// Looks up now a refund on its way.
    pub(crate) fn look_at_refunds(&mut self, now: u64) -> bool {
        let is_on_its_way =
            |refund: &&mut Refund| refund.is_pending() && refund.state == RefundState::Processing;
        match self.refunds.iter_mut().find(is_on_its_way) {
            Some(refund) => {
                refund.plan.at = Some(now);
                true
            }
            None => false,
        }
    }

    pub(crate) fn refund_answered(&mut self, number: &OutRefundNo, answer: &Answer, now: u64) {
        match answer {
            Answer::Verified(_) => self.refund_query_answered(number, answer, now),
            Answer::Refused(refusal) => self.refund_refused(number, refusal, now),
            Answer::Unverified | Answer::Lost => {}
        }
    }

    /// A refusal is believed only where no earlier try has an unknown outcome: else money may be on its way.
    fn refund_refused(&mut self, number: &OutRefundNo, refusal: &PayRefusal, now: u64) {
        let is_late = self.late;
        let Some(refund) = self.refund_mut(number).filter(|refund| refund.state == RefundState::Asked) else {
            return;
        };
        refund.refusal = Some(Refused::of(refusal));
        let meaning = refusal.meaning();
        if matches!(meaning, Meaning::Again | Meaning::Ask) {
            return;
        }
        refund.did_nothing = refund.did_nothing.saturating_add(1);
        if meaning == Meaning::Balance {
            return;
        }
        refund.refusals = refund.refusals.saturating_add(1);
        let tries = if is_late { LATE_REFUND_TRIES } else { 1 };
        if refund.sent == refund.did_nothing && refund.refusals >= tries {
            refund.state = RefundState::Closed;
            refund.plan = Plan::none();
            self.announce_refund(number, RefundState::Closed, now);
            self.settle_refunds(now);
        }
    }

    pub(crate) fn refund_query_answered(&mut self, number: &OutRefundNo, answer: &Answer, now: u64) {
        if let Answer::Verified(verified) = answer
            && let Some(fact) = RefundFact::of_answer(verified)
            && fact.out_refund_no == *number
        {
            self.learn_refund(&fact, now);
        }
    }

    /// A refund is stated by somebody who was verified.
    pub(crate) fn learn_refund(&mut self, fact: &RefundFact, now: u64) {
        if fact.out_trade_no != self.number || self.is_disputed_refund(fact) {
            return;
        }
        if let Some(why) = self.contradiction_of_refund(fact) {
            let mut dispute = Self::dispute(why, fact.out_refund_no.as_str(), now);
            dispute.amount = Some(fact.refund);
            return self.contradicts(dispute, now);
        }
        if self.refund_of(&fact.out_refund_no).is_none() {
            let found = Refund::new(fact.out_refund_no.clone(), fact.refund, None, None, now);
            self.refunds.push(found);
            self.unexplained_refund = None;
        }
        self.move_refund(fact, now);
        match self.state {
            // A refund says that there was a payment, and a query says which.
            State::Created | State::Paying | State::Closed => self.query_now(now),
            _ => self.settle_refunds(now),
        }
    }

    fn contradiction_of_refund(&self, fact: &RefundFact) -> Option<Contradiction> {
        let known = self.refund_of(&fact.out_refund_no);
        let is_another =
            self.payment.as_ref().is_some_and(|payment| payment.transaction_id != fact.transaction_id);
        let is_beyond =
            known.is_none() && (self.refunds.len() >= MAX_REFUND_ROWS || fact.refund > self.amount);
        [
            (!fact.is_of(&self.mchid), Contradiction::Merchant),
            (fact.total != self.amount, Contradiction::Amount),
            (is_another, Contradiction::TwoTransactions),
            (self.state == State::Failed, Contradiction::Failed),
            (is_beyond || known.is_some_and(|refund| refund.amount != fact.refund), Contradiction::Refund),
        ]
        .into_iter()
        .find_map(|(contradicts, why)| contradicts.then_some(why))
    }

    fn is_disputed_refund(&self, fact: &RefundFact) -> bool {
        self.disputes
            .iter()
            .any(|dispute| dispute.id == fact.out_refund_no.as_str() && dispute.amount == Some(fact.refund))
    }

    /// Takes over what is stated of a refund, forward only.
    fn move_refund(&mut self, fact: &RefundFact, now: u64) {
        let pauses = if self.state.waits_for_a_person() { Pauses::Attention } else { Pauses::Refund };
        let spread = self.spread();
        let Some(refund) = self.refund_mut(&fact.out_refund_no) else { return };
        let is_first = refund.id.is_none();
        refund.id = Some(fact.refund_id.clone());
        refund.success_time = fact.success_time.or(refund.success_time);
        let state = RefundState::of(fact.status);
        if state.place() > refund.state.place() || (is_first && state == refund.state) {
            refund.state = state;
            refund.refusal = None;
            refund.plan = if state.is_settled() { Plan::none() } else { Plan::begin(pauses, now, spread) };
            self.announce_refund(&fact.out_refund_no, state, now);
        }
    }

    /// What the refunds make of the order.
    pub(crate) fn settle_refunds(&mut self, now: u64) {
        let (Some(given_back), Some(spoken_for)) = (self.given_back(), self.spoken_for()) else { return };
        if spoken_for > self.amount {
            return self.refunds_are_beyond(spoken_for, now);
        }
        let is_pending = self.waited_for_since().is_some();
        if matches!(self.state, State::Paid | State::PartiallyRefunded | State::PaidAfterClose)
            && (is_pending || given_back != self.refunded)
        {
            self.go(State::Refunding, By::Refund, now);
        }
        let is_abnormal =
            self.refunds.iter().any(|refund| refund.is_pending() && refund.state == RefundState::Abnormal);
        if is_abnormal {
            self.go(State::RefundAttention, By::Attention, now);
        } else if !is_pending {
            self.end_refunding(given_back, now);
        }
    }

    fn end_refunding(&mut self, given_back: Fen, now: u64) {
        self.refunded = given_back;
        let is_all = given_back == self.amount;
        match self.state {
            State::Refunding if self.late && !is_all => self.go(State::RefundAttention, By::Attention, now),
            State::RefundAttention if self.late && !is_all => false,
            State::Refunding if given_back == Fen::ZERO => self.go(State::Paid, By::NothingRefunded, now),
            State::RefundAttention if given_back == Fen::ZERO => false,
            State::Refunding | State::RefundAttention if is_all => self.go(State::Refunded, By::Settled, now),
            State::Refunding | State::RefundAttention => self.go(State::PartiallyRefunded, By::Settled, now),
            _ => false,
        };
    }

    fn refunds_are_beyond(&mut self, spoken_for: Fen, now: u64) {
        let mut dispute = Self::dispute(Contradiction::Refund, "", now);
        dispute.amount = Some(spoken_for);
        let is_known =
            self.disputes.iter().any(|known| known.id.is_empty() && known.amount == dispute.amount);
        if !is_known {
            self.contradicts(dispute, now);
        }
    }

    /// Since when a refund is waited for.
    pub(crate) fn waited_for_since(&self) -> Option<u64> {
        let pending = self.refunds.iter().filter(|refund| refund.is_pending());
        pending.map(|refund| refund.asked_at).chain(self.unexplained_refund).min()
    }

    /// A refund that is not settled after seven days is a person's matter.
    pub(crate) fn lose_patience(&mut self, now: u64) {
        let is_over =
            self.waited_for_since().is_some_and(|since| now >= since.saturating_add(REFUND_PATIENCE));
        if is_over && self.state == State::Refunding {
            self.go(State::RefundAttention, By::Attention, now);
            let spread = self.spread();
            for refund in self.refunds.iter_mut().filter(|refund| refund.is_pending()) {
                refund.plan = Plan::begin(Pauses::Attention, now, spread);
            }
        }
    }

    pub(crate) fn refund_of(&self, number: &OutRefundNo) -> Option<&Refund> {
        self.refunds.iter().find(|refund| refund.number == *number)
    }

    fn refund_mut(&mut self, number: &OutRefundNo) -> Option<&mut Refund> {
        self.refunds.iter_mut().find(|refund| refund.number == *number)
    }
}

/// For how long a refund that is a person's matter is looked up, after it was asked for: a month more than was waited.
const LOOKED_UP_FOR: u64 = REFUND_PATIENCE.saturating_add(30 * 24 * 3_600 * 1_000);

impl Refund {
    pub(crate) fn new(
        number: OutRefundNo,
        amount: Fen,
        reason: Option<String>,
        by: Option<String>,
        now: u64,
    ) -> Self {
        Self {
            number,
            amount,
            state: RefundState::Asked,
            reason,
            by,
            asked_at: now,
            sent: 0,
            did_nothing: 0,
            refusals: 0,
            refusal: None,
            id: None,
            success_time: None,
            written_off: false,
            plan: Plan::now(now),
        }
    }

    /// Whether `WeChat` Pay may know it.
    fn is_known_there(&self) -> bool {
        self.sent > 0 || self.id.is_some()
    }

    /// Whether money may be on its way without our knowing.
    fn is_unknown(&self) -> bool {
        self.is_pending() && self.state == RefundState::Asked && self.sent > self.did_nothing
    }

    /// Whether it is one of the fifty: all but those that were refused.
    fn counts_as_one(&self) -> bool {
        self.state != RefundState::Closed || self.id.is_some()
    }

    fn is_forgotten(&self, now: u64) -> bool {
        now >= self.asked_at.saturating_add(LOOKED_UP_FOR)
    }
}

impl RefundState {
    fn of(status: RefundStatus) -> Self {
        match status {
            RefundStatus::Processing => Self::Processing,
            RefundStatus::Success => Self::Succeeded,
            RefundStatus::Closed => Self::Closed,
            RefundStatus::Abnormal => Self::Abnormal,
        }
    }
}
