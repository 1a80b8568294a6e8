//! The life of one order, refunds inside.

mod life;
mod passage;
mod payment;
mod plan;
mod record;
mod refunds;
mod resolving;
mod state;
mod step;
mod view;

pub use life::{read_order, write_order};
pub use record::{Contradiction, Order, Refused};
pub use state::{By, RefundState, State, TRANSITIONS};
pub use step::{Call, Denied, Outgoing, Step};
