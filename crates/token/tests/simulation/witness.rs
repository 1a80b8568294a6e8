//! The witness sees what goes in and out of the keeper and holds it to its promises. It shares no code with it.

use wxedge_token::{Kind, Ticket, Why};

use crate::wechat::{Api, Token};

const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;

/// What an owner that forgets nothing it has stored would know.
#[derive(Clone, Default)]
pub struct Known {
    pub token: Option<Token>,
    refused: bool,
    /// The latest fetch that was sent before the refusal.
    refused_after: u64,
    /// When WeChat brought the refused token again, and so vouched for it.
    vouched_at: Option<u64>,
    /// When the last fetch failed, and the longest pause after it.
    failed: Option<(u64, u64)>,
}

pub struct Witness {
    pub known: Known,
    allowed: Allowed,
    /// Whether the clock is right all the time, so that real time can be held against the keeper.
    clock_is_true: bool,
    /// Time as the keeper may count it: real time and every jump forward.
    pub lived: u64,
    /// When each fetch was ordered and so paid for, those included that a restart lost before they left.
    ordered: Vec<u64>,
    starts: Vec<u64>,
    sent: u64,
    in_flight: bool,
    /// When a fetch in flight counts as lost, which a clock that jumps can bring about.
    lost_at: u64,
    /// The earliest moment that a failing caller was told to come back at.
    promise: Option<u64>,
    pub trace: Option<Vec<String>>,
}

/// How often each API may be asked.
struct Allowed {
    /// How many in any hour.
    hourly: usize,
    /// How many before each has to be earned, and the seconds that earn one.
    at_once: usize,
    cost: u64,
    /// The least time from one to the next.
    gap: u64,
}

impl Allowed {
    fn by(api: Api) -> Self {
        match api {
            Api::Stable => Self { hourly: 600, at_once: 300, cost: 12, gap: SECOND },
            Api::Classic => Self { hourly: 60, at_once: 10, cost: 72, gap: 0 },
        }
    }
}

impl Witness {
    pub fn new(api: Api, clock_is_true: bool) -> Self {
        Self {
            known: Known::default(),
            allowed: Allowed::by(api),
            clock_is_true,
            lived: 0,
            ordered: Vec::new(),
            starts: Vec::new(),
            sent: 0,
            in_flight: false,
            lost_at: 0,
            promise: None,
            trace: None,
        }
    }

    pub fn note(&mut self, now: u64, text: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>10.3} {}", now as f64 / 1e3, text()));
        }
    }

    pub fn fetches(&self) -> u64 {
        self.sent
    }

    /// A fetch is ordered; gives its number.
    pub fn orders(&mut self, ticket: &Ticket, ends_at: Option<u64>, now: u64) -> u64 {
        self.note(now, || format!("fetch {} because {:?}", ticket.number, ticket.why));
        assert!(!self.in_flight || self.lived >= self.lost_at, "two refreshes in flight at once");
        self.in_flight = true;
        self.lost_at = self.lived + u64::from(ticket.starts_in) + 15 * SECOND;
        assert!(ticket.starts_in <= 1_000, "held back for {} ms", ticket.starts_in);
        if let (Why::Renewal, Some(ends_at), true) = (ticket.why, ends_at, self.clock_is_true) {
            let left = ends_at.saturating_sub(now);
            assert!(left < 300 * SECOND, "renewed with {left} ms left");
        }
        self.promise = None;
        self.ordered.push(self.lived);
        self.sent += 1;
        self.sent
    }

    /// Whether a fetch was given up for another.
    pub fn is_forgotten(&self, fetch: u64) -> bool {
        fetch != self.sent
    }

    /// A fetch leaves for WeChat.
    pub fn sends(&mut self) {
        let since = self.starts.last().map_or(u64::MAX, |last| self.lived - last);
        assert!(since >= self.allowed.gap, "a refresh {since} ms after the one before");
        self.starts.push(self.lived);
        let recent = self.within_an_hour(&self.starts);
        assert!(recent <= self.allowed.hourly, "{recent} refreshes within an hour");
    }

    pub fn brought(&mut self, fetch: u64, token: Token, dead_on_arrival: bool, now: u64) {
        self.note(now, || format!("fetch brought t{token}"));
        self.in_flight = false;
        self.promise = None;
        if dead_on_arrival {
            self.known.failed = Some((now, Self::longest_pause(Kind::Transient)));
            return;
        }
        self.known.failed = None;
        let same = self.known.token == Some(token);
        let dead = self.known.refused && same && fetch <= self.known.refused_after;
        if self.known.refused && !dead {
            self.known.vouched_at = same.then_some(self.lived);
        } else if !same {
            self.known.vouched_at = None;
        }
        self.known.refused = dead;
        self.known.token = Some(token);
    }

    pub fn failed(&mut self, kind: Kind, now: u64) {
        self.note(now, || format!("fetch failed: {kind:?}"));
        self.in_flight = false;
        self.promise = None;
        self.known.failed = Some((now, Self::longest_pause(kind)));
    }

    pub fn refusal(&mut self, token: Token, now: u64) {
        self.note(now, || format!("t{token} reported as refused"));
        // A report within a second of that is mostly of a call from before.
        let excused = self.known.vouched_at.is_some_and(|at| self.lived < at + SECOND || !self.clock_is_true);
        if self.known.token == Some(token) && !self.known.refused && !excused {
            self.known.refused = true;
            self.known.refused_after = if self.in_flight { self.sent } else { 0 };
            self.promise = None;
        }
    }

    /// A caller is handed a token.
    pub fn hands(&mut self, token: Token, ends_at: u64, now: u64) {
        assert_eq!(Some(token), self.known.token, "a replaced token was handed out");
        assert!(!self.known.refused, "t{token} was handed out after it was refused");
        assert!(
            !self.clock_is_true || now < ends_at,
            "t{token} was handed out {} ms after its end",
            now - ends_at
        );
    }

    /// A caller is told to wait.
    pub fn lets_wait(&self, ends_at: Option<u64>, now: u64) {
        assert!(self.in_flight, "a caller waits for nothing");
        assert!(!self.has_usable(ends_at, now), "a caller waits beside a usable token");
    }

    /// A caller is turned away.
    pub fn turns_away(&mut self, retry_after: u64, ends_at: Option<u64>, now: u64) {
        self.note(now, || format!("a caller fails, retry after {retry_after} s"));
        assert!((1..=900).contains(&retry_after), "retry after {retry_after} s");
        assert!(!self.has_usable(ends_at, now), "a caller fails beside a usable token");
        if let Some(promise) = self.promise {
            assert!(now < promise, "a caller fails after the time that retry_after gave");
        }
        let back_at = now + retry_after * SECOND;
        self.promise = Some(self.promise.map_or(back_at, |before| before.min(back_at)));
        if self.clock_is_true {
            let backing_off = self.known.failed.is_some_and(|(at, longest)| now <= at + longest);
            // One that is held back for a second is paid for, and may be lost.
            let paid_for = self.within_an_hour(&self.ordered);
            let spent = paid_for >= self.allowed.at_once && retry_after <= self.allowed.cost + 1;
            assert!(backing_off || spent, "a caller fails for no reason");
        }
    }

    /// How many of these moments, which are in order, lie within the last hour.
    fn within_an_hour(&self, moments: &[u64]) -> usize {
        moments.iter().rev().take_while(|at| self.lived - **at <= HOUR).count()
    }

    /// The clock jumps: what was promised in its time is void.
    pub fn jumps(&mut self, by: i64, now: u64) {
        self.note(now, || format!("the clock jumps by {by} ms"));
        self.promise = None;
        self.lived += u64::try_from(by).unwrap_or(0);
    }

    /// The owner restarts with what was stored.
    pub fn restarts(&mut self, known: Known, now: u64) {
        self.note(now, || "the owner restarts".to_owned());
        self.known = known;
        self.in_flight = false;
        self.promise = None;
    }

    /// With a true clock: has the keeper a token that works for all it can know? It counts the life of a token from
    /// the start of its fetch, so its last seconds are left out.
    fn has_usable(&self, ends_at: Option<u64>, now: u64) -> bool {
        let lives = ends_at.is_some_and(|end| now + 11 * SECOND < end);
        self.clock_is_true && !self.known.refused && lives
    }

    fn longest_pause(kind: Kind) -> u64 {
        match kind {
            Kind::Quota => 900 * SECOND,
            Kind::Misconfigured => 450 * SECOND,
            Kind::Transient | Kind::BudgetSpent => 90 * SECOND,
        }
    }
}
