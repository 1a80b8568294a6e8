//! How often one user may make us call `WeChat`: pure, so that it is tested without the platform.

/// How many calls in any one [`WINDOW`]: an app asks once at its start and once for the number, and a client that
/// repeats itself is a few more.
const MOST_CALLS: u32 = 20;
/// Seconds.
const WINDOW: u64 = 60;

/// The calls of the current minute, which begins with its first call.
///
/// It lives in the memory of the session object and is not stored: then a user who calls all day causes no writes. An
/// object that nobody asks for some ten seconds may be dropped, and its count with it: at worst a user who waits so long
/// between his bursts has six times as many.
#[derive(Debug, Default)]
pub(super) struct CallAllowance {
    /// Unix seconds.
    since: u64,
    count: u32,
}

impl CallAllowance {
    /// Counts a call. Over the limit it counts none, and says in how many seconds the next one may be made. A clock that
    /// jumped back locks nobody out.
    pub(super) fn take(&mut self, now: u64) -> Result<(), u64> {
        let age = now.checked_sub(self.since).filter(|age| *age < WINDOW);
        if age.is_none() {
            *self = Self { since: now, count: 0 };
        }
        if self.count >= MOST_CALLS {
            return Err(WINDOW.saturating_sub(age.unwrap_or_default()));
        }
        self.count = self.count.saturating_add(1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{CallAllowance, MOST_CALLS};

    #[test]
    fn twenty_calls_a_minute_are_allowed() {
        let mut allowance = CallAllowance::default();
        assert!((0..MOST_CALLS).all(|_| allowance.take(1000).is_ok()));
        assert_eq!(allowance.take(1000), Err(60));
        assert_eq!(allowance.take(1059), Err(1));
        assert!((0..MOST_CALLS).all(|_| allowance.take(1060).is_ok()));
        assert_eq!(allowance.take(1061), Err(59));
    }

    #[test]
    fn a_clock_that_jumps_back_locks_nobody_out() {
        let mut allowance = CallAllowance::default();
        while allowance.take(1000).is_ok() {}
        assert_eq!(allowance.take(999), Ok(()));
    }
}
