//! Stored scenes: queries too long for a code.

mod handlers;
mod queries;
pub(crate) mod stored;

pub(crate) use handlers::{scene, store_scene};
