//! One piece of work, shared by all who want it at the same time.

use std::cell::RefCell;
use std::future::Future;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};

/// Shares one run of a future between all who come while it runs.
///
/// Only for Durable Objects: all their requests share one I/O context, so that the run of one request may be awaited
/// by another. In a plain Worker the promise of one request dies with that request.
pub(crate) struct SingleFlight<T: Clone + 'static> {
    running: RefCell<Option<Shared<LocalBoxFuture<'static, T>>>>,
}

impl<T: Clone + 'static> SingleFlight<T> {
    pub(crate) const fn new() -> Self {
        Self { running: RefCell::new(None) }
    }

    /// Starts a run and gives its future, which whoever calls must drive to its end whatever happens to the caller.
    pub(crate) fn start(
        &self,
        work: impl Future<Output = T> + 'static,
    ) -> Shared<LocalBoxFuture<'static, T>> {
        let run = work.boxed_local().shared();
        *self.running.borrow_mut() = Some(run.clone());
        run
    }

    /// The run under way.
    pub(crate) fn current(&self) -> Option<Shared<LocalBoxFuture<'static, T>>> {
        self.running.borrow().clone().filter(|run| run.peek().is_none())
    }
}
