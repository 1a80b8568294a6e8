//! Runs the Worker's futures.
//!
//! A task begins with a call from JavaScript, and goes on when something that it asked for outside is answered, in the same
//! turn as the answer: so on behalf of its own request, or of another one of the same Durable Object. `tasks.js` is the
//! other side.

#![expect(unreachable_pub, reason = "wasm-bindgen exports what is pub")]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use js_sys::Date;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::js;
use super::slots::{Number, Slots};

/// When there are so many tasks, those are given up whose request is gone: the runtime drops its promises silently.
const MANY_TASKS: usize = 1_000;
/// How old such a task is, in milliseconds. Nothing alive waits so long: an answer has ten seconds, and the longest chain
/// of them is a token, a call, a refresh of the token and the call again.
const LONGEST_LIFE: f64 = 120_000.0;

type Work = Pin<Box<dyn Future<Output = JsValue>>>;

struct Task {
    /// Absent while it runs.
    work: Option<Work>,
    waker: Waker,
    /// Unix milliseconds.
    began: f64,
}

/// Something that was asked outside.
struct Question {
    waker: Option<Waker>,
    outcome: Option<Outcome>,
}

/// What came of a question.
pub(super) enum Outcome {
    /// It is done, or what was looked for is not there.
    Nothing,
    Truth(bool),
    Text(String),
    Bytes(Vec<u8>),
    /// An object that stays outside.
    Value(JsValue),
    /// The problem of an object, as its JSON.
    Problem(String),
    Reply(Reply),
    Failed(Failure),
}

/// The reply to a request.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) codes_used: Option<String>,
}

/// Why nothing came of a question. The runtime's own words are dropped: they may hold the URL, and that a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    Broken,
    TimedOut,
    TooLarge,
    /// There was no connection, so nothing was sent.
    NotOpened,
}

impl Failure {
    fn named(name: &str) -> Self {
        match name {
            "timed_out" => Self::TimedOut,
            "too_large" => Self::TooLarge,
            "not_opened" => Self::NotOpened,
            _ => Self::Broken,
        }
    }
}

thread_local! {
    static TASKS: RefCell<Slots<Task>> = const { RefCell::new(Slots::new()) };
    static QUESTIONS: RefCell<Slots<Question>> = const { RefCell::new(Slots::new()) };
    static WOKEN: RefCell<VecDeque<Number>> = const { RefCell::new(VecDeque::new()) };
    static MOST_TASKS: Cell<usize> = const { Cell::new(MANY_TASKS) };
    /// Whether a task runs at this moment: what is woken meanwhile waits for its turn.
    static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` as far as it goes without waiting. Gives what it gives when that is all, else the number under which
/// JavaScript will be told: most requests need no promise at all.
pub(super) fn run(work: impl Future<Output = JsValue> + 'static) -> JsValue {
    give_up_lost_tasks();
    let work: Work = Box::pin(work);
    let number = TASKS.with_borrow_mut(|tasks| {
        tasks.insert_with(|number| Task {
            work: Some(work),
            waker: Waker::from(Arc::new(Wakeup(number))),
            began: Date::now(),
        })
    });
    let at_once = go_on(number);
    let soon = go_on_with_woken(Some(number));
    at_once.or(soon).unwrap_or_else(|| JsValue::from_f64(number.to_js()))
}

/// Wakes a task.
struct Wakeup(Number);

impl Wake for Wakeup {
    fn wake(self: Arc<Self>) {
        WOKEN.with_borrow_mut(|woken| woken.push_back(self.0));
    }
}

/// Goes on with a task as far as it goes without waiting; gives what it gives when that is all.
fn go_on(number: Number) -> Option<JsValue> {
    let (mut work, waker) = TASKS.with_borrow_mut(|tasks| {
        let task = tasks.get_mut(number)?;
        Some((task.work.take()?, task.waker.clone()))
    })?;
    let is_nested = IS_RUNNING.replace(true);
    let polled = work.as_mut().poll(&mut Context::from_waker(&waker));
    IS_RUNNING.set(is_nested);
    match polled {
        Poll::Ready(outcome) => {
            TASKS.with_borrow_mut(|tasks| tasks.remove(number));
            Some(outcome)
        }
        Poll::Pending => {
            TASKS.with_borrow_mut(|tasks| {
                if let Some(task) = tasks.get_mut(number) {
                    task.work = Some(work);
                }
            });
            None
        }
    }
}

/// Goes on with all that are woken, unless a task runs: then that is done after it. Gives what `new` gives, the task that
/// JavaScript does not know yet.
fn go_on_with_woken(new: Option<Number>) -> Option<JsValue> {
    let mut given = None;
    while !IS_RUNNING.get()
        && let Some(number) = WOKEN.with_borrow_mut(VecDeque::pop_front)
    {
        match go_on(number) {
            Some(outcome) if new == Some(number) => given = Some(outcome),
            Some(outcome) => js::finish(number.to_js(), &outcome),
            None => {}
        }
    }
    given
}

fn give_up_lost_tasks() {
    if TASKS.with_borrow(Slots::len) < MOST_TASKS.get() {
        return;
    }
    let now = Date::now();
    for number in TASKS.with_borrow(|tasks| tasks.numbers(|task| now - task.began > LONGEST_LIFE)) {
        drop(TASKS.with_borrow_mut(|tasks| tasks.remove(number)));
        js::forget(number.to_js());
    }
    MOST_TASKS.set(TASKS.with_borrow(Slots::len).saturating_mul(2).max(MANY_TASKS));
}

/// Asks something outside: `question` learns the number under which the answer is to come.
pub(super) fn ask(question: impl FnOnce(f64)) -> Asked {
    let number =
        QUESTIONS.with_borrow_mut(|asked| asked.insert_with(|_| Question { waker: None, outcome: None }));
    question(number.to_js());
    Asked(number)
}

/// Waits for what comes of a question.
pub(super) struct Asked(Number);

impl Future for Asked {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome> {
        QUESTIONS.with_borrow_mut(|asked| {
            let Some(question) = asked.get_mut(self.0) else { return Poll::Pending };
            if question.outcome.is_none() {
                question.waker = Some(context.waker().clone());
            }
            question.outcome.take().map_or(Poll::Pending, Poll::Ready)
        })
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        drop(QUESTIONS.with_borrow_mut(|asked| asked.remove(self.0)));
    }
}

/// Takes what came of a question, and goes on with whoever waits for it.
fn take(number: f64, outcome: Outcome) {
    let waker = QUESTIONS.with_borrow_mut(|asked| {
        let question = asked.get_mut(Number::from_js(number))?;
        question.outcome = Some(outcome);
        question.waker.take()
    });
    if let Some(waker) = waker {
        waker.wake();
        go_on_with_woken(None);
    }
}

/// It is done, or not there.
#[wasm_bindgen]
pub fn give_nothing(question: f64) {
    take(question, Outcome::Nothing);
}

/// The answer is yes or no.
#[wasm_bindgen]
pub fn give_truth(question: f64, truth: bool) {
    take(question, Outcome::Truth(truth));
}

/// The answer is a text.
#[wasm_bindgen]
pub fn give_text(question: f64, text: String) {
    take(question, Outcome::Text(text));
}

/// The answer is bytes.
#[wasm_bindgen]
pub fn give_bytes(question: f64, bytes: Vec<u8>) {
    take(question, Outcome::Bytes(bytes));
}

/// The answer is an object that stays outside.
#[wasm_bindgen]
pub fn give_value(question: f64, value: JsValue) {
    take(question, Outcome::Value(value));
}

/// The answer is an object's problem, as its JSON.
#[wasm_bindgen]
pub fn give_problem(question: f64, problem: String) {
    take(question, Outcome::Problem(problem));
}

/// The answer is the reply to a request.
#[wasm_bindgen]
pub fn give_reply(question: f64, status: u16, body: Vec<u8>, codes_used: Option<String>) {
    take(question, Outcome::Reply(Reply { status, body, codes_used }));
}

/// There is no answer, by the name of a [`Failure`].
#[wasm_bindgen]
pub fn give_failure(question: f64, name: &str) {
    take(question, Outcome::Failed(Failure::named(name)));
}
