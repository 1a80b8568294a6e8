use alloc::borrow::ToOwned;
use alloc::string::String;

use serde::{Deserialize, Serialize};
use wxedge_contract::record;
use wxedge_crypto::{Secret, fingerprint};

use crate::budget::{Api, Budget};
use crate::clock::Clock;
use crate::failure::Failure;
use crate::limits::{FLIGHT_LIMIT, LONGEST_HOLD, LONGEST_LIFE, RENEW_BEFORE, SHORT_LIFE_PAUSE, VOUCHED_FOR};
use crate::reading::{Answer, Fresh, Reading, Ticket, Why};
use crate::state::{LastError, State};

/// All that the one owner of a token knows.
///
/// `now` is always the clock in Unix milliseconds. It may jump either way: forward, things expire; back, the keeper's
/// own time stands still, so nothing waits longer than it would have.
///
/// Its JSON is what the owner stores. It holds the token. Store it whenever a call has handed out a [`Ticket`] or was
/// one of [`Keeper::configure`], [`Keeper::refused`], [`Keeper::fetched`] and [`Keeper::failed`], before anything
/// leaves the owner: then a restart forgets no refresh that was made. A refresh in flight is not stored, since it does
/// not outlive the object that made it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Keeper {
    clock: Clock,
    settings: String,
    current: Option<Held>,
    trouble: Option<Trouble>,
    questions: Budget,
    /// Refreshes started ever.
    refreshes: u64,
    today: Today,
    #[serde(skip)]
    flight: Option<Flight>,
}

record! {
    /// The token that was fetched last. Its moments are in the keeper's own time.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
    struct Held {
        token: Secret,
        fetched_at: u64,
        renew_at: u64,
        expires_at: u64,
        refused: bool,
        /// When a refresh that a refusal caused brought this same token again; 0 when none did.
        vouched_at: u64,
    }
}

record! {
    /// The last failure, and the pause after it.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
    struct Trouble {
        failure: Failure,
        at: u64,
        /// Failures in a row; 0 once a fetch has succeeded.
        in_a_row: u32,
        until: u64,
    }
}

record! {
    /// Refreshes started on one day.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
    struct Today {
        day: u64,
        refreshes: u32,
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Flight {
    number: u64,
    why: Why,
    started_at: u64,
}

impl Keeper {
    /// Tells the keeper which settings are in force, by any text that changes with them (a hash, never a secret), and
    /// which API its refreshes call. A change ends the pause after a failure: what was wrong may have been mended. The
    /// token stays; should it belong to the old settings, `WeChat` will refuse it.
    pub fn configure(&mut self, settings: &str, api: Api) {
        self.questions.count_for(api);
        if self.settings != settings {
            settings.clone_into(&mut self.settings);
            self.trouble = None;
        }
    }

    /// Somebody wants a token.
    ///
    /// Told to wait, they read again when the refresh in flight has ended. One wait is enough, except that a token
    /// which was refused while its renewal was under way, and which this brought again, takes a second.
    pub fn read(&mut self, now: u64) -> Reading {
        let refresh = self.wake(now);
        Reading { answer: self.answer(self.clock.at(now)), refresh }
    }

    /// Somebody reports that `WeChat` refused `token` (40001, 40014, 42001) and wants one to use instead.
    ///
    /// Only the current token can be refused. Any other was replaced before, perhaps minutes ago, and its holder reads
    /// like everybody else. When a refresh brings the refused token again, `WeChat` has vouched for it anew and it is
    /// handed out again: reports change nothing for a second, and the next one causes another refresh.
    pub fn refused(&mut self, token: &Secret, now: u64) -> Reading {
        let own = self.clock.advance(now);
        if let Some(held) =
            self.current.as_mut().filter(|held| held.token == *token && !held.is_vouched_for(own))
        {
            held.refused = true;
        }
        self.read(now)
    }

    /// Whether this is the token that the keeper holds, so that a report of its refusal may change something.
    #[must_use]
    pub fn is_current(&self, token: &Secret) -> bool {
        self.current.as_ref().is_some_and(|held| held.token == *token)
    }

    /// What somebody who wants a token would be told. It orders nothing and changes nothing.
    #[must_use]
    pub fn peek(&self, now: u64) -> Answer {
        self.answer(self.clock.at(now))
    }

    /// An alarm or a cron wakes the keeper: the refresh to make now, if one is due. Calling it too often or too late
    /// does no harm.
    #[must_use = "a refresh that it orders has to be made"]
    pub fn wake(&mut self, now: u64) -> Option<Ticket> {
        let own = self.clock.advance(now);
        let starts_at = self.questions.open_at(own).max(own);
        let start = self.is_due(own)
            && !self.is_in_flight(own)
            && self.trouble_until() <= own
            && starts_at.saturating_sub(own) <= LONGEST_HOLD;
        start.then(|| self.start(starts_at, own, now))
    }

    /// The fetch that `ticket` ordered brought a token. `jitter` is any random number. One that was forgotten because
    /// it took too long, and has been replaced by another, changes nothing.
    pub fn fetched(&mut self, ticket: &Ticket, fresh: Fresh, now: u64, jitter: u64) {
        let now = self.clock.advance(now);
        if let Some(flight) = self.land(ticket) {
            // From the start of the fetch: WeChat counted the seconds some time after it, and before the reply came.
            let life = fresh.expires_in.min(LONGEST_LIFE).saturating_mul(1_000);
            // A clock that was set back puts that start into the future.
            let expires_at = flight.started_at.min(now).saturating_add(life);
            if expires_at > now {
                self.hold(&flight, fresh.token, life, expires_at, now);
            } else {
                self.pause(Failure::dead_on_arrival(), now, jitter);
            }
        }
    }

    /// The fetch that `ticket` ordered failed. `jitter` is any random number.
    pub fn failed(&mut self, ticket: &Ticket, failure: Failure, now: u64, jitter: u64) {
        let now = self.clock.advance(now);
        if self.land(ticket).is_some() {
            self.pause(failure, now, jitter);
        }
    }

    /// When to call [`Keeper::wake`], in Unix milliseconds: when the token is to be renewed, when a pause ends, or, for
    /// the case that the owner restarts, when the refresh in flight must have ended. Set the alarm to this after each
    /// call that is to be stored, and after each alarm.
    #[must_use]
    pub fn next_alarm(&self, now: u64) -> u64 {
        let own = self.clock.at(now);
        let moment = match &self.flight {
            Some(flight) if self.is_in_flight(own) => flight.ends_at(),
            _ => self.usable(own).map_or(own, |held| held.renew_at).max(self.open_at(own)),
        };
        self.clock.to_unix(moment, now)
    }

    /// What an operator may see.
    #[must_use]
    pub fn state(&self, now: u64) -> State {
        let own = self.clock.at(now);
        let held = self.current.as_ref();
        State {
            fingerprint: held.map(|held| fingerprint(&held.token)),
            age: held.map(|held| seconds(held.fetched_at, own)),
            expires_in: held.map(|held| seconds(own, held.expires_at)),
            usable: self.usable(own).is_some(),
            refreshing: self.is_in_flight(own),
            refreshes_today: self.today.on(now).refreshes,
            budget_left: self.questions.left(own),
            last_error: self
                .trouble
                .as_ref()
                .map(|trouble| LastError { age: seconds(trouble.at, own), failure: trouble.failure.clone() }),
            next_alarm: self.next_alarm(now).div_ceil(1_000),
        }
    }

    fn answer(&self, now: u64) -> Answer {
        if let Some(held) = self.usable(now) {
            let expires_in = seconds(now, held.expires_at);
            Answer::Use { token: held.token.clone(), expires_in }
        } else if self.is_in_flight(now) {
            Answer::Wait
        } else {
            let retry_after = self.open_at(now).saturating_sub(now).div_ceil(1_000).max(1);
            Answer::Fail { retry_after, failure: self.obstacle(now) }
        }
    }

    fn usable(&self, now: u64) -> Option<&Held> {
        self.current.as_ref().filter(|held| !held.refused && now < held.expires_at)
    }

    fn is_due(&self, now: u64) -> bool {
        self.usable(now).is_none_or(|held| held.renew_at <= now)
    }

    fn is_in_flight(&self, now: u64) -> bool {
        self.flight.as_ref().is_some_and(|flight| now < flight.ends_at())
    }

    /// The moment from which a refresh may start, if one is due and none in flight.
    fn open_at(&self, now: u64) -> u64 {
        self.questions.open_at(now).max(self.trouble_until())
    }

    /// What keeps a refresh from starting, the most telling first.
    fn obstacle(&self, now: u64) -> Failure {
        match &self.trouble {
            Some(trouble) if now < trouble.until => trouble.failure.clone(),
            _ => Failure::budget_spent(),
        }
    }

    fn trouble_until(&self) -> u64 {
        self.trouble.as_ref().map_or(0, |trouble| trouble.until)
    }

    fn start(&mut self, starts_at: u64, now: u64, unix: u64) -> Ticket {
        let why = match &self.current {
            None => Why::Cold,
            Some(held) if held.refused => Why::Refused,
            Some(held) if held.expires_at <= now => Why::Expired,
            Some(_) => Why::Renewal,
        };
        self.questions.spend(starts_at);
        self.refreshes = self.refreshes.saturating_add(1);
        self.today = self.today.on(unix);
        self.today.refreshes = self.today.refreshes.saturating_add(1);
        self.flight = Some(Flight { number: self.refreshes, why, started_at: starts_at });
        let held = self.current.as_ref();
        Ticket {
            number: self.refreshes,
            why,
            refused: held.filter(|held| held.refused).map(|held| held.token.clone()),
            previous_age: held.map(|held| seconds(held.fetched_at, now)),
            starts_in: u32::try_from(starts_at.saturating_sub(now)).unwrap_or(u32::MAX),
            budget_left: self.questions.left(now),
        }
    }

    fn land(&mut self, ticket: &Ticket) -> Option<Flight> {
        self.flight.take_if(|flight| flight.number == ticket.number)
    }

    fn hold(&mut self, flight: &Flight, token: Secret, life: u64, expires_at: u64, now: u64) {
        let before = self.current.take();
        let was_refused = before.as_ref().is_some_and(|held| held.refused);
        let same = before.filter(|held| held.token == token);
        // A fetch that began before the refusal says nothing about the token that was refused since.
        let refused = was_refused && same.is_some() && flight.why != Why::Refused;
        let vouched_at = match &same {
            Some(_) if was_refused && !refused => now,
            Some(held) => held.vouched_at,
            None => 0,
        };
        if let Some(trouble) = &mut self.trouble {
            trouble.in_a_row = 0;
            trouble.until = trouble.at;
        }
        let (shortest, longest) = SHORT_LIFE_PAUSE;
        let half = expires_at.saturating_sub(now) / 2;
        let wait = life.saturating_sub(RENEW_BEFORE).max(half.clamp(shortest, longest));
        self.current = Some(Held {
            token,
            fetched_at: same.map_or(now, |held| held.fetched_at),
            renew_at: now.saturating_add(wait),
            expires_at,
            refused,
            vouched_at,
        });
    }

    fn pause(&mut self, failure: Failure, now: u64, jitter: u64) {
        let before = self.trouble.as_ref().map_or(0, |trouble| trouble.in_a_row);
        let in_a_row = before.saturating_add(1);
        let until = now.saturating_add(failure.kind.pause(in_a_row, jitter));
        self.trouble = Some(Trouble { failure, at: now, in_a_row, until });
    }
}

impl Held {
    fn is_vouched_for(&self, now: u64) -> bool {
        self.vouched_at > 0 && now < self.vouched_at.saturating_add(VOUCHED_FOR)
    }
}

impl Flight {
    fn ends_at(&self) -> u64 {
        self.started_at.saturating_add(FLIGHT_LIMIT)
    }
}

impl Today {
    /// The count for the day that `unix` falls on, in China, where `WeChat` keeps its own daily counts.
    fn on(self, unix: u64) -> Self {
        const EIGHT_HOURS: u64 = 8 * 3_600_000;
        let day = unix.saturating_add(EIGHT_HOURS) / 86_400_000;
        if day == self.day { self } else { Self { day, refreshes: 0 } }
    }
}

/// Whole seconds from one moment to a later one.
fn seconds(from: u64, to: u64) -> u64 {
    to.saturating_sub(from) / 1_000
}
