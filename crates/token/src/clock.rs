use serde::Serialize;
use wxedge_contract::record;

use crate::limits::LONGEST_GAP;

record! {
    /// The keeper's own time: milliseconds that never go back.
    ///
    /// A clock that is set back would make every stored moment lie in the future and every pause hours long. So moments
    /// are kept in this time, which stands still when the clock goes back and goes on from there.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
    pub(crate) struct Clock {
        /// What the clock showed when it was last read, in Unix milliseconds.
        seen: u64,
        /// Own time at that moment.
        lived: u64,
    }
}

impl Clock {
    /// Reads the clock: `now` in Unix milliseconds becomes own time.
    pub(crate) fn advance(&mut self, now: u64) -> u64 {
        self.lived = self.at(now);
        self.seen = now;
        self.lived
    }

    /// What [`Clock::advance`] would give, with nothing changed.
    pub(crate) fn at(self, now: u64) -> u64 {
        let passed = now.saturating_sub(self.seen).min(LONGEST_GAP);
        self.lived.saturating_add(passed)
    }

    /// A moment of own time as Unix milliseconds; one that has passed is `now`.
    pub(crate) fn to_unix(self, moment: u64, now: u64) -> u64 {
        now.saturating_add(moment.saturating_sub(self.at(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, LONGEST_GAP};

    #[test]
    fn own_time_follows_the_clock_forward_and_stands_still_when_it_goes_back() {
        let mut clock = Clock::default();
        let start = clock.advance(1_000_000_000);
        for (now, passed) in [
            (1_000_000_500, 500),
            (400, 500),
            (1_400, 1_500),
            (1_400, 1_500),
            (u64::MAX, 1_500 + LONGEST_GAP),
            (0, 1_500 + LONGEST_GAP),
            (10, 1_510 + LONGEST_GAP),
        ] {
            assert_eq!(clock.at(now), start + passed, "at {now}");
            assert_eq!(clock.advance(now), start + passed, "to {now}");
        }
    }

    #[test]
    fn a_moment_is_told_in_the_time_of_the_clock_as_it_is_now() {
        let mut clock = Clock::default();
        let start = clock.advance(5_000_000);
        clock.advance(3_000_000);
        assert_eq!(clock.to_unix(start + 700, 3_000_100), 3_000_700);
        assert_eq!(clock.to_unix(start, 3_000_100), 3_000_100);
        assert_eq!(clock.to_unix(u64::MAX, u64::MAX), u64::MAX);
    }
}
