//! What is made once has one maker: an object for each code image, each named link, and the `jsapi_ticket`.

use std::future::Future;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wxedge_contract::{Code, Problem, read_own_json};

use super::image_maker::ImageMaker;
use super::link_maker::{Door, LinkMaker};
use super::ticket_maker::TicketMaker;
use crate::App;
use crate::border::{Answer, Durable, Object, Platform, Resident, Said, Storage};

const NAMESPACE: &str = "MAKERS";

/// Asks the maker called `name`.
pub(super) async fn ask(app: &App, name: &str, question: &str, body: &impl Serialize) -> Answer {
    app.platform.ask(&object(app, name)?, question, body).await
}

/// Asks the maker called `name` for an answer in JSON.
pub(super) async fn ask_json<T: DeserializeOwned>(
    app: &App,
    name: &str,
    question: &str,
    body: &impl Serialize,
) -> Result<T, Problem> {
    app.platform.ask_json(&object(app, name)?, question, body).await
}

fn object<'a>(app: &'a App, name: &'a str) -> Result<Object<'a>, Problem> {
    Ok(Object { namespace: NAMESPACE, name, location: app.config.do_location.as_deref()? })
}

/// What every maker works with: its storage, the settings, the way to WeChat.
#[derive(Clone)]
pub(super) struct Desk(Rc<(Durable, App)>);

impl Desk {
    pub(super) fn storage(&self) -> &Storage {
        &self.0.0.storage
    }

    pub(super) fn platform(&self) -> &Platform {
        &self.0.0.platform
    }

    pub(super) fn app(&self) -> &App {
        &self.0.1
    }

    /// Drives work to its end, whether or not the request that started it is still there.
    pub(super) fn drive<T>(&self, work: impl Future<Output = T> + 'static) {
        self.0.0.finish(async move { drop(work.await) });
    }

    /// Wakes the object in that many milliseconds. Only an image is woken, to be handed over to KV.
    pub(super) async fn wake_in(&self, milliseconds: u64) -> Result<(), Problem> {
        self.storage().set_alarm(self.platform().now_ms().saturating_add(milliseconds)).await
    }
}

/// What lives in a Durable Object behind `MAKERS`. Each one plays one of the parts, by its name.
pub(super) struct Maker {
    image: Rc<ImageMaker>,
    link: Rc<LinkMaker>,
    ticket: Rc<TicketMaker>,
}

impl Resident for Maker {
    fn ask(self: Rc<Self>, question: String, body: String) -> LocalBoxFuture<'static, Answer> {
        async move { self.answer(&question, &body).await }.boxed_local()
    }

    fn alarm(self: Rc<Self>) -> LocalBoxFuture<'static, Result<(), Problem>> {
        async move { self.image.hand_over().await }.boxed_local()
    }
}

impl Maker {
    pub(super) fn new(durable: Durable) -> Self {
        let app = App::new(durable.platform.clone());
        let desk = Desk(Rc::new((durable, app)));
        Self {
            image: Rc::new(ImageMaker::new(desk.clone())),
            link: Rc::new(LinkMaker::new(desk.clone())),
            ticket: Rc::new(TicketMaker::new(desk)),
        }
    }

    async fn answer(&self, question: &str, body: &str) -> Answer {
        match question {
            "make_image" => self.image.answer(parse(body)?).await,
            "delete_image" => self.image.delete(&parse::<String>(body)?).await.map(|()| Said::NOTHING),
            "put_link" => self.link.put(parse(body)?).await.map(|()| Said::NOTHING),
            "get_link" => self.link.get().await,
            "delete_link" => self.link.delete(&parse::<String>(body)?).await,
            "make_door" => self.link.make_door(parse::<Door>(body)?.into()).await,
            "ticket" => self.ticket.answer().await,
            _ => Err(Problem::new(Code::Internal, "The maker does not know this question.")),
        }
    }
}

fn parse<T: DeserializeOwned>(body: &str) -> Result<T, Problem> {
    read_own_json(body.as_bytes())
        .ok_or_else(|| Problem::new(Code::Internal, "The question to the maker is unreadable."))
}
