use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use wxedge_contract::{FieldError, Given as JsonValue};

use crate::fields::Fields;

/// The shortest life of a scheme or link, in seconds.
const SHORTEST_LIFE: u64 = 60;
/// The longest life of a scheme or link, in days.
const LONGEST_LIFE_DAYS: u64 = 30;
const SECONDS_A_DAY: u64 = 86_400;
/// A time of this size is in milliseconds: in seconds it lies in the year 5138.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

type Entries = Vec<(String, JsonValue)>;

/// Checks when a scheme or link dies: `expire_type` 0 with a time, or 1 with days; without any of the three it is as late
/// as `WeChat` allows, as it was when `is_expire` said so. `now` is in Unix seconds.
/// Source: 获取加密scheme码 (generateScheme), 获取加密 URL Link (generateUrlLink).
pub(crate) fn complete(entries: &mut Entries, now: u64) -> Result<(), FieldError> {
    let kind = given(entries, "expire_type");
    let time = given(entries, "expire_time");
    let interval = given(entries, "expire_interval");
    if [&kind, &time, &interval].iter().all(|given| **given == JsonValue::Absent) {
        set(entries, "expire_type", 1);
        set(entries, "expire_interval", i64::try_from(LONGEST_LIFE_DAYS).unwrap_or(i64::MAX));
        return Ok(());
    }
    let kind = kind.optional_integer("expire_type", 0..=1)?.unwrap_or(0);
    if kind == 0 {
        unused(&interval, "expire_interval", "1")?;
        expire_time(&time, now)?;
    } else {
        unused(&time, "expire_time", "0")?;
        expire_interval(interval)?;
    }
    set(entries, "expire_type", kind);
    Ok(())
}

/// When a scheme or link with these fields, made at `now`, dies, both in Unix seconds.
#[must_use]
pub fn expires_at(fields: &Fields, now: u64) -> u64 {
    let number = |name: &str| fields.integer(name).and_then(|number| u64::try_from(number).ok());
    number("expire_time").unwrap_or_else(|| {
        let days = number("expire_interval").unwrap_or_default();
        now.saturating_add(days.saturating_mul(SECONDS_A_DAY))
    })
}

fn given(entries: &Entries, name: &str) -> JsonValue {
    entries.iter().find(|(known, _)| known == name).map_or(JsonValue::Absent, |(_, value)| value.clone())
}

fn set(entries: &mut Entries, name: &str, number: i64) {
    entries.retain(|(known, _)| known != name);
    entries.push((name.to_string(), JsonValue::Integer(number)));
}

fn unused(given: &JsonValue, field: &'static str, expire_type: &str) -> Result<(), FieldError> {
    if *given == JsonValue::Absent {
        return Ok(());
    }
    Err(FieldError::new(field, format!("counts only with expire_type {expire_type}: send one or the other")))
}

fn expire_time(given: &JsonValue, now: u64) -> Result<(), FieldError> {
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
        .map(drop)
        .ok_or_else(|| FieldError::new("expire_time", RULE))
}

fn expire_interval(given: JsonValue) -> Result<(), FieldError> {
    given
        .optional_integer("expire_interval", 1..=30)?
        .map(drop)
        .ok_or_else(|| FieldError::new("expire_interval", "is required with expire_type 1: 1 to 30 days"))
}
