//! The wxedge Worker: the backend of a `WeChat` mini program at the edge.
//!
//! Read it in this order: [`routes`] says who may call what, `handlers` hold one route each, [`config`] the settings,
//! [`upstream`] the calls to WeChat, [`token_source`] where their `access_token` comes from, [`links`] and [`doors`] the
//! named links and what a visitor gets of them, [`store`] what lies in KV, `objects` the three Durable Objects. `border` is the only module that knows JavaScript.

mod access;
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

use crate::border::Platform;
use crate::config::Config;

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
