use serde::Serialize;
use wxedge_contract::{FieldError, Problem};
use wxedge_launch::Params;

use super::counts::waiting;
use super::day::{Count, date_of};
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
    counts: Vec<Count>,
}

/// `GET /v1/stats`: the counts of the last days, today's first, with what this isolate has not handed over yet.
pub(crate) async fn stats(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    let days = match Params::parse(request.query()).get("days") {
        None => USUAL_DAYS,
        Some(text) => text.parse().ok().filter(|days| (1..=KEPT).contains(days)).ok_or_else(rule)?,
    };
    let mut all = keeper::read(app, days).await?;
    if let Some(today) = all.first_mut() {
        for count in waiting() {
            today.add(count);
        }
    }
    let days = all.into_iter().map(|day| Counted { date: date_of(day.number), counts: day.counts }).collect();
    Ok(Reply::json(&Stats { days }))
}

fn rule() -> FieldError {
    FieldError::new("days", format!("must be a whole number, 1 to {KEPT}"))
}
