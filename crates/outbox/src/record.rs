use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use wxedge_contract::record;

use crate::event_id::EventId;
use crate::limits::{DEAD_KEPT_FOR, DELIVERED_KEPT_FOR, MAX_TRIES};
use crate::order::Order;

/// An event that is to be taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Its type: `message.text`, `pay.order.paid`.
    pub kind: String,
    /// With whom it is kept in order; `None`: with nothing.
    pub order: Option<Order>,
    /// The same for all repeats of it.
    pub key: String,
    /// The exact body that the receiver gets.
    pub body: String,
    /// Whether the Worker has something of its own to do about it, before it is delivered.
    pub work: bool,
    /// Whether it stays when its user is erased, until it is delivered: the news of just that.
    pub outlives_user: bool,
}

record! {
    /// All that is known of an event but its body. Its JSON is what is stored.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
    pub struct Record {
        /// Its id, which also tells when it came.
        pub id: EventId,
        /// Its type.
        pub kind as "type": String,
        /// Where it is in its life.
        pub state: State,
        /// With whom it is kept in order.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub order: Option<Order>,
        /// The same for all repeats of it.
        pub key: String,
        /// The length of its body; 0 once that is erased.
        pub bytes: u64,
        /// Whether the Worker's own work about it is still to be done.
        pub work: bool = false,
        /// See [`NewEvent::outlives_user`].
        pub outlives_user: bool = false,
        /// Whether a person had it delivered again: then it is out of order, and holds up nothing.
        pub by_hand: bool = false,
        /// Tries that were begun, of the own work while that is to be done, then of the delivery.
        pub tries: u32,
        /// The next try, in Unix milliseconds. While one is under way, the moment of the next if that one is never heard
        /// of again.
        pub next_try: u64,
        /// From then on there is no other try.
        pub tried_until: u64,
        /// When it was delivered or died.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub settled_at: Option<u64>,
        /// How the latest deliveries ended, the oldest first.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub deliveries: Vec<Delivery> = Vec::new(),
    }
}

/// The life of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for its work or its delivery.
    Pending,
    /// The receiver took it.
    Delivered,
    /// It was tried for its time in vain, and waits to be delivered by hand.
    Dead,
}

record! {
    /// How one delivery ended.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
    pub struct Delivery {
        /// When it ended, in Unix milliseconds.
        pub at: u64,
        /// The receiver's HTTP status; 0 where no answer came.
        pub status: u16,
    }
}

record! {
    /// What is stored of a key: that an event with it came, and how it was answered.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
    pub struct Seen {
        /// The event.
        pub id: EventId,
        /// What its sender was answered by the receiver, so that a repeat is answered alike.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub answer: Option<String>,
    }
}

impl Record {
    pub(crate) fn log(&mut self, at: u64, status: u16) {
        let most = usize::try_from(MAX_TRIES).unwrap_or(usize::MAX);
        if self.deliveries.len() >= most {
            self.deliveries.remove(0);
        }
        self.deliveries.push(Delivery { at, status });
    }

    /// Until when a settled event is kept.
    pub(crate) fn kept_until(&self) -> Option<u64> {
        let for_ = match self.state {
            State::Pending => return None,
            State::Delivered => DELIVERED_KEPT_FOR,
            State::Dead => DEAD_KEPT_FOR,
        };
        self.settled_at.map(|at| at.saturating_add(for_))
    }

    /// Whether it goes when this user is erased.
    pub(crate) fn goes_with(&self, user: &str) -> bool {
        let still_to_be_delivered = self.outlives_user && self.state != State::Delivered;
        self.order.as_ref().is_some_and(|order| order.is_of_user(user)) && !still_to_be_delivered
    }
}
