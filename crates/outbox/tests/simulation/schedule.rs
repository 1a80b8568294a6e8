//! One schedule: everything in it follows from its seed.

use crate::world::{Event, Outcomes, Push, Rules, Weather, World};
use wxedge_simulation::Dice;

const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;
const DAY: u64 = 24 * HOUR;

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
    let rules = Rules {
        receiver: dice.percent(80),
        lost_writes: if dice.percent(40) { dice.within(1..=20) } else { 0 },
        lost_tries: if dice.percent(30) { dice.within(1..=20) } else { 0 },
    };
    World::new(rules, dice)
}

fn play(world: &mut World, seed: u64) {
    let mut dice = Dice::new(!seed);
    let end = if dice.percent(60) { dice.within(1..=12) * HOUR } else { dice.within(3..=9) * DAY };
    if end >= 3 * DAY && dice.percent(40) {
        world.plan(0, Event::Weather(Weather::Down));
    }
    for _ in 0..dice.within(1..=8) {
        let at = dice.within(0..=end);
        burst(world, &mut dice, at);
    }
    for _ in 0..dice.within(0..=6) {
        let at = dice.within(0..=end);
        trouble(world, &mut dice, at, end);
    }
    world.run_until(end);
    calms_down(world, end);
}

/// Pushes of a few users, each sent again some times, as WeChat does.
fn burst(world: &mut World, dice: &mut Dice, from: u64) {
    let lasts = [2 * SECOND, 60 * SECOND, HOUR][dice.pick(&[50, 30, 20])];
    for _ in 0..dice.within(1..=10) {
        let order = [Some(0), Some(1), Some(2), None][dice.pick(&[50, 20, 10, 20])];
        let work = dice.percent(15);
        let outlives_user = order.is_some() && dice.percent(5);
        let push = world.push(Push { order, work, outlives_user });
        let at = from + dice.within(0..=lasts);
        world.plan(at, Event::Sends { push });
        for _ in 0..[0, 1, 3][dice.pick(&[60, 25, 15])] {
            let later = [20, 10 * SECOND, HOUR, 50 * HOUR][dice.pick(&[30, 40, 25, 5])];
            world.plan(at + dice.within(0..=later), Event::Sends { push });
        }
    }
}

fn trouble(world: &mut World, dice: &mut Dice, at: u64, end: u64) {
    match dice.pick(&[50, 20, 12, 10, 8]) {
        0 => {
            let weather = [Weather::Fails, Weather::Hangs, Weather::Down][dice.pick(&[40, 20, 40])];
            world.plan(at, Event::Weather(weather));
            let lasts = [60 * SECOND, 10 * HOUR, 7 * DAY][dice.pick(&[40, 30, 30])];
            world.plan(at + dice.within(lasts / 4..=lasts), Event::Weather(Weather::Fine));
        }
        1 => {
            for _ in 0..dice.within(1..=4) {
                world.plan(at + dice.within(0..=20 * SECOND), Event::Crash);
            }
        }
        2 => world.plan(at, Event::Erases { user: dice.within(0..=2) }),
        3 => {
            for _ in 0..dice.within(1..=3) {
                world.plan(dice.within(at..=end.max(at) + DAY), Event::Redelivers);
            }
        }
        _ => world.plan(at, Event::Deploys { receiver: dice.percent(70) }),
    }
}

/// Once nothing goes wrong any more, what is due is delivered; then nothing is left, and nothing wakes.
fn calms_down(world: &mut World, end: u64) {
    world.ends_faults();
    world.plan(end + 1, Event::Weather(Weather::Fine));
    world.run_until(end + 4 * DAY);
    world.plan(end + 4 * DAY + 1, Event::Deploys { receiver: true });
    world.run_until(end + 8 * DAY);
    world.is_settled();
    world.run_until(end + 45 * DAY);
    world.is_empty();
}
