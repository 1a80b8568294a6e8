//! What a Worker does, and how it is registered.

use std::cell::RefCell;
use std::future::{Future, ready};
use std::rc::Rc;

use futures_util::FutureExt;
use wasm_bindgen::JsValue;

use crate::runtime::spawn;
use crate::{Context, DurableObject, Env, Request, Response, State};

/// A Worker. One value serves all requests of an isolate, until its wasm is started anew after a trap.
pub trait App: 'static {
    /// The largest body of a request that is read, in bytes.
    const LARGEST_BODY: usize;

    /// Answers a request. It is seen through to its end when its client leaves.
    fn fetch(
        self: Rc<Self>,
        request: Request,
        env: Env,
        context: Context,
    ) -> impl Future<Output = Response> + 'static;

    /// Answers a request whose wasm trapped, from the wasm that was started anew, or one that waited longer than any may.
    /// It gets no body.
    fn trapped(&self, request: Request, env: Env) -> Response {
        let _ = (request, env);
        Response::empty(500)
    }

    /// What the cron trigger calls.
    fn scheduled(self: Rc<Self>, env: Env) -> impl Future<Output = ()> + 'static {
        let _ = env;
        ready(())
    }

    /// A Durable Object of the class that the entry exports by `durableObject(class)`.
    fn durable_object(&self, class: &str, state: State, env: Env) -> Option<Rc<dyn DurableObject>> {
        let _ = (class, state, env);
        None
    }
}

/// Registers the app. To be called from the Worker's `#[wasm_bindgen(start)]`, which runs again when the wasm is started
/// anew.
pub fn serve<A: App>(app: A) {
    APP.set(Some(Rc::new(Serving(Rc::new(app)))));
}

thread_local! {
    static APP: RefCell<Option<Rc<dyn Serve>>> = const { RefCell::new(None) };
}

/// The app that is registered.
pub(crate) fn app() -> Option<Rc<dyn Serve>> {
    APP.with_borrow(Clone::clone)
}

/// An app of any type. Each future is boxed once, by the executor.
pub(crate) trait Serve {
    fn largest_body(&self) -> usize;
    fn fetch(&self, request: Request, env: Env, context: Context, is_head: bool) -> JsValue;
    fn trapped(&self, request: Request, env: Env, is_head: bool) -> JsValue;
    fn scheduled(&self, env: Env) -> JsValue;
    fn durable_object(&self, class: &str, state: State, env: Env) -> Option<Rc<dyn DurableObject>>;
}

struct Serving<A>(Rc<A>);

impl<A: App> Serve for Serving<A> {
    fn largest_body(&self) -> usize {
        A::LARGEST_BODY
    }

    fn fetch(&self, request: Request, env: Env, context: Context, is_head: bool) -> JsValue {
        let response = self.0.clone().fetch(request, env, context);
        spawn(response.map(move |response| response.into_js(is_head)))
    }

    fn trapped(&self, request: Request, env: Env, is_head: bool) -> JsValue {
        self.0.trapped(request, env).into_js(is_head)
    }

    fn scheduled(&self, env: Env) -> JsValue {
        spawn(self.0.clone().scheduled(env).map(|()| JsValue::UNDEFINED))
    }

    fn durable_object(&self, class: &str, state: State, env: Env) -> Option<Rc<dyn DurableObject>> {
        self.0.durable_object(class, state, env)
    }
}
