//! The objects of payment, as the rest of the Worker asks them. A question is a word and what belongs to it, and a text; the
//! answer is a text.

use wxedge_contract::{Problem, to_json};
use wxedge_outbox::{Order, webhook_body};

use crate::App;
use crate::config::Pay;
use crate::events::Incoming;

pub(super) const NAMESPACE: &str = "ORDERS";

/// What an object is.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Order,
    Day,
    Payer,
    Products,
    Certificates,
}

/// The name of an object: of the merchant's, by its part.
pub(super) fn name(pay: &Pay, part: Part, which: &str) -> String {
    let part = match part {
        Part::Order => "order",
        Part::Day => "day",
        Part::Payer => "payer",
        Part::Products => "products",
        Part::Certificates => "certificates",
    };
    [&pay.merchant.mchid, part, which].join(":")
}

/// A text as JSON.
pub(super) fn text_json(text: &str) -> String {
    to_json(text)
}

/// An event for the outbox, at a moment in Unix seconds.
pub(super) fn event(kind: &str, order: Option<Order>, key: String, at: u64, data: &str) -> Incoming {
    let body = webhook_body(kind, at, data, true);
    Incoming { kind: kind.to_owned(), order, key, body, work: false, outlives_user: false, wait: None }
}

/// Asks an object.
pub(super) async fn ask(app: &App, name: &str, question: &str, body: &str) -> Result<String, Problem> {
    let answer = app.stub(NAMESPACE, name)?.call_text(&app.platform, question, body).await?;
    Ok(answer.into_text().unwrap_or_default())
}
