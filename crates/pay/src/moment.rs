//! Moments as `WeChat` Pay writes them: RFC 3339 with a zone, milliseconds where it likes.

use alloc::format;
use alloc::string::String;
use core::time::Duration;

use der::DateTime;

const EAST_8: u64 = 8 * 3_600;

/// Reads a moment as Unix milliseconds; fractions of a second are dropped.
#[must_use]
pub fn parse_moment(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| -> Option<u16> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let small = |from: usize, to: usize| number(from, to).and_then(|number| u8::try_from(number).ok());
    for (at, mark) in [(4_usize, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")] {
        if text.get(at..at.saturating_add(1))? != mark {
            return None;
        }
    }
    let local = DateTime::new(
        number(0, 4)?,
        small(5, 7)?,
        small(8, 10)?,
        small(11, 13)?,
        small(14, 16)?,
        small(17, 19)?,
    );
    let seconds = i64::try_from(local.ok()?.unix_duration().as_secs()).ok()?;
    let seconds = seconds.checked_sub(offset(after_fraction(text.get(19..)?)?)?)?;
    u64::try_from(seconds).ok()?.checked_mul(1_000)
}

/// The moment as Beijing's clocks show it, to the second: `2026-11-24T17:00:00+08:00`.
#[must_use]
pub fn write_moment(unix_ms: u64) -> String {
    let local = beijing(unix_ms);
    format!("{}T{:02}:{:02}:{:02}+08:00", date_of(&local), local.hour(), local.minutes(), local.seconds())
}

/// The day in Beijing: `2026-11-24`.
#[must_use]
pub fn beijing_day(unix_ms: u64) -> String {
    date_of(&beijing(unix_ms))
}

fn date_of(local: &DateTime) -> String {
    format!("{:04}-{:02}-{:02}", local.year(), local.month(), local.day())
}

fn beijing(unix_ms: u64) -> DateTime {
    let seconds = (unix_ms / 1_000).saturating_add(EAST_8);
    // Beyond the year 9999 there is no such text.
    DateTime::from_unix_duration(Duration::from_secs(seconds)).unwrap_or(DateTime::INFINITY)
}

fn after_fraction(rest: &str) -> Option<&str> {
    let Some(digits) = rest.strip_prefix('.') else { return Some(rest) };
    let zone = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    (zone.len() < digits.len()).then_some(zone)
}

/// The seconds by which a zone is ahead.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, clock) = match zone.split_at_checked(1)? {
        ("+", clock) => (1, clock),
        ("-", clock) => (-1, clock),
        _ => return None,
    };
    let (hours, minutes) = clock.split_once(':')?;
    let number = |digits: &str, below: i64| {
        (digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| digits.parse().ok())
            .flatten()
            .filter(|number: &i64| *number < below)
    };
    let seconds =
        number(hours, 24)?.checked_mul(3_600)?.checked_add(number(minutes, 60)?.checked_mul(60)?)?;
    seconds.checked_mul(sign)
}

#[cfg(test)]
mod tests {
    use super::{beijing_day, parse_moment, write_moment};
    use proptest::prelude::{any, proptest};

    #[test]
    fn moments_are_read_with_their_zone() {
        for (text, seconds) in [
            ("2026-11-24T16:00:00+08:00", 1_795_507_200),
            ("2026-11-24T08:00:00Z", 1_795_507_200),
            ("2026-11-24T08:00:00.123Z", 1_795_507_200),
            ("2026-11-24T03:30:00-04:30", 1_795_507_200),
            ("1970-01-01T00:00:00Z", 0),
        ] {
            assert_eq!(parse_moment(text), Some(seconds * 1_000), "{text}");
        }
        for text in [
            "",
            "2026-11-24",
            "2026-11-24T16:00:00",
            "2026-11-24 16:00:00Z",
            "2026-13-24T16:00:00Z",
            "2026-02-29T16:00:00Z",
            "2026-11-24T16:00:00.Z",
            "2026-11-24T16:00:00+0800",
            "2026-11-24T16:00:00+24:00",
            "2026-11-24T16:00:00 08:00",
            "+026-11-24T16:00:00Z",
            "1970-01-01T00:00:00+08:00",
            "2026-11-24T16:00:00Zz",
        ] {
            assert_eq!(parse_moment(text), None, "{text}");
        }
    }

    #[test]
    fn moments_are_written_in_the_time_of_beijing() {
        assert_eq!(write_moment(1_795_507_200_999), "2026-11-24T16:00:00+08:00");
        assert_eq!(beijing_day(1_795_536_000_000 - 1), "2026-11-24");
        assert_eq!(beijing_day(1_795_536_000_000), "2026-11-25");
        assert_eq!(beijing_day(u64::MAX), "9999-12-31");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_fail(text in ".{0,40}") {
            let _ = parse_moment(&text);
        }

        #[test]
        fn what_is_written_is_read(seconds in any::<u32>()) {
            let moment = u64::from(seconds) * 1_000;
            assert_eq!(parse_moment(&write_moment(moment)), Some(moment));
        }
    }
}
