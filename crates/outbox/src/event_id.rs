use alloc::format;
use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::SHARDS;

/// The id of an event: 24 hex digits, which sort as the events came. It is the `webhook-id` at each try.
///
/// 11 digits are the Unix milliseconds, 4 a count within them, 1 the shard, 8 random, so that two events never share
/// one even if the clock is set back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(String);

const LENGTH: usize = 24;

impl EventId {
    /// Reads an id that somebody names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == LENGTH && text.bytes().all(hex)).then(|| Self(text.into()))
    }

    /// What sorts before all ids.
    pub(crate) const fn before_all() -> Self {
        Self(String::new())
    }

    /// What sorts after all ids.
    pub(crate) fn after_all() -> Self {
        Self("g".into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The shard that holds the event.
    #[must_use]
    pub fn shard(&self) -> u8 {
        self.number(15, 16).and_then(|shard| u8::try_from(shard).ok()).unwrap_or_default()
    }

    /// When the event came, in Unix milliseconds.
    #[must_use]
    pub fn created_at(&self) -> u64 {
        self.number(0, 11).unwrap_or_default()
    }

    /// The next id of a shard, after all that it gave before, whatever the clock says.
    pub(crate) fn next(last: Option<&Self>, shard: u8, now: u64, random: u32) -> Self {
        let shard = shard.checked_rem(SHARDS).unwrap_or_default();
        let place = |id: &Self| id.number(0, 15);
        let now = now.checked_shl(16).unwrap_or(u64::MAX);
        let after = last.and_then(place).map_or(0, |place| place.saturating_add(1));
        let place = now.max(after);
        Self(format!("{place:015x}{shard:x}{random:08x}"))
    }

    fn number(&self, from: usize, to: usize) -> Option<u64> {
        u64::from_str_radix(self.0.get(from..to)?, 16).ok()
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The start of all ids of events that came before a moment.
#[must_use]
pub(crate) fn bound(moment: u64) -> String {
    format!("{moment:011x}")
}

#[cfg(test)]
mod tests {
    use super::{EventId, bound};

    #[test]
    fn ids_ascend_whatever_the_clock_says() {
        let mut last: Option<EventId> = None;
        for now in [5, 5, 5, 1_795_532_400_000, 1_795_532_400_000, 3, 1_795_532_400_001] {
            let next = EventId::next(last.as_ref(), 0xb, now, u32::MAX);
            assert_eq!(EventId::parse(next.as_str()), Some(next.clone()));
            assert_eq!(next.shard(), 0xb);
            assert!(next.created_at() >= now);
            assert!(last.is_none_or(|last| last < next));
            last = Some(next);
        }
    }

    #[test]
    fn a_bound_parts_ids_by_time() {
        let id = EventId::next(None, 15, 1_795_532_400_000, 0);
        assert_eq!(id.created_at(), 1_795_532_400_000);
        assert!(id.as_str() >= bound(1_795_532_400_000).as_str());
        assert!(id.as_str() < bound(1_795_532_400_001).as_str());
    }

    #[test]
    fn other_texts_are_no_ids() {
        for text in
            ["", "1a0", "1A0b00000000000b00000000", "1a0b00000000000b0000000g", "1a0b00000000000b000000001"]
        {
            assert_eq!(EventId::parse(text), None, "{text}");
        }
    }
}
