//! The world around the outbox: senders, an object with its storage and alarm, a receiver, a person, and time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use wxedge_outbox::{
    Arrival, EventId, Job, NewEvent, Order, Outbox, Record, State, Step, Stored, Task, record_prefix,
    seen_name, sweep_end,
};

use crate::witness::{Gone, Witness};
use wxedge_simulation::Dice;

const SECOND: u64 = 1_000;
/// Ids hold the time, so it begins at a real one.
const EPOCH: u64 = 1_795_532_400_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    Fine,
    /// Half of all tries fail.
    Fails,
    Hangs,
    Down,
}

pub struct Rules {
    pub receiver: bool,
    /// How many of a hundred times the object dies before or after it stores.
    pub lost_writes: u64,
    /// How many of a hundred tries are never heard of again.
    pub lost_tries: u64,
}

/// What a sender sends, again and again.
#[derive(Clone, Copy, Debug)]
pub struct Push {
    pub order: Option<u64>,
    pub work: bool,
    pub outlives_user: bool,
}

#[derive(Debug)]
pub enum Event {
    Sends {
        push: usize,
    },
    /// The object has looked for a repeat, and goes on with what it found.
    Arrives {
        push: usize,
        seen: Option<String>,
        object: u32,
    },
    Lands {
        id: EventId,
        task: Task,
        object: u32,
        outcome: Outcome,
    },
    Alarm,
    Crash,
    Weather(Weather),
    Erases {
        user: u64,
    },
    Redelivers,
    Deploys {
        receiver: bool,
    },
}

#[derive(Clone, Debug)]
pub enum Outcome {
    Succeeds {
        answer: Option<String>,
    },
    Fails(u16),
    /// Its task was dropped.
    Lost,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    pub events: u64,
    pub repeats: u64,
    pub answered_alike: u64,
    pub delivered: u64,
    pub failed: u64,
    pub lost: u64,
    pub restarts: u64,
    pub died: u64,
    pub redelivered: u64,
    pub erased: u64,
    pub expired: u64,
    pub swept: u64,
    pub alarms: u64,
}

impl Outcomes {
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.events, other.events),
            (&mut self.repeats, other.repeats),
            (&mut self.answered_alike, other.answered_alike),
            (&mut self.delivered, other.delivered),
            (&mut self.failed, other.failed),
            (&mut self.lost, other.lost),
            (&mut self.restarts, other.restarts),
            (&mut self.died, other.died),
            (&mut self.redelivered, other.redelivered),
            (&mut self.erased, other.erased),
            (&mut self.expired, other.expired),
            (&mut self.swept, other.swept),
            (&mut self.alarms, other.alarms),
        ] {
            *sum += more;
        }
    }
}

pub struct World {
    rules: Rules,
    dice: Dice,
    now: u64,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    events: Vec<Option<Event>>,
    pushes: Vec<Push>,
    weather: Weather,
    storage: BTreeMap<String, String>,
    alarm: Option<u64>,
    outbox: Option<Outbox>,
    object: u32,
    /// What the receiver said to each event, to be said again to a repeat.
    answers: BTreeMap<EventId, String>,
    /// Events that a sender was told are safe.
    acknowledged: Vec<EventId>,
    pub witness: Witness,
    pub outcomes: Outcomes,
}

impl World {
    pub fn new(rules: Rules, dice: Dice) -> Self {
        Self {
            witness: Witness { receiver: rules.receiver, ..Witness::default() },
            rules,
            dice,
            now: EPOCH,
            queue: BinaryHeap::new(),
            events: Vec::new(),
            pushes: Vec::new(),
            weather: Weather::Fine,
            storage: BTreeMap::new(),
            alarm: None,
            outbox: None,
            object: 0,
            answers: BTreeMap::new(),
            acknowledged: Vec::new(),
            outcomes: Outcomes::default(),
        }
    }

    pub fn push(&mut self, push: Push) -> usize {
        self.pushes.push(push);
        self.pushes.len() - 1
    }

    /// Plans an event at a time from the start of the world.
    pub fn plan(&mut self, at: u64, event: Event) {
        self.queue.push(Reverse((EPOCH + at, self.events.len() as u64)));
        self.events.push(Some(event));
    }

    fn later(&mut self, by: u64, event: Event) {
        self.plan(self.now - EPOCH + by, event);
    }

    pub fn run_until(&mut self, end: u64) {
        while let Some(Reverse((at, index))) = self.queue.peek().copied() {
            if at > EPOCH + end {
                break;
            }
            self.queue.pop();
            self.now = at;
            if let Some(event) = self.events[index as usize].take() {
                self.happens(event);
            }
        }
        self.now = EPOCH + end;
        self.witness.inspects(&self.storage, self.now);
    }

    pub fn ends_faults(&mut self) {
        self.rules.lost_writes = 0;
        self.rules.lost_tries = 0;
    }

    /// Nothing waits any more, and all that was acknowledged was taken, or has an end that the rules know.
    pub fn is_settled(&self) {
        assert!(!self.storage.keys().any(|name| name.starts_with("pending/")), "an event still waits");
        for id in &self.acknowledged {
            let known = &self.witness.known[id];
            let has_end = known.ever_accepted || known.state == Some(State::Dead) || known.state.is_none();
            assert!(has_end, "{id} is {:?}", known.state);
        }
    }

    pub fn is_empty(&self) {
        assert!(self.storage.is_empty(), "{:?} is left", self.storage.keys().next());
        assert_eq!(self.alarm, None, "an empty outbox wakes");
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Sends { push } => {
                let seen = self.storage.get(&seen_name(&push.to_string())).cloned();
                let wait = self.dice.within(0..=5);
                self.later(wait, Event::Arrives { push, seen, object: self.object });
            }
            Event::Arrives { push, seen, object } if object == self.object => {
                self.arrives(push, seen.as_deref());
            }
            // The sender has no answer and sends again.
            Event::Arrives { push, .. } => self.later(5 * SECOND, Event::Sends { push }),
            Event::Lands { id, task, object, outcome } => self.lands(&id, task, object, outcome),
            Event::Alarm => self.rings(),
            Event::Crash => self.dies(),
            Event::Weather(weather) => {
                self.witness.note(self.now, || format!("the receiver: {weather:?}"));
                self.weather = weather;
            }
            Event::Erases { user } => self.erases(user),
            Event::Redelivers => self.redelivers(),
            Event::Deploys { receiver } => {
                self.dies();
                self.rules.receiver = receiver;
                self.witness.receiver = receiver;
            }
        }
    }

    fn outbox(&mut self) -> &mut Outbox {
        let (storage, alarm, receiver, now) = (&self.storage, self.alarm, self.rules.receiver, self.now);
        self.outbox.get_or_insert_with(|| {
            let starting =
                |prefix: &'static str| storage.iter().filter(move |(name, _)| name.starts_with(prefix));
            let pending = starting("pending/").map(|(_, value)| value.clone()).collect();
            let settled = starting("delivered/").chain(starting("dead/")).next().is_some();
            Outbox::load(7, receiver, &Stored { pending, settled, alarm }, now)
        })
    }

    fn arrives(&mut self, push: usize, seen: Option<&str>) {
        let (now, random) = (self.now, self.dice.roll() as u32);
        let Push { order, work, outlives_user } = self.pushes[push];
        let event = NewEvent {
            kind: "message.text".to_owned(),
            order: order.map(|user| Order::of_user(&user.to_string())),
            key: push.to_string(),
            body: format!("body of push {push}"),
            work,
            outlives_user,
        };
        let (arrival, step) =
            self.outbox().arrives(event, seen, now, random).expect("nothing is ever full here");
        let id = match &arrival {
            Arrival::New(id) | Arrival::Again { id, .. } => id.clone(),
        };
        let is_new = matches!(arrival, Arrival::New(_));
        let new = is_new.then(|| (id.clone(), push));
        if !self.stores(step, new) {
            return self.later(5 * SECOND, Event::Sends { push });
        }
        if let Arrival::Again { answer, .. } = arrival {
            self.outcomes.repeats += 1;
            self.witness.repeats(&id, push, now);
            if let (Some(answer), Some(said)) = (answer, self.answers.get(&id)) {
                assert_eq!(answer, *said, "a repeat is answered otherwise");
                self.outcomes.answered_alike += 1;
            }
        } else {
            self.outcomes.events += 1;
            let body = &self.storage[&format!("body/{id}")];
            assert_eq!(*body, format!("body of push {push}"), "acknowledged and not stored");
        }
        self.acknowledged.push(id);
    }

    fn lands(&mut self, id: &EventId, task: Task, object: u32, outcome: Outcome) {
        let now = self.now;
        // The receiver has it, whatever became of the object.
        if matches!(outcome, Outcome::Succeeds { .. }) && task == Task::Deliver {
            self.witness.accepts(id, now);
        }
        if object != self.object {
            return;
        }
        let step = match (outcome, task) {
            (Outcome::Lost, _) => {
                self.outcomes.lost += 1;
                return self.witness.ends(id, false, now);
            }
            (Outcome::Fails(status), _) => {
                self.outcomes.failed += 1;
                self.witness.ends(id, true, now);
                self.outbox().failed(id, status, now)
            }
            (Outcome::Succeeds { .. }, Task::Work) => {
                self.witness.ends(id, true, now);
                self.outbox().worked(id, now)
            }
            (Outcome::Succeeds { answer }, Task::Deliver) => {
                self.outcomes.delivered += 1;
                self.witness.ends(id, true, now);
                if let Some(answer) = &answer {
                    self.answers.insert(id.clone(), answer.clone());
                }
                self.outbox().delivered(id, 200, answer, now)
            }
        };
        self.stores(step, None);
    }

    fn rings(&mut self) {
        if self.alarm != Some(self.now) {
            return;
        }
        self.alarm = None;
        self.outcomes.alarms += 1;
        let now = self.now;
        let step = self.outbox().wake(now);
        let sweep = step.sweep;
        let done = self.stores(step, None) && (!sweep || self.sweeps());
        if !done {
            // The runtime calls the alarm again when its handler fails.
            self.sets_alarm(now + 2 * SECOND);
        }
    }

    fn sweeps(&mut self) -> bool {
        let now = self.now;
        for state in [State::Delivered, State::Dead] {
            let range = record_prefix(state).to_owned()..sweep_end(state, now);
            let records: Vec<Record> = self.storage.range(range).map(|(_, value)| read(value)).collect();
            for page in records.chunks(3) {
                let page: Vec<(Record, Option<String>)> = page
                    .iter()
                    .map(|record| (record.clone(), self.storage.get(&seen_name(&record.key)).cloned()))
                    .collect();
                let step = self.outbox().sweep(&page, now);
                self.witness.sweeping = true;
                if !self.stores(step, None) {
                    return false;
                }
                self.witness.sweeping = false;
            }
        }
        let left =
            self.storage.keys().any(|name| name.starts_with("delivered/") || name.starts_with("dead/"));
        let step = self.outbox().swept(left, now);
        self.stores(step, None)
    }

    fn erases(&mut self, user: u64) {
        let now = self.now;
        self.witness.note(now, || format!("user {user} is erased"));
        let step = self.outbox().erase(&user.to_string(), now);
        self.witness.erasing = Some(user);
        if !self.stores(step, None) {
            return self.later(SECOND, Event::Erases { user });
        }
        let settled: Vec<Record> = self
            .storage
            .iter()
            .filter(|(name, _)| name.starts_with('d'))
            .map(|(_, value)| read(value))
            .collect();
        for page in settled.chunks(3) {
            let step = self.outbox().erase_settled(&user.to_string(), page);
            self.witness.erasing = Some(user);
            if !self.stores(step, None) {
                return self.later(SECOND, Event::Erases { user });
            }
        }
        self.witness.erasing = None;
        for known in self.witness.known.values().filter(|known| known.order == Some(user)) {
            let stays = known.outlives_user && known.state.is_some();
            assert!(known.state.is_none() || stays, "something of the user is left");
        }
    }

    fn redelivers(&mut self) {
        let now = self.now;
        let records: Vec<Record> = self
            .storage
            .iter()
            .filter(|(name, _)| !name.starts_with("body/") && !name.starts_with("key/"))
            .map(|(_, value)| read(value))
            .collect();
        if records.is_empty() {
            return;
        }
        let record = records[self.dice.within(0..=records.len() as u64 - 1) as usize].clone();
        let id = record.id.clone();
        if record.state == State::Pending {
            self.witness.hurries(&id);
        }
        if let Ok(step) = self.outbox().redeliver(record.clone(), now) {
            self.witness.note(now, || format!("{id} is to be delivered by hand"));
            self.witness.redelivering = (record.state != State::Pending).then_some(id);
            self.outcomes.redelivered += u64::from(record.state != State::Pending);
            self.stores(step, None);
        }
    }

    fn dies(&mut self) {
        self.outbox = None;
        self.object += 1;
        self.outcomes.restarts += 1;
        self.witness.restarts(self.now);
    }

    /// Stores a step and begins its jobs, unless the object dies just before or just after.
    fn stores(&mut self, step: Step, new: Option<(EventId, usize)>) -> bool {
        let idle = step.puts.is_empty() && step.deletes.is_empty() && step.alarm.is_none();
        let dies = !idle && self.dice.percent(self.rules.lost_writes);
        if dies && self.dice.percent(50) {
            self.dies();
            return false;
        }
        self.applies(&step, new);
        if dies {
            self.dies();
            return false;
        }
        for job in step.jobs {
            self.begins(job);
        }
        if self.dice.percent(5) {
            self.witness.inspects(&self.storage, self.now);
        }
        true
    }

    fn applies(&mut self, step: &Step, new: Option<(EventId, usize)>) {
        let now = self.now;
        if let Some((id, push)) = new {
            let Push { order, work, outlives_user } = self.pushes[push];
            self.witness.takes(&id, push, order, work, outlives_user, now);
        }
        for name in &step.deletes {
            let gone = self.storage.remove(name);
            let id = name.split_once('/').and_then(|(_, id)| EventId::parse(id));
            let moves =
                |id: &EventId| step.puts.iter().any(|(put, _)| is_record(put) && put.ends_with(id.as_str()));
            if let (Some(_), Some(id)) = (gone, id.filter(|id| is_record(name) && !moves(id))) {
                match self.witness.loses(&id, now) {
                    Gone::Erased => self.outcomes.erased += 1,
                    Gone::Expired => self.outcomes.expired += 1,
                    Gone::Swept => self.outcomes.swept += 1,
                }
            }
        }
        for (name, value) in &step.puts {
            if is_record(name) {
                self.witness.stores(&read(value), now);
            }
            self.storage.insert(name.clone(), value.clone());
        }
        self.outcomes.died += step.died.len() as u64;
        if let Some(at) = step.alarm {
            self.sets_alarm(at);
        }
        self.witness.erasing = None;
        self.witness.sweeping = false;
    }

    fn sets_alarm(&mut self, at: u64) {
        let late = self.dice.within(0..=3);
        let at = at.max(self.now + 1) + late;
        self.alarm = Some(at);
        self.plan(at - EPOCH, Event::Alarm);
    }

    fn begins(&mut self, job: Job) {
        let Job { id, task, .. } = job;
        self.witness.begins(&id, task, self.now);
        let (fails, takes) = match (self.weather, task) {
            (_, Task::Work) => (self.dice.percent(10), self.dice.within(1..=300)),
            (Weather::Fine, _) => (false, self.dice.within(5..=2_000)),
            (Weather::Fails, _) => (self.dice.percent(50), self.dice.within(5..=2_000)),
            (Weather::Hangs, _) => (true, 10 * SECOND),
            (Weather::Down, _) => (true, 5),
        };
        let answer = self.dice.percent(20).then(|| format!(r#"{{"answer":"{id}"}}"#));
        let outcome = if fails {
            Outcome::Fails(if self.weather == Weather::Fails { 500 } else { 0 })
        } else {
            Outcome::Succeeds { answer }
        };
        let lost = self.dice.percent(self.rules.lost_tries);
        if lost {
            if let (Outcome::Succeeds { .. }, Task::Deliver) = (&outcome, task) {
                self.witness.accepts(&id, self.now);
            }
            // The outbox gives it up after 15 s.
            self.later(
                15 * SECOND - 1,
                Event::Lands { id, task, object: self.object, outcome: Outcome::Lost },
            );
        } else {
            self.later(takes, Event::Lands { id, task, object: self.object, outcome });
        }
    }
}

fn is_record(name: &str) -> bool {
    ["pending/", "delivered/", "dead/"].iter().any(|prefix| name.starts_with(prefix))
}

fn read(value: &str) -> Record {
    serde_json::from_str(value).expect("a record is stored")
}
