//! The three Durable Objects, each with the questions that the Worker asks it.

mod call_allowance;
pub(crate) mod image_maker;
pub(crate) mod keeper;
pub(crate) mod link_maker;
mod makers;
mod session_record;
pub(crate) mod sessions;
pub(crate) mod ticket_maker;

use std::rc::Rc;

use crate::border::{Durable, Resident};

/// What lives in a Durable Object of the class `class`.
pub(crate) fn resident(class: &str, durable: Durable) -> Option<Rc<dyn Resident>> {
    Some(match class {
        "TokenKeeper" => Rc::new(keeper::TokenKeeper::new(durable)),
        "Sessions" => Rc::new(sessions::Sessions::new(durable)),
        "Makers" => Rc::new(makers::Maker::new(durable)),
        _ => return None,
    })
}
