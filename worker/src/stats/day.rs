//! The counts of a day.

use serde::{Deserialize, Serialize};

/// How many different counts a list has at most; what is more is counted as [`OTHERS`]. 1500 of them are some 150 KB, and far
/// above what one app has: its keys times the endpoints that it calls times what comes of that.
pub(super) const MOST_COUNTS: usize = 1500;
/// Stands for keys, endpoints and routes that have no room.
const OTHERS: &str = "(others)";
/// The longest name of a key that is kept, in characters.
const LONGEST_KEY: usize = 64;

/// What was called, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Outcome<'a> {
    /// Of a route of ours.
    pub(super) method: Option<&'a str>,
    /// Its path, with the names of what is named.
    pub(super) route: Option<&'a str>,
    pub(super) status: Option<u16>,
    /// The name of the API key that called an endpoint of WeChat's.
    pub(super) key: Option<&'a str>,
    /// Its path at WeChat, without a slash before it.
    pub(super) endpoint: Option<&'a str>,
    /// WeChat's code, 0 for success at an endpoint; absent when WeChat gave none.
    pub(super) errcode: Option<i64>,
    /// Our own code of a problem.
    pub(super) code: Option<&'a str>,
}

impl<'a> Outcome<'a> {
    /// Of a call that this key made of an endpoint.
    pub(super) fn of_endpoint(
        key: &'a str,
        endpoint: &'a str,
        errcode: Option<i64>,
        code: Option<&'a str>,
    ) -> Self {
        let end = key.char_indices().nth(LONGEST_KEY).map_or(key.len(), |(end, _)| end);
        Self { key: key.get(..end), endpoint: Some(endpoint), errcode, code, ..Self::default() }
    }

    /// What has no room, of the same kind.
    fn others(self) -> Self {
        let of = |name: Option<&str>| name.map(|_| OTHERS);
        Self { route: of(self.route), key: of(self.key), endpoint: of(self.endpoint), ..Self::default() }
    }
}

/// How often there was one outcome, as it is kept and answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Count {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    route: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    errcode: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    calls: u64,
}

impl Count {
    fn new(outcome: Outcome<'_>, calls: u64) -> Self {
        let Outcome { method, route, status, key, endpoint, errcode, code } = outcome;
        let [method, route, key, endpoint, code] =
            [method, route, key, endpoint, code].map(|text| text.map(str::to_owned));
        Self { method, route, status, key, endpoint, errcode, code, calls }
    }

    fn outcome(&self) -> Outcome<'_> {
        Outcome {
            method: self.method.as_deref(),
            route: self.route.as_deref(),
            status: self.status,
            key: self.key.as_deref(),
            endpoint: self.endpoint.as_deref(),
            errcode: self.errcode,
            code: self.code.as_deref(),
        }
    }
}

/// Different outcomes, each with how often there was one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Counts(Vec<Count>);

impl Counts {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Counts so many calls.
    pub(super) fn add(&mut self, outcome: Outcome<'_>, calls: u64) {
        if self.add_to_known(outcome, calls) {
            return;
        }
        let has_room = self.0.len() < MOST_COUNTS.saturating_sub(1);
        let outcome = if has_room { outcome } else { outcome.others() };
        if has_room || !self.add_to_known(outcome, calls) {
            self.0.push(Count::new(outcome, calls));
        }
    }

    /// Adds up what was counted elsewhere.
    pub(super) fn add_all(&mut self, counted: &Self) {
        for count in &counted.0 {
            self.add(count.outcome(), count.calls);
        }
    }

    fn add_to_known(&mut self, outcome: Outcome<'_>, calls: u64) -> bool {
        let known = self.0.iter_mut().find(|known| known.outcome() == outcome);
        known.is_some_and(|known| {
            known.calls = known.calls.saturating_add(calls);
            true
        })
    }
}

/// The counts of one day.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Day {
    /// Whole days since 1970, UTC.
    pub(super) number: u64,
    /// Of routes of ours.
    #[serde(default)]
    pub(super) routes: Counts,
    /// Of endpoints of WeChat's, by API key.
    pub(super) counts: Counts,
}

impl Day {
    pub(super) const fn is_empty(&self) -> bool {
        self.routes.is_empty() && self.counts.is_empty()
    }

    /// Adds up what was counted elsewhere.
    pub(super) fn add(&mut self, counted: &Self) {
        self.routes.add_all(&counted.routes);
        self.counts.add_all(&counted.counts);
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
    use super::{Counts, Day, MOST_COUNTS, Outcome, date_of, day_of};

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
        let of = |errcode, code| Outcome::of_endpoint("app", "wxa/getwxacode", errcode, code);
        let mut counts = Counts::default();
        for _ in 0..3 {
            counts.add(of(Some(0), None), 1);
        }
        counts.add(of(None, Some("upstream_timeout")), 1);
        assert_eq!(counts.0.iter().map(|count| count.calls).collect::<Vec<_>>(), [3, 1]);
        let key = "k".repeat(100);
        for errcode in 1..3000 {
            counts.add(Outcome::of_endpoint(&key, "wxa/getwxacode", Some(errcode), None), 1);
        }
        assert_eq!(counts.0.len(), MOST_COUNTS);
        assert_eq!(counts.0.iter().map(|count| count.calls).sum::<u64>(), 3003);
        assert_eq!(counts.0.last().unwrap().key.as_deref(), Some("(others)"));
        assert!(serde_json::to_string(&counts).unwrap().len() < 256 * 1024);
    }

    #[test]
    fn a_day_that_was_stored_before_routes_were_counted_is_read() {
        let stored =
            r#"{"number":20000,"counts":[{"key":"app","endpoint":"wxa/getwxacode","errcode":0,"calls":7}]}"#;
        let mut day: Day = serde_json::from_str(stored).unwrap();
        day.counts.add(Outcome::of_endpoint("app", "wxa/getwxacode", Some(0), None), 1);
        let route = Outcome {
            method: Some("POST"),
            route: Some("/v1/login"),
            status: Some(200),
            ..Outcome::default()
        };
        day.routes.add(route, 1);
        assert_eq!(
            serde_json::to_string(&day).unwrap(),
            r#"{"number":20000,"routes":[{"method":"POST","route":"/v1/login","status":200,"calls":1}],"counts":[{"key":"app","endpoint":"wxa/getwxacode","errcode":0,"calls":8}]}"#
        );
    }
}
