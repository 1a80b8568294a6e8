//! Durable Objects: what one is, and how it is called.
//!
//! A call is the name of a method and a text, mostly JSON; the answer is a text or bytes, or an error, which is a text too
//! and the app's own.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{self, Poll};

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use crate::executor::Call;
use crate::runtime::{Completion, call};
use crate::{Context, Storage, js};

/// What lives in a Durable Object.
pub trait DurableObject {
    /// Answers a call.
    fn call(self: Rc<Self>, method: String, body: String) -> LocalBoxFuture<'static, Result<Answer, String>>;

    /// Does what the alarm was set for. The runtime rings again when it fails; the error is what it logs.
    fn alarm(self: Rc<Self>) -> LocalBoxFuture<'static, Result<(), String>> {
        async { Ok(()) }.boxed_local()
    }
}

/// What an object answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Answer {
    /// That it is done.
    pub const NOTHING: Self = Self::Text(String::new());

    /// The text, where it is one.
    #[must_use]
    pub fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bytes(_) => None,
        }
    }

    /// The bytes, those of a text too.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// What an object has of its own.
#[derive(Clone)]
pub struct State {
    context: Context,
}

impl State {
    pub(crate) fn new(context: js::Context) -> Self {
        Self { context: Context::new(context) }
    }

    /// The private storage of the object.
    #[must_use]
    pub fn storage(&self) -> Storage {
        Storage(self.context.clone())
    }

    /// Drives `future` to its end, whether or not the request that started it is still there.
    pub fn wait_until(&self, future: impl Future<Output = ()> + 'static) {
        self.context.wait_until(future);
    }
}

/// A namespace of Durable Objects.
#[derive(Clone, Copy)]
pub struct ObjectNamespace<'a> {
    pub(crate) env: &'a js::Env,
    pub(crate) binding: &'a str,
}

impl<'a> ObjectNamespace<'a> {
    /// The object of that name.
    #[must_use]
    pub const fn get_by_name(self, name: &'a str) -> Stub<'a> {
        Stub { namespace: self, name, location_hint: None }
    }

    /// The object of that name, which is put near that place when it does not exist yet.
    /// Source: Cloudflare Durable Objects, Data location, "Provide a location hint".
    #[must_use]
    pub const fn get_by_name_with_location_hint(self, name: &'a str, location_hint: &'a str) -> Stub<'a> {
        Stub { namespace: self, name, location_hint: Some(location_hint) }
    }
}

/// One object, from outside.
#[derive(Clone, Copy)]
pub struct Stub<'a> {
    namespace: ObjectNamespace<'a>,
    name: &'a str,
    location_hint: Option<&'a str>,
}

impl Stub<'_> {
    /// Calls a method of the object at once; the future waits for its answer.
    #[must_use]
    pub fn call(self, method: &str, body: &str) -> Calling {
        let ObjectNamespace { env, binding } = self.namespace;
        Calling(call(|call| {
            js::call_object(call, env, binding, self.name, self.location_hint, method, body);
        }))
    }
}

/// Waits for the answer of an object.
pub struct Calling(Call<Completion>);

impl Future for Calling {
    type Output = Result<Answer, StubError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Self::Output> {
        self.0.poll_unpin(context).map(|called| match called {
            Completion::Text(text) => Ok(Answer::Text(text)),
            Completion::Bytes(bytes) => Ok(Answer::Bytes(bytes)),
            Completion::Error(error) => Err(StubError::Object(error)),
            _ => Err(StubError::NoAnswer),
        })
    }
}

/// Why there is no answer of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StubError {
    /// The object gave this error.
    Object(String),
    /// The object is not bound, or broke off. Whether it did what it was called for is not known.
    NoAnswer,
}

impl fmt::Display for StubError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(error) => formatter.write_str(error),
            Self::NoAnswer => formatter.write_str("the Durable Object did not answer or is not bound"),
        }
    }
}

impl std::error::Error for StubError {}
