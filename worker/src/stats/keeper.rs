//! Adds up what isolates have counted: a part of the objects behind `MAKERS`, one object for an app.

use edge::Answer;
use serde::{Deserialize, Serialize};
use wxedge_contract::{Problem, record};

use super::day::{Day, day_of};
use crate::App;
use crate::makers::context::{MakerContext, ask};
use crate::platform::{Asked, AskedForJson, ObjectResult, json};

/// For how many days counts are kept.
pub(super) const KEPT: u64 = 30;

/// Adds what an isolate has counted.
pub(super) fn add(app: &App, counted: &Day) -> Asked {
    ask(app, name(app), "add_counts", counted)
}

/// The counts of the last days, today's first.
pub(super) fn read(app: &App, days: u64) -> AskedForJson<Vec<Day>> {
    ask(app, name(app), "counts", &Question { days }).json()
}

fn name(app: &App) -> Result<String, Problem> {
    Ok(format!("stats:{}", app.config.appid()?))
}

record! {
    #[derive(Serialize)]
    pub(crate) struct Question {
        days: u64,
    }
}

/// Counts as an isolate hands them over.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Counted(Day);

/// The part of a Durable Object that adds up.
pub(crate) struct StatsKeeper {
    context: MakerContext,
}

impl StatsKeeper {
    pub(crate) const fn new(context: MakerContext) -> Self {
        Self { context }
    }

    /// Adds counts to their day. Nothing else runs while the storage is read and written: the runtime holds other questions
    /// back.
    pub(crate) async fn add(&self, Counted(counted): Counted) -> ObjectResult {
        let mut day = self.day(counted.number).await?;
        day.add(&counted);
        self.context.storage().persist(&slot(day.number), &day).await?;
        Ok(Answer::NOTHING)
    }

    /// The counts of the last days.
    pub(crate) async fn answer(&self, Question { days }: Question) -> ObjectResult {
        let today = day_of(self.context.platform().now());
        let mut all = Vec::new();
        for age in 0..days.min(KEPT) {
            all.push(self.day(today.saturating_sub(age)).await?);
        }
        Ok(json(&all))
    }

    /// What is stored of a day; its place may still hold the day before that had it.
    async fn day(&self, number: u64) -> Result<Day, Problem> {
        let stored: Option<Day> = self.context.storage().load(&slot(number)).await?;
        let stored = stored.filter(|day| day.number == number);
        Ok(stored.unwrap_or_else(|| Day { number, ..Day::default() }))
    }
}

/// Where a day lies: days follow each other in a ring, so that nothing has to be deleted.
fn slot(number: u64) -> String {
    format!("day:{}", number % KEPT)
}
