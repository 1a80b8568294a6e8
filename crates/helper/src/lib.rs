//! The wasm skin over `wxedge-launch` and `wxedge-contract` that ships in the npm package. It holds no rule of its own.
//!
//! Values cross as text: several texts make one record (see `record`), both ways. That takes one call across the
//! border, and splitting a text is several times as fast as parsing JSON.
// On the host, where only tests run, the standard library brings the allocator and the panic handler.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

mod answer;
mod record;
#[cfg(target_family = "wasm")]
mod runtime;

use alloc::string::String;

use wasm_bindgen::prelude::wasm_bindgen;
use wxedge_contract::requests::{self, Arguments};
use wxedge_launch::{Launch, Link, Params, SceneCode, SceneInfo};

/// Reads a launch: its scene value, negative when there is none, and a record of the path, then the keys and values
/// of its `query`. The answer lacks `source` and
/// `referrer`.
#[must_use]
#[wasm_bindgen(js_name = parseLaunch)]
pub fn parse_launch(scene: i32, path_and_query: &str) -> String {
    let mut texts = record::texts(path_and_query);
    let path = texts.next().unwrap_or_default();
    answer::launch(&Launch::parse(u32::try_from(scene).ok(), path, &record::pairs(texts)))
}

/// Reads the text of `query.scene`.
#[must_use]
#[wasm_bindgen(js_name = parseScene)]
pub fn parse_scene(text: &str) -> String {
    answer::scene_code(&SceneCode::parse(text))
}

/// Reads `query.q` and `query.scancode_time`.
#[must_use]
#[wasm_bindgen(js_name = parseQ)]
pub fn parse_q(q: &str, scancode_time: &str) -> String {
    answer::link(&Link::parse(q, scancode_time))
}

/// Reads the text of a query.
#[must_use]
#[wasm_bindgen(js_name = parseQuery)]
pub fn parse_query(text: &str) -> String {
    answer::params(&Params::parse(text))
}

/// Writes the text of a query from a record of keys and values.
#[must_use]
#[wasm_bindgen(js_name = buildQuery)]
pub fn build_query(pairs: &str) -> String {
    params_of(pairs).build()
}

/// What is known of a scene value.
#[must_use]
#[wasm_bindgen(js_name = sceneInfo)]
pub fn scene_info(value: u32) -> String {
    answer::scene_info(&SceneInfo::of(value))
}

/// Builds the request that `kind` names, from records of the arguments and of a link's parameters. The answer is the
/// request, or why it was refused.
#[must_use]
#[wasm_bindgen(js_name = buildRequest)]
pub fn build_request(kind: &str, base: &str, fields: &str, params: &str) -> String {
    let build = match kind {
        "login" => requests::login,
        "session" => requests::session,
        "sessionCheck" => requests::session_check,
        "logout" => requests::logout,
        "phone" => requests::phone,
        "userData" => requests::user_data,
        "openLink" => requests::open_link,
        "linkCode" => requests::link_code,
        _ => requests::resolve_scene,
    };
    let given = Arguments { fields: params_of(fields), params: params_of(params) };
    answer::request(&build(base, &given))
}

fn params_of(pairs: &str) -> Params<'_> {
    record::pairs(record::texts(pairs)).into_iter().collect()
}
