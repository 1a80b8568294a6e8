//! What is told to an order, and what it asks for.

use alloc::format;
use alloc::string::String;

use wxedge_contract::{JsonValue, read_object};

use super::plan::{Pauses, Plan};
use super::record::{Next, Order, Refused};
use super::state::State;
use super::step::{Call, Denied, Outgoing, Step};
use crate::answer::Answer;
use crate::form::json_text;
use crate::limits::{CALL_LIMIT, CLOSE_AFTER, LOOK_GAP, PREPAY_FRESH, REFUND_PATIENCE};
use crate::new_order::NewOrder;
use crate::notification::Notice;
use crate::number::OutTradeNo;
use crate::signing::{Merchant, PaymentToSign, Request};
use crate::stored::Stored;

impl Order {
    /// A new order; nobody has used its number before. `by` is the name of the key that asks, none for a session.
    pub fn create(new: &NewOrder, merchant: &Merchant, by: Option<&str>, now: u64) -> (Self, Step) {
        let expires_at = new.expires_at(now);
        let mut order = Self {
            number: new.out_trade_no.clone(),
            appid: merchant.appid.clone(),
            mchid: merchant.mchid.clone(),
            notify_url: merchant.notify_url.clone(),
            amount: new.amount,
            openid: new.openid.clone(),
            description: new.description.clone(),
            attach: new.attach.clone(),
            product: new.product.as_ref().map(|(name, _)| name.clone()),
            quantity: new.product.as_ref().map(|(_, quantity)| *quantity).unwrap_or_default(),
            body: new.body(merchant, expires_at),
            content: new.fingerprint(),
            by: by.map(Into::into),
            created_at: now,
            expires_at,
            plan: Plan::now(now),
            ..Self::default()
        };
        order.announce(now);
        let step = order.step(now);
        (order, step)
    }

    /// The same number is asked for again, as after an unknown outcome or for fresh payment parameters.
    ///
    /// # Errors
    /// [`Denied::Conflict`] for other content, [`Denied::State`] when it cannot be paid any more.
    pub fn enter(&mut self, new: &NewOrder, now: u64) -> Result<Step, Denied> {
        if self.content != new.fingerprint() {
            return Err(Denied::Conflict);
        }
        if !self.state.is_open() || self.closing || now >= self.expires_at {
            return Err(Denied::State(self.state));
        }
        if self.fresh_prepay(now).is_none() {
            self.next = Next::Create;
            self.plan.at = Some(now);
        }
        Ok(self.step(now))
    }

    /// Payment parameters, if it can be paid. `nonce` is new each time.
    #[must_use]
    pub fn payment_to_sign(&self, now: u64, nonce: &str) -> Option<PaymentToSign> {
        let prepay_id = self.fresh_prepay(now)?;
        Some(PaymentToSign::new(&self.appid, prepay_id, now / 1_000, nonce))
    }

    /// The payer wants to know: an order that is not settled is looked up, at most once a second.
    pub fn asked(&mut self, now: u64) -> Step {
        let is_too_soon = (self.looked_at..self.looked_at.saturating_add(LOOK_GAP)).contains(&now);
        if !is_too_soon && self.look(now) {
            self.looked_at = now;
        }
        self.step(now)
    }

    /// A service wants it closed.
    ///
    /// # Errors
    /// [`Denied::State`] when it is neither unpaid nor closed already.
    pub fn close(&mut self, now: u64) -> Result<Step, Denied> {
        match self.state {
            State::Created | State::Paying => {
                self.begin_closing(now);
                Ok(self.step(now))
            }
            State::Closed => Ok(self.step(now)),
            other => Err(Denied::State(other)),
        }
    }

    /// A notification about it came: verified, opened, of its number. It is stored with the step, and may then be
    /// acknowledged.
    pub fn notified(&mut self, notice: &Notice, now: u64) -> Step {
        match notice {
            Notice::Payment(transaction) => self.learn_payment(transaction, now),
            Notice::Refund(fact) => self.learn_refund(fact, now),
            Notice::Other { .. } => {}
        }
        self.step(now)
    }

    /// A call has ended.
    pub fn answered(&mut self, call: &Call, answer: &Answer, now: u64) -> Step {
        if self.flight.as_ref().is_some_and(|(flying, _)| flying == call) {
            self.flight = None;
        }
        if *answer == Answer::Unverified && !self.repeated {
            self.repeated = true;
            self.repeat(call, now);
        } else {
            self.repeated = false;
            match call {
                Call::Create => self.create_answered(answer, now),
                Call::Query => self.query_answered(answer, now),
                Call::Close => self.close_answered(answer, now),
                Call::Refund(number) => self.refund_answered(number, answer, now),
                Call::QueryRefund(number) => self.refund_query_answered(number, answer, now),
            }
        }
        self.step(now)
    }

    /// The alarm rings. At other times it does no harm.
    pub fn wake(&mut self, now: u64) -> Step {
        self.step(now)
    }

    /// What a call sends.
    #[must_use]
    pub fn request(&self, call: &Call) -> Request {
        let path = format!("/v3/pay/transactions/out-trade-no/{}", self.number.encoded());
        let mchid = &self.mchid;
        match call {
            Call::Create => Request::post("/v3/pay/transactions/jsapi", self.body.as_str()),
            Call::Query => Request::get(format!("{path}?mchid={mchid}")),
            Call::Close => {
                Request::post(format!("{path}/close"), format!("{{\"mchid\":{}}}", json_text(mchid)))
            }
            Call::Refund(number) => {
                Request::post("/v3/refund/domestic/refunds", self.refund_body(number).unwrap_or_default())
            }
            Call::QueryRefund(number) => {
                Request::get(format!("/v3/refund/domestic/refunds/{}", number.encoded()))
            }
        }
    }

    /// Events that are to be handed on, in order: the first of them now and then, when [`Order::next_alarm`] rings.
    #[must_use]
    pub fn outgoing(&self) -> &[Outgoing] {
        &self.outgoing
    }

    /// All events up to this one are stored in the outbox.
    pub fn forwarded(&mut self, seq: u32, now: u64) -> Step {
        self.outgoing.retain(|event| event.seq > seq);
        self.forward = if self.outgoing.is_empty() { Plan::none() } else { Plan::now(now) };
        self.step(now)
    }

    /// The outbox did not take them.
    pub fn not_forwarded(&mut self, now: u64) -> Step {
        let spread = self.spread();
        self.forward.next(Pauses::Forward, now, spread);
        self.step(now)
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> &OutTradeNo {
        &self.number
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Who pays.
    #[must_use]
    pub fn openid(&self) -> &str {
        &self.openid
    }

    /// Whether a session made it.
    #[must_use]
    pub fn is_of_session(&self) -> bool {
        self.by.is_none()
    }

    /// How many events it has had.
    #[must_use]
    pub fn events(&self) -> u32 {
        self.events
    }

    /// When it was made, in Unix milliseconds: the day in Beijing is the index that lists it.
    #[must_use]
    pub fn created_at(&self) -> u64 {
        self.created_at
    }

    /// What `WeChat` Pay refused the order's last call with, if it did.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refused> {
        self.refusal.as_ref()
    }

    /// The body that is sent for the order: what somebody's first try sent is sent at every try.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// When to call [`Order::wake`], in Unix milliseconds.
    #[must_use]
    pub fn next_alarm(&self, now: u64) -> Option<u64> {
        let after_flight = self.flight_until(now).unwrap_or_default();
        let call = self.plan.at.into_iter().chain(self.next_refund_moment()).min();
        let call = call.map(|at| at.max(after_flight));
        let end = self.state.is_open().then(|| self.expires_at.saturating_add(CLOSE_AFTER));
        let end = end.filter(|_| !self.closing);
        let patience = self.waited_for_since().map(|since| since.saturating_add(REFUND_PATIENCE));
        let patience = patience.filter(|_| self.state == State::Refunding);
        let forward = self.forward.at.filter(|_| !self.outgoing.is_empty());
        [call, end, patience, forward, self.flight_until(now)].into_iter().flatten().min()
    }

    /// Ends what is over, begins the call that is due.
    pub(crate) fn step(&mut self, now: u64) -> Step {
        if self.state.is_open() && !self.closing && now >= self.expires_at.saturating_add(CLOSE_AFTER) {
            self.begin_closing(now);
        }
        self.lose_patience(now);
        let call = if self.flight_until(now).is_none() { self.begin_call(now) } else { None };
        if let Some(call) = &call {
            self.flight = Some((call.clone(), now.saturating_add(CALL_LIMIT)));
        }
        Step { call, alarm: self.next_alarm(now) }
    }

    fn begin_call(&mut self, now: u64) -> Option<Call> {
        if self.plan.is_due(now) {
            return Some(self.begin_payment_call(now));
        }
        self.begin_refund_call(now)
    }

    /// The same call once more, at once.
    fn repeat(&mut self, call: &Call, now: u64) {
        match call {
            Call::Create => self.next = Next::Create,
            Call::Query => self.next = Next::Query,
            Call::Close => self.next = Next::Close,
            Call::Refund(number) | Call::QueryRefund(number) => {
                if let Some(refund) = self.refunds.iter_mut().find(|refund| refund.number == *number) {
                    refund.plan.at = Some(now);
                }
                return;
            }
        }
        self.plan.at = Some(now);
    }

    /// Until when the call in flight is waited for. A clock that was set back does not make it longer.
    fn flight_until(&self, now: u64) -> Option<u64> {
        let waited_for = now..=now.saturating_add(CALL_LIMIT);
        self.flight
            .as_ref()
            .map(|(_, until)| *until)
            .filter(|until| *until > now && waited_for.contains(until))
    }

    fn fresh_prepay(&self, now: u64) -> Option<&str> {
        let can_be_paid = self.state == State::Paying && !self.closing && now < self.expires_at;
        let prepay = self.prepay.as_ref().filter(|_| can_be_paid)?;
        (now.abs_diff(prepay.at) < PREPAY_FRESH).then_some(prepay.id.as_str())
    }

    /// A number of this order's own, by which moments are spread.
    pub(crate) fn spread(&self) -> u64 {
        // FNV-1a.
        self.number
            .as_str()
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

/// The order that was stored; nothing when the record is of another form.
#[must_use]
pub fn read_order(json: &[u8]) -> Option<Order> {
    let mut order = Order::default();
    let given = JsonValue::Object(read_object(json).ok()?);
    order.read(given).then_some(order)
}

/// The order as it is stored.
#[must_use]
pub fn write_order(order: &Order) -> String {
    let mut json = String::new();
    order.write(&mut json);
    json
}
