//! What is made once has one maker: an object for each code image, each named link, and the `jsapi_ticket`.

use std::future::Future;
use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{DurableObject, Env, Request, Response, State, durable_object};
use wxedge_contract::{Code, Problem};

use super::image_maker::ImageMaker;
use super::link_maker::{Door, LinkMaker};
use super::ticket_maker::TicketMaker;
use crate::App;
use crate::border::{Answer, Durable, Object, Platform, Storage};

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

    /// Wakes the object in that many milliseconds, to delete all it holds.
    pub(super) async fn wake_in(&self, milliseconds: u64) -> Result<(), Problem> {
        self.storage().set_alarm(self.platform().now_ms().saturating_add(milliseconds)).await
    }
}

/// The Durable Object behind `MAKERS`. Each one plays one of the parts, by its name.
#[durable_object(alarm)]
pub struct Makers(Rc<Maker>);

impl DurableObject for Makers {
    fn new(state: State, env: Env) -> Self {
        let durable = Durable::new(state, env);
        let app = App::new(durable.platform.clone());
        Self(Rc::new(Maker::new(&Desk(Rc::new((durable, app))))))
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        let maker = self.0.clone();
        Durable::answer(request, async move |question, body| maker.answer(&question, &body).await).await
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.0.desk.storage().delete_all().await.map_err(|problem| problem.detail.into_owned())?;
        Response::empty()
    }
}

struct Maker {
    desk: Desk,
    image: Rc<ImageMaker>,
    link: Rc<LinkMaker>,
    ticket: Rc<TicketMaker>,
}

impl Maker {
    fn new(desk: &Desk) -> Self {
        Self {
            desk: desk.clone(),
            image: Rc::new(ImageMaker::new(desk.clone())),
            link: Rc::new(LinkMaker::new(desk.clone())),
            ticket: Rc::new(TicketMaker::new(desk.clone())),
        }
    }

    async fn answer(&self, question: &str, body: &[u8]) -> Answer {
        match question {
            "make_image" => self.image.answer(parse(body)?).await,
            "delete_image" => self.image.delete(&parse::<String>(body)?).await.map(|()| Vec::new()),
            "put_link" => self.link.put(parse(body)?).await.map(|()| Vec::new()),
            "get_link" => self.link.get().await,
            "delete_link" => self.link.delete(&parse::<String>(body)?).await,
            "make_door" => self.link.make_door(parse::<Door>(body)?.into()).await,
            "ticket" => self.ticket.answer().await,
            _ => Err(Problem::new(Code::Internal, "The maker does not know this question.")),
        }
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|_| Problem::new(Code::Internal, "The question to the maker is unreadable."))
}
