//! What the launch of a mini program carries.
//!
//! The launch options of the platform hold two different things called `scene`, values that arrive percent-encoded
//! on a phone and decoded in the developer tools, and whole links inside a query. This crate reads all of them.
//! It is pure, and no input makes it fail: what cannot be read is kept as it came.
#![no_std]

extern crate alloc;

mod launch;
mod link;
pub mod percent;
mod query;
mod scene_code;
mod scene_value;
mod stored_scene;

pub use launch::Launch;
pub use link::Link;
pub use query::{MAX_PARAMS, Params};
pub use scene_code::SceneCode;
pub use scene_value::{Carries, SceneInfo};
pub use stored_scene::{StoredScene, StoredSceneError};
