use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use wxedge_contract::to_json;

use serde::Serialize;

use crate::event_id::{EventId, bound};
use crate::limits::{DEAD_KEPT_FOR, DELIVERED_KEPT_FOR};
use crate::order::Order;
use crate::record::{Record, Seen, State};

/// What one call asks of the owner. `puts`, `deletes` and `alarm` are stored together, at once or not at all; only
/// then the sender is answered and the jobs begin. If storing fails, the outbox is thrown away and loaded anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "what it says is to be stored"]
pub struct Step {
    /// Names and values to store.
    pub puts: Vec<(String, String)>,
    /// Names to delete.
    pub deletes: Vec<String>,
    /// The moment to set the alarm to, in Unix milliseconds; `None` leaves it as it is.
    pub alarm: Option<u64>,
    /// What to begin once that is stored. Each ends in a call of the outbox.
    pub jobs: Vec<Job>,
    /// The events that died in this step, for an alert to the operator.
    pub died: Vec<Record>,
    /// Settled events are to be looked through: see [`crate::Outbox::sweep`].
    pub sweep: bool,
}

/// One try that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The event.
    pub id: EventId,
    /// Its type.
    pub kind: String,
    /// With whom it is kept in order.
    pub order: Option<Order>,
    /// What to do.
    pub task: Task,
}

/// The two things that are done about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// The Worker's own work; ends in [`crate::Outbox::worked`] or [`crate::Outbox::failed`].
    Work,
    /// The delivery; ends in [`crate::Outbox::delivered`] or [`crate::Outbox::failed`].
    Deliver,
}

impl Step {
    /// Both steps as one, the other after this one.
    pub fn and(mut self, other: Self) -> Self {
        for name in other.deletes {
            self.delete(name);
        }
        for (name, value) in other.puts {
            self.put(name, value);
        }
        self.alarm = other.alarm.or(self.alarm);
        self.jobs.extend(other.jobs);
        self.died.extend(other.died);
        self.sweep |= other.sweep;
        self
    }

    pub(crate) fn put_record(&mut self, record: &Record) {
        self.put(record_name(record.state, &record.id), json(record));
    }

    pub(crate) fn put_seen(&mut self, key: &str, seen: &Seen) {
        self.put(seen_name(key), json(seen));
    }

    pub(crate) fn put(&mut self, name: String, value: String) {
        self.forget(&name);
        self.puts.push((name, value));
    }

    pub(crate) fn delete(&mut self, name: String) {
        self.forget(&name);
        self.deletes.push(name);
    }

    /// No name is in a step twice, so the order of its puts and deletes does not matter.
    fn forget(&mut self, name: &str) {
        self.puts.retain(|(put, _)| put != name);
        self.deletes.retain(|deleted| deleted != name);
    }
}

/// Where the record of an event lies. The names of one state sort as the events came.
#[must_use]
pub fn record_name(state: State, id: &EventId) -> String {
    format!("{}{id}", record_prefix(state))
}

/// What the names of all records in a state begin with.
#[must_use]
pub fn record_prefix(state: State) -> &'static str {
    match state {
        State::Pending => "pending/",
        State::Delivered => "delivered/",
        State::Dead => "dead/",
    }
}

/// Where the body of an event lies.
#[must_use]
pub fn body_name(id: &EventId) -> String {
    format!("body/{id}")
}

/// Where it lies that an event with this key came. To be read before [`crate::Outbox::arrives`].
#[must_use]
pub fn seen_name(key: &str) -> String {
    format!("key/{key}")
}

/// The names of settled records among which some may be over: from the first of the state up to this one.
#[must_use]
pub fn sweep_end(state: State, now: u64) -> String {
    let kept_for = match state {
        State::Pending | State::Delivered => DELIVERED_KEPT_FOR,
        State::Dead => DEAD_KEPT_FOR,
    };
    format!("{}{}", record_prefix(state), bound(now.saturating_sub(kept_for)))
}

/// Texts, numbers and lists of them: nothing that JSON refuses.
fn json(value: &impl Serialize) -> String {
    to_json(value)
}
