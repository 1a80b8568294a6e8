//! One schedule: everything in it follows from its seed.

use crate::wechat::Api;
use crate::world::{Event, Outcomes, Rules, Weather, World};
use wxedge_simulation::Dice;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const PLACES: usize = 100;

/// Runs a schedule. Panics where a promise is broken.
pub fn run(seed: u64) -> Outcomes {
    let mut world = build(seed);
    play(&mut world, seed);
    world.outcomes
}

/// Runs a schedule and prints what happened in it.
pub fn replay(seed: u64) {
    let mut world = build(seed);
    world.witness.trace = Some(Vec::new());
    let tell = |world: &World| {
        for line in world.witness.trace.iter().flatten() {
            eprintln!("{line}");
        }
        eprintln!("{:?}", world.outcomes);
    };
    wxedge_simulation::replay(world, |world| play(world, seed), tell);
}

fn build(seed: u64) -> World {
    let mut dice = Dice::new(seed);
    let api = if dice.percent(50) { Api::Stable } else { Api::Classic };
    let rules = Rules {
        api,
        places: PLACES,
        life: [7_200..=7_200, 0..=7_200, 0..=20][dice.pick(&[75, 22, 3])].clone(),
        lost_writes: if dice.percent(30) { dice.within(1..=20) } else { 0 },
        alarm: dice.percent(80),
        clock_is_true: dice.percent(60),
        kv_lag: dice.within(0..=120) * SECOND,
    };
    World::new(rules, dice)
}

fn play(world: &mut World, seed: u64) {
    let mut dice = Dice::new(!seed);
    let end = dice.within(10..=300) * MINUTE;
    if dice.percent(80) {
        world.plan(dice.within(0..=5 * MINUTE), Event::Cron);
    }
    plan_trouble(world, &mut dice, end);
    for _ in 0..dice.within(2..=8) {
        let at = dice.within(0..=end);
        crowd(world, &mut dice, at);
    }
    if dice.percent(2) {
        plan_crash_loop(world, &mut dice, end);
    }
    world.run_until(end);
    calms_down(world, end);
}

/// Bad weather, outsiders, refusals, crashes and jumps, each followed by a crowd that runs into it.
fn plan_trouble(world: &mut World, dice: &mut Dice, end: u64) {
    for _ in 0..dice.within(0..=6) {
        let at = dice.within(0..=end);
        let lasts = dice.within(1..=10 * MINUTE);
        match dice.within(0..=6) {
            0 => {
                let kinds = [
                    Weather::Slow,
                    Weather::Busy,
                    Weather::Hangs,
                    Weather::OutOfQuota,
                    Weather::Misconfigured,
                ];
                world.plan(at, Event::Weather(kinds[dice.within(0..=4) as usize]));
                world.plan(at + lasts, Event::Weather(Weather::Fine));
            }
            1 => {
                for _ in 0..dice.within(1..=4) {
                    world.plan(at + dice.within(0..=lasts), Event::Outsider);
                }
            }
            // As often as the platform lets anybody force a token.
            2 => {
                for forced in 0..20 {
                    world.plan(at + forced * 30 * SECOND, Event::Outsider);
                }
            }
            3 => {
                for _ in 0..dice.within(1..=4) {
                    world.plan(at + dice.within(0..=lasts), Event::Rival);
                }
            }
            4 => world.plan(at, Event::Refuses { until: at + lasts }),
            5 => {
                for _ in 0..dice.within(1..=3) {
                    world.plan(at + dice.within(0..=20 * SECOND), Event::Crash);
                }
            }
            _ if !world.clock_is_true() => {
                let by = dice.within(0..=3 * 60 * MINUTE) as i64;
                let by = if dice.percent(50) { by } else { -by };
                world.plan(at, Event::Jumps { by });
            }
            _ => {}
        }
        let soon = at + dice.within(0..=lasts);
        crowd(world, dice, soon);
    }
}

/// An object that dies every few seconds, mostly with a fetch in flight, under callers that never stop: without a
/// budget each death would cost a fetch.
fn plan_crash_loop(world: &mut World, dice: &mut Dice, end: u64) {
    let mut at = dice.within(0..=end);
    let until = end.min(at + dice.within(10..=90) * MINUTE);
    world.plan(at, Event::Weather(Weather::Hangs));
    world.plan(until, Event::Weather(Weather::Fine));
    while at < until {
        at += dice.within(100..=8_000);
        let place = dice.within(0..=PLACES as u64 - 1) as usize;
        world.plan(at, Event::Arrives { place });
        world.plan(at + dice.within(0..=3_000), Event::Crash);
    }
}

fn crowd(world: &mut World, dice: &mut Dice, from: u64) {
    let lasts = if dice.percent(50) { 3 * SECOND } else { 5 * MINUTE };
    for _ in 0..dice.within(1..=25) {
        let place = dice.within(0..=PLACES as u64 - 1) as usize;
        world.plan(from + dice.within(0..=lasts), Event::Arrives { place });
    }
}

/// Once nothing goes wrong any more, everybody has an answer, and each caller succeeds.
///
/// A cron shows the keeper that the clock runs right again; the longest pause, of 15 minutes, may begin only then.
fn calms_down(world: &mut World, end: u64) {
    let fine_from = end + 16 * MINUTE;
    let calm_from = end + 40 * MINUTE;
    world.ends_faults();
    world.plan(fine_from, Event::Weather(Weather::Fine));
    world.plan(fine_from + MINUTE, Event::Cron);
    world.run_until(calm_from);
    let before = world.outcomes.succeeded;
    for place in 0..10 {
        world.plan(calm_from + MINUTE, Event::Arrives { place });
    }
    world.run_until(calm_from + 3 * MINUTE);
    assert_eq!(world.unanswered(), 0, "a caller has no answer");
    assert_eq!(world.outcomes.succeeded - before, 10, "a caller fails in fine weather");
}
