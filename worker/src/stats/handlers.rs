use serde::Serialize;
use wxedge_contract::{FieldError, Problem};
use wxedge_launch::Params;

use super::counts::add_waiting;
use super::day::{Counts, Day, date_of};
use super::keeper::{self, KEPT};
use crate::http::Reply;
use crate::route::Call;

/// How many days there are when the query does not say.
const USUAL_DAYS: u64 = 7;

#[derive(Serialize)]
struct Stats {
    days: Vec<Counted>,
}

#[derive(Serialize)]
struct Counted {
    /// UTC.
    date: String,
    routes: Counts,
    counts: Counts,
}

/// `GET /v1/stats`: the counts of the last days, today's first, with what this isolate has not handed over yet.
pub(crate) async fn stats(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    let days = match Params::parse(request.query()).get("days") {
        None => USUAL_DAYS,
        Some(text) => text.parse().ok().filter(|days| (1..=KEPT).contains(days)).ok_or_else(rule)?,
    };
    let mut all = keeper::read(app, days).await?;
    if let Some(today) = all.first_mut() {
        add_waiting(today);
    }
    let days = all
        .into_iter()
        .map(|Day { number, routes, counts }| Counted { date: date_of(number), routes, counts })
        .collect();
    Ok(Reply::json(&Stats { days }))
}

fn rule() -> FieldError {
    FieldError::new("days", format!("must be a whole number, 1 to {KEPT}"))
}
