//! The wxedge Worker: the backend of a `WeChat` mini program at the edge.
//!
//! Read it in this order: [`routes`] says who may call what and which handler answers; then a folder for each feature, with
//! its handlers, its Durable Object and what it stores side by side. [`config`] holds the settings, [`transport`] the calls
//! to WeChat without a token, [`token`] those with one. `border` is the only module that knows JavaScript.

mod auth;
mod border;
mod codes;
mod config;
mod cors;
mod durable_objects;
mod health;
mod http;
mod jssdk;
mod kv;
mod links;
mod log;
mod makers;
mod route;
mod router;
mod routes;
mod scenes;
mod session;
mod single_flight;
#[cfg(not(target_family = "wasm"))]
pub mod table;
mod token;
mod transport;
mod verification;

use std::rc::Rc;

#[cfg(target_family = "wasm")]
use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

use crate::border::Platform;
use crate::config::Config;

/// In place of the standard library's: 3 KB less of gzip, and a tenth less time on most routes.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: WasmDynamicTalc = new_wasm_dynamic_allocator();

/// What a handler works with: the settings, and the way to everything outside.
pub(crate) struct App {
    pub(crate) config: Rc<Config>,
    pub(crate) platform: Platform,
}

impl App {
    pub(crate) fn new(platform: Platform) -> Self {
        Self { config: Config::of_this_isolate(&platform), platform }
    }
}
