//! The outbox: what happened, on its way to the receiver. The rules are those of `wxedge_outbox`; here lie its storage, its
//! deliveries and its routes.
//!
//! `shards` is the way to the objects, `object` the class `Events`, one for each shard; `shelf` is what it stores, `receiver`
//! how it delivers, `work` what the Worker itself does about an event, `used` the signatures that are good for one body.
//! `listing` merges what the shards hold, `alert` is how the operator hears of what he should.

mod alert;
mod handlers;
mod listing;
pub(crate) mod object;
mod receiver;
mod shards;
mod shelf;
mod used;
mod work;

pub(crate) use alert::alert;
pub(crate) use handlers::{event, list_events, redeliver};
pub(crate) use shards::{Incoming, erase_user, is_used_otherwise, take_in};
pub(crate) use work::Work;
