//! What this isolate has counted and not handed over yet.
//!
//! Nothing is written for a call: counts are handed over at most once in ten seconds, behind a response, and only when the
//! isolate is asked again after that. What an isolate has counted when it ends, or when it is started anew after a trap, is
//! lost.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::mem::take;

use wxedge_contract::Problem;

use super::day::{Count, Day, day_of};
use super::keeper;
use crate::App;

/// How long counts wait at least, in seconds.
const INTERVAL: u64 = 10;

thread_local! {
    static COUNTED: RefCell<Day> = RefCell::default();
    /// When counts were handed over last, in Unix seconds.
    static HANDED_OVER: Cell<u64> = const { Cell::new(0) };
}

/// Counts a call of that key, and what became of it.
pub(crate) fn count(key: &str, endpoint: &str, problem: Option<&Problem>) {
    let count = match problem {
        None => Count::new(key, endpoint, Some(0), None),
        Some(problem) => Count::new(key, endpoint, problem.errcode, Some(problem.code.as_str())),
    };
    COUNTED.with_borrow_mut(|counted| counted.add(count));
}

/// What has been counted and waits.
pub(super) fn waiting() -> Vec<Count> {
    COUNTED.with_borrow(|counted| counted.counts.clone())
}

/// Hands the counts over, when there are any and they have waited long enough. What cannot be handed over is lost: it was
/// perhaps added up, and nothing is to be counted twice.
pub(crate) fn flush_when_due(app: App) -> Option<impl Future<Output = ()> + 'static> {
    if COUNTED.with_borrow(|counted| counted.counts.is_empty()) {
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
