//! What a session object knows, and its rules: pure, so that they are tested without the platform.

use serde::Serialize;
use wxedge_contract::record;
use wxedge_crypto::{Claims, Secret};

/// How many deleted tokens are remembered at most, some 100 KB: a user who deletes more within the life of a token makes
/// others of his that are as old as the oldest deleted one die with it.
const MOST_REVOKED: usize = 1000;
/// How many decryptions may fail within any [`FAILURE_WINDOW`]: an honest client fails once or twice after a race, and a
/// padding oracle needs some 20,000.
const MOST_FAILURES: usize = 20;
/// Seconds.
const FAILURE_WINDOW: u64 = 600;

/// How many new code images one user may cause within a [`CODES_WINDOW`]: posters for a day's sharing, and no way to fill
/// the cache.
const MOST_CODES: u32 = 50;
/// How many new stored scenes one user may cause within a [`CODES_WINDOW`]: one for each of those images. Scenes stay for
/// good, so they are counted whatever becomes of the image.
const MOST_SCENES: u32 = 50;
/// Seconds.
const CODES_WINDOW: u64 = 86_400;

record! {
    /// What is new of a code that a user asks for.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
    pub(crate) struct NewCode {
        pub(crate) image: bool,
        /// The stored scene that it carries.
        pub(crate) scene: bool,
    }
}

impl NewCode {
    pub(crate) const NOTHING: Self = Self { image: false, scene: false };
}

record! {
    /// A session token, as far as deletion is concerned. Times are in Unix seconds.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub(crate) struct Token {
        pub(super) sid: String,
        pub(super) iat: u64,
        pub(super) exp: u64,
    }
}

impl Token {
    pub(crate) fn of(claims: &Claims) -> Self {
        Self { sid: claims.sid.clone(), iat: claims.iat, exp: claims.exp }
    }

    /// How it goes with a question: `<iat> <exp> <sid>`.
    pub(crate) fn to_text(&self) -> String {
        format!("{} {} {}", self.iat, self.exp, self.sid)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (iat, rest) = text.split_once(' ')?;
        let (exp, sid) = rest.split_once(' ')?;
        Some(Self { sid: sid.to_owned(), iat: iat.parse().ok()?, exp: exp.parse().ok()? })
    }
}

record! {
    /// What the object stores, as JSON. Times are in Unix seconds.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub(crate) struct Record {
        session_key: Secret,
        /// When the `session_key` came.
        key_since: u64,
        /// The key that a login replaced a moment ago: data that was encrypted before it may still be on its way.
        previous: Option<Replaced>,
        /// When the last token expires.
        last_exp: u64,
        /// Deleted tokens that would otherwise hold.
        revoked: Vec<Token>,
        /// Tokens issued up to this second are deleted.
        revoked_until: u64,
        /// When the last decryptions failed, the oldest first; at most [`MOST_FAILURES`].
        failures: Vec<u64>,
        /// The new code images of the last day.
        #[serde(skip_serializing_if = "Option::is_none")]
        codes: Option<CountOfDay>,
        /// The new stored scenes of the last day.
        #[serde(skip_serializing_if = "Option::is_none")]
        scenes: Option<CountOfDay>,
    }
}

record! {
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    struct CountOfDay {
        since: u64,
        count: u32,
    }
}

impl CountOfDay {
    /// The count with one more. Over the limit it says in how many seconds the next one may come.
    fn one_more(count: Option<&Self>, limit: u32, now: u64) -> Result<Self, u64> {
        let today = count.filter(|count| now.wrapping_sub(count.since) < CODES_WINDOW);
        let Self { since, count } = today.cloned().unwrap_or(Self { since: now, count: 0 });
        if count >= limit {
            return Err(since.saturating_add(CODES_WINDOW).saturating_sub(now));
        }
        Ok(Self { since, count: count.saturating_add(1) })
    }
}

record! {
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    struct Replaced {
        session_key: Secret,
        until: u64,
    }
}

impl Record {
    /// The record of a user's first login.
    pub(crate) fn new(session_key: Secret, token: &Token) -> Self {
        Self {
            session_key,
            key_since: token.iat,
            previous: None,
            last_exp: token.exp,
            revoked: Vec::new(),
            revoked_until: 0,
            failures: Vec::new(),
            codes: None,
            scenes: None,
        }
    }

    /// A further login. WeChat may give the same key again; another one replaces it, and the old one still decrypts for
    /// `grace` seconds.
    pub(crate) fn log_in(&mut self, session_key: Secret, token: &Token, grace: u64) {
        self.last_exp = self.last_exp.max(token.exp);
        if session_key != self.session_key {
            let replaced = core::mem::replace(&mut self.session_key, session_key);
            let until = token.iat.saturating_add(grace);
            self.previous = (grace > 0).then_some(Replaced { session_key: replaced, until });
            self.key_since = token.iat;
        }
    }

    /// Data of `timestamp` opened with the replaced key. Data that was taken after the current key came shows that the two
    /// logins arrived here in another order than at WeChat: then the replaced key is the one that holds. Says whether
    /// that is so.
    pub(crate) fn opened_with_replaced(&mut self, timestamp: u64) -> bool {
        match &mut self.previous {
            Some(previous) if timestamp > self.key_since => {
                core::mem::swap(&mut self.session_key, &mut previous.session_key);
                true
            }
            _ => false,
        }
    }

    /// WeChat replaced the key on our request. The old one is dead at once, and forgotten.
    pub(crate) fn reset(&mut self, session_key: Secret, now: u64) {
        self.session_key = session_key;
        self.key_since = now;
        self.previous = None;
    }

    /// When the last token expires.
    pub(super) const fn last_exp(&self) -> u64 {
        self.last_exp
    }

    pub(super) const fn session_key(&self) -> &Secret {
        &self.session_key
    }

    /// The key that a login replaced, while its grace lasts.
    pub(crate) fn replaced_key(&self, now: u64) -> Option<&Secret> {
        self.previous.as_ref().filter(|previous| now <= previous.until).map(|previous| &previous.session_key)
    }

    /// The keys that may decrypt, the current one first.
    pub(crate) fn keys(&self, now: u64) -> impl Iterator<Item = &Secret> {
        core::iter::once(&self.session_key).chain(self.replaced_key(now))
    }

    /// Whether the token has not been deleted.
    pub(crate) fn holds(&self, token: &Token) -> bool {
        token.iat > self.revoked_until
            && token.exp <= self.last_exp
            && !self.revoked.iter().any(|revoked| revoked.sid == token.sid)
    }

    /// Deletes the token.
    pub(crate) fn revoke(&mut self, token: Token, now: u64) {
        self.revoked.retain(|revoked| revoked.exp > now);
        if !self.holds(&token) {
            return;
        }
        self.revoked.push(token);
        if self.revoked.len() > MOST_REVOKED {
            let oldest = self.revoked.iter().map(|revoked| revoked.iat).min().unwrap_or_default();
            self.revoked_until = self.revoked_until.max(oldest);
            self.revoked.retain(|revoked| revoked.iat > oldest);
        }
    }

    /// Counts what is new of a code. Over a limit it counts nothing, and says in how many seconds there may be more.
    pub(crate) fn count_code(&mut self, new: NewCode, now: u64) -> Result<(), u64> {
        let mut codes = self.codes.clone();
        let mut scenes = self.scenes.clone();
        if new.image {
            codes = Some(CountOfDay::one_more(codes.as_ref(), MOST_CODES, now)?);
        }
        if new.scene {
            scenes = Some(CountOfDay::one_more(scenes.as_ref(), MOST_SCENES, now)?);
        }
        (self.codes, self.scenes) = (codes, scenes);
        Ok(())
    }

    /// In how many seconds the next decryption may be tried: none when one may be tried now. A clock that jumped back
    /// pauses nobody.
    pub(crate) fn pause(&self, now: u64) -> Option<u64> {
        let oldest = self.failures.first().filter(|_| self.failures.len() >= MOST_FAILURES)?;
        let age = now.checked_sub(*oldest)?;
        FAILURE_WINDOW.checked_sub(age).filter(|left| *left > 0)
    }

    /// A decryption failed.
    pub(crate) fn fail(&mut self, now: u64) {
        self.failures.retain(|at| *at <= now);
        self.failures.push(now);
        let surplus = self.failures.len().saturating_sub(MOST_FAILURES);
        self.failures.drain(..surplus);
    }

    /// Forgets what has run out. `false` when that is everything.
    pub(crate) fn expire(&mut self, now: u64) -> bool {
        self.previous.take_if(|previous| previous.until < now);
        self.revoked.retain(|revoked| revoked.exp > now);
        now < self.last_exp
    }

    /// When something runs out next.
    pub(crate) fn next_expiry(&self) -> u64 {
        let until = self.previous.as_ref().map(|previous| previous.until.saturating_add(1));
        until.map_or(self.last_exp, |until| until.min(self.last_exp))
    }
}

#[cfg(test)]
mod tests {
    use wxedge_crypto::Secret;

    use super::{
        CODES_WINDOW, FAILURE_WINDOW, MOST_CODES, MOST_FAILURES, MOST_REVOKED, MOST_SCENES, NewCode, Record,
        Token,
    };

    fn token(number: usize) -> Token {
        Token { sid: format!("sid{number}"), iat: 10_u64.saturating_add(number as u64), exp: 500 }
    }

    fn record() -> Record {
        let mut record = Record::new(Secret::new("a"), &token(0));
        record.last_exp = 1000;
        record
    }

    fn keys(record: &Record, now: u64) -> Vec<String> {
        record.keys(now).map(|key| key.expose().to_owned()).collect()
    }

    #[test]
    fn the_stored_form_is_pinned() {
        let mut record = record();
        record.log_in(Secret::new("b"), &token(1), 300);
        record.revoke(token(1), 20);
        record.fail(30);
        let text = r#"{"session_key":"b","key_since":11,"previous":{"session_key":"a","until":311},"last_exp":1000,"revoked":[{"sid":"sid1","iat":11,"exp":500}],"revoked_until":0,"failures":[30]}"#;
        assert_eq!(serde_json::to_string(&record).unwrap(), text);
        assert_eq!(serde_json::from_str::<Record>(text).unwrap(), record);
    }

    #[test]
    fn a_replaced_key_decrypts_until_its_grace_is_over() {
        let mut record = record();
        record.log_in(Secret::new("b"), &Token { iat: 100, ..token(1) }, 300);
        assert_eq!(keys(&record, 400), ["b", "a"], "a login in the middle of a second has its whole grace");
        assert_eq!(keys(&record, 401), ["b"]);
        record.log_in(Secret::new("b"), &Token { iat: 200, ..token(2) }, 300);
        assert_eq!(keys(&record, 399), ["b", "a"], "the same key again replaces nothing");
        record.log_in(Secret::new("c"), &Token { iat: 210, ..token(3) }, 300);
        assert_eq!(keys(&record, 220), ["c", "b"], "one step back, not two");
    }

    #[test]
    fn two_logins_that_arrive_in_the_wrong_order_are_told_by_their_data() {
        let mut record = record();
        record.log_in(Secret::new("b"), &Token { iat: 100, ..token(1) }, 300);
        assert!(!record.opened_with_replaced(100));
        assert_eq!(keys(&record, 110), ["b", "a"], "data on its way when the key was replaced");
        assert!(record.opened_with_replaced(101));
        assert_eq!(keys(&record, 110), ["a", "b"]);
    }

    #[test]
    fn without_grace_and_after_a_reset_there_is_one_key() {
        let mut record = record();
        record.log_in(Secret::new("b"), &token(1), 0);
        assert_eq!(keys(&record, 11), ["b"]);
        record.log_in(Secret::new("c"), &token(2), 300);
        record.reset(Secret::new("d"), 13);
        assert_eq!(keys(&record, 13), ["d"]);
    }

    #[test]
    fn twenty_failures_in_ten_minutes_are_allowed() {
        let mut record = record();
        for _ in 0..MOST_FAILURES {
            assert_eq!(record.pause(100), None);
            record.fail(100);
        }
        assert_eq!(record.pause(100), Some(FAILURE_WINDOW));
        assert_eq!(record.pause(699), Some(1));
        assert_eq!(record.pause(700), None);
    }

    #[test]
    fn no_ten_minutes_see_more_than_twenty_failures() {
        let mut record = record();
        record.fail(100);
        (1..MOST_FAILURES).for_each(|_| record.fail(600));
        assert_eq!(record.pause(600), Some(100));
        record.fail(700);
        assert_eq!(record.pause(700), Some(500), "the oldest of the last twenty is of 600");
    }

    #[test]
    fn a_clock_that_jumps_back_does_not_lock_anybody_out() {
        let mut record = record();
        (0..MOST_FAILURES).for_each(|_| record.fail(100_000));
        assert_eq!(record.pause(99_999), None);
        record.fail(99_999);
        assert_eq!(record.pause(99_999), None);
    }

    #[test]
    fn images_and_scenes_have_a_count_of_their_own_each() {
        const IMAGE: NewCode = NewCode { image: true, scene: false };
        const SCENE: NewCode = NewCode { image: false, scene: true };
        const BOTH: NewCode = NewCode { image: true, scene: true };
        let mut record = record();
        (0..MOST_CODES).for_each(|_| record.count_code(IMAGE, 100).unwrap());
        assert_eq!(record.count_code(IMAGE, 150), Err(CODES_WINDOW - 50));
        assert_eq!(record.count_code(BOTH, 150), Err(CODES_WINDOW - 50));
        (0..MOST_SCENES).for_each(|_| record.count_code(SCENE, 200).unwrap());
        assert_eq!(record.count_code(SCENE, 250), Err(CODES_WINDOW - 50), "what was refused was not counted");
        assert_eq!(record.count_code(BOTH, 100 + CODES_WINDOW), Err(100));
        assert_eq!(record.count_code(IMAGE, 100 + CODES_WINDOW), Ok(()));
        assert_eq!(record.count_code(BOTH, 200 + CODES_WINDOW), Ok(()));
    }

    #[test]
    fn a_deleted_token_is_dead_and_the_others_live() {
        let mut record = record();
        record.revoke(token(1), 20);
        assert!(!record.holds(&token(1)));
        assert!(record.holds(&token(2)));
    }

    #[test]
    fn the_list_of_deleted_tokens_is_bounded_and_forgets_none() {
        let mut record = record();
        record.last_exp = 5000;
        for number in 0..=MOST_REVOKED {
            record.revoke(Token { exp: 5000, ..token(number) }, 20);
        }
        assert!(record.revoked.len() <= MOST_REVOKED);
        assert!((0..=MOST_REVOKED).all(|number| !record.holds(&token(number))));
        assert!(
            record.holds(&Token { sid: "another".to_owned(), ..token(1) }),
            "older than all but the oldest"
        );
        assert!(record.holds(&token(MOST_REVOKED.saturating_add(1))));
    }

    #[test]
    fn what_runs_out_is_forgotten_in_its_time() {
        let mut record = record();
        record.log_in(Secret::new("b"), &token(1), 300);
        record.revoke(token(1), 20);
        assert_eq!(record.next_expiry(), 312);
        assert!(record.expire(312));
        assert_eq!((keys(&record, 0), record.next_expiry()), (vec!["b".to_owned()], 1000));
        assert!(record.expire(999) && record.revoked.is_empty());
        assert!(!record.expire(1000));
    }
}
