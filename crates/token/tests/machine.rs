//! The machine under any sequence of calls, at any times.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    reason = "a test is to stop at what it does not expect"
)]

use proptest::collection::vec;
use proptest::prelude::*;
use wxedge_crypto::Secret;
use wxedge_token::{Answer, Api, Failure, Fresh, Keeper, Kind, Reading, Ticket};

#[derive(Clone, Debug)]
enum Step {
    Forward(u64),
    SetClock(u64),
    Read,
    Wake,
    Refuse(u8),
    Bring { token: u8, expires_in: u64, jitter: u64 },
    Fail { kind: Kind, jitter: u64 },
    Configure(bool),
    Restart,
}

/// The latest moment that a clock shows here: our own JSON holds numbers below 2^63, and what is kept is later than now.
const LATEST: u64 = 1 << 62;

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        Just(Kind::Transient),
        Just(Kind::Quota),
        Just(Kind::Misconfigured),
        Just(Kind::BudgetSpent)
    ];
    let expires_in = prop_oneof![0..=7_200_u64, any::<u64>()];
    prop_oneof![
        4 => (0..400_000_u64).prop_map(Step::Forward),
        2 => (0..8_000_000_u64).prop_map(Step::Forward),
        1 => (0..=LATEST).prop_map(Step::SetClock),
        6 => Just(Step::Read),
        2 => Just(Step::Wake),
        4 => (0..4_u8).prop_map(Step::Refuse),
        6 => (0..4_u8, expires_in, any::<u64>())
            .prop_map(|(token, expires_in, jitter)| Step::Bring { token, expires_in, jitter }),
        3 => (kind, any::<u64>()).prop_map(|(kind, jitter)| Step::Fail { kind, jitter }),
        1 => any::<bool>().prop_map(Step::Configure),
        1 => Just(Step::Restart),
    ]
}

fn name(token: u8) -> Secret {
    Secret::new(format!("token-{token}"))
}

/// What every reading must be, whatever came before.
fn check(reading: &Reading, keeper: &Keeper, dead: &[Secret], ticket: Option<&Ticket>, now: u64) {
    let state = keeper.state(now);
    match &reading.answer {
        Answer::Use { token, expires_in } => {
            assert!(!dead.contains(token), "a refused token is handed out");
            assert!(*expires_in <= 7_200);
            assert!(state.usable);
        }
        Answer::Wait => assert!(state.refreshing && !state.usable),
        Answer::Fail { retry_after, .. } => {
            assert!((1..=900).contains(retry_after), "{retry_after}");
            assert!(!state.usable && !state.refreshing && reading.refresh.is_none());
        }
    }
    if let (Some(before), Some(after)) = (ticket, &reading.refresh) {
        assert!(after.number > before.number);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_calls_at_any_times_keeps_the_rules(
        start in prop_oneof![Just(0), Just(LATEST), 0..=LATEST],
        steps in vec(step(), 1..60),
    ) {
        let (mut keeper, mut now) = (Keeper::default(), start);
        let mut ticket: Option<Ticket> = None;
        let mut dead: Vec<Secret> = Vec::new();
        // Whether WeChat brought the token that the keeper holds again after it was refused.
        let mut vouched = false;
        for step in steps {
            let refresh = match step {
                Step::Forward(by) => {
                    now = now.saturating_add(by);
                    None
                }
                Step::SetClock(to) => {
                    now = to;
                    None
                }
                Step::Read => {
                    let reading = keeper.read(now);
                    check(&reading, &keeper, &dead, ticket.as_ref(), now);
                    reading.refresh
                }
                Step::Wake => {
                    let first = keeper.wake(now);
                    prop_assert!(keeper.wake(now).is_none(), "a second wake starts another refresh");
                    first
                }
                Step::Refuse(token) => {
                    let was_usable = keeper.is_current(&name(token)) && keeper.state(now).usable;
                    let reading = keeper.refused(&name(token), now);
                    if keeper.is_current(&name(token)) {
                        if !keeper.state(now).usable {
                            dead = vec![name(token)];
                        }
                        let excused = was_usable && keeper.state(now).usable;
                        prop_assert!(!excused || vouched, "only a token that was vouched for outlives a report");
                    }
                    check(&reading, &keeper, &dead, ticket.as_ref(), now);
                    reading.refresh
                }
                Step::Bring { token, expires_in, jitter } => {
                    if let Some(ticket) = ticket.take() {
                        let before = keeper.state(now).fingerprint;
                        keeper.fetched(&ticket, Fresh { token: name(token), expires_in }, now, jitter);
                        let replaced = keeper.state(now).fingerprint != before;
                        vouched = (vouched || ticket.refused == Some(name(token))) && !replaced;
                        if replaced || ticket.refused.is_some() {
                            dead.retain(|dead| *dead != name(token) || !keeper.state(now).usable);
                        }
                    }
                    None
                }
                Step::Fail { kind, jitter } => {
                    if let Some(ticket) = ticket.take() {
                        let failure = Failure::new(kind, "upstream_busy", None, "");
                        keeper.failed(&ticket, failure, now, jitter);
                    }
                    None
                }
                Step::Configure(other) => {
                    let (settings, api) = if other { ("b", Api::Classic) } else { ("a", Api::Stable) };
                    keeper.configure(settings, api);
                    None
                }
                Step::Restart => {
                    let json = serde_json::to_string(&keeper).expect("a keeper is JSON");
                    let restored: Keeper = serde_json::from_str(&json).expect("the JSON is a keeper");
                    let same = serde_json::to_string(&restored).expect("a keeper is JSON");
                    prop_assert_eq!(json, same);
                    keeper = restored;
                    ticket = None;
                    None
                }
            };
            let alarm = keeper.next_alarm(now);
            prop_assert!(alarm >= now && alarm - now <= 7_200_000, "alarm in {} ms", alarm - now);
            ticket = refresh.or(ticket);
        }
        let shown = format!("{:?} {:?} {:?}", keeper, keeper.state(now), ticket);
        prop_assert!(!shown.contains("token-"), "a token is shown: {}", shown);
    }

    #[test]
    fn no_clock_makes_a_caller_wait_for_long(
        jumps in vec(any::<u64>(), 1..12),
        expires_in in 0..=7_200_u64,
    ) {
        let mut keeper = Keeper::default();
        let mut last = 0;
        for now in jumps {
            if let Some(ticket) = keeper.read(now).refresh {
                let fresh = Fresh { token: name(0), expires_in };
                keeper.fetched(&ticket, fresh, now, 0);
            }
            let _ = keeper.refused(&name(0), now);
            last = now;
        }
        // Whatever the clock did, time that now passes as it should ends every pause.
        last = last.min(u64::MAX / 2);
        let _ = keeper.read(last);
        let reading = keeper.read(last + 900_000);
        prop_assert!(!matches!(reading.answer, Answer::Fail { .. }), "{:?}", reading);
    }
}
