//! A deterministic simulation of the outbox: thousands of schedules of a world that goes wrong in every way, each
//! watched by a witness that knows the promises.
//!
//! A violated promise prints its seed. `WXEDGE_SEED=<seed> cargo test -p wxedge-outbox --test simulation` replays that
//! schedule alone with everything that happened in it; `WXEDGE_SCHEDULES=<count>` runs more of them.
#![allow(
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::struct_excessive_bools,
    reason = "a test is to stop at what it does not expect"
)]

mod dice;
mod schedule;
mod witness;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use world::Outcomes;

/// Few enough for every run of the tests; `WXEDGE_SCHEDULES` runs more.
const SCHEDULES: u64 = 2_000;

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
        ("events", all.events),
        ("repeats", all.repeats),
        ("deliveries", all.delivered),
        ("failures", all.failed),
        ("restarts", all.restarts),
        ("lost tries", all.lost),
        ("deaths", all.died),
        ("redeliveries", all.redelivered),
        ("erased events", all.erased),
        ("expired events", all.expired),
        ("swept events", all.swept),
        ("answers repeated", all.answered_alike),
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

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}
