use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use wxedge_contract::{FieldError, JsonValue};

use crate::fields::Fields;

/// The shortest life of a scheme or link, in seconds.
const SHORTEST_LIFE: i64 = 60;
/// The longest life of a scheme or link, in days.
const LONGEST_LIFE_DAYS: i64 = 30;
const SECONDS_A_DAY: i64 = 86_400;
/// A time of this size is in milliseconds: in seconds it lies in the year 5138.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

type Entries = Vec<(String, JsonValue)>;

/// Checks when a scheme or link dies: `expire_type` 0 with a time, or 1 with days; without any of the three it is as late
/// as `WeChat` allows, as it was when `is_expire` said so. `now` is in Unix seconds.
/// Source: 获取加密scheme码 (generateScheme), 获取加密 URL Link (generateUrlLink).
pub(crate) fn complete(entries: &mut Entries, now: u64) -> Result<(), FieldError> {
    let kind = take(entries, "expire_type");
    let time = take(entries, "expire_time");
    let interval = take(entries, "expire_interval");
    if [&kind, &time, &interval].iter().all(|given| **given == JsonValue::Absent) {
        put(entries, "expire_type", 1);
        put(entries, "expire_interval", LONGEST_LIFE_DAYS);
        return Ok(());
    }
    let kind = kind.optional_integer("expire_type", 0..=1)?.unwrap_or(0);
    put(entries, "expire_type", kind);
    if kind == 0 {
        unused(&interval, "expire_interval", "1")?;
        put(entries, "expire_time", expire_time(&time, now)?);
    } else {
        unused(&time, "expire_time", "0")?;
        put(entries, "expire_interval", expire_interval(interval)?);
    }
    Ok(())
}

/// When what is made at `now` with these fields dies, both in Unix seconds; nothing when it lives for good.
#[must_use]
pub fn expires_at(fields: &Fields, now: u64) -> Option<u64> {
    let time = fields.integer("expire_time").and_then(|time| u64::try_from(time).ok());
    let after = |days: i64| now.saturating_add_signed(days.saturating_mul(SECONDS_A_DAY));
    time.or_else(|| fields.integer("expire_interval").map(after))
}

fn take(entries: &mut Entries, name: &str) -> JsonValue {
    let at = entries.iter().position(|(known, _)| known == name);
    at.map_or(JsonValue::Absent, |at| entries.swap_remove(at).1)
}

fn put(entries: &mut Entries, name: &str, number: i64) {
    entries.push((name.to_string(), JsonValue::Integer(number)));
}

fn unused(given: &JsonValue, field: &'static str, expire_type: &str) -> Result<(), FieldError> {
    if *given == JsonValue::Absent {
        return Ok(());
    }
    Err(FieldError::new(field, format!("counts only with expire_type {expire_type}: send one or the other")))
}

fn expire_time(given: &JsonValue, now: u64) -> Result<i64, FieldError> {
    const RULE: &str = "must be a time in Unix seconds, one minute to thirty days from now";
    let rule = match *given {
        JsonValue::Integer(time) if time >= MILLISECONDS_FROM => {
            format!("is in milliseconds, but {RULE}: divide it by 1000").into()
        }
        JsonValue::Integer(time) => {
            let now = i64::try_from(now).unwrap_or(i64::MAX);
            let latest = now.saturating_add(LONGEST_LIFE_DAYS.saturating_mul(SECONDS_A_DAY));
            if (now.saturating_add(SHORTEST_LIFE)..=latest).contains(&time) {
                return Ok(time);
            }
            Cow::Borrowed(RULE)
        }
        JsonValue::Absent => {
            format!("is required, and {RULE}; or send expire_type 1 and expire_interval").into()
        }
        _ => RULE.into(),
    };
    Err(FieldError::new("expire_time", rule))
}

fn expire_interval(given: JsonValue) -> Result<i64, FieldError> {
    given
        .optional_integer("expire_interval", 1..=LONGEST_LIFE_DAYS)?
        .ok_or_else(|| FieldError::new("expire_interval", "is required with expire_type 1: 1 to 30 days"))
}
