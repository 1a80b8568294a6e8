//! What the launch of a mini program carries.
//!
//! The launch options of the platform hold two different things called `scene`, values that arrive percent-encoded
//! on a phone and decoded in the developer tools, and whole links inside a query. This crate reads all of them, and
//! writes what a later launch will carry. It is pure, and nothing that is read makes it fail: what cannot be read is
//! kept as it came. What is written against a rule of the platform is refused with the rule.
#![no_std]

extern crate alloc;

mod app_pages;
mod authorization;
pub mod decimal;
pub mod delimiter;
mod href;
mod invalid_argument;
mod launch;
mod link;
mod link_rule;
mod page;
mod payment_result;
pub mod percent;
mod phone_result;
mod plain_scheme;
mod query;
mod scan;
mod scene_code;
mod scene_value;
mod stored_scene;

pub use app_pages::AppPages;
pub use authorization::AuthorizationStep;
pub use href::Href;
pub use invalid_argument::InvalidArgument;
pub use launch::Launch;
pub use link::Link;
pub use link_rule::matches_link_rule;
pub use page::{build_path, build_phone_page};
pub use payment_result::PaymentResult;
pub use phone_result::PhoneResult;
pub use plain_scheme::PlainScheme;
pub use query::{MAX_PARAMS, Params};
pub use scan::Scan;
pub use scene_code::SceneCode;
pub use scene_value::{Carries, SceneInfo};
pub use stored_scene::{StoredScene, StoredSceneError};
