use std::fmt::Debug;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A simulation: how a schedule is run and replayed, and how its outcomes are added up.
#[derive(Debug)]
pub struct Simulation<O> {
    /// Few enough for every run of the tests.
    pub schedules: u64,
    /// Runs the schedule of a seed. Panics where a promise is broken.
    pub run: fn(u64) -> O,
    /// Runs it, and prints what happened in it.
    pub replay: fn(u64),
    /// Adds the outcomes of a schedule to those of all.
    pub add: fn(&mut O, &O),
}

/// Runs the schedules on all cores, up to the first broken promise, whose seed is told. Gives how many they were, and what came
/// of them all.
///
/// `WXEDGE_SEED` replays that schedule alone, and nothing is given; `WXEDGE_SCHEDULES` runs more of them, `WXEDGE_FIRST_SEED`
/// others.
#[must_use]
pub fn run<O: Default + Debug + Send>(simulation: &Simulation<O>) -> Option<(u64, O)> {
    if let Some(seed) = setting("WXEDGE_SEED") {
        (simulation.replay)(seed);
        return None;
    }
    let schedules = setting("WXEDGE_SCHEDULES").unwrap_or(simulation.schedules);
    let first = setting("WXEDGE_FIRST_SEED").unwrap_or(0);
    let all = run_all(simulation, first..first + schedules);
    eprintln!("{schedules} schedules: {all:?}");
    Some((schedules, all))
}

fn run_all<O: Default + Send>(simulation: &Simulation<O>, seeds: Range<u64>) -> O {
    let next = AtomicU64::new(seeds.start);
    let total = Mutex::new(O::default());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    let run = catch_unwind(AssertUnwindSafe(|| (simulation.run)(seed)));
                    let Ok(outcomes) = run else {
                        next.store(seeds.end, Ordering::Relaxed);
                        panic!("a promise is broken; replay it with WXEDGE_SEED={seed}");
                    };
                    (simulation.add)(&mut total.lock().expect("no thread dies with the lock"), &outcomes);
                }
            });
        }
    });
    total.into_inner().expect("no thread dies with the lock")
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

#[cfg(test)]
mod tests {
    use super::{Simulation, run_all};

    fn simulation(run: fn(u64) -> u64) -> Simulation<u64> {
        Simulation { schedules: 0, run, replay: |_| {}, add: |all, one| *all += one }
    }

    #[test]
    fn every_seed_is_run_once() {
        assert_eq!(run_all(&simulation(|seed| seed), 10..1_000), (10..1_000).sum());
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_broken_promise_ends_the_run() {
        run_all(&simulation(|seed| if seed == 77 { panic!("broken") } else { 0 }), 0..1_000);
    }
}
