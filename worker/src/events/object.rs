//! One shard of the outbox, around the state machine of `wxedge_outbox`.
//!
//! Order of every change: the outbox takes it, the storage takes it whole, then whoever asked is answered and what is due
//! begins. Where the storage fails, the outbox is thrown away and made anew from what is stored.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use edge::{Answer, Delay, Flight};
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wxedge_contract::{Code, Problem, read_own_json, to_json};
use wxedge_outbox::{
    Arrival, EventId, Job, NewEvent, Order, Outbox, Record, Refusal, Step, Task, Unredeliverable, sweep_end,
    webhook_body,
};

use super::receiver::{self, Outcome};
use super::shards::{Found, Incoming, Taken};
use super::shelf::{SETTLED, Shelf};
use super::used;
use super::work::Work;
use crate::platform::{Object, ObjectResult, ObjectState, json};
use crate::{App, log, pay, session};

/// The type of the news that an event died. It is itself never told of so.
const DEAD_LETTER: &str = "alert.dead_letter";
/// When the alarm rings again whose work failed, in milliseconds. The runtime itself gives up after six times.
const ALARM_PAUSE: u64 = 60_000;

/// The Durable Object behind `EVENTS`.
pub(crate) struct Events {
    state: ObjectState,
    app: App,
    shelf: Shelf,
    /// Made from what is stored when the first question comes.
    outbox: RefCell<Option<Outbox>>,
    /// How often it was thrown away: what was read before that is stale.
    thrown_away: Cell<u64>,
}

impl Object for Events {
    fn call(self: Rc<Self>, method: String, body: String) -> LocalBoxFuture<'static, ObjectResult> {
        self.answer(method, body).boxed_local()
    }

    fn alarm(self: Rc<Self>) -> LocalBoxFuture<'static, Result<(), Problem>> {
        self.ring().boxed_local()
    }
}

impl Events {
    pub(crate) fn new(state: ObjectState) -> Self {
        let app = App::new(state.platform.clone());
        let shelf = Shelf(state.storage.clone());
        Self { state, app, shelf, outbox: RefCell::new(None), thrown_away: Cell::new(0) }
    }

    async fn answer(self: Rc<Self>, question: String, body: String) -> ObjectResult {
        let (question, shard) = question.split_once(' ').unwrap_or((&question, ""));
        let body = body.as_str();
        if question == "use" {
            return Ok(json(&used::keep(&self.state.storage, &parse(body)?).await?));
        }
        let shard = shard.parse().map_err(|_| unreadable())?;
        self.load(Some(shard)).await?;
        match question {
            "take" => self.take(parse(body)?).await,
            "find" => Ok(json(&self.shelf.find(&parse(body)?).await?)),
            "page" => Ok(json(&self.shelf.page(&parse(body)?).await?)),
            "redeliver" => self.redeliver(&parse(body)?).await,
            "erase" => self.erase(&parse::<String>(body)?).await.map(|()| Answer::NOTHING),
            _ => Err(Problem::new(Code::Internal, "The outbox does not know this question.")),
        }
    }

    /// Makes the outbox from what is stored, and tells whether there is one: without the number of the shard there is none
    /// where nothing is stored.
    async fn load(&self, shard: Option<u8>) -> Result<bool, Problem> {
        if self.outbox.borrow().is_some() {
            return Ok(true);
        }
        let before = self.thrown_away.get();
        let (stored, shown) = self.shelf.stored().await?;
        if self.thrown_away.get() != before {
            return Err(thrown_away());
        }
        let Some(shard) = shard.or(shown) else { return Ok(false) };
        let has_receiver = matches!(self.app.config.receiver, Ok(Some(_)));
        let outbox = Outbox::load(shard, has_receiver, &stored, self.now());
        // Another question may have come first while the storage was read.
        self.outbox.borrow_mut().get_or_insert(outbox);
        Ok(true)
    }

    async fn take(self: &Rc<Self>, incoming: Incoming) -> ObjectResult {
        let Incoming { kind, order, key, body, work, outlives_user, wait } = incoming;
        let seen = self.shelf.seen(&key).await?;
        let event = NewEvent { kind, order, key, body, work, outlives_user };
        let arrived = self.with(|outbox, now| outbox.arrives(event, seen.as_deref(), now, random()))?;
        let (arrival, step) = arrived.map_err(refused)?;
        let mut jobs = self.keep(step).await?;
        let answer = match arrival {
            Arrival::Again { answer, .. } => answer,
            Arrival::New(id) => {
                let is_asked = |job: &Job| job.id == id && job.task == Task::Deliver;
                let asked = jobs.iter().position(is_asked).zip(wait);
                let asked = asked.map(|(place, wait)| (jobs.swap_remove(place), wait));
                self.begin(jobs);
                match asked {
                    Some((job, wait)) => self.ask(job, wait).await,
                    None => None,
                }
            }
        };
        Ok(json(&Taken { answer }))
    }

    /// Delivers an event, and gives what the receiver says that is to be passed on, if it does so in time.
    async fn ask(self: &Rc<Self>, job: Job, wait: u64) -> Option<String> {
        let is_waited_for = Rc::new(Cell::new(true));
        let (this, is_heard) = (self.clone(), is_waited_for.clone());
        let run = Flight::of(async move { this.deliver(&job, &is_heard).await });
        self.state.wait_until(run.clone().map(drop));
        let pause = Delay::of(u32::try_from(wait).unwrap_or(u32::MAX));
        match select(run, pause).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => {
                is_waited_for.set(false);
                None
            }
        }
    }

    /// Begins what is due, which goes on whatever becomes of who asked.
    fn begin(self: &Rc<Self>, jobs: Vec<Job>) {
        for job in jobs {
            let this = self.clone();
            self.state.wait_until(this.run(job));
        }
    }

    async fn run(self: Rc<Self>, job: Job) {
        match job.task {
            Task::Work => self.work(&job).await,
            Task::Deliver => drop(self.deliver(&job, &Cell::new(false)).await),
        }
    }

    /// Tries a delivery. What the receiver says is kept and given only while somebody waits for it: so a repeat is answered
    /// alike.
    async fn deliver(self: &Rc<Self>, job: &Job, is_waited_for: &Cell<bool>) -> Option<String> {
        let outcome = match self.shelf.body(&job.id).await {
            Ok(Some(body)) => receiver::deliver(&self.app, &job.id, &body).await,
            _ => Outcome::NONE,
        };
        let (status, is_taken) = (outcome.status, outcome.is_taken());
        let is_answer = |reply: &String| wxedge_push::Answer::is_answer(&job.kind, reply);
        let answer = outcome.reply.filter(|reply| is_waited_for.get() && is_answer(reply));
        let kept = answer.clone();
        let step = self.with(|outbox, now| {
            if is_taken {
                outbox.delivered(&job.id, status, kept, now)
            } else {
                outbox.failed(&job.id, status, now)
            }
        });
        self.go_on(step).await.ok().and(answer)
    }

    /// Does what the Worker itself understands of an event.
    async fn work(self: &Rc<Self>, job: &Job) {
        let done = match Work::about(&job.kind) {
            Some(Work::EraseUser) => self.erase_everywhere(job).await,
            None => Ok(()),
        };
        if let Err(problem) = &done {
            log::problem(&job.kind, problem);
        }
        let step = self.with(|outbox, now| match done {
            Ok(()) => outbox.worked(&job.id, now),
            Err(_) => outbox.failed(&job.id, 0, now),
        });
        drop(self.go_on(step).await);
    }

    async fn erase_everywhere(self: &Rc<Self>, job: &Job) -> Result<(), Problem> {
        let Some(user) = job.order.as_ref().and_then(Order::user) else { return Ok(()) };
        session::object::erase(&self.app, user).await?;
        pay::erase(&self.app, user).await?;
        self.erase(user).await
    }

    async fn erase(self: &Rc<Self>, user: &str) -> Result<(), Problem> {
        self.go_on(self.with(|outbox, now| outbox.erase(user, now))).await?;
        for state in SETTLED {
            let mut end = None;
            loop {
                let (page, next) = self.shelf.settled(state, end.as_deref()).await?;
                let records: Vec<Record> = page.into_iter().map(|(record, _)| record).collect();
                self.go_on(self.with(|outbox, _| outbox.erase_settled(user, &records))).await?;
                end = next;
                if end.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn redeliver(self: &Rc<Self>, id: &EventId) -> ObjectResult {
        let Some(Found { record, .. }) = self.shelf.find(id).await? else {
            return Ok(json(&None::<Found>));
        };
        let step = self.with(|outbox, now| outbox.redeliver(record, now))?.map_err(unredeliverable)?;
        let jobs = self.keep(step).await?;
        let found = self.shelf.find(id).await;
        self.begin(jobs);
        Ok(json(&found?))
    }

    /// The alarm. Should it fail, it rings again, however often that takes.
    async fn ring(self: Rc<Self>) -> Result<(), Problem> {
        let Err(problem) = self.wake().await else { return Ok(()) };
        log::problem("the alarm of the outbox", &problem);
        self.throw_away();
        self.state.storage.set_alarm(self.now().saturating_add(ALARM_PAUSE)).await
    }

    async fn wake(self: &Rc<Self>) -> Result<(), Problem> {
        if self.load(None).await? {
            let step = self.with(Outbox::wake)?;
            let is_time_to_sweep = step.sweep;
            self.go_on(Ok(step)).await?;
            if is_time_to_sweep {
                self.sweep().await?;
            }
        }
        used::forget(&self.state.storage, self.now()).await
    }

    /// Looks through what is settled for what is over.
    async fn sweep(self: &Rc<Self>) -> Result<(), Problem> {
        let now = self.now();
        for state in SETTLED {
            let mut end = sweep_end(state, now);
            loop {
                let (page, next) = self.shelf.settled(state, Some(&end)).await?;
                self.go_on(self.with(|outbox, now| outbox.sweep(&page, now))).await?;
                match next {
                    Some(next) => end = next,
                    None => break,
                }
            }
        }
        let left = self.shelf.has_settled().await?;
        self.go_on(self.with(|outbox, now| outbox.swept(left, now))).await
    }

    /// Stores a step, and begins what it says.
    fn go_on(self: &Rc<Self>, step: Result<Step, Problem>) -> LocalBoxFuture<'static, Result<(), Problem>> {
        let this = self.clone();
        async move {
            let jobs = this.keep(step?).await?;
            this.begin(jobs);
            Ok(())
        }
        .boxed_local()
    }

    /// Stores a step with the news of what died in it, and gives what is to be begun.
    async fn keep(&self, step: Step) -> Result<Vec<Job>, Problem> {
        let mut step = self.with_news(step)?;
        let written = self.shelf.write(&mut step).await;
        if written.is_err() {
            self.throw_away();
        }
        written.map(|()| step.jobs)
    }

    fn with_news(&self, mut step: Step) -> Result<Step, Problem> {
        for record in core::mem::take(&mut step.died).iter().filter(|record| record.kind != DEAD_LETTER) {
            let arrived =
                self.with(|outbox, now| outbox.arrives(dead_letter(record, now), None, now, random()))?;
            match arrived {
                Ok((_, news)) => step = step.and(news),
                Err(refusal) => log::problem(DEAD_LETTER, &refused(refusal)),
            }
        }
        Ok(step)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Outbox, u64) -> T) -> Result<T, Problem> {
        let now = self.now();
        self.outbox.borrow_mut().as_mut().map(|outbox| work(outbox, now)).ok_or_else(thrown_away)
    }

    fn throw_away(&self) {
        self.outbox.replace(None);
        self.thrown_away.set(self.thrown_away.get().wrapping_add(1));
    }

    fn now(&self) -> u64 {
        self.state.platform.now_ms()
    }
}

/// What the operator hears of an event that died.
fn dead_letter(record: &Record, now: u64) -> NewEvent {
    #[derive(Serialize)]
    struct Data<'a> {
        id: &'a EventId,
        #[serde(rename = "type")]
        kind: &'a str,
        tries: u32,
        /// The receiver's last status; absent where no answer came.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    }
    let status = record.deliveries.last().map(|delivery| delivery.status).filter(|status| *status != 0);
    let data = Data { id: &record.id, kind: &record.kind, tries: record.tries, status };
    let data = to_json(&data);
    NewEvent {
        kind: DEAD_LETTER.to_owned(),
        order: None,
        // An event that is delivered by hand may die again.
        key: format!("{DEAD_LETTER} {} {now}", record.id),
        body: webhook_body(DEAD_LETTER, now / 1000, &data, true),
        work: false,
        outlives_user: false,
    }
}

fn thrown_away() -> Problem {
    Problem::new(Code::Internal, "The outbox was thrown away and is made anew.")
}

fn random() -> u32 {
    edge::random().map_or(0, u32::from_le_bytes)
}

fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Full => {
            Problem::new(Code::RateLimited, "Too many events of this user, or in all, wait for the receiver.")
        }
        Refusal::TooLarge => Problem::new(Code::TooLarge, "The event is larger than one may be."),
    }
}

fn unredeliverable(reason: Unredeliverable) -> Problem {
    match reason {
        Unredeliverable::NoReceiver => Problem::new(
            Code::Misconfigured,
            "WEBHOOK_URL is needed to deliver events, beside WEBHOOK_SECRET.",
        ),
        Unredeliverable::Erased => {
            Problem::new(Code::NotFound, "The user of this event is erased, and with him what it said.")
        }
        Unredeliverable::Full => {
            Problem::new(Code::RateLimited, "Too many events wait for the receiver.").retry_after(60)
        }
    }
}

fn parse<T: DeserializeOwned>(body: &str) -> Result<T, Problem> {
    read_own_json(body.as_bytes()).ok_or_else(unreadable)
}

fn unreadable() -> Problem {
    Problem::new(Code::Internal, "The question to the outbox is unreadable.")
}
