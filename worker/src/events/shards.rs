//! The objects of the outbox, as the rest of the Worker asks them.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wxedge_contract::Problem;
use wxedge_outbox::{EventId, Order, Record, State, shard_of};

use super::used::Use;
use crate::App;
use crate::platform::ObjectResult;

const NAMESPACE: &str = "EVENTS";

/// An event that is to be taken in.
#[derive(Serialize, Deserialize)]
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

/// An event that is stored, or was before.
#[derive(Serialize, Deserialize)]
pub(crate) struct Taken {
    /// What the receiver said, where that is to be passed on.
    pub(crate) answer: Option<String>,
}

/// Which events are wanted, the newest first.
#[derive(Serialize, Deserialize)]
pub(super) struct Wanted {
    /// `None`: of any state.
    pub(super) state: Option<State>,
    /// `None`: of any type.
    pub(super) kind: Option<String>,
    /// Those before this one.
    pub(super) before: Option<EventId>,
}

/// What a shard has of the wanted, the newest first.
#[derive(Serialize, Deserialize)]
pub(super) struct Page {
    pub(super) records: Vec<Record>,
    /// Everything from this event on was looked at; `None` when that is all.
    pub(super) looked_to: Option<EventId>,
}

/// One event with its body.
#[derive(Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) record: Record,
    /// Absent once its user is erased.
    pub(super) body: Option<String>,
}

/// Stores an event, unless it is a repeat, and has it delivered. Once this is answered it is safe.
///
/// # Errors
/// `rate_limited` when too much waits.
pub(crate) async fn take_in(app: &App, event: &Incoming) -> Result<Taken, Problem> {
    let shard = event.order.as_ref().map_or_else(|| shard_of(&event.key), Order::shard);
    ask_json(app, shard, "take", event).await
}

/// Notes that a signature is used for a body, and tells whether it was used for another one before.
pub(crate) async fn is_used_otherwise(
    app: &App,
    key: String,
    digest: String,
    until: u64,
) -> Result<bool, Problem> {
    let shard = shard_of(&key);
    ask_json(app, shard, "use", &Use { key, digest, until }).await
}

/// Erases what the outbox has of a user.
pub(crate) async fn erase_user(app: &App, openid: &str) -> Result<(), Problem> {
    ask(app, Order::of_user(openid).shard(), "erase", &openid).await.map(drop)
}

pub(super) async fn page(app: &App, shard: u8, wanted: &Wanted) -> Result<Page, Problem> {
    ask_json(app, shard, "page", wanted).await
}

pub(super) async fn find(app: &App, id: &EventId) -> Result<Option<Found>, Problem> {
    ask_json(app, id.shard(), "find", id).await
}

pub(super) async fn redeliver(app: &App, id: &EventId) -> Result<Option<Found>, Problem> {
    ask_json(app, id.shard(), "redeliver", id).await
}

async fn ask(app: &App, shard: u8, question: &str, body: &impl Serialize) -> ObjectResult {
    let (name, question) = names(app, shard, question)?;
    app.stub(NAMESPACE, &name)?.call(&app.platform, &question, body).await
}

async fn ask_json<T: DeserializeOwned>(
    app: &App,
    shard: u8,
    question: &str,
    body: &impl Serialize,
) -> Result<T, Problem> {
    let (name, question) = names(app, shard, question)?;
    app.stub(NAMESPACE, &name)?.call_json(&app.platform, &question, body).await
}

/// The name of the object, and the question with the number of the shard: an object does not know its name.
fn names(app: &App, shard: u8, question: &str) -> Result<(String, String), Problem> {
    Ok((format!("{}:{shard}", app.config.appid()?), format!("{question} {shard}")))
}
