//! The three Durable Objects, each with the questions that the Worker asks it.

pub(crate) mod keeper;
pub(crate) mod makers;
mod session_record;
pub(crate) mod sessions;
