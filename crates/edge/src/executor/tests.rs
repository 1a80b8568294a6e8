//! The executor under a host that answers in any order, twice, late or never.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use futures_util::future::{Either, join, select};
use proptest::collection::vec;
use proptest::prelude::*;

use super::slab::Key;
use super::{Executor, Host, LONGEST_TASK, SWEEP_INTERVAL, Spawned};

/// What a task does.
#[derive(Debug, Clone)]
enum Step {
    /// Calls the host, and checks that what it gets was meant for that call.
    Call,
    /// Two calls at once, both waited for.
    Both,
    /// Two calls at once, of which the slower one is dropped.
    Either,
    /// A call that is dropped at once.
    Drop,
    /// Wakes itself.
    Yield,
    /// Wakes all tasks that wait for this.
    Notify,
    /// Waits until another task notifies.
    Wait,
    /// Spawns a task in the middle of this one, as `wait_until` does.
    Spawn(Vec<Step>),
}

/// What happens outside.
#[derive(Debug, Clone)]
enum Event {
    Spawn(Vec<Step>),
    /// Completes one of the calls that were ever made: waited for, dropped or completed before.
    Complete(prop::sample::Index),
    /// Milliseconds, forwards or back.
    Clock(f64),
    /// A task that panics, after which all is started anew.
    Trap,
}

fn step() -> impl Strategy<Value = Step> {
    let plain = prop_oneof![
        4 => Just(Step::Call),
        1 => Just(Step::Both),
        1 => Just(Step::Either),
        1 => Just(Step::Drop),
        1 => Just(Step::Yield),
        1 => Just(Step::Notify),
        1 => Just(Step::Wait),
    ];
    plain.prop_recursive(3, 12, 4, |step| vec(step, 0..4).prop_map(Step::Spawn))
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => vec(step(), 0..6).prop_map(Event::Spawn),
        12 => any::<prop::sample::Index>().prop_map(Event::Complete),
        2 => (-20_000.0..70_000.0).prop_map(Event::Clock),
        1 => Just(Event::Trap),
    ]
}

/// What a call is completed with: which call of which life was meant.
type Meant = (usize, Key);

#[derive(Default)]
struct Outside {
    now: Cell<f64>,
    life: Cell<usize>,
    /// All calls that were ever made, with the life of the wasm that made them.
    calls: RefCell<Vec<Meant>>,
    /// The tasks that are pending, with the time they began at.
    pending: RefCell<HashMap<Key, f64>>,
    settled: Cell<usize>,
}

fn increment(count: &Cell<usize>) {
    count.update(|count| count.saturating_add(1));
}

impl Outside {
    fn settle(&self, task: Key) {
        assert!(
            self.pending.borrow_mut().remove(&task).is_some(),
            "only what is pending is settled, and once"
        );
        increment(&self.settled);
    }
}

impl Host for Rc<Outside> {
    type Value = usize;
    type Completion = Meant;

    fn now(&self) -> f64 {
        self.now.get()
    }

    fn resolve(&self, task: Key, life: usize) {
        assert_eq!(life, self.life.get(), "nothing of an earlier life is told");
        self.settle(task);
    }

    fn expire(&self, task: Key) {
        let began = self.pending.borrow()[&task];
        assert!((self.now.get() - began).abs() > LONGEST_TASK, "no task is ended early");
        self.settle(task);
    }
}

/// One life of the wasm.
struct Life {
    executor: Executor<Rc<Outside>>,
    outside: Rc<Outside>,
    number: usize,
    notified: Cell<usize>,
    waiters: RefCell<Vec<Waker>>,
    ended: Cell<usize>,
}

impl Life {
    fn begin(outside: &Rc<Outside>) -> Rc<Self> {
        Rc::new(Self {
            executor: Executor::new(outside.clone()),
            outside: outside.clone(),
            number: outside.life.get(),
            notified: Cell::new(0),
            waiters: RefCell::default(),
            ended: Cell::new(0),
        })
    }

    fn spawn(self: &Rc<Self>, steps: Vec<Step>) {
        let began = self.outside.now.get();
        match self.executor.spawn(task(self.clone(), steps)) {
            Spawned::Ready(life) => assert_eq!(life, self.number),
            Spawned::Pending(task) => {
                assert_eq!(self.outside.pending.borrow_mut().insert(task, began), None, "a key of its own");
            }
        }
    }

    async fn call(&self) {
        let call = self.executor.call();
        self.outside.calls.borrow_mut().push((self.number, call.key()));
        let expected = (self.number, call.key());
        assert_eq!(call.await, expected, "a call gets what was meant for it");
    }

    /// As `executor.js` does: what an earlier life asked for is not told to this one.
    fn complete(&self, meant: Meant) {
        if meant.0 == self.number {
            self.executor.complete(meant.1, meant);
        }
    }

    async fn notification(&self) {
        let seen = self.notified.get();
        poll_fn(|context| {
            if self.notified.get() > seen {
                return Poll::Ready(());
            }
            self.waiters.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn notify(&self) {
        increment(&self.notified);
        self.waiters.take().into_iter().for_each(Waker::wake);
    }
}

/// Counts that a task has ended, however it did.
struct Ended(Rc<Life>);

impl Drop for Ended {
    fn drop(&mut self) {
        increment(&self.0.ended);
    }
}

fn task(life: Rc<Life>, steps: Vec<Step>) -> Pin<Box<dyn Future<Output = usize>>> {
    Box::pin(async move {
        let ended = Ended(life.clone());
        for step in steps {
            match step {
                Step::Call => life.call().await,
                Step::Both => drop(join(life.call(), life.call()).await),
                Step::Either => {
                    let calls = (Box::pin(life.call()), Box::pin(life.call()));
                    let (Either::Left(_) | Either::Right(_)) = select(calls.0, calls.1).await;
                }
                Step::Drop => {
                    let dropped = life.executor.call();
                    life.outside.calls.borrow_mut().push((life.number, dropped.key()));
                }
                Step::Yield => yield_once().await,
                Step::Notify => life.notify(),
                Step::Wait => life.notification().await,
                Step::Spawn(steps) => life.spawn(steps),
            }
        }
        drop(ended);
        life.number
    })
}

async fn yield_once() {
    let mut is_woken = false;
    poll_fn(|context| {
        if is_woken {
            return Poll::Ready(());
        }
        is_woken = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn trap(life: &Life) {
    let panicking = Box::pin(poll_fn(|_| -> Poll<usize> { std::panic::resume_unwind(Box::new(())) }));
    assert!(catch_unwind(AssertUnwindSafe(|| life.executor.spawn(panicking))).is_err());
}

fn is_empty(life: &Life) -> bool {
    life.executor.tasks.borrow().keys(|_| true).is_empty()
        && life.executor.calls.borrow().keys(|_| true).is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_task_ends_once_whatever_comes_in_whatever_order(events in vec(event(), 0..80)) {
        let outside = Rc::new(Outside::default());
        outside.now.set(1e12);
        let mut latest = outside.now.get();
        let mut life = Life::begin(&outside);
        for event in events {
            match event {
                Event::Spawn(steps) => life.spawn(steps),
                Event::Complete(which) => {
                    let calls = outside.calls.borrow().clone();
                    if !calls.is_empty() {
                        life.complete(*which.get(&calls));
                    }
                }
                Event::Clock(milliseconds) => {
                    outside.now.set(outside.now.get() + milliseconds);
                    latest = latest.max(outside.now.get());
                }
                Event::Trap => {
                    trap(&life);
                    // JavaScript rejects all that wait; the memory of the old life is gone, not dropped.
                    outside.pending.borrow_mut().clear();
                    increment(&outside.life);
                    life = Life::begin(&outside);
                }
            }
            prop_assert!(life.executor.ready.pop().is_none(), "whoever is woken is polled before the call returns");
        }
        // What nobody ever answers ends at the next entry after the bound, and nothing of it stays.
        outside.now.set(latest + LONGEST_TASK + SWEEP_INTERVAL + 1.0);
        life.spawn(Vec::new());
        prop_assert!(outside.pending.borrow().is_empty());
        prop_assert!(is_empty(&life));
    }

    #[test]
    fn tasks_end_by_themselves_when_all_calls_are_completed(
        tasks in vec(vec(step().prop_filter("nobody else notifies", |step| !waits(step)), 0..6), 0..20),
        order in vec(any::<prop::sample::Index>(), 400),
    ) {
        let outside = Rc::new(Outside::default());
        let life = Life::begin(&outside);
        for steps in tasks {
            life.spawn(steps);
        }
        for which in order {
            let mut calls = outside.calls.take();
            if calls.is_empty() {
                break;
            }
            let call = calls.swap_remove(which.index(calls.len()));
            outside.calls.replace(calls);
            life.complete(call);
        }
        if outside.calls.borrow().is_empty() {
            prop_assert!(outside.pending.borrow().is_empty());
            prop_assert!(is_empty(&life));
        }
    }
}

fn waits(step: &Step) -> bool {
    match step {
        Step::Wait => true,
        Step::Spawn(steps) => steps.iter().any(waits),
        _ => false,
    }
}

#[test]
fn a_task_that_waits_for_nothing_gives_its_value_at_once() {
    let life = Life::begin(&Rc::default());
    let steps = vec![Step::Yield, Step::Notify, Step::Drop];
    assert_eq!(life.executor.spawn(task(life.clone(), steps)), Spawned::Ready(0));
}

#[test]
fn the_bound_holds_for_one_task_as_for_many() {
    for count in [1, 5_000] {
        let outside = Rc::new(Outside::default());
        let life = Life::begin(&outside);
        for _ in 0..count {
            life.spawn(vec![Step::Call]);
        }
        outside.now.set(LONGEST_TASK);
        life.spawn(vec![Step::Call]);
        assert_eq!(outside.settled.get(), 0, "nobody has waited longer than that");
        outside.now.set(LONGEST_TASK + SWEEP_INTERVAL);
        // An answer to somebody else is an entry too.
        let youngest = *outside.calls.borrow().last().unwrap();
        life.complete(youngest);
        assert_eq!(outside.settled.get(), count + 1);
        assert_eq!(life.ended.get(), count + 1, "what they held is dropped");
        assert!(is_empty(&life));
    }
}

#[test]
fn of_two_answers_the_first_counts() {
    let outside = Rc::new(Outside::default());
    let life = Life::begin(&outside);
    let late = Rc::new(RefCell::new(None));
    let (this, given) = (life.clone(), late.clone());
    let spawned = life.executor.spawn(Box::pin(async move {
        let first = this.executor.call();
        this.outside.calls.borrow_mut().push((0, first.key()));
        this.call().await;
        *given.borrow_mut() = Some(first.await);
        0
    }));
    let Spawned::Pending(task) = spawned else { panic!("it waits") };
    outside.pending.borrow_mut().insert(task, 0.0);
    let [first, second] = outside.calls.take()[..] else { panic!("it calls twice") };
    // The first is answered before anybody looks at it.
    life.executor.complete(first.1, (1, first.1));
    life.executor.complete(first.1, (2, first.1));
    life.executor.complete(second.1, second);
    assert_eq!(*late.borrow(), Some((1, first.1)));
}

#[test]
fn a_clock_that_is_set_back_lets_nobody_wait_for_ever() {
    let outside = Rc::new(Outside::default());
    outside.now.set(1e12);
    let life = Life::begin(&outside);
    life.spawn(Vec::new());
    let hour = 3_600_000.0;
    outside.now.set(1e12 - hour);
    life.spawn(vec![Step::Call]);
    outside.now.set(1e12 - hour + LONGEST_TASK + SWEEP_INTERVAL);
    life.spawn(Vec::new());
    assert_eq!(outside.settled.get(), 1);
}
