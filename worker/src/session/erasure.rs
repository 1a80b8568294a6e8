//! That a user was erased: the one thing that stays of him, until his last token from before would have ended.

use serde::Serialize;
use wxedge_contract::record;

use super::record::Token;

/// How many tokens are spared at most: those of logins within the second of the erasure, and of a clock that is behind by
/// some. Nobody logs in more often; the oldest goes.
const MOST_SPARED: usize = 16;

record! {
    /// What the object stores, as JSON. Times are in Unix seconds.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub(crate) struct Erasure {
        /// Tokens issued up to this second are dead.
        at: u64,
        /// When the last of them ends.
        pub(crate) until: u64,
        /// The ids of tokens that came after all, though they were issued up to that second.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        spared: Vec<String> = Vec::new(),
    }
}

impl Erasure {
    pub(crate) const fn new(at: u64, until: u64) -> Self {
        Self { at, until, spared: Vec::new() }
    }

    /// A login after the erasure.
    pub(crate) fn log_in(&mut self, token: &Token) {
        if token.iat <= self.at {
            if self.spared.len() >= MOST_SPARED {
                self.spared.remove(0);
            }
            self.spared.push(token.sid.clone());
        }
    }

    /// Whether the token came after the erasure.
    pub(crate) fn spares(&self, token: &Token) -> bool {
        token.iat > self.at || self.spared.contains(&token.sid)
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::Token;
    use super::{Erasure, MOST_SPARED};

    fn token(sid: usize, iat: u64) -> Token {
        Token { sid: sid.to_string(), iat, exp: 500 }
    }

    #[test]
    fn tokens_from_before_are_dead_and_those_of_the_same_second_live_when_they_came_after() {
        let mut erasure = Erasure::new(100, 500);
        assert!(!erasure.spares(&token(1, 100)) && !erasure.spares(&token(1, 99)));
        assert!(erasure.spares(&token(1, 101)));
        erasure.log_in(&token(2, 100));
        assert!(erasure.spares(&token(2, 100)) && !erasure.spares(&token(1, 100)));
        assert_eq!(
            serde_json::to_string(&erasure).unwrap(),
            r#"{"at":100,"until":500,"spared":["2"]}"#,
            "the stored form is pinned"
        );
    }

    #[test]
    fn what_is_spared_is_bounded_and_later_logins_take_no_room() {
        let mut erasure = Erasure::new(100, 500);
        erasure.log_in(&token(0, 101));
        (1..=MOST_SPARED + 1).for_each(|sid| erasure.log_in(&token(sid, 100)));
        assert_eq!(erasure.spared.len(), MOST_SPARED);
        assert!(!erasure.spares(&token(1, 100)) && erasure.spares(&token(MOST_SPARED + 1, 100)));
    }
}
