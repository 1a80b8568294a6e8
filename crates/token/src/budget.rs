use serde::{Deserialize, Serialize};

use crate::limits::{REFRESH_COST, REFRESHES_AT_ONCE};

/// How many refreshes may start: some at once, then one for each stretch of time that has passed.
///
/// This is a bucket that fills steadily, kept as the moment at which it will be full again. So when it is empty the
/// wait is one stretch, not the rest of an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Budget {
    full_at: u64,
}

impl Budget {
    /// The moment from which one refresh may start.
    pub(crate) fn open_at(self) -> u64 {
        let at_once = u64::from(REFRESHES_AT_ONCE.saturating_sub(1)).saturating_mul(REFRESH_COST);
        self.full_at.saturating_sub(at_once)
    }

    /// Pays for one refresh.
    pub(crate) fn spend(&mut self, now: u64) {
        self.full_at = self.full_at.max(now).saturating_add(REFRESH_COST);
    }

    /// How many could start now, one right after the other.
    pub(crate) fn left(self, now: u64) -> u32 {
        let missing = self.full_at.saturating_sub(now).div_ceil(REFRESH_COST);
        REFRESHES_AT_ONCE.saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Budget, REFRESH_COST};
    use crate::limits::{REFRESHES_AT_ONCE, REFRESHES_PER_HOUR};

    const HOUR: u64 = 3_600_000;

    #[test]
    fn the_greediest_owner_stays_within_the_hourly_maximum() {
        let mut budget = Budget::default();
        let mut starts = Vec::new();
        for now in (0..5 * HOUR).step_by(500) {
            if now >= budget.open_at() {
                budget.spend(now);
                starts.push(now);
            }
        }
        let most = starts
            .iter()
            .map(|first| starts.iter().filter(|at| (*first..=first + HOUR).contains(at)).count())
            .max();
        assert_eq!(most, Some(REFRESHES_PER_HOUR as usize));
    }

    #[test]
    fn an_empty_budget_opens_again_after_the_time_of_one_refresh() {
        let mut budget = Budget::default();
        for spent in 0..REFRESHES_AT_ONCE {
            assert_eq!(budget.left(7), REFRESHES_AT_ONCE - spent);
            assert!(budget.open_at() <= 7);
            budget.spend(7);
        }
        assert_eq!(budget.left(7), 0);
        assert_eq!(budget.open_at(), 7 + REFRESH_COST);
        assert_eq!(budget.left(7 + REFRESH_COST), 1);
    }
}
