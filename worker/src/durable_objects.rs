//! The Durable Objects, by the names of their classes.

use std::rc::Rc;

use edge::DurableObject;

use crate::events::object::Events;
use crate::makers::object::Makers;
use crate::pay::object::Orders;
use crate::platform::{ObjectState, as_durable_object};
use crate::session::object::Sessions;
use crate::token::keeper::TokenKeeper;

/// An object of the class `class`.
pub(crate) fn create(class: &str, state: ObjectState) -> Option<Rc<dyn DurableObject>> {
    Some(match class {
        "TokenKeeper" => as_durable_object(Rc::new(TokenKeeper::new(state))),
        "Sessions" => as_durable_object(Rc::new(Sessions::new(state))),
        "Events" => as_durable_object(Rc::new(Events::new(state))),
        "Orders" => as_durable_object(Rc::new(Orders::new(state))),
        "Makers" => as_durable_object(Rc::new(Makers::new(state))),
        _ => return None,
    })
}
