//! The part of an object that is one order, around the state machine of `wxedge_pay`.
//!
//! Order of every change: the order takes it, the storage takes it whole with the alarm, then the call is made that is due,
//! and whoever asked is answered. Where the storage fails, the order is thrown away and read anew. Events leave by the
//! alarm, which rings at once.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use edge::{Changes, Flight, Range, SingleFlight};
use wxedge_contract::{Code, FieldError, JsonValue, Problem, fields, parse_object};
use wxedge_outbox::webhook_body;
use wxedge_pay::{
    Call, Denied, NewOrder, NewRefund, Notice, Order, OutRefundNo, Outgoing, State, Step, beijing_day, nonce,
    read_order, write_order,
};

use super::stubs::text_json;
use super::stubs::{self, Part};
use super::wechat_pay::{self, Outcome};
use super::{keys, problems};
use crate::events::{self, Incoming};
use crate::platform::ObjectState;
use crate::{App, log};

/// Under what the order is stored.
const ORDER: &str = "order";
/// Before notifications about a number that nobody has made an order of.
const ORPHANS: &str = "orphan/";
/// How many of these are kept.
const MOST_ORPHANS: u32 = 20;
/// The most calls that one question makes, one after the other: query, close, query, each once more after a probe.
const MOST_CALLS: u8 = 8;
/// When the alarm rings again whose work failed, in milliseconds. The runtime itself gives up after six times.
const ALARM_PAUSE: u64 = 60_000;

/// The order of an object, and the call that it is making.
pub(super) struct OrderPart {
    state: ObjectState,
    app: Rc<App>,
    order: RefCell<Option<Order>>,
    /// How often it was thrown away: what was read before that is stale.
    thrown_away: Cell<u64>,
    /// What stood in the way of its last call.
    calling: SingleFlight<Option<Problem>>,
}

/// What it answers, as JSON.
type Shown = Result<String, Problem>;

impl OrderPart {
    pub(super) fn new(state: ObjectState, app: Rc<App>) -> Self {
        let (order, thrown_away) = (RefCell::new(None), Cell::new(0));
        Self { state, app, order, thrown_away, calling: SingleFlight::new() }
    }

    /// Makes the order, or gives fresh payment parameters of it.
    pub(super) async fn create(self: &Rc<Self>, body: &str, by: &str, product: (&str, &str)) -> Shown {
        let mut new = NewOrder::parse(body.as_bytes())?;
        let (name, quantity) = product;
        new.product = quantity.parse().ok().map(|quantity| (name.to_owned(), quantity));
        let step = if self.load().await? {
            self.change(|order, now| order.enter(&new, now))?
        } else {
            let now = self.now();
            new.check_time(now)?;
            let by = Some(by).filter(|by| !by.is_empty());
            let (order, step) = Order::create(&new, &self.app.config.pay()?.merchant, by, now);
            self.order.replace(Some(order));
            step
        };
        let problem = self.keep_and_call(step).await?;
        self.load().await?;
        self.payment(problem).await
    }

    /// The order with payment parameters, or why there are none.
    async fn payment(&self, problem: Option<Problem>) -> Shown {
        let random = edge::random().unwrap_or_default();
        let (number, state, to_sign, refusal) = self.with(|order, now| {
            let to_sign = order.payment_to_sign(now, &nonce(random));
            (order.number().clone(), order.state(), to_sign, order.refusal().cloned())
        })?;
        let Some(to_sign) = to_sign else {
            return Err(match (state, refusal) {
                (State::Created | State::Failed, Some(refusal)) => {
                    problems::refused(&refusal, number.as_str())
                }
                (State::Created | State::Paying, _) => {
                    problem.unwrap_or_else(|| problems::unknown(number.as_str()))
                }
                _ => problems::state(state),
            });
        };
        let signature = keys::sign(self.app.config.pay()?, to_sign.message()).await?;
        let payment = to_sign.signed(&signature).json();
        let (number, state) = (number.as_str(), state.as_str());
        Ok(format!(r#"{{"out_trade_no":"{number}","state":"{state}","payment":{payment}}}"#))
    }

    /// The order; looked up first where its payer asks, by his openid, and hidden from others.
    pub(super) async fn show(self: &Rc<Self>, payer: &str) -> Shown {
        self.require().await?;
        if !payer.is_empty() {
            if self.with(|order, _| order.openid() != payer)? {
                return Err(problems::no_order());
            }
            let step = self.change(|order, now| Ok(order.asked(now)))?;
            self.keep_and_call(step).await?;
        }
        self.view().await
    }

    pub(super) async fn close(self: &Rc<Self>) -> Shown {
        self.require().await?;
        let step = self.change(Order::close)?;
        let problem = self.keep_and_call(step).await?;
        self.load().await?;
        let (number, state) = self.with(|order, _| (order.number().clone(), order.state()))?;
        match state {
            State::Closed => self.view().await,
            State::Created | State::Paying => {
                Err(problem.unwrap_or_else(|| problems::unknown(number.as_str())))
            }
            state => Err(problems::state(state)),
        }
    }

    /// A person decides, by the key of that name.
    pub(super) async fn resolve(self: &Rc<Self>, body: &str, by: &str) -> Shown {
        let (to, note) = parse_decision(body.as_bytes())?;
        self.require().await?;
        let step = self.change(|order, now| order.resolve(to, &note, by, now))?;
        let problem = self.keep_and_call(step).await?;
        self.load().await?;
        if self.with(|order, _| order.state())? == to {
            return self.view().await;
        }
        Err(problem.unwrap_or_else(|| {
            Problem::new(
                Code::UpstreamUnverified,
                format!("WeChat Pay gave no verified answer that lets the order be {}.", to.as_str()),
            )
            .hint("Nothing was changed. An order becomes paid only when a query says that it was paid, with its amount.")
        }))
    }

    /// A refund, by the key of that name.
    pub(super) async fn refund(self: &Rc<Self>, body: &str, by: &str) -> Shown {
        let new = NewRefund::parse(body.as_bytes())?;
        self.require().await?;
        let step = self.change(|order, now| order.refund(&new, by, now))?;
        let problem = self.keep_and_call(step).await?;
        self.load().await?;
        let number = &new.out_refund_no;
        let (refusal, is_unknown) =
            self.with(|order, _| (order.refund_refusal(number).cloned(), order.is_refund_unknown(number)))?;
        match (problem, refusal) {
            (_, Some(refusal)) => Err(problems::refused(&refusal, number.as_str()).hint(
                "GET the refund: one that is closed gave nothing back, one that is asked stays asked for with the same number.",
            )),
            (Some(problem), None) if is_unknown => Err(problem),
            (None, None) if is_unknown => Err(problems::unknown(number.as_str())),
            _ => self.refund_view(number),
        }
    }

    pub(super) async fn show_refund(&self, number: &str) -> Shown {
        self.require().await?;
        self.refund_view(&OutRefundNo::new(number).ok_or_else(no_refund)?)
    }

    /// A notification that was verified and opened: its event type and what was inside. Once this is answered it is safe.
    pub(super) async fn notified(self: &Rc<Self>, body: &str) -> Shown {
        if !self.load().await? {
            return self.orphan(body).await;
        }
        let (event_type, plaintext) = body.split_once('\n').unwrap_or_default();
        let notice = Notice::reread(event_type, plaintext.as_bytes().to_vec())
            .map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
        let step = self.change(|order, now| Ok(order.notified(&notice, now)))?;
        self.keep(&step).await?;
        // WeChat Pay waits for its answer; what is to be asked is asked meanwhile.
        drop(self.begin(step));
        Ok(String::new())
    }

    /// A notification about no order of ours: kept, and told to the operator.
    pub(super) async fn orphan(&self, body: &str) -> Shown {
        let (event_type, plaintext) = body.split_once('\n').unwrap_or_default();
        let storage = &self.state.storage;
        let key = [ORPHANS, &orphan_key(event_type, plaintext)].concat();
        let range = Range { prefix: ORPHANS, end: None, reverse: false, limit: MOST_ORPHANS };
        let kept = storage.list(range).await?;
        let is_full = u32::try_from(kept.len()).is_ok_and(|count| count == MOST_ORPHANS);
        if !is_full && !kept.iter().any(|(known, _)| *known == key) {
            let puts = vec![(key.clone(), body.to_owned())];
            storage.write(Changes { puts, ..Changes::default() }).await?;
        }
        let kind = "alert.orphan_payment".to_owned();
        let event = format!(r#"{{"event_type":{},"resource":{plaintext}}}"#, text_json(event_type));
        let incoming = Incoming {
            body: webhook_body(&kind, self.now() / 1_000, &event, true),
            key: format!("{kind} {key}"),
            kind,
            order: None,
            work: false,
            outlives_user: false,
            wait: None,
        };
        events::take_in(&self.app, &incoming).await?;
        Ok(String::new())
    }

    /// The alarm; false where this is no order. Should it fail, it rings again, however often that takes.
    pub(super) async fn ring(self: &Rc<Self>) -> Result<bool, Problem> {
        match self.wake().await {
            Ok(is_order) => Ok(is_order),
            Err(problem) => {
                log::problem("the alarm of an order", &problem);
                self.throw_away();
                self.state.storage.set_alarm(self.now().saturating_add(ALARM_PAUSE)).await?;
                Ok(true)
            }
        }
    }

    async fn wake(self: &Rc<Self>) -> Result<bool, Problem> {
        if !self.load().await? {
            return Ok(false);
        }
        let events = self.with(|order, _| order.outgoing().to_vec())?;
        let step = match events.last() {
            None => self.change(|order, now| Ok(order.wake(now)))?,
            Some(last) => match self.hand_on(&events).await {
                Ok(()) => self.change(|order, now| Ok(order.forwarded(last.seq, now)))?,
                Err(problem) => {
                    log::problem("the events of an order", &problem);
                    self.change(|order, now| Ok(order.not_forwarded(now)))?
                }
            },
        };
        self.keep_and_call(step).await?;
        Ok(true)
    }

    /// Hands events on: to the outbox, to the index of the order's day, and where it is settled to the payer's list.
    async fn hand_on(&self, events: &[Outgoing]) -> Result<(), Problem> {
        let pay = self.app.config.pay()?;
        let note = self.with(|order, _| Note::of(order))?;
        for event in events {
            let incoming = Incoming {
                kind: event.kind.clone(),
                order: Some(wxedge_outbox::Order::of_number(&note.number)),
                key: format!("pay {} {}", note.number, event.seq),
                body: webhook_body(&event.kind, event.at / 1_000, &event.data, true),
                work: false,
                outlives_user: false,
                wait: None,
            };
            events::take_in(&self.app, &incoming).await?;
        }
        let Note { number, state, created_at, seq, view, payer } = note;
        let day = stubs::name(pay, Part::Day, &beijing_day(created_at));
        let question = format!("note {created_at:013}-{number} {seq} {}", state.as_str());
        stubs::ask(&self.app, &day, &question, &view).await?;
        if let Some(openid) = payer {
            let payer = stubs::name(pay, Part::Payer, &openid);
            stubs::ask(&self.app, &payer, &["settled ", &number].concat(), "").await?;
        }
        Ok(())
    }

    /// Reads the order, and tells whether there is one.
    async fn load(&self) -> Result<bool, Problem> {
        if self.order.borrow().is_some() {
            return Ok(true);
        }
        let before = self.thrown_away.get();
        let stored = self.state.storage.texts(vec![ORDER.to_owned()]).await?.pop().flatten();
        if self.thrown_away.get() != before {
            return Err(thrown_away());
        }
        // Another question may have come first while the storage was read.
        if self.order.borrow().is_some() {
            return Ok(true);
        }
        let Some(stored) = stored else { return Ok(false) };
        let order = read_order(stored.as_bytes());
        let order =
            order.ok_or_else(|| Problem::new(Code::Internal, "What is stored of an order is unreadable."))?;
        self.order.replace(Some(order));
        Ok(true)
    }

    async fn require(&self) -> Result<(), Problem> {
        if self.load().await? { Ok(()) } else { Err(problems::no_order()) }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Order, u64) -> T) -> Result<T, Problem> {
        let now = self.now();
        self.order.borrow_mut().as_mut().map(|order| work(order, now)).ok_or_else(thrown_away)
    }

    /// Changes the order. What comes of it is to be kept at once.
    fn change(&self, work: impl FnOnce(&mut Order, u64) -> Result<Step, Denied>) -> Result<Step, Problem> {
        self.with(work)?.map_err(problems::denied)
    }

    async fn keep(&self, step: &Step) -> Result<(), Problem> {
        let order = self.with(|order, _| write_order(order))?;
        let puts = vec![(ORDER.to_owned(), order)];
        let written =
            self.state.storage.write(Changes { puts, alarm: step.alarm, ..Changes::default() }).await;
        if written.is_err() {
            self.throw_away();
        }
        written
    }

    /// Stores the order, and gives what stood in the way of the call that it makes then, when that has ended.
    async fn keep_and_call(self: &Rc<Self>, step: Step) -> Result<Option<Problem>, Problem> {
        self.keep(&step).await?;
        match self.begin(step) {
            Some(flight) => Ok(flight.await),
            None => Ok(None),
        }
    }

    /// Begins the call of a step, which goes on whatever becomes of who asked; else gives the one that is being made.
    fn begin(self: &Rc<Self>, step: Step) -> Option<Flight<Option<Problem>>> {
        let Some(call) = step.call else { return self.calling.current() };
        let this = self.clone();
        let flight = self.calling.start(async move { this.run(call).await });
        let driven = flight.clone();
        self.state.wait_until(async move { drop(driven.await) });
        Some(flight)
    }

    async fn run(self: Rc<Self>, mut call: Call) -> Option<Problem> {
        let mut problem = None;
        for _ in 0..MOST_CALLS {
            let next = match self.make(&call).await {
                Ok((next, stood_in_the_way)) => {
                    problem = stood_in_the_way;
                    next
                }
                Err(problem) => return Some(problem),
            };
            match next {
                Some(next) => call = next,
                None => break,
            }
        }
        problem
    }

    /// Makes a call, stores what it says, and gives the next one with what stood in the way of this.
    async fn make(&self, call: &Call) -> Result<(Option<Call>, Option<Problem>), Problem> {
        let request = self.with(|order, _| order.request(call))?;
        let Outcome { answer, problem } = wechat_pay::call(&self.app, &request).await;
        self.require().await?;
        let step = self.change(|order, now| Ok(order.answered(call, &answer, now)))?;
        self.keep(&step).await?;
        Ok((step.call, problem))
    }

    async fn view(&self) -> Shown {
        self.load().await?;
        self.with(|order, _| order.view_json())
    }

    fn refund_view(&self, number: &OutRefundNo) -> Shown {
        self.with(|order, _| order.refund_json(number))?.ok_or_else(no_refund)
    }

    fn throw_away(&self) {
        self.order.replace(None);
        self.thrown_away.set(self.thrown_away.get().wrapping_add(1));
    }

    fn now(&self) -> u64 {
        self.state.platform.now_ms()
    }
}

/// What a person may make of an order.
const RESOLVED: [State; 4] = [State::Paid, State::PartiallyRefunded, State::Refunded, State::Closed];

fields! {
    only struct Decision {
        r#as as "as": JsonValue,
        note: JsonValue,
    }
}

/// What a person decides about an order, and why.
pub(super) fn parse_decision(body: &[u8]) -> Result<(State, String), FieldError> {
    let Decision { r#as, note } = parse_object(body)?;
    let to = r#as.text("as", 1..=32)?;
    let to = RESOLVED.into_iter().find(|state| state.as_str() == to);
    let to =
        to.ok_or_else(|| FieldError::new("as", "must be paid, partially_refunded, refunded or closed"))?;
    Ok((to, note.text("note", 1..=500)?))
}

fields! {
    any struct Ids {
        transaction_id: JsonValue,
        refund_id: JsonValue,
    }
}

/// The same for all repeats of a notification.
fn orphan_key(event_type: &str, plaintext: &str) -> String {
    let Ids { transaction_id, refund_id } = parse_object(plaintext.as_bytes()).unwrap_or_default();
    let mut key = event_type.to_owned();
    for id in [transaction_id, refund_id] {
        if let JsonValue::Text(id) = id {
            key.extend(["/", &id]);
        }
    }
    key
}

/// What others are told of an order.
struct Note {
    number: String,
    state: State,
    created_at: u64,
    seq: u32,
    view: String,
    /// Of an order that a session made and that is not unpaid any more.
    payer: Option<String>,
}

impl Note {
    fn of(order: &Order) -> Self {
        let is_settled = !matches!(order.state(), State::Created | State::Paying);
        Self {
            number: order.number().as_str().to_owned(),
            state: order.state(),
            created_at: order.created_at(),
            seq: order.events(),
            view: order.view_json(),
            payer: (order.is_of_session() && is_settled).then(|| order.openid().to_owned()),
        }
    }
}

fn no_refund() -> Problem {
    Problem::new(Code::NotFound, "The order has no such refund.")
}

fn thrown_away() -> Problem {
    Problem::new(Code::Internal, "The order was thrown away and is read anew: ask again.")
}
