//! A deterministic simulation of an order's life against a model of `WeChat` Pay: thousands of schedules in which
//! everything goes wrong, each watched by a witness that knows the promises.
//!
//! A broken promise prints its seed. `WXEDGE_SEED=<seed> cargo test -p wxedge-pay --test simulation` replays that schedule
//! alone with everything that happened in it; `WXEDGE_SCHEDULES=<count>` runs more of them.
#![allow(
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test is to stop at what it does not expect"
)]

mod schedule;
mod wechat;
mod witness;
mod world;

use world::Outcomes;
use wxedge_simulation::Simulation;

const SIMULATION: Simulation<Outcomes> =
    Simulation { schedules: 500, run: schedule::run, replay: schedule::replay, add: Outcomes::add };

#[test]
fn every_promise_holds_in_every_schedule() {
    let Some((schedules, all)) = wxedge_simulation::run(&SIMULATION) else { return };
    // Schedules in which nothing goes wrong would prove nothing.
    for (what, count, share) in [
        ("payments", all.paid, 3),
        ("late payments", all.late, 100),
        ("full refunds", all.refunded, 20),
        ("partial refunds", all.partly, 20),
        ("quarantines", all.quarantined, 50),
        ("refunds before a person", all.attention, 100),
        ("closes", all.closed, 10),
        ("refusals", all.failed, 100),
        ("crashes", all.crashes, 1),
        ("forged notifications", all.forged, 2),
        ("lost calls and answers", all.lost, 1),
        ("refunds", all.refunds, 2),
    ] {
        assert!(count >= schedules / share, "only {count} {what} in {schedules} schedules");
    }
}
