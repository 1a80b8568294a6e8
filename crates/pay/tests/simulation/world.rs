//! One order's object, the network, the payer, the service, and `WeChat` Pay, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wxedge_pay::{
    Answer, Call, Envelope, Merchant, NewOrder, NewRefund, Order, OutRefundNo, PayRefusal, Received,
    SignatureHeaders, State, Step, Verified, VerifyKey, VerifyKeys, nonce, parse_moment, read_order,
    write_moment, write_order,
};

use crate::wechat::{APPID, MCHID, OPENID, Reply, WeChat};
use crate::witness::Witness;
use wxedge_simulation::Dice;

pub const NUMBER: &str = "T20261124_0001";
/// 2026-11-24T16:00:00+08:00.
pub const EPOCH: u64 = 1_795_507_200_000;
const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
/// When a notification is tried again. Source: section 3.2 of the facts.
const TRIES: [u64; 15] = [
    15 * SECOND,
    15 * SECOND,
    30 * SECOND,
    3 * MINUTE,
    10 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    30 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    3 * HOUR,
    3 * HOUR,
    6 * HOUR,
    6 * HOUR,
];

/// How bad this world is: chances in percent.
pub struct Rules {
    pub amount: u64,
    pub expires_in: Option<u64>,
    pub lost_calls: u64,
    pub lost_answers: u64,
    pub errors: u64,
    pub probes: u64,
    pub lost_notices: u64,
    pub lost_writes: u64,
    pub outbox_down: u64,
    pub clock_is_true: bool,
    pub refunds: [u64; 4],
}

#[derive(Clone, Debug)]
pub enum Event {
    Creates,
    CreatesOther,
    Asks,
    Closes,
    Refunds { number: String, amount: u64 },
    Resolves { to: State },
    Pays,
    PaysLate,
    ConsoleRefund { amount: u64 },
    RefundMoves { number: String, to: &'static str },
    Notices { plaintext: Value, kind: &'static str, tries: usize, genuine: bool },
    Leaves { call: Call, object: u32 },
    Arrives { call: Call, body: String, object: u32 },
    Answers { call: Call, reply: Option<Reply>, probe: bool, object: u32 },
    Alarm,
    Crash,
    Jumps { by: i64 },
    RefusesRefunds { code: Option<&'static str> },
    RefusesOrders { code: Option<&'static str> },
    Forwards { object: u32 },
}

#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    pub paid: u64,
    pub late: u64,
    pub refunded: u64,
    pub partly: u64,
    pub quarantined: u64,
    pub attention: u64,
    pub closed: u64,
    pub failed: u64,
    pub crashes: u64,
    pub forged: u64,
    pub lost: u64,
    pub refunds: u64,
}

impl Outcomes {
    pub fn add(&mut self, other: &Self) {
        self.paid += other.paid;
        self.late += other.late;
        self.refunded += other.refunded;
        self.partly += other.partly;
        self.quarantined += other.quarantined;
        self.attention += other.attention;
        self.closed += other.closed;
        self.failed += other.failed;
        self.crashes += other.crashes;
        self.forged += other.forged;
        self.lost += other.lost;
        self.refunds += other.refunds;
    }
}

pub struct World {
    pub rules: Rules,
    pub dice: Dice,
    pub now: u64,
    pub offset: i64,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    events: Vec<Option<Event>>,
    pub order: Option<Order>,
    stored: Option<String>,
    object: u32,
    alarm: Option<u64>,
    pub wechat: WeChat,
    pub witness: Witness,
    pub outcomes: Outcomes,
    handed_out: bool,
    first_new: Option<NewOrder>,
    pub console: bool,
    calm: bool,
    keys: VerifyKeys,
}

impl World {
    pub fn new(rules: Rules, dice: Dice) -> Self {
        let mut keys = VerifyKeys::default();
        keys.add(VerifyKey { id: "PUB_KEY_ID_1".into(), spki: Vec::new(), ends_at: None });
        Self {
            rules,
            dice,
            now: EPOCH,
            offset: 0,
            queue: BinaryHeap::new(),
            events: Vec::new(),
            order: None,
            stored: None,
            object: 0,
            alarm: None,
            wechat: WeChat::default(),
            witness: Witness::default(),
            outcomes: Outcomes::default(),
            handed_out: false,
            first_new: None,
            console: false,
            calm: false,
            keys,
        }
    }

    pub fn plan(&mut self, at: u64, event: Event) {
        self.queue.push(Reverse((at, self.events.len() as u64)));
        self.events.push(Some(event));
    }

    pub fn run_until(&mut self, end: u64) {
        while let Some(Reverse((at, index))) = self.queue.peek().copied() {
            if at > end {
                break;
            }
            self.queue.pop();
            self.now = self.now.max(at);
            self.wechat.expire(self.now);
            if let Some(event) = self.events[index as usize].take() {
                self.happens(event);
            }
        }
        self.now = end;
        self.wechat.expire(self.now);
    }

    /// From now on nothing goes wrong any more, but that notifications stay lost where they all were.
    pub fn calms_down(&mut self) {
        let lost = if self.rules.lost_notices == 100 { 100 } else { 0 };
        self.rules.lost_calls = 0;
        self.rules.lost_answers = 0;
        self.rules.errors = 0;
        self.rules.probes = 0;
        self.rules.lost_writes = 0;
        self.rules.outbox_down = 0;
        self.rules.lost_notices = lost;
        self.offset = 0;
        self.wechat.refuses_refunds = None;
        self.wechat.refuses_orders = None;
        self.calm = true;
    }

    fn clock(&self) -> u64 {
        self.now.saturating_add_signed(self.offset)
    }

    fn happens(&mut self, event: Event) {
        if !matches!(event, Event::Forwards { .. } | Event::Alarm) {
            self.witness.note(self.now - EPOCH, || format!("{event:?}"));
        }
        match event {
            Event::Creates => self.creates(),
            Event::CreatesOther => self.creates_other(),
            Event::Asks => self.does(|order, now| Some(order.asked(now))),
            Event::Closes => self.does(|order, now| order.close(now).ok()),
            Event::Refunds { number, amount } => self.refunds(&number, amount),
            Event::Resolves { to } => {
                if self.order.as_ref().is_some_and(|order| Witness::is_before_a_person(order.state())) {
                    self.witness.resolved = true;
                }
                self.does(|order, now| order.resolve(to, "seen", "night", now).ok());
            }
            Event::Pays => {
                if self.handed_out && self.wechat.pay(self.now) {
                    self.paid();
                }
            }
            Event::PaysLate => {
                if self.handed_out && self.wechat.pay_late() {
                    self.outcomes.late += 1;
                    self.paid();
                }
            }
            Event::ConsoleRefund { amount } => {
                if let Some(number) = self.wechat.console_refund(amount) {
                    self.console = true;
                    self.notices_refund(&number);
                }
            }
            Event::RefundMoves { number, to } => {
                if let Some(refund) = self.wechat.refunds.get_mut(&number) {
                    refund.state = to;
                    self.notices_refund(&number);
                }
            }
            Event::Notices { plaintext, kind, tries, genuine } => {
                self.notices(&plaintext, kind, tries, genuine);
            }
            Event::Leaves { call, object } => self.leaves(call, object),
            Event::Arrives { call, body, object } => self.arrives(call, &body, object),
            Event::Answers { call, reply, probe, object } => self.answers(&call, reply, probe, object),
            Event::Alarm => {
                if self.alarm == Some(self.now) {
                    self.alarm = None;
                    self.witness.wakes();
                    self.does(|order, now| Some(order.wake(now)));
                }
            }
            Event::Crash
            | Event::Jumps { .. }
            | Event::RefusesRefunds { .. }
            | Event::RefusesOrders { .. }
                if self.calm => {}
            Event::Crash => self.crashes(),
            Event::Jumps { by } => self.offset += by,
            Event::RefusesRefunds { code } => self.wechat.refuses_refunds = code,
            Event::RefusesOrders { code } => self.wechat.refuses_orders = code,
            Event::Forwards { object } => self.forwards(object),
        }
    }

    // The service and the payer.

    fn new_order(&self, description: &str) -> NewOrder {
        let mut body = json!({
            "out_trade_no": NUMBER, "description": description, "amount": self.rules.amount, "openid": OPENID,
        });
        if let Some(expires_in) = self.rules.expires_in {
            body["time_expire"] = json!(write_moment(EPOCH + expires_in));
        }
        NewOrder::parse(body.to_string().as_bytes()).expect("a good order")
    }

    fn creates(&mut self) {
        let new = self.first_new.get_or_insert(self.new_order("x")).clone();
        if self.order.is_some() {
            return self.does(|order, now| order.enter(&new, now).ok());
        }
        let merchant = Merchant {
            mchid: MCHID.into(),
            appid: APPID.into(),
            serial: "S".into(),
            notify_url: "https://shop.example/v1/pay/notify/1900000109".into(),
        };
        let (order, step) = Order::create(&new, &merchant, Some("shop"), self.clock());
        self.order = Some(order);
        self.follows(step);
    }

    fn creates_other(&mut self) {
        let other = self.new_order("y");
        if let Some(order) = &mut self.order {
            let clock = self.now.saturating_add_signed(self.offset);
            assert!(order.enter(&other, clock).is_err(), "other content is taken under the same number");
        }
    }

    fn refunds(&mut self, number: &str, amount: u64) {
        let new = NewRefund::parse(json!({"out_refund_no": number, "amount": amount}).to_string().as_bytes());
        let new = new.expect("a good refund");
        self.does(|order, now| order.refund(&new, "shop", now).ok());
    }

    fn paid(&mut self) {
        self.outcomes.paid += 1;
        let plaintext = WeChat::transaction("SUCCESS", self.wechat.amount());
        self.announces(plaintext, "TRANSACTION.SUCCESS");
    }

    fn notices_refund(&mut self, number: &str) {
        let kind = match self.wechat.refunds[number].state {
            "SUCCESS" => "REFUND.SUCCESS",
            "CLOSED" => "REFUND.CLOSED",
            "ABNORMAL" => "REFUND.ABNORMAL",
            _ => return,
        };
        let plaintext = self.wechat.refund_notice(number);
        self.announces(plaintext, kind);
    }

    fn announces(&mut self, plaintext: Value, kind: &'static str) {
        let delay = self.dice.within(50..=5 * SECOND);
        let notice = Event::Notices { plaintext, kind, tries: 0, genuine: true };
        // A copy may come when other news have overtaken it.
        if self.dice.percent(30) {
            let late = self.dice.within(1..=72 * HOUR);
            self.plan(self.now + late, notice.clone());
        }
        self.plan(self.now + delay, notice);
    }

    // The object.

    /// Something is told to the order, if there is one. What comes of it is stored before anything else.
    fn does(&mut self, act: impl FnOnce(&mut Order, u64) -> Option<Step>) {
        let clock = self.clock();
        let Some(order) = &mut self.order else { return };
        if let Some(step) = act(order, clock) {
            self.follows(step);
        }
    }

    fn follows(&mut self, step: Step) -> bool {
        if self.dice.percent(self.rules.lost_writes) {
            self.crashes();
            return false;
        }
        let Some(order) = &self.order else { return false };
        self.stored = Some(write_order(order));
        self.witness.stored(order, self.now - EPOCH);
        if order.payment_to_sign(self.clock(), &nonce([7; 16])).is_some() {
            assert_eq!(order.state(), State::Paying, "payment parameters of an order that cannot be paid");
            self.handed_out = true;
        }
        if !order.outgoing().is_empty() {
            let at = self.now + self.dice.within(1..=50);
            self.plan(at, Event::Forwards { object: self.object });
        }
        self.sets_alarm(step.alarm);
        if let Some(call) = step.call {
            self.plan(self.now, Event::Leaves { call, object: self.object });
        }
        true
    }

    fn sets_alarm(&mut self, alarm: Option<u64>) {
        self.alarm = alarm.map(|at| at.saturating_add_signed(-self.offset).max(self.now + 1));
        if let Some(at) = self.alarm {
            self.plan(at, Event::Alarm);
        }
    }

    /// The object dies with all that is not stored. Its alarm stays.
    fn crashes(&mut self) {
        self.object += 1;
        self.outcomes.crashes += 1;
        self.order =
            self.stored.as_ref().map(|json| read_order(json.as_bytes()).expect("what is stored is read"));
        if let (Some(order), Some(json)) = (&self.order, &self.stored) {
            assert_eq!(write_order(order), *json, "reading changes what is stored");
        }
        // An alarm that was being handled rings again.
        if self.order.is_some() && self.alarm.is_none() {
            self.sets_alarm(Some(self.clock() + SECOND));
        }
    }

    fn forwards(&mut self, object: u32) {
        let clock = self.clock();
        let down = self.dice.percent(self.rules.outbox_down);
        let Some(order) = self.order.as_mut().filter(|_| object == self.object) else { return };
        let seqs: Vec<u32> = order.outgoing().iter().map(|event| event.seq).collect();
        let (Some(first), Some(last)) = (seqs.first(), seqs.last().copied()) else { return };
        if !down {
            self.witness.forwarded(*first, last);
        }
        let step = if down { order.not_forwarded(clock) } else { order.forwarded(last, clock) };
        if down {
            let alarm = step.alarm;
            self.stored = Some(write_order(order));
            self.sets_alarm(alarm);
            if let Some(call) = step.call {
                self.plan(self.now, Event::Leaves { call, object });
            }
        } else {
            self.follows(step);
        }
    }

    // The network.

    fn leaves(&mut self, call: Call, object: u32) {
        if object != self.object {
            return;
        }
        let Some(order) = &self.order else { return };
        let request = order.request(&call);
        let (now, is_true) = (self.now - EPOCH, self.rules.clock_is_true);
        match &call {
            Call::Create => self.witness.sends_create(&request.body),
            Call::Query => self.witness.sends_query(now, is_true),
            Call::Refund(number) => {
                let stored = self.stored.as_ref().and_then(|json| read_order(json.as_bytes()));
                let known = stored.is_some_and(|stored| stored.refund_state(number).is_some());
                self.witness.sends_refund(number.as_str(), known, now, is_true);
                self.outcomes.refunds += 1;
            }
            Call::Close | Call::QueryRefund(_) => self.witness.calls(),
        }
        if self.dice.percent(self.rules.lost_calls) {
            self.outcomes.lost += 1;
            let at = self.now + 10 * SECOND;
            return self.plan(at, Event::Answers { call, reply: None, probe: false, object });
        }
        let at = self.now + self.dice.within(5..=200);
        self.plan(at, Event::Arrives { call, body: request.body, object });
    }

    fn arrives(&mut self, call: Call, body: &str, object: u32) {
        let error = self.dice.percent(self.rules.errors);
        let commits = !error || self.dice.percent(50);
        let reply = if commits { self.serves(&call, body) } else { (500, Value::Null) };
        let reply = match reply {
            _ if error => Some((500, json!({"code": "SYSTEM_ERROR", "message": "x"}))),
            reply => Some(reply),
        };
        let probe = self.dice.percent(self.rules.probes);
        let lost = self.dice.percent(self.rules.lost_answers);
        let (reply, takes) = if lost {
            self.outcomes.lost += 1;
            (None, 10 * SECOND)
        } else {
            (reply, self.dice.within(5..=2 * SECOND))
        };
        self.plan(self.now + takes, Event::Answers { call, reply, probe, object });
    }

    fn serves(&mut self, call: &Call, body: &str) -> Reply {
        match call {
            Call::Create => self.wechat.create(body, self.now, |text| parse_moment(text).expect("a moment")),
            Call::Query => self.wechat.query(),
            Call::Close => self.wechat.close(),
            Call::Refund(number) => {
                let outcome =
                    ["PROCESSING", "SUCCESS", "ABNORMAL", "CLOSED"][self.dice.pick(&self.rules.refunds)];
                let is_new = !self.wechat.refunds.contains_key(number.as_str());
                let reply = self.wechat.refund(body, outcome);
                if is_new && reply.0 == 200 {
                    self.refund_goes_on(number, outcome);
                }
                reply
            }
            Call::QueryRefund(number) => self.wechat.query_refund(number.as_str()),
        }
    }

    fn refund_goes_on(&mut self, number: &OutRefundNo, outcome: &'static str) {
        let later = self.now + self.dice.within(SECOND..=48 * HOUR);
        let number = number.to_string();
        match outcome {
            "PROCESSING" if self.dice.percent(95) => {
                let to = ["SUCCESS", "ABNORMAL", "CLOSED"][self.dice.pick(&[85, 10, 5])];
                self.plan(later, Event::RefundMoves { number, to });
            }
            "ABNORMAL" if self.dice.percent(60) => {
                self.plan(later, Event::RefundMoves { number, to: "SUCCESS" });
            }
            "SUCCESS" | "CLOSED" => self.notices_refund(&number),
            _ => {}
        }
    }

    fn answers(&mut self, call: &Call, reply: Option<Reply>, probe: bool, object: u32) {
        if object != self.object {
            return;
        }
        let answer = match reply {
            None => Answer::Lost,
            Some((status @ 400.., body)) => {
                Answer::Refused(PayRefusal::read(status, body.to_string().as_bytes()))
            }
            Some((_, body)) => {
                let text = if body.is_null() { String::new() } else { body.to_string() };
                self.verifies(&text, !probe).map_or(Answer::Unverified, Answer::Verified)
            }
        };
        if let (Answer::Verified(verified), Call::Query) = (&answer, call) {
            self.sees_proof(verified.body());
        }
        let (call, answer) = (call.clone(), answer);
        self.does(|order, now| Some(order.answered(&call, &answer, now)));
    }

    /// Every step of the verification; the signature is what the world knows to be true.
    fn verifies(&self, body: &str, genuine: bool) -> Option<Verified> {
        let signed_at = (self.now / SECOND).to_string();
        let headers = SignatureHeaders {
            timestamp: Some(&signed_at),
            nonce: Some("n"),
            signature: Some("QUFBQQ=="),
            serial: Some("PUB_KEY_ID_1"),
            signature_type: None,
        };
        let clock = self.clock() / SECOND;
        let received = Received::new(headers, body.as_bytes());
        received.in_time(clock).ok()?.key(&self.keys, clock).ok()?.decided(genuine).ok()
    }

    fn notices(&mut self, plaintext: &Value, kind: &'static str, tries: usize, genuine: bool) {
        if genuine && tries < TRIES.len() {
            let again = Event::Notices { plaintext: plaintext.clone(), kind, tries: tries + 1, genuine };
            if self.dice.percent(self.rules.lost_notices) {
                return self.plan(self.now + TRIES[tries], again);
            }
            if !self.takes(plaintext, kind, genuine) || self.dice.percent(5) {
                self.plan(self.now + TRIES[tries], again);
            }
        } else if !genuine {
            self.outcomes.forged += 1;
            assert!(!self.takes(plaintext, kind, genuine), "a forged notification is taken");
        }
    }

    /// Whether it is acknowledged.
    fn takes(&mut self, plaintext: &Value, kind: &str, genuine: bool) -> bool {
        let text = plaintext.to_string();
        let body = json!({
            "id": "EV-1", "event_type": kind,
            "resource": {
                "algorithm": "AEAD_AES_256_GCM", "nonce": "123456789012", "ciphertext": STANDARD.encode(&text),
            },
        });
        let Some(verified) = self.verifies(&body.to_string(), genuine) else { return false };
        let envelope = Envelope::read(&verified).expect("an envelope");
        let opened = envelope.sealed().ciphertext.clone();
        let notice = envelope.opened(Some(opened)).expect("a notice");
        if kind == "TRANSACTION.SUCCESS" {
            self.sees_proof(text.as_bytes());
        }
        let clock = self.clock();
        let Some(order) = &mut self.order else { return true };
        let step = order.notified(&notice, clock);
        self.follows(step)
    }

    /// The proof as the contract has it: our amount, payer, merchant.
    fn sees_proof(&mut self, json: &[u8]) {
        let stated: Value = serde_json::from_slice(json).expect("a transaction is JSON");
        let is_paid = ["SUCCESS", "REFUND"].iter().any(|state| stated["trade_state"] == *state);
        let is_ours = stated["amount"]["total"] == self.rules.amount
            && stated["payer"]["openid"] == OPENID
            && stated["mchid"] == MCHID
            && stated["appid"] == APPID;
        self.witness.proven |= is_paid && is_ours && self.wechat.is_paid();
    }
}
