use alloc::format;

use serde::Serialize;
use wxedge_contract::{FieldError, JsonValue};

/// The shortest life of a scheme or link, in seconds.
const SHORTEST_LIFE: u64 = 60;
/// The longest life of a scheme or link, in days.
pub(crate) const LONGEST_LIFE_DAYS: u64 = 30;
const SECONDS_A_DAY: u64 = 86_400;
/// A time of this size is in milliseconds: in seconds it lies in the year 5138.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// When a scheme or link dies: `expire_type` 0 with a time, or 1 with days.
/// Source: 获取加密scheme码 (generateScheme), 获取加密 URL Link (generateUrlLink).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Expiry {
    #[serde(rename = "expire_type")]
    kind: u8,
    #[serde(rename = "expire_time", skip_serializing_if = "Option::is_none")]
    time: Option<u64>,
    #[serde(rename = "expire_interval", skip_serializing_if = "Option::is_none")]
    days: Option<u64>,
}

impl Expiry {
    /// Reads the three fields; without any of them it is as late as WeChat allows, as it was when `is_expire` said so.
    /// `now` is in Unix seconds.
    pub(crate) fn parse(
        kind: JsonValue,
        time: &JsonValue,
        interval: JsonValue,
        now: u64,
    ) -> Result<Self, FieldError> {
        if [&kind, time, &interval].iter().all(|given| **given == JsonValue::Absent) {
            return Ok(Self::latest());
        }
        if kind.optional_integer("expire_type", 0..=1)?.unwrap_or(0) == 0 {
            unused(&interval, "expire_interval", "1")?;
            Ok(Self { kind: 0, time: Some(expire_time(time, now)?), days: None })
        } else {
            unused(time, "expire_time", "0")?;
            Ok(Self { kind: 1, time: None, days: Some(expire_interval(interval)?) })
        }
    }

    /// As late as WeChat allows.
    pub(crate) const fn latest() -> Self {
        Self { kind: 1, time: None, days: Some(LONGEST_LIFE_DAYS) }
    }

    /// When something made at `now` dies, both in Unix seconds.
    pub(crate) fn at(self, now: u64) -> u64 {
        let days = self.days.unwrap_or_default();
        self.time.unwrap_or_else(|| now.saturating_add(days.saturating_mul(SECONDS_A_DAY)))
    }
}

fn unused(given: &JsonValue, field: &'static str, expire_type: &str) -> Result<(), FieldError> {
    if *given == JsonValue::Absent {
        return Ok(());
    }
    Err(FieldError::new(field, format!("counts only with expire_type {expire_type}: send one or the other")))
}

fn expire_time(given: &JsonValue, now: u64) -> Result<u64, FieldError> {
    const RULE: &str = "must be a time in Unix seconds, one minute to thirty days from now";
    let &JsonValue::Integer(time) = given else {
        return Err(FieldError::new(
            "expire_time",
            match given {
                JsonValue::Absent => {
                    format!("is required, and {RULE}; or send expire_type 1 and expire_interval")
                }
                _ => RULE.into(),
            },
        ));
    };
    if time >= MILLISECONDS_FROM {
        return Err(FieldError::new(
            "expire_time",
            format!("is in milliseconds, but {RULE}: divide it by 1000"),
        ));
    }
    let latest = now.saturating_add(LONGEST_LIFE_DAYS.saturating_mul(SECONDS_A_DAY));
    u64::try_from(time)
        .ok()
        .filter(|time| (now.saturating_add(SHORTEST_LIFE)..=latest).contains(time))
        .ok_or_else(|| FieldError::new("expire_time", RULE))
}

fn expire_interval(given: JsonValue) -> Result<u64, FieldError> {
    given
        .optional_integer("expire_interval", 1..=30)?
        .and_then(|days| u64::try_from(days).ok())
        .ok_or_else(|| FieldError::new("expire_interval", "is required with expire_type 1: 1 to 30 days"))
}
