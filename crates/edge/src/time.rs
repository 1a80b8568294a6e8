//! The clock, deadlines and delays.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::executor::Call;
use crate::js;
use crate::runtime::{Completion, call};

/// A point in time. The runtime's clock stands still while a request computes, and goes on when something outside is waited
/// for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(u64);

impl Date {
    /// The present.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time is positive and far below 2^53"
    )]
    pub fn now() -> Self {
        Self(js_sys::Date::now() as u64)
    }

    /// Unix milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Unix seconds.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }
}

/// Until when something has to be done, all its tries together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    began: Date,
    milliseconds: u32,
}

impl Deadline {
    /// So many milliseconds from now.
    #[must_use]
    pub fn after(milliseconds: u32) -> Self {
        Self { began: Date::now(), milliseconds }
    }

    /// How many milliseconds are left.
    #[must_use]
    pub fn remaining(self) -> u32 {
        self.remaining_at(Date::now())
    }

    /// A clock that was set back gives no more than there was.
    fn remaining_at(self, now: Date) -> u32 {
        let spent = now.0.saturating_sub(self.began.0);
        self.milliseconds.saturating_sub(u32::try_from(spent).unwrap_or(u32::MAX))
    }
}

/// Waits for some time. Dropped, it ends its timer.
pub struct Delay(Call<Completion>);

impl Delay {
    /// Waits for so many milliseconds.
    #[must_use]
    pub fn of(milliseconds: u32) -> Self {
        Self(call(|call| js::start_timer(call, milliseconds)))
    }
}

impl Future for Delay {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(context).map(drop)
    }
}

impl Drop for Delay {
    fn drop(&mut self) {
        js::end_timer(self.0.key().to_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::{Date, Deadline};

    #[test]
    fn what_is_left_never_grows() {
        let deadline = Deadline { began: Date(1_000_000), milliseconds: 10_000 };
        for (now, left) in [
            (1_000_000, 10_000),
            (1_003_000, 7_000),
            (1_010_000, 0),
            (1_010_001, 0),
            (u64::MAX, 0),
            (0, 10_000),
        ] {
            assert_eq!(deadline.remaining_at(Date(now)), left, "at {now}");
        }
    }
}
