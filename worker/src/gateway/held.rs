//! How much of an isolate's memory bodies of callers take at once.

use std::cell::Cell;

use wxedge_contract::{Code, Problem};

/// How many bytes of bodies an isolate holds at once: four uploads of the largest file. An isolate has 128 MB; of those some
/// 20 are the runtime's and the wasm's, and as much again is taken by what is being sent and by what was let go and not
/// collected yet. Source: Cloudflare Workers, Limits, Memory.
pub(super) const MOST_HELD: usize = 42 * 1024 * 1024;
/// When to try again, in seconds: an upload is sent on in about one.
const TRY_AGAIN: u32 = 1;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// A share of the memory, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Held(usize);

impl Held {
    /// Takes that many bytes.
    ///
    /// # Errors
    /// `rate_limited` when others hold too much.
    pub(super) fn take(bytes: usize) -> Result<Self, Problem> {
        let sum = HELD.get().saturating_add(bytes);
        if sum > MOST_HELD {
            return Err(Problem::new(Code::RateLimited, "Too many uploads are under way at once.")
                .hint("Send a few at a time.")
                .retry_after(TRY_AGAIN));
        }
        HELD.set(sum);
        Ok(Self(bytes))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        HELD.set(HELD.get().saturating_sub(self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::{Held, MOST_HELD};

    #[test]
    fn what_is_let_go_may_be_taken_again() {
        let half = MOST_HELD / 2;
        let (first, second) = (Held::take(half).unwrap(), Held::take(half).unwrap());
        let full = Held::take(1).unwrap_err();
        assert_eq!(full.wait(), Some(1));
        drop(first);
        assert!(Held::take(half).is_ok());
        assert!(Held::take(half).is_ok());
        drop(second);
        assert!(Held::take(MOST_HELD).is_ok() && Held::take(MOST_HELD + 1).is_err());
    }
}
