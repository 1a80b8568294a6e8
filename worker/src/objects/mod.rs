//! The three Durable Objects, each with the questions that the Worker asks it.

pub(crate) mod image_maker;
pub(crate) mod keeper;
pub(crate) mod link_maker;
mod makers;
mod session_record;
pub(crate) mod sessions;
pub(crate) mod ticket_maker;
