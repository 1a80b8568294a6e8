//! The three Durable Objects.

use std::rc::Rc;

use edge::DurableObject;

use crate::makers::object::Makers;
use crate::platform::{ObjectState, as_durable_object};
use crate::session::object::Sessions;
use crate::token::keeper::TokenKeeper;

/// An object of the class `class`.
pub(crate) fn create(class: &str, state: ObjectState) -> Option<Rc<dyn DurableObject>> {
    Some(match class {
        "TokenKeeper" => as_durable_object(Rc::new(TokenKeeper::new(state))),
        "Sessions" => as_durable_object(Rc::new(Sessions::new(state))),
        "Makers" => as_durable_object(Rc::new(Makers::new(state))),
        _ => return None,
    })
}
