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
/// Only for Durable Objects: all their requests share one I/O context, so that the run of one request may be awaited
/// by another. In a plain Worker the promise of one request dies with that request.
pub(crate) struct SingleFlight<T: Clone + 'static> {
    running: RefCell<Option<Flight<T>>>,
}

impl<T: Clone + 'static> SingleFlight<T> {
    pub(crate) const fn new() -> Self {
        Self { running: RefCell::new(None) }
    }

    /// Starts a run and gives its future, which whoever calls must drive to its end whatever happens to the caller.
    pub(crate) fn start(&self, work: impl Future<Output = T> + 'static) -> Flight<T> {
        let outcome = Rc::new(OnceCell::new());
        let landing = outcome.clone();
        let run = async move { drop(landing.set(work.await)) };
        let flight = Flight { run: run.boxed_local().shared(), outcome };
        *self.running.borrow_mut() = Some(flight.clone());
        flight
    }

    /// The run under way.
    pub(crate) fn current(&self) -> Option<Flight<T>> {
        self.running.borrow().clone().filter(|flight| flight.outcome.get().is_none())
    }
}

/// A run, for everybody who waits for it. What is shared gives nothing and puts its outcome aside: so the code of sharing
/// is there once, and not for every type of outcome.
pub(crate) struct Flight<T> {
    run: Shared<LocalBoxFuture<'static, ()>>,
    outcome: Rc<OnceCell<T>>,
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
