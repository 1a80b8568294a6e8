//! Durable Objects: how they are called, and what each has of its own.
//!
//! A call is the name of a method and JSON; the answer is a text or bytes, or a problem, which goes as its JSON.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use edge::{Answer, Calling, DurableObject, LocalBoxFuture, State, StubError};
use futures_util::{FutureExt, TryFutureExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wxedge_contract::{Code, Problem, read_own_json, to_json};

use super::{Platform, Storage};

/// What an object answers.
pub(crate) type ObjectResult = Result<Answer, Problem>;

/// The JSON of texts, numbers and booleans, which always have one.
pub(crate) fn json(body: &impl Serialize) -> Answer {
    Answer::Text(to_json(body))
}

/// One object, from outside.
pub(crate) struct Stub<'a> {
    /// The binding.
    pub(crate) namespace: &'static str,
    pub(crate) name: &'a str,
    /// Near which place it is put when it does not exist yet.
    pub(crate) location_hint: &'a str,
}

impl Stub<'_> {
    /// Calls a method.
    pub(crate) fn call_text(&self, platform: &Platform, method: &str, body: &str) -> Asked {
        if let Err(problem) = platform.require(self.namespace) {
            return Asked::refused(problem);
        }
        let objects = platform.env().durable_object(self.namespace);
        let stub = objects.get_by_name_with_location_hint(self.name, self.location_hint);
        Asked(Ok((self.namespace, stub.call(method, body))))
    }
}

/// Waits for what an object answers; or it could not be asked, for this problem. A type of its own and no async function: a
/// dozen of such around each other would be in each handler.
pub(crate) struct Asked(Result<(&'static str, Calling), Option<Problem>>);

impl Asked {
    pub(crate) const fn refused(problem: Problem) -> Self {
        Self(Err(Some(problem)))
    }

    /// The answer, which is a text.
    pub(crate) fn text(self) -> impl Future<Output = Result<String, Problem>> + use<> {
        self.map_ok(|answer| answer.into_text().unwrap_or_default())
    }

    /// The answer as JSON.
    pub(crate) const fn json<T: DeserializeOwned>(self) -> AskedForJson<T> {
        AskedForJson(self, PhantomData)
    }
}

impl Future for Asked {
    type Output = ObjectResult;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<ObjectResult> {
        match &mut self.0 {
            Ok((namespace, calling)) => calling.poll_unpin(context).map_err(|error| match error {
                StubError::Object(problem) => read_own_json(problem.as_bytes()).unwrap_or_else(unreadable),
                StubError::NoAnswer => no_answer(namespace),
            }),
            Err(problem) => Poll::Ready(Err(problem.take().unwrap_or_else(unreadable))),
        }
    }
}

/// Waits for what an object answers in JSON.
pub(crate) struct AskedForJson<T>(Asked, PhantomData<fn() -> T>);

impl<T: DeserializeOwned> Future for AskedForJson<T> {
    type Output = Result<T, Problem>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T, Problem>> {
        self.0.poll_unpin(context).map(|answer| read_own_json(&answer?.into_bytes()).ok_or_else(unreadable))
    }
}

fn unreadable() -> Problem {
    Problem::new(Code::Internal, "An object answered something unreadable.")
}

fn no_answer(namespace: &str) -> Problem {
    Problem::new(Code::Internal, ["The Durable Object behind ", namespace, " did not answer."].concat())
        .hint("Try again; if it stays so, check the binding and the migration in wrangler.toml.")
}

/// What every object has of its own: its private storage, and the platform.
#[derive(Clone)]
pub(crate) struct ObjectState {
    pub(crate) platform: Platform,
    pub(crate) storage: Storage,
    state: State,
}

impl ObjectState {
    pub(crate) fn new(state: State, platform: Platform) -> Self {
        Self { platform, storage: Storage::of(&state), state }
    }

    /// Drives `future` to its end, whether or not the request that started it is still there.
    pub(crate) fn wait_until(&self, future: impl Future<Output = ()> + 'static) {
        self.state.wait_until(future);
    }
}

/// A Durable Object of ours: its answers and alarms end in problems.
pub(crate) trait Object: 'static {
    /// Answers a call.
    fn call(self: Rc<Self>, method: String, body: String) -> LocalBoxFuture<'static, ObjectResult>;

    /// Does what the alarm was set for. The runtime rings again when it fails.
    fn alarm(self: Rc<Self>) -> LocalBoxFuture<'static, Result<(), Problem>>;
}

struct Hosted(Rc<dyn Object>);

impl DurableObject for Hosted {
    fn call(self: Rc<Self>, method: String, body: String) -> LocalBoxFuture<'static, Result<Answer, String>> {
        let answer = self.0.clone().call(method, body);
        answer.map_err(|problem| to_json(&problem)).boxed_local()
    }

    fn alarm(self: Rc<Self>) -> LocalBoxFuture<'static, Result<(), String>> {
        self.0.clone().alarm().map_err(|problem| problem.detail.clone().into_owned()).boxed_local()
    }
}

/// An object of ours, as the runtime takes it.
pub(crate) fn as_durable_object(object: Rc<dyn Object>) -> Rc<dyn DurableObject> {
    Rc::new(Hosted(object))
}
