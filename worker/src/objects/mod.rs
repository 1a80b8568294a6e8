//! The three Durable Objects, each with the questions that the Worker asks it.

pub(crate) mod keeper;
pub(crate) mod makers;
pub(crate) mod sessions;
