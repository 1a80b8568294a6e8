use serde::Serialize;
use wxedge_contract::{Code, FieldError, Problem, to_json};
use wxedge_launch::percent;
use wxedge_outbox::{Delivery, EventId, Order, Record, SHARDS, State};

use super::listing::merged;
use super::shards::{self, Found, Page, Wanted};
use crate::App;
use crate::http::{Reply, Request};
use crate::route::Call;

/// An event as it is shown. Times are in Unix seconds.
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a EventId,
    #[serde(rename = "type")]
    kind: &'a str,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    openid: Option<&'a str>,
    created_at: u64,
    /// How often it was tried.
    tries: u32,
    /// While it is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_try_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<u64>,
    /// How the latest ended, the oldest first; where one event is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    deliveries: Option<Vec<ShownDelivery>>,
}

impl<'a> Shown<'a> {
    fn new(record: &'a Record) -> Self {
        Self {
            id: &record.id,
            kind: &record.kind,
            state: record.state,
            openid: record.order.as_ref().and_then(Order::user),
            created_at: seconds(record.id.created_at()),
            tries: record.tries,
            next_try_at: (record.state == State::Pending).then(|| seconds(record.next_try)),
            settled_at: record.settled_at.map(seconds),
            deliveries: None,
        }
    }
}

const fn seconds(milliseconds: u64) -> u64 {
    milliseconds / 1000
}

#[derive(Serialize)]
struct List<'a> {
    events: Vec<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<EventId>,
}

/// `GET /v1/events`: the events of all shards, the newest first.
pub(crate) async fn list_events(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    let wanted = wanted(request)?;
    let (records, cursor) = merged(pages(app, &wanted).await?);
    Ok(Reply::json(&List { events: records.iter().map(Shown::new).collect(), cursor }))
}

/// What each shard has. All are asked before the first answer is waited for.
async fn pages(app: &App, wanted: &Wanted) -> Result<Vec<Page>, Problem> {
    let asked: Vec<_> = (0..SHARDS).map(|shard| shards::page(app, shard, wanted)).collect();
    let mut pages = Vec::new();
    for page in asked {
        pages.push(page.await?);
    }
    Ok(pages)
}

fn wanted(request: &Request) -> Result<Wanted, FieldError> {
    let parameter = |name| request.parameter(name).filter(|value| !value.is_empty());
    let state = match parameter("state") {
        None => None,
        Some("pending") => Some(State::Pending),
        Some("delivered") => Some(State::Delivered),
        Some("dead") => Some(State::Dead),
        Some(_) => return Err(FieldError::new("state", "must be pending, delivered or dead")),
    };
    let before = parameter("cursor").map(|cursor| {
        EventId::parse(cursor).ok_or_else(|| FieldError::new("cursor", "must be one that this route gave"))
    });
    let kind = parameter("type").map(|kind| percent::decode(kind).into_owned());
    Ok(Wanted { state, kind, before: before.transpose()? })
}

#[derive(Serialize)]
struct ShownDelivery {
    at: u64,
    /// Absent where no answer came.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
}

impl ShownDelivery {
    fn new(delivery: &Delivery) -> Self {
        Self { at: seconds(delivery.at), status: Some(delivery.status).filter(|status| *status != 0) }
    }
}

/// `GET /v1/events/{id}`: one event, how its deliveries ended, and what it says.
pub(crate) async fn event(Call { app, names: [id, _], .. }: Call<'_>) -> Result<Reply, Problem> {
    shown(shards::find(app, &parse_id(id)?).await?)
}

/// `POST /v1/events/{id}/redeliver`: delivers an event once more, whatever became of it.
pub(crate) async fn redeliver(Call { app, names: [id, _], .. }: Call<'_>) -> Result<Reply, Problem> {
    let id = parse_id(id)?;
    app.config.receiver.as_ref()?;
    shown(shards::redeliver(app, &id).await?)
}

fn shown(found: Option<Found>) -> Result<Reply, Problem> {
    let Found { record, body } = found.ok_or_else(unknown)?;
    let deliveries = Some(record.deliveries.iter().map(ShownDelivery::new).collect());
    let shown = Shown { deliveries, ..Shown::new(&record) };
    let Some(body) = body else { return Ok(Reply::json(&shown)) };
    // What the receiver gets is JSON of ours: it goes in as it is.
    let mut text = to_json(&shown);
    text.pop();
    text.extend([",\"body\":", &body, "}"]);
    Ok(Reply::text("application/json", text))
}

fn parse_id(text: &str) -> Result<EventId, Problem> {
    EventId::parse(text).ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::new(Code::NotFound, "There is no such event: delivered ones are kept 3 days, dead ones 30.")
}
