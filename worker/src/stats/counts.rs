//! What this isolate has counted and not handed over yet.
//!
//! Nothing is written for a call: counts are handed over at most once in ten seconds, behind a response, and only when the
//! isolate is asked again after that. What an isolate has counted when it ends, or when it is started anew after a trap, is
//! lost.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::mem::take;

use wxedge_contract::Problem;

use super::day::{Day, Outcome, day_of};
use super::keeper;
use crate::App;
use crate::http::Reply;
use crate::route::Route;

/// How long counts wait at least, in seconds.
const INTERVAL: u64 = 10;

thread_local! {
    static COUNTED: RefCell<Day> = RefCell::default();
    /// When counts were handed over last, in Unix seconds.
    static HANDED_OVER: Cell<u64> = const { Cell::new(0) };
}

/// Counts a call of an endpoint of WeChat's by that key, and what became of it.
pub(crate) fn count_endpoint(key: &str, endpoint: &str, problem: Option<&Problem>) {
    let errcode = problem.map_or(Some(0), |problem| problem.errcode);
    let outcome = Outcome::of_endpoint(key, endpoint, errcode, problem.map(|problem| problem.code.as_str()));
    COUNTED.with_borrow_mut(|counted| counted.counts.add(outcome, 1));
}

/// Counts a call of a route of ours, and what became of it.
pub(crate) fn count_route(route: &Route, answer: &Result<Reply, Problem>) {
    let problem = answer.as_ref().err();
    let outcome = Outcome {
        method: Some(route.method.as_str()),
        route: Some(route.path),
        status: Some(answer.as_ref().map_or_else(|problem| problem.code.status(), |reply| reply.status)),
        errcode: problem.and_then(|problem| problem.errcode),
        code: problem.map(|problem| problem.code.as_str()),
        ..Outcome::default()
    };
    COUNTED.with_borrow_mut(|counted| counted.routes.add(outcome, 1));
}

/// Adds what has been counted and waits.
pub(super) fn add_waiting(day: &mut Day) {
    COUNTED.with_borrow(|counted| day.add(counted));
}

/// Hands the counts over, when there are any and they have waited long enough. What cannot be handed over is lost: it was
/// perhaps added up, and nothing is to be counted twice.
pub(crate) fn flush_when_due(app: App) -> Option<impl Future<Output = ()> + 'static> {
    if COUNTED.with_borrow(Day::is_empty) {
        return None;
    }
    let now = app.platform.now();
    if now.abs_diff(HANDED_OVER.get()) < INTERVAL {
        return None;
    }
    HANDED_OVER.set(now);
    let counted = Day { number: day_of(now), ..COUNTED.with_borrow_mut(take) };
    Some(async move { drop(keeper::add(&app, &counted).await) })
}
