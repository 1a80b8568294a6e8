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

mod schedule;
mod witness;
mod world;

use world::Outcomes;
use wxedge_simulation::Simulation;

const SIMULATION: Simulation<Outcomes> =
    Simulation { schedules: 2_000, run: schedule::run, replay: schedule::replay, add: Outcomes::add };

#[test]
fn every_promise_holds_in_every_schedule() {
    let Some((schedules, all)) = wxedge_simulation::run(&SIMULATION) else { return };
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

#[test]
fn a_seed_replays_its_schedule() {
    for seed in 0..20 {
        assert_eq!(schedule::run(seed), schedule::run(seed));
    }
}
