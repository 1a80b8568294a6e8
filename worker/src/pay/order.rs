//! The part of an object that is one order, around the state machine of `wxedge_pay`.
//!
//! Order of every change: the order takes it, the storage takes it whole with the alarm, then the call is made that is due,
//! and whoever asked is answered. Where the storage fails, the order is thrown away and read anew. Events leave by the
//! alarm, which rings at once.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use edge::{Changes, Flight, SingleFlight};
use futures_util::FutureExt;
use wxedge_contract::{Code, FieldError, JsonValue, Problem, fields, parse_object};
use wxedge_pay::{
    Call, NewOrder, NewRefund, Notice, Order, OutRefundNo, Outgoing, PaymentToSign, State, Step, beijing_day,
    nonce, read_order, write_order,
};

use super::shelf::Asked;
use super::stubs::{self, Part};
use super::wechat_pay::{self, Outcome};
use super::{keys, problems};
use crate::events;
use crate::platform::ObjectState;
use crate::{App, log};

/// Under what the order is stored.
const ORDER: &str = "order";
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

/// What it says: JSON, or an order's before its payment parameters, which are still to be signed.
enum Said {
    Json(String),
    Payment(String, PaymentToSign),
}

impl OrderPart {
    pub(super) fn new(state: ObjectState, app: Rc<App>) -> Self {
        let (order, thrown_away) = (RefCell::new(None), Cell::new(0));
        Self { state, app, order, thrown_away, calling: SingleFlight::new() }
    }

    /// Answers a question, when the call that it makes has ended. A notification is answered when it is stored: WeChat Pay
    /// waits, and what is to be asked then is asked meanwhile.
    pub(super) async fn answer(self: &Rc<Self>, asked: &Asked<'_>) -> Result<String, Problem> {
        let is_there = self.load().await?;
        let mut problem = None;
        if let Some(step) = self.take(asked, is_there)? {
            self.keep(&step).await?;
            let flight = self.begin(step);
            if asked.word != "notify" {
                if let Some(flight) = flight {
                    problem = flight.await;
                }
                self.load().await?;
            }
        }
        match self.reply(asked, problem)? {
            Said::Json(json) => Ok(json),
            Said::Payment(head, to_sign) => {
                let signature = keys::sign(self.app.config.pay()?, to_sign.message()).await?;
                Ok([&head, r#","payment":"#, &to_sign.signed(&signature).json(), "}"].concat())
            }
        }
    }

    /// Changes the order as a question says. What comes of it is to be stored at once.
    fn take(&self, asked: &Asked<'_>, is_there: bool) -> Result<Option<Step>, Problem> {
        let Asked { word, words: [first, second, third], body, .. } = *asked;
        if word == "create" {
            return self.create(body, first, (second, third), is_there).map(Some);
        }
        if !is_there {
            return Err(problems::no_order());
        }
        let step = match word {
            // Asked by the payer, by his openid, the order is looked up, and hidden from others.
            "show" if body.is_empty() => return Ok(None),
            "show" if self.with(|order, _| order.openid() != body)? => return Err(problems::no_order()),
            "show" => self.with(|order, now| Ok(order.asked(now)))?,
            "close" => self.with(Order::close)?,
            "resolve" => {
                let (to, note) = parse_decision(body.as_bytes())?;
                self.with(|order, now| order.resolve(to, &note, first, now))?
            }
            "refund" => {
                let new = NewRefund::parse(body.as_bytes())?;
                self.with(|order, now| order.refund(&new, first, now))?
            }
            "notify" => {
                let (event_type, plaintext) = body.split_once('\n').unwrap_or_default();
                let notice = Notice::reread(event_type, plaintext.as_bytes().to_vec());
                let notice = notice.map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
                self.with(|order, now| Ok(order.notified(&notice, now)))?
            }
            _ => return Ok(None),
        };
        step.map(Some).map_err(problems::denied)
    }

    /// Makes the order, or enters it again.
    fn create(&self, body: &str, by: &str, product: (&str, &str), is_there: bool) -> Result<Step, Problem> {
        let mut new = NewOrder::parse(body.as_bytes())?;
        let (name, quantity) = product;
        new.product = quantity.parse().ok().map(|quantity| (name.to_owned(), quantity));
        if is_there {
            return self.with(|order, now| order.enter(&new, now))?.map_err(problems::denied);
        }
        let now = self.now();
        new.check_time(now)?;
        let by = Some(by).filter(|by| !by.is_empty());
        let (order, step) = Order::create(&new, &self.app.config.pay()?.merchant, by, now);
        self.order.replace(Some(order));
        Ok(step)
    }

    /// What is said to whoever asked. `problem` is what stood in the way of the call.
    fn reply(&self, asked: &Asked<'_>, problem: Option<Problem>) -> Result<Said, Problem> {
        let mut order = self.order.borrow_mut();
        let order = order.as_mut().ok_or_else(thrown_away)?;
        let state = order.state();
        let number = order.number().as_str();
        match asked.word {
            "create" => payment(order, self.now(), problem),
            "refund" => refunded(order, asked.body, problem),
            "show_refund" => refund_shown(order, OutRefundNo::new(asked.body).as_ref()),
            "notify" => Ok(Said::Json(String::new())),
            "close" if matches!(state, State::Created | State::Paying) => {
                Err(problem.unwrap_or_else(|| problems::unknown(number)))
            }
            "close" if state != State::Closed => Err(problems::state(state)),
            "resolve" => match parse_decision(asked.body.as_bytes())? {
                (to, _) if to == state => Ok(Said::Json(order.view_json())),
                (to, _) => Err(problem.unwrap_or_else(|| problems::unresolved(to))),
            },
            _ => Ok(Said::Json(order.view_json())),
        }
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
        let handed_on = if events.is_empty() { Ok(()) } else { self.hand_on(&events).await };
        if let Err(problem) = &handed_on {
            log::problem("the events of an order", problem);
        }
        let step = self.with(|order, now| match (events.last(), handed_on) {
            (None, _) => order.wake(now),
            (Some(last), Ok(())) => order.forwarded(last.seq, now),
            (Some(_), Err(_)) => order.not_forwarded(now),
        })?;
        self.keep(&step).await?;
        if let Some(flight) = self.begin(step) {
            flight.await;
        }
        Ok(true)
    }

    /// Hands events on: to the outbox, to the index of the order's day, and where it is settled to the payer's list.
    async fn hand_on(&self, events: &[Outgoing]) -> Result<(), Problem> {
        let pay = self.app.config.pay()?;
        let note = self.with(|order, _| Note::of(order))?;
        for event in events {
            let in_order = Some(wxedge_outbox::Order::of_number(&note.number));
            let key = format!("pay {} {}", note.number, event.seq);
            let incoming = stubs::event(&event.kind, in_order, key, event.at / 1_000, &event.data);
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

    fn with<T>(&self, work: impl FnOnce(&mut Order, u64) -> T) -> Result<T, Problem> {
        let now = self.now();
        self.order.borrow_mut().as_mut().map(|order| work(order, now)).ok_or_else(thrown_away)
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

    /// Begins the call of a step, which goes on whatever becomes of who asked; else gives the one that is being made.
    fn begin(self: &Rc<Self>, step: Step) -> Option<Flight<Option<Problem>>> {
        let Some(call) = step.call else { return self.calling.current() };
        let this = self.clone();
        let flight = self.calling.start(async move { this.run(call).await }.boxed_local());
        let driven = flight.clone();
        self.state.wait_until(async move { drop(driven.await) }.boxed_local());
        Some(flight)
    }

    /// Makes a call and those that follow from its answer, each stored before the next.
    async fn run(self: Rc<Self>, mut call: Call) -> Option<Problem> {
        for _ in 0..MOST_CALLS {
            let request = match self.with(|order, _| order.request(&call)) {
                Ok(request) => request,
                Err(problem) => return Some(problem),
            };
            let Outcome { answer, problem } = wechat_pay::call(&self.app, &request).await;
            let next = match self.load().await {
                Ok(_) => self.with(|order, now| order.answered(&call, &answer, now)),
                Err(problem) => Err(problem),
            };
            let kept = match next {
                Ok(next) => self.keep(&next).await.map(|()| next.call),
                Err(problem) => Err(problem),
            };
            match kept {
                Ok(Some(next)) => call = next,
                Ok(None) => return problem,
                Err(problem) => return Some(problem),
            }
        }
        None
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

/// The order with payment parameters, or why there are none.
fn payment(order: &Order, now: u64, problem: Option<Problem>) -> Result<Said, Problem> {
    let (number, state) = (order.number().as_str(), order.state());
    if let Some(to_sign) = order.payment_to_sign(now, &nonce(edge::random().unwrap_or_default())) {
        let head = format!(r#"{{"out_trade_no":"{number}","state":"{}""#, state.as_str());
        return Ok(Said::Payment(head, to_sign));
    }
    Err(match (state, order.refusal()) {
        (State::Created | State::Failed, Some(refusal)) => problems::refused(refusal, number),
        (State::Created | State::Paying, _) => problem.unwrap_or_else(|| problems::unknown(number)),
        _ => problems::state(state),
    })
}

/// The refund that was asked for, unless it was refused or its outcome is unknown.
fn refunded(order: &Order, body: &str, problem: Option<Problem>) -> Result<Said, Problem> {
    let number = NewRefund::parse(body.as_bytes())?.out_refund_no;
    if let Some(refusal) = order.refund_refusal(&number) {
        return Err(problems::refused(refusal, number.as_str()));
    }
    if order.is_refund_unknown(&number) {
        return Err(problem.unwrap_or_else(|| problems::unknown(number.as_str())));
    }
    refund_shown(order, Some(&number))
}

fn refund_shown(order: &Order, number: Option<&OutRefundNo>) -> Result<Said, Problem> {
    let json = number.and_then(|number| order.refund_json(number));
    json.map(Said::Json).ok_or_else(|| Problem::new(Code::NotFound, "The order has no such refund."))
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

fn thrown_away() -> Problem {
    Problem::new(Code::Internal, "The order was thrown away and is read anew: ask again.")
}
