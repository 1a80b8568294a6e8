//! When an event is tried.

use crate::limits::{PAUSES, TRY_LIMIT};

/// The next try after this many, if the last of them ended now: a pause later, but not beyond the end of its time,
/// where there is a last one.
pub(crate) fn next_try(tries: u32, ended_at: u64, tried_until: u64) -> u64 {
    let place = usize::try_from(tries).unwrap_or(usize::MAX).saturating_sub(1);
    let [.., longest] = PAUSES;
    let pause = PAUSES.get(place).copied().unwrap_or(longest);
    let next = ended_at.saturating_add(pause);
    if ended_at < tried_until { next.min(tried_until) } else { next }
}

/// The same for a try that begins now, should it never be heard of again.
pub(crate) fn try_after_loss(tries: u32, now: u64, tried_until: u64) -> u64 {
    next_try(tries, now.saturating_add(TRY_LIMIT), tried_until)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::next_try;
    use crate::limits::TRIED_FOR;

    #[test]
    fn tries_come_after_the_pauses_and_at_the_end_of_three_days() {
        let mut at = 0;
        let mut pauses = Vec::new();
        let mut tries = 1;
        while at < TRIED_FOR {
            let next = next_try(tries, at, TRIED_FOR);
            pauses.push((next - at) / 1_000);
            at = next;
            tries += 1;
        }
        assert_eq!(at, TRIED_FOR);
        assert_eq!(tries, 18);
        assert_eq!(pauses[..7], [5, 30, 120, 600, 3_600, 21_600, 21_600]);
    }
}
