//! The world around a keeper: WeChat, the object that owns the keeper, KV, a hundred locations and their callers.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::RangeInclusive;

use wxedge_crypto::{Secret, fingerprint};
use wxedge_token::{Answer, Failure, Fresh, Keeper, Kind, Reading, Ticket};

use crate::wechat::{Api, Token, WeChat};
use crate::witness::{Known, Witness};
use wxedge_simulation::Dice;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const CRON: u64 = 5 * MINUTE;
const TIME_OUT: u64 = 10 * SECOND;
/// How long a location trusts its memory before it looks at KV again. Without this bound its copy could be older than
/// the keeper's by hours, and a retry with the keeper's token, dead too but not yet reported, would be refused.
const MEMORY: u64 = MINUTE;
/// Unix time at the start of a schedule.
const EPOCH: i64 = 1_800_000_000_000;

/// How fetching goes for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    Fine,
    Slow,
    Busy,
    /// No answer in time; WeChat may have minted a token nevertheless.
    Hangs,
    OutOfQuota,
    Misconfigured,
}

#[derive(Debug)]
pub enum Event {
    /// A request comes in at a location.
    Arrives {
        place: usize,
    },
    /// A call asks the keeper, with a refused token or without.
    Asks {
        call: usize,
        refused: Option<Token>,
    },
    /// WeChat's verdict on the token of a call.
    Judges {
        call: usize,
    },
    /// A fetch leaves the object.
    Leaves {
        flight: Flight,
    },
    /// WeChat answers a fetch.
    Serves {
        flight: Flight,
    },
    /// The answer reaches the object.
    Lands {
        flight: Flight,
        outcome: Outcome,
    },
    Alarm,
    Cron,
    Crash,
    /// Somebody kills the token.
    Outsider,
    /// Another server fetches, as we do.
    Rival,
    Refuses {
        until: u64,
    },
    Jumps {
        by: i64,
    },
    Weather(Weather),
}

#[derive(Clone, Debug)]
pub struct Flight {
    ticket: Ticket,
    number: u64,
    /// Which life of the object sent it.
    object: u32,
    sent_at: u64,
}

#[derive(Clone, Copy, Debug)]
pub enum Outcome {
    Brings(Token, u64),
    Fails(Kind),
}

struct Call {
    place: usize,
    token: Option<Token>,
    refusals: u8,
    waits: u8,
    waits_since: u64,
    done: bool,
}

#[derive(Clone, Copy, Default)]
struct Place {
    memory: Option<Copy>,
    refused: Option<Token>,
}

#[derive(Clone, Copy)]
struct Copy {
    token: Token,
    ends_at: u64,
}

/// What can happen in a schedule, and how likely: chances are percentages.
pub struct Rules {
    pub api: Api,
    pub places: usize,
    /// The seconds that WeChat gives a token.
    pub life: RangeInclusive<u64>,
    pub lost_writes: u64,
    pub alarm: bool,
    pub clock_is_true: bool,
    pub kv_lag: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    pub succeeded: u64,
    pub retried: u64,
    /// Told that there is no token.
    pub turned_away: u64,
    /// The token that came for the refused one was refused too.
    pub refused_twice: u64,
    pub waits: u64,
    /// In milliseconds.
    pub longest_wait: u64,
    pub fetches: u64,
    pub restarts: u64,
}

impl Outcomes {
    pub fn add(&mut self, other: &Self) {
        self.succeeded += other.succeeded;
        self.retried += other.retried;
        self.turned_away += other.turned_away;
        self.refused_twice += other.refused_twice;
        self.waits += other.waits;
        self.longest_wait = self.longest_wait.max(other.longest_wait);
        self.fetches += other.fetches;
        self.restarts += other.restarts;
    }
}

pub struct World {
    rules: Rules,
    dice: Dice,
    now: u64,
    clock_offset: i64,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    events: Vec<Option<Event>>,
    wechat: WeChat,
    weather: Weather,
    keeper: Keeper,
    stored: (Keeper, Known),
    object: u32,
    waiting: Vec<usize>,
    alarm_at: Option<u64>,
    kv: Vec<(u64, Copy)>,
    places: Vec<Place>,
    calls: Vec<Call>,
    pub witness: Witness,
    pub outcomes: Outcomes,
}

impl World {
    pub fn new(rules: Rules, dice: Dice) -> Self {
        let mut keeper = Keeper::default();
        keeper.configure(
            "",
            match rules.api {
                Api::Stable => wxedge_token::Api::Stable,
                Api::Classic => wxedge_token::Api::Classic,
            },
        );
        Self {
            stored: (keeper.clone(), Known::default()),
            keeper,
            witness: Witness::new(rules.api, rules.clock_is_true),
            wechat: WeChat::new(rules.api),
            places: vec![Place::default(); rules.places],
            rules,
            dice,
            now: 0,
            clock_offset: 0,
            queue: BinaryHeap::new(),
            events: Vec::new(),
            weather: Weather::Fine,
            object: 0,
            waiting: Vec::new(),
            alarm_at: None,
            kv: Vec::new(),
            calls: Vec::new(),
            outcomes: Outcomes::default(),
        }
    }

    pub fn plan(&mut self, at: u64, event: Event) {
        self.queue.push(Reverse((at, self.events.len() as u64)));
        self.events.push(Some(event));
    }

    /// Lets everything happen up to a time.
    pub fn run_until(&mut self, end: u64) {
        while let Some(Reverse((at, index))) = self.queue.peek().copied() {
            if at > end {
                break;
            }
            self.queue.pop();
            self.pass(at);
            if let Some(event) = self.events[index as usize].take() {
                self.happens(event);
            }
        }
        self.pass(end);
        self.outcomes.fetches = self.witness.fetches();
    }

    /// How many calls have had no answer.
    pub fn unanswered(&self) -> usize {
        self.calls.iter().filter(|call| !call.done).count()
    }

    pub fn places(&self) -> usize {
        self.places.len()
    }

    pub fn clock_is_true(&self) -> bool {
        self.rules.clock_is_true
    }

    /// From now on no write is lost, and WeChat gives tokens their full life.
    pub fn ends_faults(&mut self) {
        self.rules.lost_writes = 0;
        self.rules.life = 7_200..=7_200;
    }

    fn pass(&mut self, now: u64) {
        self.witness.lived += now - self.now;
        self.now = now;
    }

    fn clock(&self) -> u64 {
        u64::try_from(EPOCH + self.now as i64 + self.clock_offset).unwrap_or(0)
    }

    fn life(&mut self) -> u64 {
        self.dice.within(self.rules.life.clone())
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Arrives { place } => self.arrives(place),
            Event::Asks { call, refused: None } => self.asks(call),
            Event::Asks { call, refused: Some(token) } => self.reports(call, token),
            Event::Judges { call } => self.judges(call),
            Event::Leaves { flight } => self.leaves(flight),
            Event::Serves { flight } => self.serves(flight),
            Event::Lands { flight, outcome } => self.lands(&flight, outcome),
            Event::Alarm if self.alarm_at == Some(self.now) => {
                self.alarm_at = None;
                self.wakes();
            }
            Event::Alarm => {}
            Event::Cron => {
                self.plan(self.now + CRON, Event::Cron);
                self.wakes();
            }
            Event::Crash => self.restarts(),
            Event::Outsider => {
                let life = self.life();
                self.wechat.outsider(self.now, life);
                self.witness.note(self.now, || "an outsider kills the token".to_owned());
            }
            Event::Rival => {
                let life = self.life();
                self.wechat.fetch(self.now, life);
                self.witness.note(self.now, || "another server fetches".to_owned());
            }
            Event::Refuses { until } => self.wechat.refuses_until = until,
            Event::Jumps { by } => {
                self.clock_offset += by;
                self.witness.jumps(by, self.now);
            }
            Event::Weather(weather) => {
                self.weather = weather;
                self.witness.note(self.now, || format!("weather: {weather:?}"));
            }
        }
    }

    // A location: memory, then KV, then the keeper.

    fn arrives(&mut self, place: usize) {
        let call = self.calls.len();
        self.calls.push(Call { place, token: None, refusals: 0, waits: 0, waits_since: 0, done: false });
        let lag = self.dice.within(0..=self.rules.kv_lag);
        let seen = self.now.saturating_sub(lag);
        let stored = self.kv.iter().rev().find(|(at, _)| *at <= seen).map(|(_, copy)| *copy);
        let place = &mut self.places[place];
        let remembered = |copy: Copy| Copy { ends_at: copy.ends_at.min(self.now + MEMORY), ..copy };
        let good = |copy: &Copy| self.now < copy.ends_at && place.refused != Some(copy.token);
        place.memory = place.memory.filter(good).or(stored.filter(good).map(remembered));
        if let Some(copy) = place.memory {
            self.uses(call, copy.token);
        } else {
            let at = self.now + self.dice.within(1..=80);
            self.plan(at, Event::Asks { call, refused: None });
        }
    }

    fn uses(&mut self, call: usize, token: Token) {
        self.calls[call].token = Some(token);
        let at = self.now + self.dice.within(20..=3_000);
        self.plan(at, Event::Judges { call });
    }

    fn judges(&mut self, call: usize) {
        let Call { place, token: Some(token), .. } = self.calls[call] else { return };
        if self.wechat.accepts(token, self.now) {
            self.outcomes.succeeded += 1;
            self.calls[call].done = true;
            return;
        }
        self.places[place].refused = Some(token);
        self.calls[call].refusals += 1;
        if self.calls[call].refusals == 1 {
            self.outcomes.retried += 1;
        } else {
            self.outcomes.refused_twice += 1;
            self.calls[call].done = true;
        }
        let at = self.now + self.dice.within(1..=500);
        self.plan(at, Event::Asks { call, refused: Some(token) });
    }

    // The object that owns the keeper.

    fn asks(&mut self, call: usize) {
        let clock = self.clock();
        let reading = self.keeper.read(clock);
        let stores = reading.refresh.is_some();
        self.carries_out(reading, stores, Some(call), None);
    }

    fn reports(&mut self, call: usize, token: Token) {
        let clock = self.clock();
        let reading = self.keeper.refused(&name(token), clock);
        self.witness.refusal(token, self.now);
        self.carries_out(reading, true, Some(call), Some(token));
    }

    fn wakes(&mut self) {
        let clock = self.clock();
        let Some(ticket) = self.keeper.wake(clock) else {
            self.sets_alarm();
            return;
        };
        assert!(self.keeper.wake(clock).is_none(), "waking twice starts two refreshes");
        let reading = Reading { answer: Answer::Wait, refresh: Some(ticket) };
        self.carries_out(reading, true, None, None);
    }

    /// Stores, sets the alarm, sends the fetch, answers: in that order, so that a lost write shows nowhere else.
    fn carries_out(&mut self, reading: Reading, stores: bool, call: Option<usize>, refused: Option<Token>) {
        let Reading { answer, refresh } = reading;
        if stores && !self.stores() {
            if let Some(call) = call {
                self.asks_again(call, refused);
            }
            return;
        }
        if let Some(ticket) = refresh {
            let ends_at = self.known_end();
            let number = self.witness.orders(&ticket, ends_at, self.now);
            let sent_at = self.now + u64::from(ticket.starts_in);
            let flight = Flight { ticket, number, object: self.object, sent_at };
            self.plan(sent_at, Event::Leaves { flight });
        }
        match call {
            Some(call) if !self.calls[call].done => self.answers(call, answer),
            _ => {}
        }
    }

    fn answers(&mut self, call: usize, answer: Answer) {
        let ends_at = self.known_end();
        match answer {
            Answer::Use { token, expires_in } => {
                let token = number(&token);
                self.witness.hands(token, self.wechat.ends_at(token), self.now);
                let lives = (expires_in * SECOND).min(MEMORY);
                let copy = Copy { token, ends_at: self.now + lives };
                let place = self.calls[call].place;
                self.places[place].memory = Some(copy);
                if self.places[place].refused == Some(token) {
                    self.places[place].refused = None;
                }
                self.uses(call, token);
            }
            Answer::Wait => {
                self.witness.lets_wait(ends_at, self.now);
                self.outcomes.waits += 1;
                self.calls[call].waits += 1;
                self.calls[call].waits_since = self.now;
                assert!(self.calls[call].waits <= 2, "a caller waits a third time");
                self.waiting.push(call);
            }
            Answer::Fail { retry_after, .. } => {
                self.witness.turns_away(retry_after, ends_at, self.now);
                self.outcomes.turned_away += 1;
                self.calls[call].done = true;
                if self.dice.percent(30) {
                    let place = self.calls[call].place;
                    let later = self.dice.within(0..=2_000);
                    self.plan(self.now + retry_after * SECOND + later, Event::Arrives { place });
                }
            }
        }
    }

    /// One that was held back dies with its object.
    fn leaves(&mut self, flight: Flight) {
        if flight.object == self.object {
            self.witness.sends();
            let at = self.now + self.dice.within(10..=100);
            self.plan(at, Event::Serves { flight });
        }
    }

    fn serves(&mut self, flight: Flight) {
        let (outcome, takes) = match self.weather {
            Weather::Fine | Weather::Slow => {
                let life = self.life();
                let (token, expires_in) = self.wechat.fetch(self.now, life);
                let longest = if self.weather == Weather::Slow { 9_800 } else { 300 };
                (Outcome::Brings(token, expires_in), self.dice.within(5..=longest))
            }
            Weather::Hangs => {
                if self.dice.percent(50) {
                    let life = self.life();
                    self.wechat.fetch(self.now, life);
                }
                (Outcome::Fails(Kind::Transient), TIME_OUT - (self.now - flight.sent_at))
            }
            Weather::Busy => (Outcome::Fails(Kind::Transient), 50),
            Weather::OutOfQuota => (Outcome::Fails(Kind::Quota), 50),
            Weather::Misconfigured => (Outcome::Fails(Kind::Misconfigured), 50),
        };
        self.plan(self.now + takes, Event::Lands { flight, outcome });
    }

    fn lands(&mut self, flight: &Flight, outcome: Outcome) {
        if flight.object != self.object {
            return;
        }
        let (clock, jitter) = (self.clock(), self.dice.roll());
        match outcome {
            Outcome::Brings(token, expires_in) => {
                let fresh = Fresh { token: name(token), expires_in };
                self.keeper.fetched(&flight.ticket, fresh, clock, jitter);
                if self.witness.is_forgotten(flight.number) {
                    return;
                }
                let kept = self.keeper.state(clock).fingerprint == Some(fingerprint(&name(token)));
                if self.rules.clock_is_true {
                    let lives = self.now < flight.sent_at + expires_in * SECOND;
                    assert!(kept == lives || self.witness.known.token == Some(token));
                }
                self.witness.brought(flight.number, token, !kept, self.now);
            }
            Outcome::Fails(kind) => {
                let failure = Failure::new(kind, "upstream_busy", Some(-1), "system error");
                self.keeper.failed(&flight.ticket, failure, clock, jitter);
                if self.witness.is_forgotten(flight.number) {
                    return;
                }
                self.witness.failed(kind, self.now);
            }
        }
        if self.stores() {
            self.publishes(outcome);
            for call in std::mem::take(&mut self.waiting) {
                let waited = self.now - self.calls[call].waits_since;
                self.outcomes.longest_wait = self.outcomes.longest_wait.max(waited);
                self.asks(call);
            }
        }
    }

    /// KV takes no time to live under 60 s.
    fn publishes(&mut self, outcome: Outcome) {
        if let Outcome::Brings(token, expires_in) = outcome
            && expires_in >= 60
        {
            self.kv.push((self.now, Copy { token, ends_at: self.now + expires_in * SECOND }));
        }
    }

    /// Stores the keeper, unless the object dies just before.
    fn stores(&mut self) -> bool {
        if self.dice.percent(self.rules.lost_writes) {
            self.restarts();
            return false;
        }
        self.stored = (self.keeper.clone(), self.witness.known.clone());
        self.sets_alarm();
        true
    }

    fn sets_alarm(&mut self) {
        let clock = self.clock();
        let wait = self.keeper.next_alarm(clock) - clock;
        assert!(wait <= 7_200 * SECOND, "an alarm {wait} ms away");
        if self.rules.alarm {
            let at = self.now + wait.max(1);
            if self.alarm_at != Some(at) {
                self.alarm_at = Some(at);
                self.plan(at, Event::Alarm);
            }
        }
    }

    fn restarts(&mut self) {
        let (keeper, known) = self.stored.clone();
        let json = serde_json::to_string(&keeper).expect("a keeper is JSON");
        self.keeper = serde_json::from_str(&json).expect("the JSON is a keeper");
        self.object += 1;
        self.outcomes.restarts += 1;
        self.witness.restarts(known, self.now);
        for call in std::mem::take(&mut self.waiting) {
            self.asks_again(call, None);
        }
    }

    /// A caller whose object died asks the new one.
    fn asks_again(&mut self, call: usize, refused: Option<Token>) {
        self.calls[call].waits = 0;
        let at = self.now + self.dice.within(1..=200);
        self.plan(at, Event::Asks { call, refused });
    }

    fn known_end(&self) -> Option<u64> {
        self.witness.known.token.map(|token| self.wechat.ends_at(token))
    }
}

fn name(token: Token) -> Secret {
    Secret::new(format!("t{token}"))
}

fn number(token: &Secret) -> Token {
    token.expose().trim_start_matches('t').parse().expect("a token of this world")
}
