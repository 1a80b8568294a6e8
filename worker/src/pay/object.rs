//! The Durable Object behind `ORDERS`: it hands each question to the part that knows it.

use std::rc::Rc;

use edge::Answer;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use wxedge_contract::{Code, Problem};

use super::certificates::Certificates;
use super::order::OrderPart;
use super::{day, payer, products};
use crate::App;
use crate::platform::{Object, ObjectResult, ObjectState};

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
            if self.order.ring().await? {
                return Ok(());
            }
            payer::forget(&self.state).await
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
        let mut words = question.split(' ');
        let word = words.next().unwrap_or_default();
        let [first, second, third] = [0; 3].map(|_| words.next().unwrap_or_default());
        let answer = match word {
            "create" => self.order.create(body, first, (second, third)).await?,
            "show" => self.order.show(body).await?,
            "close" => self.order.close().await?,
            "resolve" => self.order.resolve(body, first).await?,
            "refund" => self.order.refund(body, first).await?,
            "show_refund" => self.order.show_refund(first).await?,
            "notify" => self.order.notified(body).await?,
            "orphan" => self.order.orphan(body).await?,
            "note" => day::note(&self.state, [first, second, third], body).await?,
            "page" => day::page(&self.state, first, second).await?,
            "reserve" => payer::reserve(&self.state, body).await?,
            "settled" => payer::settled(&self.state, first).await?,
            "forget" => payer::erased(&self.state).await?,
            "put_product" => products::put(&self.state, first, body).await?,
            "price" => products::price(&self.state, first).await?,
            "product" => products::get(&self.state, first).await?,
            "delete_product" => products::delete(&self.state, first).await?,
            "products" => products::all(&self.state).await?,
            "certificates" => return self.certificates.answer(body).await,
            _ => {
                return Err(Problem::new(
                    Code::Internal,
                    "The object of payment does not know this question.",
                ));
            }
        };
        Ok(Answer::Text(answer))
    }
}
