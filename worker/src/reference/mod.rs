//! What the Worker says of itself: the document of its routes, and what each error means. `crates/describe` writes both.

mod handlers;

pub(crate) use handlers::{explain, openapi};
