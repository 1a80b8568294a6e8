//! Events on their way to the receiver, as a pure state machine.
//!
//! An [`Outbox`] is what one shard knows of the events that wait. It is told of events that arrive and how tries
//! ended; it says what to store, what to try, and when to be woken. It does no I/O and reads no clock, so the whole
//! of it is tested by simulation.
//!
//! The rules it keeps:
//! - What is acknowledged is stored, and what is stored is delivered at least once, or dies after three days and
//!   waits to be delivered by hand. Nothing else ends an event but the erasure of its user.
//! - Events of one user or order are delivered in the order in which they came, one at a time.
//! - A repeat within 48 hours is no new event.
//! - What waits, what is in flight and how often it is tried has a bound. A full outbox refuses.
//! - A try is stored before it begins, so that one that ends with the object itself is not begun again at once.
//! - An outbox with nothing to do asks for no alarm.
//!
//! [`WebhookSecrets`] signs deliveries by Standard Webhooks, [`webhook_body`] writes their body.
#![no_std]

extern crate alloc;

mod event_id;
mod limits;
mod order;
mod outbox;
mod record;
mod step;
mod timetable;
mod waiting;
mod webhook;

pub use event_id::EventId;
pub use limits::{
    DEAD_KEPT_FOR, DELIVERED_KEPT_FOR, MAX_BODY_BYTES, MAX_DELIVERING, MAX_TRIES, MAX_WAITING,
    MAX_WAITING_BYTES, MAX_WAITING_OF_ONE, MAX_WORKING, PAUSES, REPEATS_KNOWN_FOR, SHARDS, SWEEP_PAUSE,
    TRIED_FOR, TRY_LIMIT,
};
pub use order::{Order, shard_of};
pub use outbox::{Arrival, Outbox, Refusal, Stored, Unredeliverable};
pub use record::{Delivery, NewEvent, Record, Seen, State};
pub use step::{Job, Step, Task, body_name, record_name, record_prefix, seen_name, sweep_end};
pub use webhook::{BadWebhookSecret, WebhookSecrets, webhook_body};
