//! The way to everything outside.

use std::rc::Rc;

use crate::{Assets, Fetcher, KvStore, ObjectNamespace, RateLimiter, js};

/// The variables, secrets and bindings of a Worker, by the names of its configuration.
///
/// A binding is looked up when it is used: what is done with one that is not there fails like any other failure, and
/// [`is_bound`](Self::is_bound) tells which it was. Cheap to clone.
#[derive(Clone)]
pub struct Env {
    env: Rc<js::Env>,
    /// Whether it is used on after a request has ended, as in a Durable Object.
    lives_on: bool,
}

impl Env {
    pub(crate) fn of_request(env: js::Env) -> Self {
        Self { env: Rc::new(env), lives_on: false }
    }

    pub(crate) fn of_object(env: js::Env) -> Self {
        Self { env: Rc::new(env), lives_on: true }
    }

    pub(crate) const fn lives_on(&self) -> bool {
        self.lives_on
    }

    /// A variable.
    #[must_use]
    pub fn var(&self, name: &str) -> Option<String> {
        self.env.get(name).as_string()
    }

    /// A secret.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<String> {
        self.var(name)
    }

    /// Whether a binding is there.
    #[must_use]
    pub fn is_bound(&self, name: &str) -> bool {
        self.env.get(name).is_object()
    }

    /// A KV namespace.
    #[must_use]
    pub fn kv<'a>(&'a self, binding: &'a str) -> KvStore<'a> {
        KvStore { env: &self.env, binding }
    }

    /// A namespace of Durable Objects.
    #[must_use]
    pub fn durable_object<'a>(&'a self, binding: &'a str) -> ObjectNamespace<'a> {
        ObjectNamespace { env: &self.env, binding }
    }

    /// A service: another Worker, called without a way through the network. A Worker that fetches one of its own zone by URL
    /// gets error 1042.
    #[must_use]
    pub fn service<'a>(&'a self, binding: &'a str) -> Fetcher<'a> {
        Fetcher { env: &self.env, binding }
    }

    /// Static assets.
    #[must_use]
    pub fn assets<'a>(&'a self, binding: &'a str) -> Assets<'a> {
        Assets { env: &self.env, binding }
    }

    /// A rate limit.
    #[must_use]
    pub fn rate_limiter<'a>(&'a self, binding: &'a str) -> RateLimiter<'a> {
        RateLimiter { env: &self.env, binding }
    }
}
