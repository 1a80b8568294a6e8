use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;

use crate::event_id::EventId;
use crate::limits::{MAX_DELIVERING, MAX_WORKING};
use crate::order::Order;
use crate::record::Record;
use crate::step::Task;

/// The events that wait, without their bodies, and what is next about them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting {
    receiver: bool,
    records: BTreeMap<EventId, Record>,
    /// The events of each user or order, as they came. The first is the one that is delivered.
    queues: BTreeMap<Order, BTreeSet<EventId>>,
    /// The latest event with each key.
    keys: BTreeMap<String, EventId>,
    /// What is under way, and when it is given up as lost.
    flights: BTreeMap<EventId, (Task, u64)>,
    /// What is to be done next, by its moment: the work of any event, the delivery of the first of each queue.
    due_work: BTreeSet<(u64, EventId)>,
    due_deliveries: BTreeSet<(u64, EventId)>,
    planned: BTreeMap<EventId, (Task, u64)>,
    bytes: u64,
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
        self.records.len()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn len_of(&self, order: &Order) -> usize {
        self.queues.get(order).map_or(0, BTreeSet::len)
    }

    pub(crate) fn get(&self, id: &EventId) -> Option<&Record> {
        self.records.get(id)
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    pub(crate) fn last_id(&self) -> Option<&EventId> {
        self.records.keys().next_back()
    }

    pub(crate) fn with_key(&self, key: &str) -> Option<&EventId> {
        self.keys.get(key)
    }

    pub(crate) fn is_in_flight(&self, id: &EventId) -> bool {
        self.flights.contains_key(id)
    }

    fn has_room_for(&self, task: Task) -> bool {
        let most = match task {
            Task::Work => MAX_WORKING,
            Task::Deliver => MAX_DELIVERING,
        };
        self.flights.values().filter(|(flying, _)| *flying == task).count() < most
    }

    pub(crate) fn add(&mut self, record: Record) {
        let id = record.id.clone();
        if let Some(order) = queue_of(&record) {
            self.queues.entry(order.clone()).or_default().insert(id.clone());
        }
        let latest = self.keys.entry(record.key.clone()).or_insert_with(|| id.clone());
        if *latest < id {
            *latest = id.clone();
        }
        // One that was the first until now stands behind it.
        let second = queue_of(&record).and_then(|order| self.queues.get(order)?.iter().nth(1).cloned());
        self.bytes = self.bytes.saturating_add(record.bytes);
        self.records.insert(id.clone(), record);
        self.plan(&id);
        if let Some(second) = second {
            self.plan(&second);
        }
    }

    pub(crate) fn remove(&mut self, id: &EventId) -> Option<Record> {
        let record = self.records.remove(id)?;
        self.flights.remove(id);
        self.plan(id);
        if self.keys.get(&record.key) == Some(id) {
            self.keys.remove(&record.key);
        }
        self.bytes = self.bytes.saturating_sub(record.bytes);
        if let Some(order) = queue_of(&record)
            && let Some(queue) = self.queues.get_mut(order)
        {
            queue.remove(id);
            match queue.first().cloned() {
                Some(next) => self.plan(&next),
                None => {
                    self.queues.remove(order);
                }
            }
        }
        Some(record)
    }

    /// Changes a record in what is no matter of its queue, and plans it anew.
    pub(crate) fn change(&mut self, id: &EventId, change: impl FnOnce(&mut Record)) -> Option<&Record> {
        change(self.records.get_mut(id)?);
        self.plan(id);
        self.records.get(id)
    }

    pub(crate) fn take_off(&mut self, id: &EventId, task: Task, until: u64) {
        self.flights.insert(id.clone(), (task, until));
        self.plan(id);
    }

    /// Whether it was under way.
    pub(crate) fn land(&mut self, id: &EventId) -> bool {
        let landed = self.flights.remove(id).is_some();
        self.plan(id);
        landed
    }

    /// Gives up what was never heard of again.
    pub(crate) fn give_up_lost(&mut self, now: u64) {
        let is_lost = |(id, (_, until)): (&EventId, &(Task, u64))| (*until <= now).then(|| id.clone());
        while let Some(id) = self.flights.iter().find_map(is_lost) {
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
        let flights = self.flights.values().map(|(_, until)| *until);
        let due = [Task::Work, Task::Deliver].into_iter().filter_map(|task| self.first_due(task));
        flights.chain(due.map(|(at, _)| *at)).min()
    }

    /// The first of a task. With no room for it, it waits for a flight to end.
    fn first_due(&self, task: Task) -> Option<&(u64, EventId)> {
        let due = match task {
            Task::Work => &self.due_work,
            Task::Deliver => &self.due_deliveries,
        };
        due.first().filter(|_| self.has_room_for(task))
    }

    fn plan(&mut self, id: &EventId) {
        if let Some((task, at)) = self.planned.remove(id) {
            self.due_of(task).remove(&(at, id.clone()));
        }
        if let Some((task, at)) = self.moment_of(id) {
            self.planned.insert(id.clone(), (task, at));
            self.due_of(task).insert((at, id.clone()));
        }
    }

    fn due_of(&mut self, task: Task) -> &mut BTreeSet<(u64, EventId)> {
        match task {
            Task::Work => &mut self.due_work,
            Task::Deliver => &mut self.due_deliveries,
        }
    }

    /// When the next thing about an event is to be done, unless it is under way or stands behind another.
    fn moment_of(&self, id: &EventId) -> Option<(Task, u64)> {
        let record = self.records.get(id).filter(|_| !self.is_in_flight(id))?;
        if record.work {
            return Some((Task::Work, record.next_try));
        }
        let first = queue_of(record).and_then(|order| self.queues.get(order)?.first());
        let moment = if self.receiver { record.next_try } else { record.tried_until };
        first.is_none_or(|first| first == id).then_some((Task::Deliver, moment))
    }
}

/// Where an event is kept in order, if it is.
fn queue_of(record: &Record) -> Option<&Order> {
    record.order.as_ref().filter(|_| !record.by_hand)
}
