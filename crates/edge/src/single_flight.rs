//! One piece of work, shared by all who want it at the same time.

use std::cell::{OnceCell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};

/// Shares one run of a future between all who come while it runs.
///
/// It is kept beside what it fetches, and used in two steps: join what is [`current`](Self::current), else
/// [`start`](Self::start) and drive that by [`State::wait_until`](crate::State::wait_until).
///
/// Only for Durable Objects: all their requests share one I/O context, so that the run of one request may be awaited
/// by another. In a plain Worker the promise of one request dies with that request.
pub struct SingleFlight<T: Clone + 'static> {
    running: RefCell<Option<Flight<T>>>,
}

impl<T: Clone + 'static> Default for SingleFlight<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone + 'static> SingleFlight<T> {
    /// Nothing under way.
    #[must_use]
    pub const fn new() -> Self {
        Self { running: RefCell::new(None) }
    }

    /// Starts a run and gives its future, which whoever calls must drive to its end whatever happens to the caller.
    pub fn start(&self, work: impl Future<Output = T> + 'static) -> Flight<T> {
        let flight = Flight::of(work);
        *self.running.borrow_mut() = Some(flight.clone());
        flight
    }

    /// The run under way.
    #[must_use]
    pub fn current(&self) -> Option<Flight<T>> {
        self.running.borrow().clone().filter(|flight| flight.outcome.get().is_none())
    }
}

/// A run, for everybody who waits for it. What is shared gives nothing and puts its outcome aside: so the code of sharing
/// is there once, and not for every type of outcome.
pub struct Flight<T> {
    run: Shared<LocalBoxFuture<'static, ()>>,
    outcome: Rc<OnceCell<T>>,
}

impl<T: 'static> Flight<T> {
    /// A run that nobody else joins but by its clones.
    pub fn of(work: impl Future<Output = T> + 'static) -> Self {
        let outcome = Rc::new(OnceCell::new());
        let landing = outcome.clone();
        let run = work.map(move |outcome| drop(landing.set(outcome)));
        Self { run: run.boxed_local().shared(), outcome }
    }
}

impl<T> Clone for Flight<T> {
    fn clone(&self) -> Self {
        Self { run: self.run.clone(), outcome: self.outcome.clone() }
    }
}

impl<T: Clone> Future for Flight<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match self.run.poll_unpin(context) {
            // A run that has ended has an outcome.
            Poll::Ready(()) => self.outcome.get().cloned().map_or(Poll::Pending, Poll::Ready),
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::future::poll_fn;
    use std::rc::Rc;
    use std::task::{Poll, Waker};

    use futures_util::FutureExt;

    use super::SingleFlight;

    type Outcome = Result<u32, &'static str>;

    /// Work that ends when it is told how.
    #[derive(Clone, Default)]
    struct Work {
        runs: Rc<Cell<u32>>,
        outcome: Rc<Cell<Option<Outcome>>>,
        waker: Rc<RefCell<Option<Waker>>>,
    }

    impl Work {
        async fn run(self) -> Outcome {
            self.runs.update(|runs| runs.saturating_add(1));
            poll_fn(|context| {
                *self.waker.borrow_mut() = Some(context.waker().clone());
                self.outcome.take().map_or(Poll::Pending, Poll::Ready)
            })
            .await
        }

        fn end(&self, outcome: Outcome) {
            self.outcome.set(Some(outcome));
            if let Some(waker) = self.waker.take() {
                waker.wake();
            }
        }
    }

    #[test]
    fn all_who_come_while_it_runs_share_one_run() {
        let (flights, work) = (SingleFlight::new(), Work::default());
        let mut first = flights.start(work.clone().run());
        assert!((&mut first).now_or_never().is_none());
        let second = flights.current().unwrap();
        work.end(Ok(7));
        assert_eq!((second.now_or_never(), first.now_or_never()), (Some(Ok(7)), Some(Ok(7))));
        assert_eq!(work.runs.get(), 1);
    }

    #[test]
    fn who_comes_after_it_starts_another_run() {
        let (flights, work) = (SingleFlight::new(), Work::default());
        for value in [1, 2] {
            assert!(flights.current().is_none());
            let flight = flights.start(work.clone().run());
            work.end(Ok(value));
            assert_eq!(flight.now_or_never(), Some(Ok(value)));
        }
        assert_eq!(work.runs.get(), 2);
    }

    #[test]
    fn a_failure_is_shared_too_and_not_kept() {
        let (flights, work) = (SingleFlight::new(), Work::default());
        let (first, second) = (flights.start(work.clone().run()), flights.current().unwrap());
        work.end(Err("failed"));
        assert_eq!((first.now_or_never(), second.now_or_never()), (Some(Err("failed")), Some(Err("failed"))));
        assert!(flights.current().is_none());
    }

    #[test]
    fn the_others_go_on_when_the_first_one_leaves() {
        let (flights, work) = (SingleFlight::new(), Work::default());
        let mut first = flights.start(work.clone().run());
        assert!((&mut first).now_or_never().is_none());
        let second = flights.current().unwrap();
        drop(first);
        work.end(Ok(3));
        assert_eq!(second.now_or_never(), Some(Ok(3)));
    }
}
