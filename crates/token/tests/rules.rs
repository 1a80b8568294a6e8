//! The rules of the keeper, one by one.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test is to stop at what it does not expect"
)]

use serde_json::{from_str, to_string};
use wxedge_crypto::Secret;
use wxedge_token::{Answer, Api, FLIGHT_LIMIT, Failure, Fresh, Keeper, Kind, Reading, Ticket, Why};

/// 2027-01-15T08:00:00Z, 16:00 in China.
const START: u64 = 1_800_000_000_000;
const SECOND: u64 = 1_000;

fn secret(name: &str) -> Secret {
    Secret::new(name)
}

fn fresh(name: &str, expires_in: u64) -> Fresh {
    Fresh { token: secret(name), expires_in }
}

fn busy() -> Failure {
    Failure::new(Kind::Transient, "upstream_busy", Some(-1), "system error")
}

fn ticket(reading: Reading) -> Ticket {
    reading.refresh.unwrap_or_else(|| panic!("no refresh: {:?}", reading.answer))
}

/// A keeper that fetched `name` at `START`.
fn holding(name: &str, expires_in: u64) -> Keeper {
    let mut keeper = Keeper::default();
    let first = ticket(keeper.read(START));
    keeper.fetched(&first, fresh(name, expires_in), START, 0);
    keeper
}

#[track_caller]
fn assert_uses(reading: &Reading, name: &str, expires_in: u64) {
    assert_eq!(reading.answer, Answer::Use { token: secret(name), expires_in });
}

#[track_caller]
fn assert_fails(reading: &Reading, code: &str, retry_after: u64) {
    match &reading.answer {
        Answer::Fail { retry_after: told, failure } => {
            assert_eq!((failure.code.as_ref(), *told), (code, retry_after));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(reading.refresh, None);
}

#[test]
fn the_first_reader_starts_the_one_refresh_and_all_wait_for_it() {
    let mut keeper = Keeper::default();
    let first = ticket(keeper.read(START));
    assert_eq!((first.why, first.previous_age, first.budget_left), (Why::Cold, None, 299));
    for later in [0, 1, FLIGHT_LIMIT - 1] {
        let next = keeper.read(START + later);
        assert_eq!((next.answer, next.refresh), (Answer::Wait, None));
    }
    let landed = START + FLIGHT_LIMIT - 1;
    keeper.fetched(&first, fresh("a", 7_200), landed, 0);
    assert_uses(&keeper.read(landed), "a", 7_185);
}

#[test]
fn a_refresh_without_a_result_is_forgotten_and_its_late_result_changes_nothing() {
    let mut keeper = Keeper::default();
    let lost = ticket(keeper.read(START));
    let next = ticket(keeper.read(START + FLIGHT_LIMIT));
    keeper.fetched(&lost, fresh("late", 7_200), START + FLIGHT_LIMIT + 1, 0);
    keeper.failed(&lost, busy(), START + FLIGHT_LIMIT + 1, 0);
    assert_eq!(keeper.read(START + FLIGHT_LIMIT + 1).answer, Answer::Wait);
    keeper.fetched(&next, fresh("a", 7_200), START + FLIGHT_LIMIT + 2, 0);
    assert_uses(&keeper.read(START + FLIGHT_LIMIT + 2), "a", 7_199);
}

#[test]
fn a_token_is_renewed_in_its_last_five_minutes_and_served_meanwhile() {
    let mut keeper = holding("a", 7_200);
    let renewal = START + (7_200 - 299) * SECOND;
    assert_eq!(keeper.next_alarm(START), renewal);
    assert_eq!(keeper.read(renewal - 1).refresh, None);
    let reading = keeper.read(renewal);
    assert_uses(&reading, "a", 299);
    let order = ticket(reading);
    assert_eq!((order.why, order.previous_age), (Why::Renewal, Some(6_901)));
    let meanwhile = keeper.read(renewal + 5_000);
    assert_uses(&meanwhile, "a", 294);
    assert_eq!(meanwhile.refresh, None);
    keeper.fetched(&order, fresh("b", 7_200), renewal + 6_000, 0);
    assert_uses(&keeper.read(renewal + 6_000), "b", 7_194);
}

/// A keeper of this API that fetched `name` at `START`.
fn holding_by(api: Api, name: &str) -> Keeper {
    let mut keeper = Keeper::default();
    keeper.configure("", api);
    let first = ticket(keeper.read(START));
    keeper.fetched(&first, fresh(name, 7_200), START, 0);
    keeper
}

/// Reports this token, lets the refresh bring another, and gives how long that was held back.
fn replace(keeper: &mut Keeper, old: &str, new: &str, now: u64) -> u64 {
    let reading = keeper.refused(&secret(old), now);
    assert_eq!(reading.answer, Answer::Wait);
    let order = ticket(reading);
    assert_eq!((order.why, order.refused.as_ref()), (Why::Refused, Some(&secret(old))));
    let starts_at = now + u64::from(order.starts_in);
    keeper.fetched(&order, fresh(new, 7_200), starts_at, 0);
    assert_uses(&keeper.read(starts_at), new, 7_200);
    starts_at - now
}

#[test]
fn each_refused_token_causes_one_refresh_for_all_who_report_it() {
    for api in [Api::Stable, Api::Classic] {
        let mut keeper = holding_by(api, "a");
        let order = ticket(keeper.refused(&secret("a"), START + 60_000));
        let again = keeper.refused(&secret("a"), START + 60_000);
        assert_eq!((again.answer, again.refresh), (Answer::Wait, None));
        keeper.fetched(&order, fresh("b", 7_200), START + 60_100, 0);
        assert_uses(&keeper.refused(&secret("a"), START + 60_100), "b", 7_199);
        assert_eq!(replace(&mut keeper, "b", "c", START + 121_000), 0);
    }
}

#[test]
fn a_stable_token_that_is_refused_within_a_second_of_the_last_refresh_waits_for_that_second_alone() {
    let mut keeper = holding_by(Api::Stable, "a");
    assert_eq!(replace(&mut keeper, "a", "b", START + 5_000), 0);
    assert_eq!(replace(&mut keeper, "b", "c", START + 5_300), 700);
    assert_eq!(replace(&mut keeper, "c", "d", START + 6_000), 1_000);
    assert_eq!(replace(&mut keeper, "d", "e", START + 8_000), 0);
}

#[test]
fn a_spent_budget_turns_callers_away_until_the_next_refresh_is_earned() {
    for (api, at_once, cost) in [(Api::Stable, 300, 12), (Api::Classic, 10, 72)] {
        let mut keeper = holding_by(api, "0");
        let mut now = START;
        let mut last = 0;
        for next in 1.. {
            let reading = keeper.refused(&secret(&last.to_string()), now);
            let Some(order) = reading.refresh else { break };
            now += u64::from(order.starts_in);
            keeper.fetched(&order, fresh(&next.to_string(), 7_200), now, 0);
            last = next;
        }
        // Those at once, and the ones that the seconds between them have earned.
        let earned = (now - START) / SECOND / cost;
        assert_eq!(last + 1, at_once + earned, "{api:?}");
        let Answer::Fail { retry_after, failure } = keeper.read(now).answer else { panic!("{api:?}") };
        assert_eq!(failure.kind, Kind::BudgetSpent);
        assert!((1..=cost).contains(&retry_after), "{api:?}: {retry_after} s");
        assert!(keeper.read(now + retry_after * SECOND).refresh.is_some(), "{api:?}");
    }
}

#[test]
fn a_refused_token_that_wechat_gives_again_is_handed_out_and_asked_about_again_after_a_second() {
    let mut keeper = holding_by(Api::Stable, "a");
    let order = ticket(keeper.refused(&secret("a"), START + 60_000));
    keeper.fetched(&order, fresh("a", 7_000), START + 60_100, 0);
    for late in [60_100, 60_600, 61_099] {
        let reading = keeper.refused(&secret("a"), START + late);
        assert!(matches!(&reading.answer, Answer::Use { token, .. } if *token == secret("a")), "{late}");
        assert_eq!(reading.refresh, None);
    }
    assert_eq!(replace(&mut keeper, "a", "b", START + 61_100), 0);
}

#[test]
fn a_token_that_was_replaced_or_never_held_cannot_be_refused() {
    let mut keeper = holding("a", 7_200);
    let order = ticket(keeper.refused(&secret("a"), START));
    keeper.fetched(&order, fresh("b", 7_200), START, 0);
    for name in ["a", "never"] {
        let reading = keeper.refused(&secret(name), START + 120_000);
        assert_uses(&reading, "b", 7_080);
        assert_eq!(reading.refresh, None);
    }
}

#[test]
fn a_renewal_under_way_says_nothing_about_a_token_that_was_refused_since() {
    let mut keeper = holding("a", 7_200);
    let now = START + 6_950 * SECOND;
    let renewal = ticket(keeper.read(now));
    assert_eq!(keeper.refused(&secret("a"), now + 1).answer, Answer::Wait);
    keeper.fetched(&renewal, fresh("a", 250), now + 2, 0);
    let reading = keeper.read(now + 2);
    assert_eq!(reading.answer, Answer::Wait);
    assert_eq!(ticket(reading).why, Why::Refused);
}

#[test]
fn failures_pause_longer_each_time_and_the_failure_is_told_until_then() {
    let mut keeper = Keeper::default();
    let mut now = START;
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
        let order = ticket(keeper.read(now));
        keeper.failed(&order, busy(), now, 0);
        assert_fails(&keeper.read(now), "upstream_busy", seconds);
        assert_eq!(keeper.next_alarm(now), now + seconds * SECOND);
        now += seconds * SECOND;
    }
    let order = ticket(keeper.read(now));
    keeper.fetched(&order, fresh("a", 7_200), now, 0);
    assert_uses(&keeper.read(now), "a", 7_200);
}

#[test]
fn a_usable_token_is_served_through_an_outage() {
    let mut keeper = holding("a", 7_200);
    let mut now = START + 6_950 * SECOND;
    while now < START + 7_200 * SECOND {
        let reading = keeper.read(now);
        assert!(matches!(reading.answer, Answer::Use { .. }), "{:?}", reading.answer);
        if let Some(order) = reading.refresh {
            keeper.failed(&order, busy(), now, 7);
        }
        now += SECOND;
    }
    assert!(!matches!(keeper.read(now).answer, Answer::Use { .. }));
}

#[test]
fn a_wrong_setting_pauses_until_the_settings_change() {
    let mut keeper = Keeper::default();
    keeper.configure("first", Api::Stable);
    let order = ticket(keeper.read(START));
    let wrong = Failure::new(Kind::Misconfigured, "misconfigured", Some(40125), "invalid appsecret");
    keeper.failed(&order, wrong, START, 0);
    keeper.configure("first", Api::Stable);
    assert_fails(&keeper.read(START + 1_000), "misconfigured", 29);
    keeper.configure("second", Api::Stable);
    assert_eq!(ticket(keeper.read(START + 1_000)).why, Why::Cold);
}

#[test]
fn any_life_of_a_token_is_taken_without_a_loop() {
    for expires_in in (0..=7_200).chain([7_201, u64::MAX]) {
        let mut keeper = holding("a", expires_in);
        let reading = keeper.read(START);
        if expires_in == 0 {
            assert_fails(&reading, "token_unavailable", 1);
        } else {
            assert_uses(&reading, "a", expires_in.min(7_200));
            assert_eq!(reading.refresh, None, "asks again at once, {expires_in} s");
        }
    }
}

#[test]
fn a_clock_set_back_by_days_makes_nobody_wait_longer() {
    const DAYS: u64 = 5 * 86_400 * SECOND;
    let mut keeper = holding("a", 7_200);
    assert_uses(&keeper.read(START - DAYS), "a", 7_200);
    let order = ticket(keeper.read(START - DAYS + 7_000 * SECOND));
    keeper.failed(&order, busy(), START - 2 * DAYS, 0);
    assert_eq!(keeper.next_alarm(START - 2 * DAYS), START - 2 * DAYS + SECOND);
    assert!(keeper.read(START - 2 * DAYS + SECOND).refresh.is_some());
}

#[test]
fn the_state_tells_an_operator_everything_but_the_token() {
    let mut keeper = holding("a", 7_200);
    let order = ticket(keeper.read(START + 7_000 * SECOND));
    keeper.failed(&order, busy(), START + 7_001 * SECOND, 0);
    assert_eq!(
        to_string(&keeper.state(START + 7_003 * SECOND)).expect("a state is JSON"),
        concat!(
            r#"{"fingerprint":"ca978112","age":7003,"expires_in":197,"usable":true,"refreshing":false,"#,
            r#""refreshes_today":2,"budget_left":299,"last_error":{"age":2,"kind":"transient","#,
            r#""code":"upstream_busy","errcode":-1,"detail":"system error"},"next_alarm":1800007003}"#,
        )
    );
    // Midnight in China, 16:00 UTC.
    assert_eq!(keeper.state(START + 8 * 3_600 * SECOND - 1).refreshes_today, 2);
    assert_eq!(keeper.state(START + 8 * 3_600 * SECOND).refreshes_today, 0);
}

#[test]
fn the_stored_form_is_this_byte_for_byte() {
    let mut keeper = holding("a", 7_200);
    keeper.configure("settings", Api::Stable);
    let order = ticket(keeper.refused(&secret("a"), START + 1_000));
    keeper.failed(&order, busy(), START + 2_000, 0);
    let stored = concat!(
        r#"{"clock":{"seen":1800000002000,"lived":86402000},"#,
        r#""settings":"settings","current":{"token":"a","fetched_at":86400000,"#,
        r#""renew_at":93301000,"expires_at":93600000,"refused":true,"vouched_at":0},"#,
        r#""trouble":{"failure":{"kind":"transient","code":"upstream_busy","errcode":-1,"detail":"system error"},"#,
        r#""at":86402000,"in_a_row":1,"until":86403000},"#,
        r#""questions":{"api":"stable","full_at":86424000,"gap_until":86402000},"refreshes":2,"today":{"day":20833,"refreshes":2}}"#,
    );
    let json = to_string(&keeper).expect("a keeper is JSON");
    assert_eq!(json, stored);
    let restored: Keeper = from_str(stored).expect("the stored form is a keeper");
    assert_eq!(restored, keeper);
    assert_eq!(from_str::<Keeper>("{}").ok(), Some(Keeper::default()));
}

#[test]
fn what_the_version_before_stored_is_read_and_its_pause_after_a_refusal_is_forgotten() {
    let stored = concat!(
        r#"{"clock":{"seen":1800000000000,"lived":86400000},"settings":"settings","#,
        r#""current":{"token":"a","fetched_at":86400000,"renew_at":93301000,"expires_at":93600000,"refused":true,"vouched_at":0},"#,
        r#""trouble":null,"refusals_rest_until":86700000,"budget":87120000,"refreshes":2,"today":{"day":20833,"refreshes":2}}"#,
    );
    let mut keeper: Keeper = from_str(stored).expect("the stored form is a keeper");
    assert_eq!(ticket(keeper.read(START)).why, Why::Refused);
}

#[test]
fn a_restart_forgets_the_refresh_in_flight_and_nothing_else() {
    let mut keeper = holding("a", 7_200);
    let order = ticket(keeper.refused(&secret("a"), START));
    let json = to_string(&keeper).expect("a keeper is JSON");
    let mut restored: Keeper = from_str(&json).expect("the stored form is a keeper");
    let again = ticket(restored.read(START + 1));
    assert_eq!((again.number, again.why), (order.number + 1, Why::Refused));
    assert_eq!(again.budget_left, order.budget_left - 1);
}
