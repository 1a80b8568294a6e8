//! Keeps one named link and makes its doors, each once in its life, however many visitors there are.
//!
//! The object alone writes the link's copy in KV, which visitors read. So an operator's change and a door that is being
//! made never overwrite each other.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use edge::Answer;
use serde::{Deserialize, Serialize};
use wxedge_contract::{Code, JsonValue, Problem, to_json};
use wxedge_landing::Made;
use wxedge_operations::expires_at;
use wxedge_wechat::Call;

use super::published;
use super::wechat_links::{GENERATE_SCHEME, GENERATE_URL_LINK};
use crate::links::named_link::{LinkRecord, MadeDoor, NamedLink};
use crate::makers::context::{self, MakerContext};
use crate::platform::{Asked, AskedForJson, ObjectResult, json};
use crate::token::calls;
use crate::{App, log};
use edge::SingleFlight;

/// Where the record lies in the object's storage, as its JSON.
const RECORD: &str = "link";
/// Where what was last written to KV lies in the object's storage, as its JSON: the object lives for seconds, and each
/// life would write the copy again.
const PUBLISHED: &str = "published";
/// How long the object waits before it writes the same key to KV again, in milliseconds: KV takes one write a second.
const WRITE_PAUSE: u64 = 1_000;

/// Stores a link. Doors that open the same target stay.
pub(crate) fn put(app: &App, link: &NamedLink) -> Asked {
    context::ask(app, object_name(app, &link.name), "put_link", link)
}

/// The link with its doors, as its object knows it.
pub(crate) fn get(app: &App, name: &str) -> AskedForJson<Option<LinkRecord>> {
    context::ask(app, object_name(app, name), "get_link", &()).json()
}

/// Deletes a link; tells whether there was one.
pub(crate) fn delete(app: &App, name: &str) -> AskedForJson<bool> {
    context::ask(app, object_name(app, name), "delete_link", &name).json()
}

/// Has a door made, unless it is there or has just failed; gives the link with its doors.
pub(crate) fn make_door(app: &App, name: &str, kind: Made) -> AskedForJson<Option<LinkRecord>> {
    context::ask(app, object_name(app, name), "make_door", &Door::from(kind)).json()
}

fn object_name(app: &App, name: &str) -> Result<String, Problem> {
    Ok(format!("link:{}:{name}", app.config.appid()?))
}

/// A kind of door, as it is asked for.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Door {
    Scheme,
    UrlLink,
}

impl From<Made> for Door {
    fn from(kind: Made) -> Self {
        match kind {
            Made::Scheme => Self::Scheme,
            Made::UrlLink => Self::UrlLink,
        }
    }
}

impl From<Door> for Made {
    fn from(door: Door) -> Self {
        match door {
            Door::Scheme => Self::Scheme,
            Door::UrlLink => Self::UrlLink,
        }
    }
}

/// The part of a maker that keeps a link.
pub(crate) struct LinkMaker {
    context: MakerContext,
    record: RefCell<Option<LinkRecord>>,
    was_read: Cell<bool>,
    /// What the object last wrote to KV, and when this life of it last tried, in Unix milliseconds.
    published: RefCell<Option<LinkRecord>>,
    tried_at: Cell<u64>,
    schemes: SingleFlight<()>,
    url_links: SingleFlight<()>,
}

impl LinkMaker {
    pub(crate) const fn new(context: MakerContext) -> Self {
        Self {
            context,
            record: RefCell::new(None),
            was_read: Cell::new(false),
            published: RefCell::new(None),
            tried_at: Cell::new(0),
            schemes: SingleFlight::new(),
            url_links: SingleFlight::new(),
        }
    }

    pub(crate) async fn put(&self, link: NamedLink) -> Result<(), Problem> {
        self.load().await?;
        let record = match self.record.take() {
            Some(record) if record.link.opens_as(&link) => LinkRecord { link, ..record },
            _ => LinkRecord::new(link),
        };
        self.record.replace(Some(record));
        self.store().await?;
        if self.publish().await { Ok(()) } else { Err(not_published()) }
    }

    pub(crate) async fn get(&self) -> ObjectResult {
        self.load().await?;
        Ok(Answer::Text(self.text()))
    }

    pub(crate) async fn delete(&self, name: &str) -> ObjectResult {
        self.load().await?;
        let was_there = self.record.take().is_some();
        self.published.replace(None);
        self.context.storage().delete_all().await?;
        // Visitors read KV, so the link is gone only when its copy is.
        published::withdraw(self.context.platform(), self.context.app().config.appid()?, name).await?;
        Ok(json(&was_there))
    }

    pub(crate) async fn make_door(self: &Rc<Self>, kind: Made) -> ObjectResult {
        self.load().await?;
        let now = self.context.platform().now();
        if self.record.borrow().as_ref().is_some_and(|record| record.door(kind).is_due(now)) {
            self.making(kind).await;
        } else if !self.is_shown() && self.may_write_again() {
            self.publish_later();
        }
        Ok(Answer::Text(self.text()))
    }

    async fn making(self: &Rc<Self>, kind: Made) {
        let flight = match kind {
            Made::Scheme => &self.schemes,
            Made::UrlLink => &self.url_links,
        };
        let run = flight.current().unwrap_or_else(|| {
            let run = flight.start(self.clone().make(kind));
            self.context.wait_until(run.clone());
            run
        });
        run.await;
    }

    async fn make(self: Rc<Self>, kind: Made) {
        let Some(link) = self.record.borrow().as_ref().map(|record| record.link.clone()) else { return };
        let made = self.fetch(kind, &link).await;
        let now = self.context.platform().now();
        if let Err(problem) = &made {
            log::door_failed(problem);
        }
        let landed = match &mut *self.record.borrow_mut() {
            // The operator may have changed the link meanwhile: then this door leads to where it led before.
            Some(record) if record.link.opens_as(&link) => {
                match made {
                    Ok(door) => record.door_mut(kind).opened(door),
                    Err(problem) => record.door_mut(kind).failed(&problem, now),
                }
                true
            }
            _ => false,
        };
        if landed && self.store().await.is_ok() && !self.is_shown() {
            self.publish_later();
        }
    }

    async fn fetch(&self, kind: Made, link: &NamedLink) -> Result<MadeDoor, Problem> {
        let now = self.context.platform().now();
        let (operation, target, address) = match kind {
            Made::Scheme => {
                let page = JsonValue::Object(link.target());
                (GENERATE_SCHEME, vec![("jump_wxa".to_owned(), page)], "openlink")
            }
            Made::UrlLink => (GENERATE_URL_LINK, link.target(), "url_link"),
        };
        // Without an end it lives as long as WeChat allows.
        let asked = operation.check_fields(target, now)?;
        let made = calls::fields(self.context.app(), &Call::post(operation, asked.to_json())).await?;
        Ok(MadeDoor {
            address: made.text(address).unwrap_or_default().to_owned(),
            expires_at: expires_at(&asked, now).unwrap_or(now),
        })
    }

    /// Finds again what an earlier life of this object knew.
    async fn load(&self) -> Result<(), Problem> {
        if !self.was_read.get() {
            let stored = self.context.storage().load(RECORD).await?;
            let published = self.context.storage().load(PUBLISHED).await?;
            // Another question may have come first while the storage was read.
            if !self.was_read.replace(true) {
                self.record.replace(stored);
                self.published.replace(published);
            }
        }
        Ok(())
    }

    async fn store(&self) -> Result<(), Problem> {
        self.context.storage().persist_text(RECORD, &self.text()).await
    }

    /// Publishes without letting a visitor wait.
    fn publish_later(self: &Rc<Self>) {
        let maker = self.clone();
        self.context.wait_until(async move { maker.publish().await });
    }

    /// Writes the copy that visitors read. Should that fail, they ask this object, and it tries again.
    async fn publish(&self) -> bool {
        let Some(record) = self.record.borrow().clone() else { return true };
        self.tried_at.set(self.context.platform().now_ms());
        let written = match self.context.app().config.appid() {
            Ok(appid) => published::publish(self.context.platform(), appid, &record).await,
            Err(_) => false,
        };
        if written {
            // Should this fail, the copy is written once more.
            drop(self.context.storage().persist(PUBLISHED, &record).await);
            self.published.replace(Some(record));
        } else {
            log::copy_failed("link");
        }
        written
    }

    /// Whether KV shows visitors what the object knows.
    fn is_shown(&self) -> bool {
        match (&*self.record.borrow(), &*self.published.borrow()) {
            (Some(record), Some(published)) => record.shows_as(published),
            (record, _) => record.is_none(),
        }
    }

    fn may_write_again(&self) -> bool {
        self.context.platform().now_ms().saturating_sub(self.tried_at.get()) >= WRITE_PAUSE
    }

    fn text(&self) -> String {
        // A record of texts and numbers always has a JSON form.
        to_json(&*self.record.borrow())
    }
}

fn not_published() -> Problem {
    Problem::new(Code::Internal, "The link is stored, but its copy for visitors could not be written to KV.")
        .hint("Send it again in a second: KV takes one write a second for each link.")
        .retry_after(1)
}
