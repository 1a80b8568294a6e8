//! A deterministic simulation of token control: thousands of schedules of a world that goes wrong in every way, each
//! watched by a witness that knows the promises.
//!
//! A violated promise prints its seed. `WXEDGE_SEED=<seed> cargo test -p wxedge-token --test simulation` replays that
//! schedule alone with everything that happened in it; `WXEDGE_SCHEDULES=<count>` runs more of them.
#![allow(
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test is to stop at what it does not expect"
)]

mod dice;
mod schedule;
mod wechat;
mod witness;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use wechat::Api;
use world::{Event, Outcomes, Rules, Weather, World};

/// Few enough for every run of the tests; `WXEDGE_SCHEDULES` runs more.
const SCHEDULES: u64 = 20_000;
const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;

#[test]
fn every_promise_holds_in_every_schedule() {
    if let Some(seed) = setting("WXEDGE_SEED") {
        return schedule::replay(seed);
    }
    let schedules = setting("WXEDGE_SCHEDULES").unwrap_or(SCHEDULES);
    let all = run_all(schedules);
    eprintln!("{schedules} schedules: {all:?}");
    // Schedules in which nothing goes wrong would prove nothing.
    for (what, count) in [
        ("retries", all.retried),
        ("callers turned away", all.turned_away),
        ("second refusals", all.refused_twice),
        ("waits", all.waits),
        ("restarts", all.restarts),
    ] {
        assert!(count >= schedules / 10, "only {count} {what} in {schedules} schedules");
    }
}

/// Runs the schedules of the seeds from 0 on all cores, up to the first broken promise.
fn run_all(schedules: u64) -> Outcomes {
    let next = AtomicU64::new(0);
    let total = Mutex::new(Outcomes::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= schedules {
                        break;
                    }
                    let run = catch_unwind(AssertUnwindSafe(|| schedule::run(seed)));
                    let Ok(outcomes) = run else {
                        next.store(schedules, Ordering::Relaxed);
                        panic!("a promise is broken; replay it with WXEDGE_SEED={seed}");
                    };
                    total.lock().expect("no thread dies with the lock").add(&outcomes);
                }
            });
        }
    });
    total.into_inner().expect("no thread dies with the lock")
}

#[test]
fn a_seed_replays_its_schedule() {
    for seed in 0..20 {
        assert_eq!(schedule::run(seed), schedule::run(seed));
    }
}

#[test]
fn calls_to_wechat_do_not_grow_with_callers_or_locations() {
    for api in [Api::Stable, Api::Classic] {
        let [few, many] = [(1, 20), (100, 20_000)].map(|(places, callers)| {
            let mut world = calm(api, places);
            callers_over(&mut world, callers, 0..=8 * HOUR);
            world.plan(3 * HOUR, Event::Outsider);
            world.run_until(8 * HOUR + 60 * SECOND);
            world.outcomes
        });
        assert_eq!(many.turned_away + many.refused_twice, 0, "{api:?}");
        assert_eq!(many.succeeded, 20_000, "{api:?}");
        assert_eq!((few.fetches, many.fetches), (5, 5), "{api:?}");
    }
}

#[test]
fn a_thousand_callers_on_a_cold_token_cause_one_fetch_and_all_succeed() {
    let mut world = calm(Api::Stable, 100);
    callers_over(&mut world, 1_000, 0..=200);
    world.run_until(60 * SECOND);
    assert_eq!((world.outcomes.fetches, world.outcomes.succeeded), (1, 1_000));
}

#[test]
fn a_killed_token_under_load_costs_one_refresh_and_at_most_one_retry_each() {
    for api in [Api::Stable, Api::Classic] {
        let mut world = calm(api, 100);
        callers_over(&mut world, 500, HOUR..=HOUR + 3 * SECOND);
        world.plan(SECOND, Event::Cron);
        world.plan(HOUR + SECOND, Event::Outsider);
        world.run_until(HOUR + 60 * SECOND);
        assert_eq!(world.outcomes.fetches, 2, "{api:?}");
        assert_eq!((world.outcomes.succeeded, world.outcomes.refused_twice), (500, 0), "{api:?}");
        assert!(world.outcomes.retried > 100, "{api:?}: {:?}", world.outcomes);
    }
}

#[test]
fn an_outage_is_not_seen_while_the_old_token_is_usable() {
    let mut world = calm(Api::Stable, 100);
    callers_over(&mut world, 2_000, SECOND..=4 * HOUR);
    world.plan(2 * HOUR - 300 * SECOND, Event::Weather(Weather::Hangs));
    world.plan(2 * HOUR - 100 * SECOND, Event::Weather(Weather::Fine));
    world.run_until(4 * HOUR + 60 * SECOND);
    assert_eq!((world.outcomes.succeeded, world.outcomes.turned_away), (2_000, 0));
}

#[test]
fn either_of_alarm_and_cron_keeps_the_token_fresh() {
    for (alarm, cron) in [(true, false), (false, true)] {
        let mut world = World::new(Rules { alarm, ..rules(Api::Stable, 100) }, dice::Dice::new(5));
        if cron {
            world.plan(SECOND, Event::Cron);
        }
        callers_over(&mut world, 1, 0..=0);
        callers_over(&mut world, 5_000, 60 * SECOND..=12 * HOUR);
        world.run_until(12 * HOUR + 60 * SECOND);
        assert_eq!(world.outcomes.waits, 1, "only the first caller waits; alarm {alarm}");
        assert_eq!(world.outcomes.succeeded, 5_001);
    }
}

fn calm(api: Api, places: usize) -> World {
    World::new(rules(api, places), dice::Dice::new(1))
}

fn rules(api: Api, places: usize) -> Rules {
    Rules {
        api,
        places,
        life: 7_200..=7_200,
        lost_writes: 0,
        alarm: true,
        clock_is_true: true,
        kv_lag: 120 * SECOND,
    }
}

fn callers_over(world: &mut World, callers: u64, time: std::ops::RangeInclusive<u64>) {
    let mut dice = dice::Dice::new(callers);
    let places = world.places() as u64;
    for _ in 0..callers {
        let place = dice.within(0..=places - 1) as usize;
        world.plan(dice.within(time.clone()), Event::Arrives { place });
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}
