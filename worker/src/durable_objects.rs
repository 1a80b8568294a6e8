//! The three Durable Objects, each with the questions that the Worker asks it.

use std::rc::Rc;

use crate::border::{Durable, Resident};
use crate::makers::object::Makers;
use crate::session::object::Sessions;
use crate::token::keeper::TokenKeeper;

/// What lives in a Durable Object of the class `class`.
pub(crate) fn resident(class: &str, durable: Durable) -> Option<Rc<dyn Resident>> {
    Some(match class {
        "TokenKeeper" => Rc::new(TokenKeeper::new(durable)),
        "Sessions" => Rc::new(Sessions::new(durable)),
        "Makers" => Rc::new(Makers::new(durable)),
        _ => return None,
    })
}
