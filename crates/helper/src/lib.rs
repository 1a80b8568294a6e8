//! The wasm skin over `wxedge-launch` and `wxedge-contract` that ships in the npm package. It holds no rule of its own.
//!
//! One function crosses the border, and values cross as text: several texts make one record (see `record`), both
//! ways. That takes one call, and splitting a text is several times as fast as parsing JSON.
// On the host, where only tests run, the standard library brings the allocator and the panic handler.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

mod answer;
#[cfg(test)]
mod cases;
mod function;
mod record;
#[cfg(target_family = "wasm")]
mod runtime;

use alloc::string::String;

use wasm_bindgen::prelude::wasm_bindgen;

/// Calls the function of this number (see `function`) with a record of its arguments. The answer is a record too.
#[must_use]
#[wasm_bindgen]
pub fn call(function: usize, given: &str) -> String {
    function::call(function, given)
}
