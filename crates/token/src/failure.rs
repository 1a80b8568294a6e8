use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};
use wxedge_contract::record;

use crate::limits::{LONGEST_DETAIL, MISCONFIGURED_PAUSE, QUOTA_PAUSE, TRANSIENT_PAUSE};

record! {
    /// Why there is no token to be had.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
    pub struct Failure {
        /// What sort of failure it is, which decides how long the keeper pauses.
        pub kind: Kind,
        /// The stable word for callers: `upstream_busy`, `upstream_timeout`, `quota_exhausted`, `misconfigured`, ...
        pub code: Cow<'static, str>,
        /// `WeChat`'s number, where there is one.
        pub errcode: Option<i64>,
        /// The id under which `WeChat` has logged the call.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub rid: Option<String>,
        /// More for the operator, such as `WeChat`'s errmsg; at most 256 characters, and never a secret.
        pub detail: String,
    }
}

/// The sorts of [`Failure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Busy, too slow, unreachable, or a reply that makes no sense. Pauses from 1 s to 60 s.
    Transient,
    /// Too many calls: 45009, 45011. Pauses from 1 to 10 minutes.
    Quota,
    /// A setting is wrong: 40001, 40013, 40125, 40164, 40243 and their kin from a token endpoint. Pauses from 30 s to
    /// 5 minutes, until the settings change.
    Misconfigured,
    /// The keeper's own budget is spent.
    BudgetSpent,
}

impl Failure {
    /// A fetch failed. `detail` is cut to 256 characters.
    #[must_use]
    pub fn new(kind: Kind, code: impl Into<Cow<'static, str>>, errcode: Option<i64>, detail: &str) -> Self {
        let code = code.into();
        let detail = detail.chars().take(LONGEST_DETAIL).collect();
        Self { kind, code, errcode, rid: None, detail }
    }

    /// Adds the id under which `WeChat` has logged the call.
    #[must_use]
    pub fn with_rid(mut self, rid: Option<String>) -> Self {
        self.rid = rid;
        self
    }

    pub(crate) fn budget_spent() -> Self {
        let detail = "too many refreshes; look for another server that fetches tokens of this appid";
        Self::new(Kind::BudgetSpent, "token_unavailable", None, detail)
    }

    pub(crate) fn dead_on_arrival() -> Self {
        let detail = "the token had no time left when it came";
        Self::new(Kind::Transient, "token_unavailable", None, detail)
    }
}

impl Kind {
    /// How long to pause after this many failures in a row, in milliseconds: doubling up to a maximum, and up to half
    /// of that again by `jitter`, a random number.
    pub(crate) fn pause(self, failures: u32, jitter: u64) -> u64 {
        let (first, longest) = match self {
            Self::Quota => QUOTA_PAUSE,
            Self::Misconfigured => MISCONFIGURED_PAUSE,
            Self::Transient | Self::BudgetSpent => TRANSIENT_PAUSE,
        };
        let doublings = 2_u64.saturating_pow(failures.saturating_sub(1));
        let pause = first.saturating_mul(doublings).min(longest);
        let spread = (pause / 2).saturating_add(1);
        pause.saturating_add(jitter.checked_rem(spread).unwrap_or(0))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        if let Some(errcode) = self.errcode {
            write!(f, " (errcode {errcode})")?;
        }
        if self.detail.is_empty() { Ok(()) } else { write!(f, ": {}", self.detail) }
    }
}

impl core::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::{Failure, Kind};

    #[test]
    fn pauses_double_up_to_their_maximum_and_jitter_adds_at_most_half() {
        for (kind, failures, shortest, longest) in [
            (Kind::Transient, 1, 1_000, 1_500),
            (Kind::Transient, 2, 2_000, 3_000),
            (Kind::Transient, 7, 60_000, 90_000),
            (Kind::Transient, u32::MAX, 60_000, 90_000),
            (Kind::Quota, 1, 60_000, 90_000),
            (Kind::Quota, 9, 600_000, 900_000),
            (Kind::Misconfigured, 1, 30_000, 45_000),
            (Kind::Misconfigured, 9, 300_000, 450_000),
        ] {
            assert_eq!(kind.pause(failures, 0), shortest, "{kind:?} {failures}");
            assert_eq!(kind.pause(failures, shortest / 2), longest, "{kind:?} {failures}");
            let any = kind.pause(failures, u64::MAX);
            assert!((shortest..=longest).contains(&any), "{kind:?} {failures}: {any}");
        }
    }

    #[test]
    fn a_failure_reads_as_code_errcode_and_a_detail_of_bounded_length() {
        let failure = Failure::new(Kind::Misconfigured, "misconfigured", Some(40164), &"ip".repeat(900));
        assert_eq!(failure.detail.len(), 256);
        assert!(failure.to_string().starts_with("misconfigured (errcode 40164): ipip"));
        assert_eq!(
            Failure::new(Kind::Transient, "upstream_timeout", None, "").to_string(),
            "upstream_timeout"
        );
    }
}
