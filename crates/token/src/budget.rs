use serde::{Deserialize, Serialize};
use wxedge_contract::record;

use crate::limits::{Allowance, CLASSIC, STABLE};

/// The token call that a refresh makes, which decides how often there may be one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    /// `getStableAccessToken`, or another owner, who bounds what it asks itself. Asking kills no token: one a second, and
    /// at most 600 in any hour.
    #[default]
    Stable,
    /// `getAccessToken`. Asking ends the token before: ten at once, then one for each 72 s, at most 60 in any hour.
    Classic,
}

impl Api {
    const fn allowance(self) -> Allowance {
        match self {
            Self::Stable => STABLE,
            Self::Classic => CLASSIC,
        }
    }
}

record! {
    /// How many refreshes may start: some at once, then one for each stretch of time that has passed.
    ///
    /// This is a bucket that fills steadily, kept as the moment at which it will be full again. So when it is empty the
    /// wait is one stretch, not the rest of an hour.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
    pub(crate) struct Budget {
        api: Api,
        full_at: u64,
        /// When the gap after the last refresh ends.
        gap_until: u64,
    }
}

impl Budget {
    /// Counts for this call from now on. What was spent on another is no matter: `WeChat` counts each by itself.
    pub(crate) fn count_for(&mut self, api: Api) {
        if self.api != api {
            *self = Self { api, ..Self::default() };
        }
    }

    /// The moment from which one refresh may start.
    pub(crate) fn open_at(self, now: u64) -> u64 {
        let Allowance { at_once, cost, gap } = self.api.allowance();
        let ahead = u64::from(at_once.saturating_sub(1)).saturating_mul(cost);
        // A refresh that was to start later than now, and was lost in a restart, was never made.
        let gap_until = self.gap_until.min(now.saturating_add(gap));
        self.full_at.saturating_sub(ahead).max(gap_until)
    }

    /// Pays for one refresh that starts at `moment`.
    pub(crate) fn spend(&mut self, moment: u64) {
        let Allowance { cost, gap, .. } = self.api.allowance();
        self.full_at = self.full_at.max(moment).saturating_add(cost);
        self.gap_until = moment.saturating_add(gap);
    }

    /// How many more there may be before each has to be earned.
    pub(crate) fn left(self, now: u64) -> u32 {
        let Allowance { at_once, cost, .. } = self.api.allowance();
        let missing = self.full_at.saturating_sub(now).div_ceil(cost);
        at_once.saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Api, Budget};

    const SECOND: u64 = 1_000;
    const HOUR: u64 = 3_600 * SECOND;

    fn budget(api: Api) -> Budget {
        Budget { api, ..Budget::default() }
    }

    #[test]
    fn the_greediest_owner_stays_within_the_hourly_maximum_and_the_gap() {
        for (api, hourly, gap) in [(Api::Stable, 600, SECOND), (Api::Classic, 60, 0)] {
            let mut budget = budget(api);
            let mut starts: Vec<u64> = Vec::new();
            for now in (0..5 * HOUR).step_by(250) {
                if now >= budget.open_at(now) {
                    budget.spend(now);
                    starts.push(now);
                }
            }
            let most = starts
                .iter()
                .map(|first| starts.iter().filter(|at| (*first..=first + HOUR).contains(at)).count())
                .max();
            assert_eq!(most, Some(hourly), "{api:?}");
            assert!(starts.is_sorted_by(|one, next| next - one >= gap), "{api:?}");
        }
    }

    #[test]
    fn an_empty_budget_opens_again_after_the_time_of_one_refresh() {
        for (api, at_once, cost) in [(Api::Stable, 300, 12 * SECOND), (Api::Classic, 10, 72 * SECOND)] {
            let mut budget = budget(api);
            for spent in 0..at_once {
                assert_eq!(budget.left(7), at_once - spent);
                assert!(spent == 0 || budget.open_at(7) <= 7 + SECOND);
                budget.spend(7);
            }
            assert_eq!(budget.left(7), 0);
            assert_eq!(budget.open_at(7), 7 + cost);
            assert_eq!(budget.left(7 + cost), 1);
        }
    }

    #[test]
    fn one_call_spends_nothing_of_the_other() {
        let mut budget = budget(Api::Stable);
        (0..300).for_each(|_| budget.spend(7));
        budget.count_for(Api::Stable);
        assert_eq!(budget.left(7), 0);
        budget.count_for(Api::Classic);
        assert_eq!((budget.left(7), budget.open_at(7)), (10, 0));
    }
}
