//! The objects of the outbox, as the rest of the Worker asks them.

use serde::Serialize;
use wxedge_contract::{record, to_json};
use wxedge_outbox::{EventId, Order, Record, State, shard_of};

use super::used::Use;
use crate::App;
use crate::platform::{Asked, AskedForJson};

const NAMESPACE: &str = "EVENTS";

record! {
    /// An event that is to be taken in.
    #[derive(Serialize)]
    pub(crate) struct Incoming {
        pub(crate) kind: String,
        /// With whom it is kept in order.
        pub(crate) order: Option<Order>,
        /// The same for all repeats of it.
        pub(crate) key: String,
        /// The exact body that the receiver gets.
        pub(crate) body: String,
        /// Whether the Worker does something of its own about it.
        pub(crate) work: bool,
        /// Whether it stays when its user is erased, until it is delivered.
        pub(crate) outlives_user: bool,
        /// For how many milliseconds the receiver's answer is worth waiting for.
        pub(crate) wait: Option<u64>,
    }
}

record! {
    /// An event that is stored, or was before.
    #[derive(Serialize)]
    pub(crate) struct Taken {
        /// What the receiver said, where that is to be passed on.
        pub(crate) answer: Option<String>,
    }
}

record! {
    /// Which events are wanted, the newest first.
    #[derive(Serialize)]
    pub(super) struct Wanted {
        /// `None`: of any state.
        pub(super) state: Option<State>,
        /// `None`: of any type.
        pub(super) kind: Option<String>,
        /// Those before this one.
        pub(super) before: Option<EventId>,
    }
}

record! {
    /// What a shard has of the wanted, the newest first.
    #[derive(Serialize)]
    pub(super) struct Page {
        pub(super) records: Vec<Record>,
        /// Everything from this event on was looked at; `None` when that is all.
        pub(super) looked_to: Option<EventId>,
    }
}

record! {
    /// One event with its body.
    #[derive(Serialize)]
    pub(super) struct Found {
        pub(super) record: Record,
        /// Absent once its user is erased.
        pub(super) body: Option<String>,
    }
}

/// Stores an event, unless it is a repeat, and has it delivered. Once this is answered it is safe.
///
/// # Errors
/// `rate_limited` when too much waits.
pub(crate) fn take_in(app: &App, event: &Incoming) -> AskedForJson<Taken> {
    let shard = event.order.as_ref().map_or_else(|| shard_of(&event.key), Order::shard);
    ask(app, shard, "take", event).json()
}

/// Notes that a signature is used for a body, and tells whether it was used for another one before.
pub(crate) fn is_used_otherwise(app: &App, key: String, digest: String, until: u64) -> AskedForJson<bool> {
    let shard = shard_of(&key);
    ask(app, shard, "use", &Use { key, digest, until }).json()
}

/// Erases what the outbox has of a user.
pub(crate) fn erase_user(app: &App, openid: &str) -> Asked {
    ask(app, Order::of_user(openid).shard(), "erase", &openid)
}

pub(super) fn page(app: &App, shard: u8, wanted: &Wanted) -> AskedForJson<Page> {
    ask(app, shard, "page", wanted).json()
}

pub(super) fn find(app: &App, id: &EventId) -> AskedForJson<Option<Found>> {
    ask(app, id.shard(), "find", id).json()
}

pub(super) fn redeliver(app: &App, id: &EventId) -> AskedForJson<Option<Found>> {
    ask(app, id.shard(), "redeliver", id).json()
}

/// An object does not know its name, so the number of the shard goes with the question.
fn ask(app: &App, shard: u8, question: &str, body: &impl Serialize) -> Asked {
    let name = app.config.appid().map(|appid| format!("{appid}:{shard}"));
    let body = to_json(body);
    app.ask(NAMESPACE, name, &format!("{question} {shard}"), &body)
}
