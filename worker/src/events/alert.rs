use wxedge_outbox::webhook_body;

use super::shards::{Incoming, take_in};
use crate::{App, log};

/// The shortest time between two alerts of one kind about the same thing, in seconds.
const ONE_AN_HOUR: u64 = 3_600;

/// Tells the operator, at most once in an hour of the clock for one `kind` and `about`: `alert.<what>`, with `data` as JSON.
///
/// Whatever goes on does so without it: an alert that cannot be stored is logged.
pub(crate) async fn alert(app: &App, kind: &str, about: &str, data: &str) {
    let now = app.platform.now();
    let event = Incoming {
        kind: kind.to_owned(),
        order: None,
        key: format!("{kind} {about} {}", now / ONE_AN_HOUR),
        body: webhook_body(kind, now, data, true),
        work: false,
        outlives_user: false,
        wait: None,
    };
    if let Err(problem) = take_in(app, &event).await {
        log::problem(kind, &problem);
    }
}
