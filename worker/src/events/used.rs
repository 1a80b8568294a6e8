//! Signatures that do not cover the body, each good for one: kept until their time refuses them.

use edge::{Changes, Range};
use serde::Serialize;
use wxedge_contract::{Problem, read_own_json, record, to_json};

use crate::platform::Storage;

/// Before the keys, which begin with the ten digits of the signature's time: so they sort by it.
const PREFIX: &str = "used/";
/// How many are deleted at once.
const PAGE: u32 = 500;

record! {
    /// A signature that is used for a body. Its JSON is what is stored.
    #[derive(Serialize)]
    pub(super) struct Use {
        pub(super) key: String,
        /// The hash of the body.
        pub(super) digest: String,
        /// Unix seconds.
        pub(super) until: u64,
    }
}

/// Keeps a use, and tells whether the signature was used for another body before. An alarm is set where there is none, so
/// that it is forgotten.
pub(super) async fn keep(storage: &Storage, used: &Use) -> Result<bool, Problem> {
    let name = [PREFIX, &used.key].concat();
    let known = storage.load::<Use>(&name).await?;
    if let Some(known) = known {
        return Ok(known.digest != used.digest);
    }
    let alarm = storage.alarm().await?.is_none().then_some(used.until.saturating_mul(1000));
    let text = to_json(used);
    storage.write(Changes { puts: vec![(name, text)], alarm, ..Changes::default() }).await?;
    Ok(false)
}

/// Forgets those that are over; `now` is in Unix milliseconds. The alarm comes again for the others.
pub(super) async fn forget(storage: &Storage, now: u64) -> Result<(), Problem> {
    let listed = storage.list(Range { prefix: PREFIX, end: None, reverse: false, limit: PAGE }).await?;
    if listed.is_empty() {
        return Ok(());
    }
    let is_silent = storage.alarm().await?.is_none();
    let over = listed.partition_point(|(_, text)| end(text) <= now);
    let deletes = listed.iter().take(over).map(|(name, _)| name.clone()).collect();
    let is_full = u32::try_from(listed.len()).is_ok_and(|count| count == PAGE);
    let next = listed.get(over).map(|(_, text)| end(text)).or_else(|| is_full.then_some(now));
    let alarm = next.filter(|_| is_silent);
    storage.write(Changes { deletes, alarm, ..Changes::default() }).await
}

/// When a use is over, in Unix milliseconds. One that is unreadable is.
fn end(text: &str) -> u64 {
    read_own_json::<Use>(text.as_bytes()).map_or(0, |used| used.until.saturating_mul(1000))
}
