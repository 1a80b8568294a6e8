use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use wxedge_contract::read_own_json;

use crate::event_id::EventId;
use crate::limits::{
    DELIVERED_KEPT_FOR, MAX_BODY_BYTES, MAX_TRIES, MAX_WAITING, MAX_WAITING_BYTES, MAX_WAITING_OF_ONE,
    RECENT, REPEATS_KNOWN_FOR, SWEEP_PAUSE, TRIED_FOR, TRY_LIMIT,
};
use crate::record::{NewEvent, Record, Seen, State};
use crate::step::{Job, Step, Task, body_name, record_name, seen_name};
use crate::timetable::{next_try, try_after_loss};
use crate::waiting::Waiting;

/// What one shard knows of its events: those that wait, without their bodies.
///
/// `now` is always the clock in Unix milliseconds. Every [`Step`] is stored before anything else happens.
#[derive(Clone, Debug)]
pub struct Outbox {
    shard: u8,
    waiting: Waiting,
    last_id: Option<EventId>,
    /// Events that settled of late, for callers that looked for a repeat before that.
    recent: VecDeque<(String, EventId)>,
    /// The alarm that is set.
    alarm: Option<u64>,
    /// When settled events are to be looked through.
    sweep_at: Option<u64>,
}

/// What an outbox is made of when its object starts.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// All values whose names begin with the prefix of [`State::Pending`]. What is none is passed over.
    pub pending: Vec<String>,
    /// Whether any event is stored that is delivered or dead.
    pub settled: bool,
    /// The alarm that is set.
    pub alarm: Option<u64>,
}

/// What became of an event that arrived. Either way it is stored once this step and all earlier ones are, and may then be
/// acknowledged: a repeat may come while the first is still being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It is new. If nothing of its order waits and there is room, the step has a job of it.
    New(EventId),
    /// It came before, and was answered so, if the receiver said anything.
    Again {
        /// The event as which it is known.
        id: EventId,
        /// What [`Outbox::delivered`] was given.
        answer: Option<String>,
    },
}

/// Why an event is not taken. Its sender is told to come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Too much waits, in all or of this one order.
    Full,
    /// The body is larger than [`MAX_BODY_BYTES`].
    TooLarge,
}

/// Why an event is not delivered by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unredeliverable {
    /// There is no receiver.
    NoReceiver,
    /// Its user is erased, and its body with them.
    Erased,
    /// Too much waits.
    Full,
}

impl Outbox {
    /// Makes the outbox of a shard from what it has stored. The first call of another method goes on with what
    /// was left.
    #[must_use]
    pub fn load(shard: u8, receiver: bool, stored: &Stored, now: u64) -> Self {
        let mut waiting = Waiting::new(receiver);
        // They are read the last first.
        for record in stored.pending.iter().rev().filter_map(|json| read_own_json(json.as_bytes())) {
            waiting.add(record);
        }
        // An alarm that was set is not later than the next sweep, and without one it is time for it.
        let sweep_at = stored.settled.then(|| stored.alarm.unwrap_or(now));
        let last_id = waiting.last_id().cloned();
        Self { shard, waiting, last_id, recent: VecDeque::new(), alarm: stored.alarm, sweep_at }
    }

    /// How many events wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// An event comes. `seen` is what is stored under [`seen_name`] of its key, `random` any random number.
    ///
    /// # Errors
    ///
    /// [`Refusal`]: nothing changed, nothing is to be stored.
    pub fn arrives(
        &mut self,
        event: NewEvent,
        seen: Option<&str>,
        now: u64,
        random: u32,
    ) -> Result<(Arrival, Step), Refusal> {
        if let Some(again) = self.known(&event.key, seen, now) {
            return Ok((again, Step::default()));
        }
        self.check_room(&event)?;
        let id = EventId::next(self.last_id.as_ref(), self.shard, now, random);
        self.last_id = Some(id.clone());
        let record = Record {
            id: id.clone(),
            kind: event.kind,
            state: State::Pending,
            order: event.order,
            key: event.key,
            bytes: u64::try_from(event.body.len()).unwrap_or(u64::MAX),
            work: event.work,
            outlives_user: event.outlives_user,
            by_hand: false,
            tries: 0,
            next_try: now,
            tried_until: now.saturating_add(TRIED_FOR),
            settled_at: None,
            deliveries: Vec::new(),
        };
        let mut step = Step::default();
        step.put_record(&record);
        step.put(body_name(&id), event.body);
        step.put_seen(&record.key, &Seen { id: id.clone(), answer: None });
        self.waiting.add(record);
        Ok((Arrival::New(id), self.go_on(step, now)))
    }

    /// The Worker's own work about an event is done.
    pub fn worked(&mut self, id: &EventId, now: u64) -> Step {
        let mut step = Step::default();
        self.waiting.land(id);
        self.begin_deliveries(id, now, &mut step);
        self.go_on(step, now)
    }

    /// The receiver took an event. `answer` is what it said, if that is to be passed on to the sender, now and at a
    /// repeat.
    pub fn delivered(&mut self, id: &EventId, status: u16, answer: Option<String>, now: u64) -> Step {
        let mut step = Step::default();
        let owns_key = self.owns_key(id);
        if let Some(mut record) = self.waiting.remove(id) {
            record.log(now, status);
            if answer.is_some() && owns_key {
                step.put_seen(&record.key, &Seen { id: id.clone(), answer });
            }
            self.settle(record, State::Delivered, now, &mut step);
        }
        self.go_on(step, now)
    }

    /// A try failed: the own work, or the delivery, with this status, or 0 where no answer came.
    pub fn failed(&mut self, id: &EventId, status: u16, now: u64) -> Step {
        let mut step = Step::default();
        if self.waiting.land(id) {
            let changed = self.waiting.change(id, |record| {
                if !record.work {
                    record.log(now, status);
                }
                record.next_try = next_try(record.tries, now, record.tried_until);
            });
            let is_over = changed.is_some_and(|record| now >= record.tried_until);
            if let Some(record) = changed {
                step.put_record(record);
            }
            if is_over {
                self.give_up(id, now, &mut step);
            }
        }
        self.go_on(step, now)
    }

    /// The alarm rings. Calling it at other times does no harm.
    pub fn wake(&mut self, now: u64) -> Step {
        let mut step = Step::default();
        self.alarm = None;
        if self.sweep_at.is_some_and(|at| at <= now) {
            self.sweep_at = None;
            step.sweep = true;
        }
        self.go_on(step, now)
    }

    /// Looks through some settled events for those whose time is over. After a step with [`Step::sweep`] the owner
    /// calls this with all records of both states up to [`crate::sweep_end`], by pages, each with what is stored under
    /// [`seen_name`] of its key; then [`Outbox::swept`].
    pub fn sweep(&self, page: &[(Record, Option<String>)], now: u64) -> Step {
        let mut step = Step::default();
        for (record, seen) in page {
            if record.kept_until().is_some_and(|until| until <= now) {
                step.delete(record_name(record.state, &record.id));
                step.delete(body_name(&record.id));
                // The key may be that of a later event by now.
                if read_seen(seen.as_deref()).is_some_and(|seen| seen.id == record.id) {
                    step.delete(seen_name(&record.key));
                }
            }
        }
        step
    }

    /// All is looked through. `left` tells whether any delivered or dead event is still stored.
    pub fn swept(&mut self, left: bool, now: u64) -> Step {
        let next = left.then(|| now.saturating_add(SWEEP_PAUSE));
        self.sweep_at = next.into_iter().chain(self.sweep_at).min();
        self.go_on(Step::default(), now)
    }

    /// A person wants an event delivered once more: at once, out of order, and then for three days as if it were new.
    /// One that still waits is tried at once if nothing stands before it.
    ///
    /// # Errors
    ///
    /// [`Unredeliverable`]: nothing changed.
    pub fn redeliver(&mut self, record: Record, now: u64) -> Result<Step, Unredeliverable> {
        if !self.waiting.has_receiver() {
            return Err(Unredeliverable::NoReceiver);
        }
        let mut step = Step::default();
        if self.waiting.get(&record.id).is_some() {
            if let Some(changed) = self.waiting.change(&record.id, |record| record.next_try = now) {
                step.put_record(changed);
            }
        } else {
            if record.bytes == 0 {
                return Err(Unredeliverable::Erased);
            }
            if self.has_no_room(record.bytes) {
                return Err(Unredeliverable::Full);
            }
            step.delete(record_name(record.state, &record.id));
            let tried_until = now.saturating_add(TRIED_FOR);
            let state = State::Pending;
            let again = Record {
                state,
                by_hand: true,
                tries: 0,
                next_try: now,
                tried_until,
                settled_at: None,
                ..record
            };
            step.put_record(&again);
            self.waiting.add(again);
        }
        Ok(self.go_on(step, now))
    }

    /// Erases what waits of a user. What is settled of them is erased by [`Outbox::erase_settled`].
    pub fn erase(&mut self, user: &str, now: u64) -> Step {
        let mut step = Step::default();
        let gone: Vec<EventId> = self
            .waiting
            .records()
            .filter(|record| record.goes_with(user))
            .map(|record| record.id.clone())
            .collect();
        for record in gone.iter().filter_map(|id| self.waiting.remove(id)) {
            delete_all(&record, &mut step);
        }
        self.recent.clear();
        self.go_on(step, now)
    }

    /// Erases what is settled of a user, among some records. The owner calls this for all records of both states.
    pub fn erase_settled(&self, user: &str, page: &[Record]) -> Step {
        let mut step = Step::default();
        for record in page.iter().filter(|record| record.state != State::Pending && record.goes_with(user)) {
            delete_all(record, &mut step);
        }
        step
    }

    /// Whether an event with this key came within 48 hours.
    fn known(&self, key: &str, seen: Option<&str>, now: u64) -> Option<Arrival> {
        let is_recent = |id: &EventId| now.saturating_sub(id.created_at()) < REPEATS_KNOWN_FOR;
        if let Some(Seen { id, answer }) = read_seen(seen).filter(|seen| is_recent(&seen.id)) {
            return Some(Arrival::Again { id, answer });
        }
        let settled = || self.recent.iter().rev().find(|(known, _)| known == key).map(|(_, id)| id);
        let id = self.waiting.with_key(key).or_else(settled).filter(|id| is_recent(id))?.clone();
        Some(Arrival::Again { id, answer: None })
    }

    fn check_room(&self, event: &NewEvent) -> Result<(), Refusal> {
        if event.body.len() > MAX_BODY_BYTES {
            return Err(Refusal::TooLarge);
        }
        let of_one = event.order.as_ref().map_or(0, |order| self.waiting.len_of(order));
        let bytes = u64::try_from(event.body.len()).unwrap_or(u64::MAX);
        if self.has_no_room(bytes) || of_one >= MAX_WAITING_OF_ONE { Err(Refusal::Full) } else { Ok(()) }
    }

    fn has_no_room(&self, bytes: u64) -> bool {
        self.waiting.len() >= MAX_WAITING || self.waiting.bytes().saturating_add(bytes) > MAX_WAITING_BYTES
    }

    /// Begins what is due and sets the alarm: the end of every step.
    fn go_on(&mut self, mut step: Step, now: u64) -> Step {
        self.waiting.give_up_lost(now);
        while let Some(id) = self.waiting.due(now) {
            let Some(record) = self.waiting.get(&id) else { break };
            if !record.work && !self.waiting.has_receiver() {
                self.expire(&id, &mut step);
            } else if record.tries >= MAX_TRIES {
                self.give_up(&id, now, &mut step);
            } else {
                self.begin(&id, now, &mut step);
            }
        }
        self.set_alarm(&mut step, now);
        step
    }

    /// A try begins. What is stored of it holds if it is never heard of again: so it is not begun anew at once by an
    /// object that it brought down.
    fn begin(&mut self, id: &EventId, now: u64, step: &mut Step) {
        let changed = self.waiting.change(id, |record| {
            record.tries = record.tries.saturating_add(1);
            record.next_try = try_after_loss(record.tries, now, record.tried_until);
        });
        if let Some(record) = changed {
            step.put_record(record);
            let task = if record.work { Task::Work } else { Task::Deliver };
            step.jobs.push(Job {
                id: id.clone(),
                kind: record.kind.clone(),
                order: record.order.clone(),
                task,
            });
            self.waiting.take_off(id, task, now.saturating_add(TRY_LIMIT));
        }
    }

    /// Its time is over. Own work that never succeeded holds up the delivery no longer.
    fn give_up(&mut self, id: &EventId, now: u64, step: &mut Step) {
        if self.waiting.get(id).is_some_and(|record| record.work) {
            self.begin_deliveries(id, now, step);
        } else if let Some(record) = self.waiting.remove(id) {
            let died = self.settle(record, State::Dead, now, step);
            step.died.push(died);
        }
    }

    fn begin_deliveries(&mut self, id: &EventId, now: u64, step: &mut Step) {
        let changed = self.waiting.change(id, |record| {
            if record.work {
                record.work = false;
                record.tries = 0;
                record.next_try = now;
            }
        });
        if let Some(record) = changed {
            step.put_record(record);
        }
    }

    fn settle(&mut self, mut record: Record, state: State, now: u64, step: &mut Step) -> Record {
        step.delete(record_name(State::Pending, &record.id));
        record.state = state;
        record.settled_at = Some(now);
        if record.outlives_user && state == State::Delivered {
            record.order = None;
            record.bytes = 0;
            step.delete(body_name(&record.id));
        }
        step.put_record(&record);
        self.remember(&record);
        let sweep_at = self.sweep_at.unwrap_or(u64::MAX).min(now.saturating_add(DELIVERED_KEPT_FOR));
        self.sweep_at = Some(sweep_at);
        record
    }

    fn remember(&mut self, record: &Record) {
        if self.recent.len() >= RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((record.key.clone(), record.id.clone()));
    }

    /// Nobody is there to receive it, and its time is over.
    fn expire(&mut self, id: &EventId, step: &mut Step) {
        let owns_key =
            self.waiting.get(id).is_some_and(|record| self.waiting.with_key(&record.key) == Some(id));
        if let Some(record) = self.waiting.remove(id) {
            step.delete(record_name(State::Pending, &record.id));
            step.delete(body_name(&record.id));
            if owns_key {
                step.delete(seen_name(&record.key));
            }
        }
    }

    /// Whether no later event waits with the same key.
    fn owns_key(&self, id: &EventId) -> bool {
        self.waiting.get(id).is_some_and(|record| self.waiting.with_key(&record.key) == Some(id))
    }

    /// An alarm that rings too early does no harm, so one is set only where none is or a later one.
    fn set_alarm(&mut self, step: &mut Step, now: u64) {
        let wanted = self.waiting.next_moment().into_iter().chain(self.sweep_at).min().map(|at| at.max(now));
        if let Some(at) = wanted
            && self.alarm.is_none_or(|set| at < set)
        {
            self.alarm = Some(at);
            step.alarm = Some(at);
        }
    }
}

fn delete_all(record: &Record, step: &mut Step) {
    step.delete(record_name(record.state, &record.id));
    step.delete(body_name(&record.id));
    step.delete(seen_name(&record.key));
}

fn read_seen(seen: Option<&str>) -> Option<Seen> {
    read_own_json(seen?.as_bytes())
}
