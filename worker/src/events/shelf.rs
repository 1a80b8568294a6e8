//! What one shard stores. The names and forms are those of `wxedge_outbox`.

use edge::{Changes, Range};
use wxedge_contract::{Problem, read_own_json};
use wxedge_outbox::{EventId, Record, State, Step, Stored, body_name, record_name, record_prefix, seen_name};

use super::listing::newest;
use super::shards::{Found, Page, Wanted};
use crate::platform::Storage;

/// The states in which an event lies here.
const STATES: [State; 3] = [State::Pending, State::Delivered, State::Dead];
/// Those in which nothing is under way.
pub(super) const SETTLED: [State; 2] = [State::Delivered, State::Dead];
/// How many records are read at once: some 500 KB.
const PAGE: u32 = 500;

/// The storage of one shard.
pub(super) struct Shelf(pub(super) Storage);

impl Shelf {
    /// What an outbox is made of, and the shard that it shows, where anything is stored.
    pub(super) async fn stored(&self) -> Result<(Stored, Option<u8>), Problem> {
        let mut pending = Vec::new();
        let mut end = None;
        loop {
            let page = self.list(State::Pending, end.as_deref(), PAGE).await?;
            end = page.last().map(|(name, _)| name.clone());
            pending.extend(page.into_iter().map(|(_, record)| record));
            if end.is_none() {
                break;
            }
        }
        let mut settled = None;
        for state in SETTLED {
            settled = settled.or(self.list(state, None, 1).await?.pop().map(|(_, record)| record));
        }
        let any = pending.first().or(settled.as_ref());
        let shard =
            any.and_then(|json| read_own_json::<Record>(json.as_bytes())).map(|record| record.id.shard());
        let alarm = self.0.alarm().await?;
        Ok((Stored { settled: settled.is_some(), pending, alarm }, shard))
    }

    /// Stores what a step says, at once, in the order of the calls.
    pub(super) fn write(&self, step: &mut Step) -> impl Future<Output = Result<(), Problem>> + use<> {
        let (puts, deletes) = (core::mem::take(&mut step.puts), core::mem::take(&mut step.deletes));
        self.0.write(Changes { puts, deletes, alarm: step.alarm })
    }

    /// What is stored of a key.
    pub(super) async fn seen(&self, key: &str) -> Result<Option<String>, Problem> {
        Ok(self.0.texts(vec![seen_name(key)]).await?.pop().flatten())
    }

    pub(super) async fn body(&self, id: &EventId) -> Result<Option<String>, Problem> {
        Ok(self.0.texts(vec![body_name(id)]).await?.pop().flatten())
    }

    pub(super) async fn find(&self, id: &EventId) -> Result<Option<Found>, Problem> {
        let mut names: Vec<_> = STATES.iter().map(|state| record_name(*state, id)).collect();
        names.push(body_name(id));
        let mut texts = self.0.texts(names).await?;
        let body = texts.pop().flatten();
        let record = texts.into_iter().flatten().find_map(|json| read_own_json(json.as_bytes()));
        Ok(record.map(|record| Found { record, body }))
    }

    /// The wanted among the newest events.
    pub(super) async fn page(&self, wanted: &Wanted) -> Result<Page, Problem> {
        let mut lists: Vec<Vec<Record>> = Vec::new();
        let mut looked_to = None;
        for state in STATES.into_iter().filter(|state| wanted.state.is_none_or(|only| only == *state)) {
            let end = wanted.before.as_ref().map(|id| record_name(state, id));
            let listed = self.list(state, end.as_deref(), PAGE).await?;
            let is_full = u32::try_from(listed.len()).is_ok_and(|count| count == PAGE);
            let all: Vec<Record> =
                listed.iter().filter_map(|(_, json)| read_own_json(json.as_bytes())).collect();
            looked_to = looked_to.max(all.last().filter(|_| is_full).map(|record| record.id.clone()));
            let is_wanted = |record: &Record| wanted.kind.as_ref().is_none_or(|kind| *kind == record.kind);
            lists.push(all.into_iter().filter(is_wanted).collect());
        }
        let (records, looked_to) = newest(lists, looked_to);
        Ok(Page { records, looked_to })
    }

    /// Settled records of a state below a name, the last first, at most [`PAGE`], each with what is stored of its key; and
    /// the name below which the next ones lie.
    pub(super) async fn settled(
        &self,
        state: State,
        end: Option<&str>,
    ) -> Result<(Vec<(Record, Option<String>)>, Option<String>), Problem> {
        let listed = self.list(state, end, PAGE).await?;
        let next = listed.last().map(|(name, _)| name.clone());
        let records: Vec<Record> =
            listed.iter().filter_map(|(_, json)| read_own_json(json.as_bytes())).collect();
        let seen = self.0.texts(records.iter().map(|record| seen_name(&record.key)).collect()).await?;
        Ok((records.into_iter().zip(seen).collect(), next))
    }

    /// Whether anything is stored that is delivered or dead.
    pub(super) async fn has_settled(&self) -> Result<bool, Problem> {
        for state in SETTLED {
            if !self.list(state, None, 1).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn list(
        &self,
        state: State,
        end: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(String, String)>, Problem> {
        self.0.list(Range { prefix: record_prefix(state), end, reverse: true, limit }).await
    }
}
