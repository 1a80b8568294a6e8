//! The wxedge Worker: the backend of a `WeChat` mini program at the edge.
//!
//! Read it in this order: [`routes`] says who may call what and which handler answers; then a folder for each feature, with
//! its handlers, its Durable Object and what it stores side by side. [`config`] holds the settings, [`transport`] the calls
//! to WeChat without a token, [`token`] those with one. [`platform`] is the way to everything outside,
//! on `crates/edge`.

mod auth;
mod codes;
mod config;
mod cors;
mod durable_objects;
mod events;
mod gateway;
mod health;
mod http;
mod jssdk;
mod kv;
mod links;
mod log;
mod makers;
mod platform;
mod push;
mod reference;
mod route;
mod router;
mod routes;
mod scenes;
mod session;
mod stats;
#[cfg(not(target_family = "wasm"))]
pub mod table;
mod token;
mod transport;
mod users;
mod verification;

use std::rc::Rc;

use edge::{Context, DurableObject, Env, Response, State};
#[cfg(target_family = "wasm")]
use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};
use wasm_bindgen::prelude::wasm_bindgen;
use wxedge_contract::Problem;

use crate::config::Config;
use crate::http::{LARGEST_OF_ALL, Request};
use crate::platform::{Asked, ObjectState, Platform, Stub};

/// In place of the standard library's: 3 KB less of gzip, and a tenth less time on most routes.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: WasmDynamicTalc = new_wasm_dynamic_allocator();

/// Runs when the wasm is started, and again when it is started anew after a trap.
#[wasm_bindgen(start)]
pub fn start() {
    edge::serve(Wxedge);
}

/// The Worker.
struct Wxedge;

impl edge::App for Wxedge {
    const LARGEST_BODY: usize = LARGEST_OF_ALL;

    async fn fetch(self: Rc<Self>, request: edge::Request, env: Env, context: Context) -> Response {
        let app = App::new(Platform::new(env));
        let reply = router::answer(&app, &Request::new(request)).await;
        if let Some(flush) = stats::flush_when_due(app) {
            context.wait_until(flush);
        }
        reply.into()
    }

    fn trapped(&self, request: edge::Request, env: Env) -> Response {
        router::answer_after_trap(&App::new(Platform::new(env)), &Request::new(request)).into()
    }

    async fn scheduled(self: Rc<Self>, env: Env) {
        token::keeper::wake(&App::new(Platform::new(env))).await;
    }

    fn durable_object(&self, class: &str, state: State, env: Env) -> Option<Rc<dyn DurableObject>> {
        durable_objects::create(class, ObjectState::new(state, Platform::new(env)))
    }
}

/// What a handler works with: the settings, and the way to everything outside.
pub(crate) struct App {
    pub(crate) config: &'static Config,
    pub(crate) platform: Platform,
}

impl App {
    pub(crate) fn new(platform: Platform) -> Self {
        Self { config: Config::of_this_isolate(&platform), platform }
    }

    /// The Durable Object of that name behind that binding.
    pub(crate) fn stub<'a>(&'a self, namespace: &'static str, name: &'a str) -> Result<Stub<'a>, Problem> {
        Ok(Stub { namespace, name, location_hint: self.config.do_location.as_ref()? })
    }

    /// Asks the Durable Object of that name behind that binding, where the settings give it one.
    pub(crate) fn ask(
        &self,
        namespace: &'static str,
        name: Result<String, Problem>,
        question: &str,
        body: &str,
    ) -> Asked {
        let ask = |name: String| Ok(self.stub(namespace, &name)?.call_text(&self.platform, question, body));
        name.and_then(ask).unwrap_or_else(Asked::refused)
    }
}
