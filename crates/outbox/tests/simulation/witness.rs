//! The witness sees what is stored, sent and said, and holds it to the promises. It shares no code with the outbox.

use std::collections::{BTreeMap, BTreeSet};

use wxedge_outbox::{EventId, Record, State, Task};

const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;
const DAY: u64 = 24 * HOUR;

/// What the contract says about the time after each try.
const PAUSES: [u64; 6] = [5 * SECOND, 30 * SECOND, 120 * SECOND, 600 * SECOND, HOUR, 6 * HOUR];

/// What is known of one event that was stored.
#[derive(Clone, Debug)]
pub struct Known {
    pub order: Option<u64>,
    pub outlives_user: bool,
    pub created_at: u64,
    pub key: usize,
    pub state: Option<State>,
    work: bool,
    by_hand: bool,
    /// When it was taken in, or last by hand.
    counts_from: u64,
    settled_at: u64,
    /// Tries of the work, then of the delivery, since then.
    tries: u32,
    last_try: Option<u64>,
    /// When the last try ended; `None` while it is under way or after it was lost.
    last_end: Option<u64>,
    /// The receiver said 2xx to it since then.
    accepted: bool,
    pub ever_accepted: bool,
    in_flight: bool,
}

#[derive(Default)]
pub struct Witness {
    pub known: BTreeMap<EventId, Known>,
    /// The events whose user was erased in the step that is stored now, and those that expire.
    pub erasing: Option<u64>,
    pub sweeping: bool,
    pub redelivering: Option<EventId>,
    pub receiver: bool,
    pub trace: Option<Vec<String>>,
}

/// How an event left for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    Erased,
    Expired,
    Swept,
}

impl Witness {
    pub fn note(&mut self, now: u64, text: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>12.3} {}", now as f64 / 1e3, text()));
        }
    }

    /// A new event is stored.
    pub fn takes(
        &mut self,
        id: &EventId,
        key: usize,
        order: Option<u64>,
        work: bool,
        outlives_user: bool,
        now: u64,
    ) {
        self.note(now, || format!("event {id} of push {key}, order {order:?}, work {work}"));
        assert!(self.known.keys().next_back().is_none_or(|last| last < id), "ids do not ascend");
        if let Some((earlier, _)) =
            self.latest_of(key).filter(|(_, known)| now - known.created_at < 48 * HOUR)
        {
            panic!("{id} is a repeat of {earlier}");
        }
        let known = Known {
            order,
            outlives_user,
            created_at: now,
            key,
            state: Some(State::Pending),
            work,
            by_hand: false,
            counts_from: now,
            settled_at: 0,
            tries: 0,
            last_try: None,
            last_end: None,
            accepted: false,
            ever_accepted: false,
            in_flight: false,
        };
        self.known.insert(id.clone(), known);
    }

    /// A sender is told that its push came before, as this event.
    pub fn repeats(&mut self, id: &EventId, key: usize, now: u64) {
        let known = &self.known[id];
        assert_eq!(known.key, key, "another push");
        assert!(now - known.created_at < 48 * HOUR, "a repeat after 48 hours is a new event");
    }

    fn latest_of(&self, key: usize) -> Option<(&EventId, &Known)> {
        self.known.iter().rev().find(|(_, known)| known.key == key && known.state.is_some())
    }

    /// A record is stored.
    pub fn stores(&mut self, record: &Record, now: u64) {
        let receiver = self.receiver;
        let redelivering = self.redelivering.take_if(|id| *id == record.id).is_some();
        let known = self.known.get_mut(&record.id).expect("a record of an event that came");
        let before = known.state.replace(record.state);
        match (before, record.state) {
            (Some(State::Pending), State::Pending) => {
                if known.work && !record.work {
                    known.work = false;
                    known.tries = 0;
                    known.last_try = None;
                }
            }
            (Some(State::Pending), State::Delivered) => {
                assert!(known.accepted, "{} is delivered, and the receiver took nothing", record.id);
                known.settled_at = now;
            }
            (Some(State::Pending), State::Dead) => {
                let tried_for = now - known.counts_from;
                assert!(known.tries > 0, "{} is dead untried", record.id);
                assert!(
                    tried_for >= 3 * DAY || known.tries >= 24,
                    "{} is dead after {tried_for} ms",
                    record.id
                );
                assert!(!known.work && receiver, "{} is dead before it could be delivered", record.id);
                known.settled_at = now;
            }
            (Some(State::Delivered | State::Dead), State::Pending) => {
                assert!(redelivering, "{} is delivered again though nobody asked", record.id);
                assert!(record.by_hand);
                known.by_hand = true;
                known.counts_from = now;
                known.tries = 0;
                known.last_try = None;
                known.accepted = false;
            }
            other => panic!("{} goes from {other:?}", record.id),
        }
        let state = record.state;
        self.note(now, || format!("{} is {state:?}, tries {}", record.id, record.tries));
    }

    /// A record is deleted, and none is stored in its place.
    pub fn loses(&mut self, id: &EventId, now: u64) -> Gone {
        self.note(now, || format!("{id} is gone"));
        let known = self.known.get_mut(id).expect("a record of an event that came");
        let state = known.state.take().expect("it was there");
        if self.erasing.is_some() && known.order == self.erasing {
            assert!(!known.outlives_user || state == State::Delivered, "the news of the erasure is erased");
            return Gone::Erased;
        }
        match state {
            State::Pending => {
                assert!(!self.receiver && now - known.counts_from >= 3 * DAY, "{id} is lost");
                Gone::Expired
            }
            State::Delivered | State::Dead => {
                let kept_for = if state == State::Dead { 30 * DAY } else { 3 * DAY };
                assert!(
                    self.sweeping && now - known.settled_at >= kept_for,
                    "{id}, {state:?}, is gone early"
                );
                Gone::Swept
            }
        }
    }

    /// A try begins.
    pub fn begins(&mut self, id: &EventId, task: Task, now: u64) {
        self.note(now, || format!("{task:?} {id}"));
        let known = &self.known[id];
        assert!(!known.in_flight, "{id} is tried twice at once");
        assert_eq!(known.state, Some(State::Pending), "{id} is tried and not pending");
        assert_eq!(task == Task::Work, known.work, "{id}: the work comes before the delivery, and once");
        assert!(task == Task::Work || self.receiver, "{id} is delivered to nobody");
        if let Some(last) = known.last_try {
            let pause = PAUSES[(known.tries as usize - 1).min(5)];
            let earliest = known.last_end.unwrap_or(last + 15 * SECOND) + pause;
            let last_chance = known.counts_from + 3 * DAY;
            // A person may want it at once.
            assert!(
                now >= earliest.min(last_chance.max(last + 1)) || known.by_hand,
                "{id} is tried too early"
            );
        }
        assert!(known.tries < 24, "{id} is tried too often");
        if task == Task::Deliver
            && !known.by_hand
            && let Some(order) = known.order
        {
            for (other, before) in self.known.range(..id) {
                let waits = before.state == Some(State::Pending) && !before.by_hand;
                assert!(before.order != Some(order) || !waits, "{id} is delivered before {other}");
            }
        }
        let flying =
            self.known.values().filter(|known| known.in_flight && known.work == (task == Task::Work)).count();
        assert!(flying < if task == Task::Work { 2 } else { 4 }, "too many tries at once");
        let known = self.known.get_mut(id).expect("it is known");
        known.in_flight = true;
        known.tries += 1;
        known.last_try = Some(now);
        known.last_end = None;
    }

    /// The receiver has said 2xx.
    pub fn accepts(&mut self, id: &EventId, now: u64) {
        self.note(now, || format!("{id} is taken"));
        if let Some(known) = self.known.get_mut(id) {
            known.accepted = true;
            known.ever_accepted = true;
        }
    }

    /// The outbox hears how a try ended, or has to give it up.
    pub fn ends(&mut self, id: &EventId, heard: bool, now: u64) {
        if let Some(known) = self.known.get_mut(id)
            && known.in_flight
        {
            known.in_flight = false;
            known.last_end = heard.then_some(now);
        }
    }

    /// A person wants something at once: the pause before it is void.
    pub fn hurries(&mut self, id: &EventId) {
        if let Some(known) = self.known.get_mut(id) {
            known.last_try = None;
        }
    }

    /// All tries end with the object.
    pub fn restarts(&mut self, now: u64) {
        self.note(now, || "the object dies".to_owned());
        for known in self.known.values_mut() {
            known.in_flight = false;
        }
        self.erasing = None;
        self.sweeping = false;
        self.redelivering = None;
    }

    /// What lies in storage is what it has to be: a record and a body for each event, and keys of such alone.
    pub fn inspects(&self, storage: &BTreeMap<String, String>, now: u64) {
        let mut ids = BTreeSet::new();
        for (id, known) in &self.known {
            let Some(state) = known.state else { continue };
            ids.insert(id.as_str().to_owned());
            let name = match state {
                State::Pending => format!("pending/{id}"),
                State::Delivered => format!("delivered/{id}"),
                State::Dead => format!("dead/{id}"),
            };
            assert!(storage.contains_key(&name), "{name} is not there");
            let bare = known.outlives_user && state == State::Delivered;
            assert_eq!(storage.contains_key(&format!("body/{id}")), !bare, "the body of {name}");
            let kept_for = match state {
                State::Pending => continue,
                State::Delivered => 3 * DAY,
                State::Dead => 30 * DAY,
            };
            assert!(now - known.settled_at <= kept_for + 7 * HOUR, "{name} is kept too long");
        }
        let records = storage.keys().filter(|name| !name.starts_with("body/") && !name.starts_with("key/"));
        assert_eq!(records.count(), ids.len(), "a record too many");
        for (name, value) in storage {
            if let Some(id) = name.strip_prefix("body/") {
                assert!(ids.contains(id), "{name} of no event");
            }
            if name.starts_with("key/") {
                assert!(ids.iter().any(|id| value.contains(id)), "{name} of no event");
            }
        }
    }
}
