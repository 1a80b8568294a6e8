//! The Durable Object behind `ORDERS`: it hands each question to the part that knows it.

use std::rc::Rc;

use edge::Answer;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use wxedge_contract::Problem;

use super::certificates::Certificates;
use super::order::OrderPart;
use super::shelf::{self, Asked, Row};
use super::{day, orphans, payer, products};
use crate::App;
use crate::platform::{Object, ObjectResult, ObjectState};

/// What the parts that only keep something are asked.
const ROWS: [&[Row]; 4] = [&day::ROWS, &payer::ROWS, &products::ROWS, &orphans::ROWS];

/// What lives in a Durable Object behind `ORDERS`. Each one plays one of the parts, by its name.
pub(crate) struct Orders {
    state: ObjectState,
    order: Rc<OrderPart>,
    certificates: Rc<Certificates>,
}

impl Object for Orders {
    fn call(self: Rc<Self>, method: String, body: String) -> LocalBoxFuture<'static, ObjectResult> {
        async move { self.answer(&method, &body).await }.boxed_local()
    }

    fn alarm(self: Rc<Self>) -> LocalBoxFuture<'static, Result<(), Problem>> {
        async move {
            if !self.order.ring().await? {
                let asked = Asked::new("wake", "", self.state.platform.now_ms());
                shelf::answer(&self.state, &ROWS, &asked).await?;
            }
            Ok(())
        }
        .boxed_local()
    }
}

impl Orders {
    pub(crate) fn new(state: ObjectState) -> Self {
        let app = Rc::new(App::new(state.platform.clone()));
        let certificates = Rc::new(Certificates::new(state.clone(), app.clone()));
        Self { order: Rc::new(OrderPart::new(state.clone(), app)), certificates, state }
    }

    async fn answer(&self, question: &str, body: &str) -> ObjectResult {
        let asked = Asked::new(question, body, self.state.platform.now_ms());
        if asked.word == "certificates" {
            return self.certificates.answer(body).await;
        }
        let kept = shelf::answer(&self.state, &ROWS, &asked).await?;
        let answer = match kept {
            Some(answer) => answer,
            None => self.order.answer(&asked).await?,
        };
        Ok(Answer::Text(answer))
    }
}
