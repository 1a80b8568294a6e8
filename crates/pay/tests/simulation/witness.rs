//! Who watches an order and knows the promises. Its table of states is its own, taken from the contract.

use std::collections::BTreeMap;

use serde_json::Value;
use wxedge_pay::{Order, State};

/// From, to: section 8 of the contract, but for quarantine, which may come of any.
const ALLOWED: &[(&str, &str)] = &[
    ("created", "paying"),
    ("created", "failed"),
    ("created", "paid"),
    ("paying", "paid"),
    ("created", "closed"),
    ("paying", "closed"),
    ("closed", "paid_after_close"),
    ("paid_after_close", "refunding"),
    ("paid", "refunding"),
    ("partially_refunded", "refunding"),
    ("refunding", "partially_refunded"),
    ("refunding", "refunded"),
    ("refunding", "paid"),
    ("refunding", "refund_attention"),
    ("paid_after_close", "refund_attention"),
    ("refund_attention", "partially_refunded"),
    ("refund_attention", "refunded"),
];
const BY_A_PERSON: &[&str] = &["paid", "partially_refunded", "refunded", "closed"];
const PAID: &[&str] =
    &["paid", "paid_after_close", "refunding", "partially_refunded", "refunded", "refund_attention"];

#[derive(Default)]
pub struct Witness {
    pub trace: Option<Vec<String>>,
    /// A verified notification or answer said that it is paid, as ordered.
    pub proven: bool,
    /// A person has decided, or may have.
    pub resolved: bool,
    last: Option<String>,
    seen: u32,
    refunds: BTreeMap<String, String>,
    sent_refunds: Vec<(String, u64)>,
    queries: Vec<u64>,
    create_body: Option<String>,
    calls: u32,
    wakes: u32,
    forwarded: u32,
}

impl Witness {
    pub fn note(&mut self, now: u64, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>12} {}", now, what()));
        }
    }

    /// What is stored is what counts: each event in it is looked at once.
    pub fn stored(&mut self, order: &Order, now: u64) {
        for event in order.outgoing() {
            if event.seq <= self.seen {
                continue;
            }
            assert_eq!(event.seq, self.seen + 1, "an event is left out");
            self.seen = event.seq;
            self.note(now, || format!("{} {}", event.kind, event.data));
            if let Some(state) = event.kind.strip_prefix("pay.order.") {
                self.order_becomes(state);
            } else if let Some(state) = event.kind.strip_prefix("pay.refund.") {
                self.refund_becomes(&event.data, state);
            }
        }
        assert_eq!(self.last.as_deref(), Some(order.state().as_str()), "a state without an event");
    }

    fn order_becomes(&mut self, state: &str) {
        let from = self.last.replace(state.into());
        let Some(from) = from.as_deref() else {
            assert_eq!(state, "created");
            return;
        };
        let waits = matches!(from, "refund_attention" | "quarantined");
        let allowed = ALLOWED.contains(&(from, state))
            || (state == "quarantined" && from != state)
            || (waits && self.resolved && BY_A_PERSON.contains(&state));
        assert!(allowed, "{from} became {state}");
        assert!(!PAID.contains(&state) || self.proven || self.resolved, "{state} without proof");
    }

    fn refund_becomes(&mut self, data: &str, state: &str) {
        let view: Value = serde_json::from_str(data).expect("a refund is JSON");
        let number = view["out_refund_no"].as_str().expect("a number").to_owned();
        let place = |state: &str| {
            ["asked", "processing", "abnormal", "closed", "succeeded"].iter().position(|at| *at == state)
        };
        if let Some(before) = self.refunds.insert(number, state.into()) {
            assert!(place(state) >= place(&before), "a refund went from {before} to {state}");
        }
    }

    pub fn sends_create(&mut self, body: &str) {
        self.calls();
        let first = self.create_body.get_or_insert_with(|| body.into());
        assert_eq!(first, body, "another body is sent");
    }

    pub fn sends_query(&mut self, now: u64, clock_is_true: bool) {
        self.calls();
        self.queries.retain(|at| now - at < 1_000);
        self.queries.push(now);
        assert!(
            !clock_is_true || self.queries.len() <= 6,
            "queried {} times within a second",
            self.queries.len()
        );
    }

    /// A refund leaves.
    pub fn sends_refund(&mut self, number: &str, known: bool, now: u64, clock_is_true: bool) {
        self.calls();
        assert!(known, "a refund leaves that is not stored");
        if clock_is_true {
            let close = self.sent_refunds.iter().find(|(other, at)| other != number && now - at < 60_000);
            assert!(close.is_none(), "{number} leaves less than a minute after {close:?}");
        }
        self.sent_refunds.push((number.into(), now));
    }

    pub fn calls(&mut self) {
        self.calls += 1;
        assert!(self.calls < 4_000, "it never stops calling");
    }

    /// Events reach the outbox, some more than once, none never.
    pub fn forwarded(&mut self, first: u32, last: u32) {
        assert!(first <= self.forwarded + 1, "an event never left");
        self.forwarded = self.forwarded.max(last);
    }

    pub fn wakes(&mut self) {
        self.wakes += 1;
        assert!(self.wakes < 20_000, "it never stops waking");
    }

    pub fn is_before_a_person(state: State) -> bool {
        matches!(state, State::RefundAttention | State::Quarantined)
    }
}
