//! The counts of a day.

use serde::{Deserialize, Serialize};

/// How many different counts a day has at most; what is more is counted as [`OTHERS`]. 1500 of them are some 150 KB, and far
/// above what one app has: its keys times the endpoints that it calls times what comes of that.
pub(super) const MOST_COUNTS: usize = 1500;
/// Stands for keys and endpoints that have no room.
const OTHERS: &str = "(others)";
/// The longest name of a key that is kept, in characters.
const LONGEST_KEY: usize = 64;

/// How often a key had one outcome at one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Count {
    /// The name of the API key.
    pub(super) key: String,
    /// The path at WeChat, without a slash before it.
    pub(super) endpoint: String,
    /// WeChat's code, 0 for success; absent when WeChat gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) errcode: Option<i64>,
    /// Our own code of a problem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
    pub(super) calls: u64,
}

impl Count {
    pub(super) fn new(key: &str, endpoint: &str, errcode: Option<i64>, code: Option<&str>) -> Self {
        let key = key.chars().take(LONGEST_KEY).collect();
        Self { key, endpoint: endpoint.to_owned(), errcode, code: code.map(str::to_owned), calls: 1 }
    }

    fn is_like(&self, other: &Self) -> bool {
        self.endpoint == other.endpoint
            && self.errcode == other.errcode
            && self.key == other.key
            && self.code == other.code
    }
}

/// The counts of one day.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Day {
    /// Whole days since 1970, UTC.
    pub(super) number: u64,
    pub(super) counts: Vec<Count>,
}

impl Day {
    /// Adds up.
    pub(super) fn add(&mut self, count: Count) {
        if let Some(known) = self.counts.iter_mut().find(|known| known.is_like(&count)) {
            known.calls = known.calls.saturating_add(count.calls);
        } else if self.counts.len() < MOST_COUNTS.saturating_sub(1) {
            self.counts.push(count);
        } else {
            self.add_to_others(count.calls);
        }
    }

    fn add_to_others(&mut self, calls: u64) {
        match self.counts.iter_mut().find(|known| known.key == OTHERS) {
            Some(others) => others.calls = others.calls.saturating_add(calls),
            None => self.counts.push(Count { calls, ..Count::new(OTHERS, OTHERS, None, None) }),
        }
    }
}

/// Which day a time in Unix seconds belongs to, UTC.
pub(super) const fn day_of(seconds: u64) -> u64 {
    seconds / 86_400
}

/// A day as `2026-11-24`. Source: Howard Hinnant, chrono-compatible low-level date algorithms, `civil_from_days`.
#[expect(clippy::arithmetic_side_effects, reason = "days since 1970 are far from what overflows")]
pub(super) fn date_of(day: u64) -> String {
    let z = day.saturating_add(719_468);
    let (era, of_era) = (z / 146_097, z % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{:02}", of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::{Count, Day, MOST_COUNTS, date_of, day_of};

    #[test]
    fn days_have_their_dates() {
        for (seconds, date) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_709_164_800, "2024-02-29"),
            (1_709_251_200, "2024-03-01"),
            (1_798_675_200, "2026-12-31"),
            (4_102_444_800, "2100-01-01"),
        ] {
            assert_eq!(date_of(day_of(seconds)), date);
        }
    }

    #[test]
    fn what_is_alike_is_added_up_and_what_has_no_room_is_others() {
        let mut day = Day::default();
        for _ in 0..3 {
            day.add(Count::new("app", "wxa/getwxacode", Some(0), None));
        }
        day.add(Count::new("app", "wxa/getwxacode", None, Some("upstream_timeout")));
        assert_eq!(day.counts.iter().map(|count| count.calls).collect::<Vec<_>>(), [3, 1]);
        for errcode in 1..3000 {
            day.add(Count::new(&"k".repeat(100), "wxa/getwxacode", Some(errcode), None));
        }
        assert_eq!(day.counts.len(), MOST_COUNTS);
        assert_eq!(day.counts.iter().map(|count| count.calls).sum::<u64>(), 3003);
        assert_eq!(day.counts.last().unwrap().key, "(others)");
        assert!(serde_json::to_string(&day).unwrap().len() < 256 * 1024);
    }
}
