//! Runs futures by what the host calls.
//!
//! A task begins with a call from the host, and is polled again when something that it asked the host for is completed,
//! within the same call: so on behalf of its own request, or of another one of the same Durable Object. What the host is,
//! is told by [`Host`]: JavaScript in the Worker, a model in the tests.
//!
//! Whatever is woken during a call is polled before the call returns. A future that wakes itself for ever is thus a loop for
//! ever, which the runtime's limit of CPU time ends.

pub(crate) mod slab;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use slab::{Key, Slab};

/// How long a task may wait, in milliseconds. What it waits for may never come: the runtime drops the promises of a request
/// whose client has left without a word. Nothing alive waits so long: each call outside has a deadline of its own, far below.
pub(crate) const LONGEST_TASK: f64 = 120_000.0;
/// How often tasks are looked through for those that wait longer, in milliseconds: so one ends at the first entry after
/// [`LONGEST_TASK`] and this, however many there are, and looking costs next to nothing for each request.
pub(crate) const SWEEP_INTERVAL: f64 = 10_000.0;

/// What is outside.
pub(crate) trait Host {
    /// What a task gives.
    type Value;
    /// What comes of a call.
    type Completion;

    /// Unix milliseconds.
    fn now(&self) -> f64;

    /// Takes what a task gave that was pending.
    fn resolve(&self, task: Key, value: Self::Value);

    /// Learns that a task was ended, which waited longer than [`LONGEST_TASK`].
    fn expire(&self, task: Key);
}

/// What came of spawning a task.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Spawned<V> {
    /// It gave this at once: most requests need no promise at all.
    Ready(V),
    /// The host will be told.
    Pending(Key),
}

type Work<V> = Pin<Box<dyn Future<Output = V>>>;

struct Task<V> {
    /// Absent while it is polled.
    future: Option<Work<V>>,
    waker: Waker,
    /// Unix milliseconds.
    began: f64,
}

pub(crate) struct Executor<H: Host> {
    host: H,
    tasks: RefCell<Slab<Task<H::Value>>>,
    calls: Rc<Calls<H::Completion>>,
    ready: Arc<ReadyQueue>,
    /// Whether a task is polled at this moment: what is woken meanwhile waits for its turn.
    is_polling: Cell<bool>,
    swept: Cell<f64>,
}

impl<H: Host> Executor<H> {
    pub(crate) fn new(host: H) -> Self {
        Self {
            host,
            tasks: RefCell::new(Slab::new()),
            calls: Rc::new(RefCell::new(Slab::new())),
            ready: Arc::default(),
            is_polling: Cell::new(false),
            swept: Cell::new(0.0),
        }
    }

    /// Runs a future as far as it goes without waiting.
    pub(crate) fn spawn(&self, future: Work<H::Value>) -> Spawned<H::Value> {
        let began = self.sweep();
        let task = self.tasks.borrow_mut().insert_with(|key| Task {
            future: Some(future),
            waker: Waker::from(Arc::new(TaskWaker { key, ready: self.ready.clone() })),
            began,
        });
        let at_once = self.poll(task);
        let soon = self.poll_ready(Some(task));
        at_once.or(soon).map_or(Spawned::Pending(task), Spawned::Ready)
    }

    /// Something that the host is to be asked for, and to complete under the key of this.
    pub(crate) fn call(&self) -> Call<H::Completion> {
        let key = self.calls.borrow_mut().insert_with(|_| CallState::Waiting(None));
        Call { key, calls: self.calls.clone() }
    }

    /// Takes what came of a call, and polls whoever waits for it. What comes twice, or for a call that nobody waits for any
    /// more, is dropped.
    pub(crate) fn complete(&self, call: Key, completion: H::Completion) {
        self.sweep();
        let waker = match self.calls.borrow_mut().get_mut(call) {
            Some(state @ CallState::Waiting(_)) => state.complete(completion),
            _ => None,
        };
        if let Some(waker) = waker {
            waker.wake();
            self.poll_ready(None);
        }
    }

    /// Polls a task; gives what it gives when that is all.
    fn poll(&self, task: Key) -> Option<H::Value> {
        let (mut future, waker) = {
            let mut tasks = self.tasks.borrow_mut();
            let task = tasks.get_mut(task)?;
            (task.future.take()?, task.waker.clone())
        };
        let is_nested = self.is_polling.replace(true);
        let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
        self.is_polling.set(is_nested);
        match polled {
            Poll::Ready(value) => {
                self.tasks.borrow_mut().remove(task);
                Some(value)
            }
            Poll::Pending => {
                if let Some(task) = self.tasks.borrow_mut().get_mut(task) {
                    task.future = Some(future);
                }
                None
            }
        }
    }

    /// Polls all that are woken, unless a task is polled: then that is done after it. Gives what `new` gives, the task that
    /// the host does not know yet.
    fn poll_ready(&self, new: Option<Key>) -> Option<H::Value> {
        let mut given = None;
        while !self.is_polling.get()
            && let Some(task) = self.ready.pop()
        {
            match self.poll(task) {
                Some(value) if new == Some(task) => given = Some(value),
                Some(value) => self.host.resolve(task, value),
                None => {}
            }
        }
        given
    }

    /// Ends the tasks that wait longer than any may, and gives the time. A clock that was set back ends them too.
    fn sweep(&self) -> f64 {
        let now = self.host.now();
        if (now - self.swept.get()).abs() < SWEEP_INTERVAL {
            return now;
        }
        self.swept.set(now);
        let expired =
            self.tasks.borrow().keys(|task| task.future.is_some() && (now - task.began).abs() > LONGEST_TASK);
        for task in expired {
            let removed = self.tasks.borrow_mut().remove(task);
            // Its future goes before the host learns of it, and outside of the borrow: what it holds may do as it likes.
            drop(removed);
            self.host.expire(task);
        }
        now
    }
}

/// The tasks that are woken. Wakers can be sent between threads by their type, hence the lock, which costs nothing in wasm.
#[derive(Default)]
struct ReadyQueue(Mutex<VecDeque<Key>>);

impl ReadyQueue {
    fn push(&self, task: Key) {
        self.lock().push_back(task);
    }

    fn pop(&self) -> Option<Key> {
        self.lock().pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Key>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct TaskWaker {
    key: Key,
    ready: Arc<ReadyQueue>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.ready.push(self.key);
    }
}

type Calls<C> = RefCell<Slab<CallState<C>>>;

enum CallState<C> {
    Waiting(Option<Waker>),
    Completed(C),
    Taken,
}

impl<C> CallState<C> {
    /// Gives whom to wake.
    fn complete(&mut self, completion: C) -> Option<Waker> {
        match std::mem::replace(self, Self::Completed(completion)) {
            Self::Waiting(waker) => waker,
            _ => None,
        }
    }
}

/// Waits for what comes of a call. Once dropped, nobody waits for it.
pub(crate) struct Call<C> {
    key: Key,
    calls: Rc<Calls<C>>,
}

impl<C> Call<C> {
    pub(crate) fn key(&self) -> Key {
        self.key
    }
}

impl<C> Future for Call<C> {
    type Output = C;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<C> {
        let mut calls = self.calls.borrow_mut();
        let Some(state) = calls.get_mut(self.key) else { return Poll::Pending };
        if let CallState::Waiting(waker) = state {
            *waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        match std::mem::replace(state, CallState::Taken) {
            CallState::Completed(completion) => Poll::Ready(completion),
            CallState::Waiting(_) | CallState::Taken => Poll::Pending,
        }
    }
}

impl<C> Drop for Call<C> {
    fn drop(&mut self) {
        let removed = self.calls.borrow_mut().remove(self.key);
        drop(removed);
    }
}
