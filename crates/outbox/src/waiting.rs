use alloc::collections::BTreeMap;
use alloc::collections::btree_set::{self, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::event_id::EventId;
use crate::limits::{MAX_DELIVERING, MAX_WORKING};
use crate::order::Order;
use crate::record::Record;
use crate::step::Task;

/// The events that wait, without their bodies, and what is next about them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting {
    receiver: bool,
    events: BTreeMap<EventId, Event>,
    /// Where events stand, those of one place as they came.
    places: BTreeSet<(Place, EventId)>,
    /// What is under way: never more than there is room for.
    flights: Vec<Flight>,
    bytes: u64,
}

#[derive(Clone, Debug)]
struct Event {
    record: Record,
    /// What is to be done about it next, and when.
    planned: Option<(Task, u64)>,
}

/// All places lie in one set: so the code of a tree is there once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// The latest event with a key stands here.
    Key(String),
    /// The events of a user or an order. The first is the one that is delivered.
    Queue(Order),
    /// What is to be done next, by its moment: the work of any event, the delivery of the first of each queue.
    Due(Task, u64),
}

#[derive(Clone, Debug)]
struct Flight {
    id: EventId,
    task: Task,
    /// When it is given up as lost.
    until: u64,
}

impl Waiting {
    /// Without a receiver nothing is delivered.
    pub(crate) fn new(receiver: bool) -> Self {
        Self { receiver, ..Self::default() }
    }

    pub(crate) fn has_receiver(&self) -> bool {
        self.receiver
    }

    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn len_of(&self, order: &Order) -> usize {
        self.queue(order).count()
    }

    pub(crate) fn get(&self, id: &EventId) -> Option<&Record> {
        self.events.get(id).map(|event| &event.record)
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = &Record> {
        self.events.values().map(|event| &event.record)
    }

    pub(crate) fn last_id(&self) -> Option<&EventId> {
        self.events.keys().next_back()
    }

    pub(crate) fn with_key(&self, key: &str) -> Option<&EventId> {
        self.standing(Place::Key(key.into()), Place::Key(key.into())).next().map(|(_, id)| id)
    }

    fn queue(&self, order: &Order) -> impl Iterator<Item = &EventId> {
        self.standing(Place::Queue(order.clone()), Place::Queue(order.clone())).map(|(_, id)| id)
    }

    /// What stands from one place to another.
    fn standing(&self, first: Place, last: Place) -> btree_set::Range<'_, (Place, EventId)> {
        self.places.range((first, EventId::before_all())..(last, EventId::after_all()))
    }

    fn has_room_for(&self, task: Task) -> bool {
        let most = match task {
            Task::Work => MAX_WORKING,
            Task::Deliver => MAX_DELIVERING,
        };
        self.flights.iter().filter(|flight| flight.task == task).count() < most
    }

    pub(crate) fn add(&mut self, record: Record) {
        let id = record.id.clone();
        let latest = self.with_key(&record.key).cloned();
        if latest.as_ref().is_none_or(|latest| *latest < id) {
            self.leave(Place::Key(record.key.clone()), latest.as_ref());
            self.places.insert((Place::Key(record.key.clone()), id.clone()));
        }
        let queue = queue_of(&record).cloned();
        if let Some(order) = &queue {
            self.places.insert((Place::Queue(order.clone()), id.clone()));
        }
        // One that was the first until now stands behind it.
        let second = queue.and_then(|order| self.queue(&order).nth(1).cloned());
        self.bytes = self.bytes.saturating_add(record.bytes);
        self.events.insert(id.clone(), Event { record, planned: None });
        self.plan(&id);
        if let Some(second) = second {
            self.plan(&second);
        }
    }

    pub(crate) fn remove(&mut self, id: &EventId) -> Option<Record> {
        self.flights.retain(|flight| flight.id != *id);
        let Event { record, planned } = self.events.remove(id)?;
        if let Some((task, at)) = planned {
            self.leave(Place::Due(task, at), Some(id));
        }
        self.leave(Place::Key(record.key.clone()), Some(id));
        self.bytes = self.bytes.saturating_sub(record.bytes);
        if let Some(order) = queue_of(&record) {
            self.leave(Place::Queue(order.clone()), Some(id));
            let next = self.queue(order).next().cloned();
            if let Some(next) = next {
                self.plan(&next);
            }
        }
        Some(record)
    }

    /// Changes a record in what is no matter of its queue, and plans it anew.
    pub(crate) fn change(&mut self, id: &EventId, change: impl FnOnce(&mut Record)) -> Option<&Record> {
        change(&mut self.events.get_mut(id)?.record);
        self.plan(id);
        self.get(id)
    }

    pub(crate) fn take_off(&mut self, id: &EventId, task: Task, until: u64) {
        self.flights.push(Flight { id: id.clone(), task, until });
        self.plan(id);
    }

    /// Whether it was under way.
    pub(crate) fn land(&mut self, id: &EventId) -> bool {
        let before = self.flights.len();
        self.flights.retain(|flight| flight.id != *id);
        self.plan(id);
        self.flights.len() < before
    }

    /// Gives up what was never heard of again.
    pub(crate) fn give_up_lost(&mut self, now: u64) {
        while let Some(lost) = self.flights.iter().find(|flight| flight.until <= now) {
            let id = lost.id.clone();
            self.land(&id);
        }
    }

    /// The event that something is to be done about now, and for which there is room.
    pub(crate) fn due(&self, now: u64) -> Option<EventId> {
        let first = |task| self.first_due(task).filter(|(at, _)| *at <= now);
        first(Task::Work).or_else(|| first(Task::Deliver)).map(|(_, id)| id.clone())
    }

    /// When something is to be done next, or a flight is to be given up.
    pub(crate) fn next_moment(&self) -> Option<u64> {
        let flights = self.flights.iter().map(|flight| flight.until);
        let due = [Task::Work, Task::Deliver].into_iter().filter_map(|task| self.first_due(task));
        flights.chain(due.map(|(at, _)| at)).min()
    }

    /// The first of a task. With no room for it, it waits for a flight to end.
    fn first_due(&self, task: Task) -> Option<(u64, &EventId)> {
        let mut due = self.standing(Place::Due(task, 0), Place::Due(task, u64::MAX));
        match due.next().filter(|_| self.has_room_for(task))? {
            (Place::Due(_, at), id) => Some((*at, id)),
            _ => None,
        }
    }

    fn plan(&mut self, id: &EventId) {
        let next = self.moment_of(id);
        let Some(event) = self.events.get_mut(id) else { return };
        let planned = core::mem::replace(&mut event.planned, next);
        if planned == next {
            return;
        }
        if let Some((task, at)) = planned {
            self.leave(Place::Due(task, at), Some(id));
        }
        if let Some((task, at)) = next {
            self.places.insert((Place::Due(task, at), id.clone()));
        }
    }

    fn leave(&mut self, place: Place, id: Option<&EventId>) {
        if let Some(id) = id {
            self.places.remove(&(place, id.clone()));
        }
    }

    /// When the next thing about an event is to be done, unless it is under way or stands behind another.
    fn moment_of(&self, id: &EventId) -> Option<(Task, u64)> {
        let record = self.get(id).filter(|_| self.flights.iter().all(|flight| flight.id != *id))?;
        if record.work {
            return Some((Task::Work, record.next_try));
        }
        let first = queue_of(record).and_then(|order| self.queue(order).next());
        let moment = if self.receiver { record.next_try } else { record.tried_until };
        first.is_none_or(|first| first == id).then_some((Task::Deliver, moment))
    }
}

/// Where an event is kept in order, if it is.
fn queue_of(record: &Record) -> Option<&Order> {
    record.order.as_ref().filter(|_| !record.by_hand)
}
