//! The wxedge Worker: the backend of a `WeChat` mini program at the edge.
//!
//! Read it in this order: [`routes`] says who may call what, `handlers` hold one route each, [`config`] the settings,
//! [`upstream`] the calls to WeChat, [`token_source`] where their `access_token` comes from, [`links`] and [`doors`] the
//! named links and what a visitor gets of them, [`store`] what lies in KV, `objects` the three Durable Objects. `border` is the only module that knows JavaScript.

mod access;
mod api_keys;
mod border;
mod codes;
mod config;
mod cors;
mod doors;
mod handlers;
mod http;
mod links;
mod log;
mod objects;
mod remote;
mod routes;
mod scenes;
mod signing;
mod single_flight;
mod store;
mod token_source;
mod upstream;

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
