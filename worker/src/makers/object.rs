//! The Durable Object behind `MAKERS`: it hands each question to the part that knows it.

use std::rc::Rc;

use edge::Answer;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use wxedge_contract::{Code, Problem, read_own_json};

use super::context::MakerContext;
use crate::codes::maker::ImageMaker;
use crate::jssdk::ticket_maker::TicketMaker;
use crate::links::maker::{Door, LinkMaker};
use crate::platform::{Object, ObjectResult, ObjectState};
use crate::stats::keeper::StatsKeeper;

/// What lives in a Durable Object behind `MAKERS`. Each one plays one of the parts, by its name.
pub(crate) struct Makers {
    image: Rc<ImageMaker>,
    link: Rc<LinkMaker>,
    ticket: Rc<TicketMaker>,
    stats: StatsKeeper,
}

impl Object for Makers {
    fn call(self: Rc<Self>, method: String, body: String) -> LocalBoxFuture<'static, ObjectResult> {
        self.answer(method, body).boxed_local()
    }

    fn alarm(self: Rc<Self>) -> LocalBoxFuture<'static, Result<(), Problem>> {
        self.image.clone().hand_over().boxed_local()
    }
}

impl Makers {
    pub(crate) fn new(state: ObjectState) -> Self {
        let context = MakerContext::new(state);
        Self {
            image: Rc::new(ImageMaker::new(context.clone())),
            link: Rc::new(LinkMaker::new(context.clone())),
            ticket: Rc::new(TicketMaker::new(context.clone())),
            stats: StatsKeeper::new(context),
        }
    }

    async fn answer(self: Rc<Self>, question: String, body: String) -> ObjectResult {
        let body = body.as_str();
        match question.as_str() {
            "make_image" => self.image.answer(parse(body)?).await,
            "delete_image" => self.image.delete(&parse::<String>(body)?).await.map(|()| Answer::NOTHING),
            "put_link" => self.link.put(parse(body)?).await.map(|()| Answer::NOTHING),
            "get_link" => self.link.get().await,
            "delete_link" => self.link.delete(&parse::<String>(body)?).await,
            "make_door" => self.link.make_door(parse::<Door>(body)?.into()).await,
            "ticket" => self.ticket.answer().await,
            "add_counts" => self.stats.add(parse(body)?).await,
            "counts" => self.stats.answer(parse(body)?).await,
            _ => Err(Problem::new(Code::Internal, "The maker does not know this question.")),
        }
    }
}

fn parse<T: DeserializeOwned>(body: &str) -> Result<T, Problem> {
    read_own_json(body.as_bytes())
        .ok_or_else(|| Problem::new(Code::Internal, "The question to the maker is unreadable."))
}
