//! One try of a delivery, by Standard Webhooks.

use edge::{Deadline, Fetch, Method};
use wxedge_outbox::EventId;

use crate::App;

/// How long the receiver may take, its answer's body included, in milliseconds: the contract's ten seconds.
const TIMEOUT: u32 = 10_000;
/// The service binding of the receiver.
const BINDING: &str = "EVENTS_TARGET";

/// What came of it.
pub(super) struct Outcome {
    /// The receiver's status; 0 where no answer came.
    pub(super) status: u16,
    /// What it said with the status 200.
    pub(super) reply: Option<String>,
}

impl Outcome {
    /// No answer came.
    pub(super) const NONE: Self = Self { status: 0, reply: None };

    /// Whether the receiver has it.
    pub(super) fn is_taken(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Sends an event to the receiver, if there is one. A redirect is an answer like any other: nothing is sent after it. An
/// answer over the limit of what is passed on has said nothing.
pub(super) async fn deliver(app: &App, id: &EventId, body: &str) -> Outcome {
    let Ok(Some(receiver)) = &app.config.receiver else { return Outcome::NONE };
    let deadline = Deadline::after(TIMEOUT);
    let mut request = Fetch::new(Method::Post, &receiver.url, deadline, wxedge_push::MAX_ANSWER_BYTES)
        .dropping_larger()
        .with_header("User-Agent", "wxedge")
        .with_text("application/json", body);
    for (name, value) in receiver.secrets.headers(id, app.platform.now(), body) {
        request = request.with_header(name, &value);
    }
    let sent = if app.platform.is_bound(BINDING) {
        app.platform.env().service(BINDING).fetch(request).await
    } else {
        request.send().await
    };
    sent.map_or(Outcome::NONE, |response| Outcome {
        status: response.status,
        reply: String::from_utf8(response.body).ok().filter(|_| response.status == 200),
    })
}
