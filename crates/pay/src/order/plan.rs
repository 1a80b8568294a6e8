//! When the next look is due.

use crate::stored::record;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The pauses between looks; the last goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pauses {
    /// An order that may still be paid, or is being made or closed. The looks go on for as long as it is not settled.
    Open,
    /// An order whose payer says that it is paid.
    Watched,
    /// A refund on its way.
    Refund,
    /// A refund that is a person's matter.
    Attention,
    /// An order that is closed: one look a day later finds what came after all.
    Closed,
    /// Events that wait to be handed on.
    Forward,
}

impl Pauses {
    const fn list(self) -> &'static [u64] {
        match self {
            Self::Open => &[MINUTE, 2 * MINUTE, 7 * MINUTE, 20 * MINUTE, HOUR],
            Self::Watched => &[SECOND, 2 * SECOND, 2 * SECOND, 5 * SECOND, 20 * SECOND],
            Self::Refund => &[MINUTE, 4 * MINUTE, 25 * MINUTE, 90 * MINUTE, 12 * HOUR],
            Self::Attention => &[DAY],
            Self::Closed => &[DAY, HOUR],
            Self::Forward => &[5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR],
        }
    }

    /// The pause after so many looks.
    pub(crate) fn after(self, looks: u32) -> u64 {
        let list = self.list();
        let index = usize::try_from(looks).unwrap_or(usize::MAX);
        list.get(index).or(list.last()).copied().unwrap_or(HOUR)
    }

    /// How many pauses there are before the last goes on.
    pub(crate) fn len(self) -> u32 {
        u32::try_from(self.list().len()).unwrap_or(u32::MAX)
    }
}

/// The next look and how many there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Unix milliseconds; none when nothing is to be done.
    pub(crate) at: Option<u64>,
    /// Looks since the plan was begun.
    pub(crate) looks: u32,
}

record! { Plan { at, looks, } }

impl Plan {
    /// At once, as the first look.
    pub(crate) const fn now(now: u64) -> Self {
        Self { at: Some(now), looks: 0 }
    }

    /// Nothing is to be done.
    pub(crate) const fn none() -> Self {
        Self { at: None, looks: 0 }
    }

    /// After the first pause.
    pub(crate) fn begin(pauses: Pauses, now: u64, spread: u64) -> Self {
        let mut plan = Self::none();
        plan.next(pauses, now, spread);
        plan
    }

    /// After the next pause, up to a tenth longer, so that orders made together are not looked up together.
    pub(crate) fn next(&mut self, pauses: Pauses, now: u64, spread: u64) {
        let pause = pauses.after(self.looks);
        let longer = spread.checked_rem(pause.div_ceil(10)).unwrap_or_default();
        self.at = Some(now.saturating_add(pause).saturating_add(longer));
        self.looks = self.looks.saturating_add(1);
    }

    pub(crate) fn is_due(self, now: u64) -> bool {
        self.at.is_some_and(|at| at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::{HOUR, MINUTE, Pauses, Plan};

    #[test]
    fn looks_come_at_the_documented_moments() {
        let moments = |pauses, count| {
            let mut plan = Plan::none();
            let mut now = 0;
            let mut all = alloc::vec::Vec::new();
            for _ in 0..count {
                plan.next(pauses, now, 0);
                now = plan.at.unwrap();
                all.push(now);
            }
            all
        };
        assert_eq!(moments(Pauses::Open, 6), [1, 3, 10, 30, 90, 150].map(|minute| minute * MINUTE));
        assert_eq!(moments(Pauses::Watched, 5), [1, 3, 5, 10, 30].map(|second| second * 1_000));
        assert_eq!(
            moments(Pauses::Refund, 6),
            [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 14 * HOUR, 26 * HOUR]
        );
    }

    #[test]
    fn looks_are_spread_by_a_tenth() {
        for spread in [0, 5_999, 6_000, u64::MAX] {
            let at = Plan::begin(Pauses::Open, 1_000, spread).at.unwrap();
            assert!((61_000..67_000).contains(&at), "{at}");
        }
    }
}
