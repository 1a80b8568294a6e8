//! Durable Objects: how they are asked, and how they are built.
//!
//! A question is its name and JSON; the answer is a text or bytes, or a problem, which goes as its JSON.

use std::future::Future;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use js_sys::Uint8Array;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsError, JsValue};
use wxedge_contract::{Code, Problem, read_own_json};

use super::Platform;
use super::js::{self, Env, ObjectContext};
use super::tasks::{Asked, Outcome, ask, run};
use crate::durable_objects;

/// What an object answers.
pub(crate) type Answer = Result<Said, Problem>;

/// What an object says: a text, mostly JSON, unless the question asks for bytes.
pub(crate) enum Said {
    Text(String),
    Bytes(Vec<u8>),
}

impl Said {
    /// That it is done.
    pub(crate) const NOTHING: Self = Self::Text(String::new());

    /// The JSON of texts, numbers and booleans, which always have one.
    pub(crate) fn json(body: &impl Serialize) -> Self {
        Self::Text(serde_json::to_string(body).unwrap_or_default())
    }

    pub(crate) fn into_text(self) -> Result<String, Problem> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Bytes(_) => Err(unreadable()),
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// Which object is asked.
pub(crate) struct Object<'a> {
    /// The binding.
    pub(crate) namespace: &'static str,
    pub(crate) name: &'a str,
    /// Near which place it is put when it does not exist yet.
    pub(crate) location: &'a str,
}

impl Platform {
    /// Asks an object a question.
    pub(crate) fn ask<'a, T: Serialize>(
        &'a self,
        object: &'a Object<'_>,
        question: &'a str,
        body: &T,
    ) -> impl Future<Output = Answer> {
        let body = serde_json::to_string(body).unwrap_or_default();
        self.ask_text(object, question, body)
    }

    /// Asks a question whose JSON is at hand.
    pub(crate) async fn ask_text(&self, object: &Object<'_>, question: &str, body: String) -> Answer {
        self.require(object.namespace)?;
        let Object { namespace, name, location } = *object;
        let asked =
            ask(|number| js::ask_object(number, &self.env, namespace, name, location, question, &body));
        match asked.await {
            Outcome::Text(text) => Ok(Said::Text(text)),
            Outcome::Bytes(bytes) => Ok(Said::Bytes(bytes)),
            Outcome::Problem(problem) => Err(read_own_json(problem.as_bytes()).unwrap_or_else(unreadable)),
            _ => Err(no_answer(namespace)),
        }
    }

    /// Asks for an answer in JSON.
    pub(crate) async fn ask_json<T: DeserializeOwned>(
        &self,
        object: &Object<'_>,
        question: &str,
        body: &impl Serialize,
    ) -> Result<T, Problem> {
        let said = self.ask(object, question, body).await?;
        read_own_json(&said.into_bytes()).ok_or_else(unreadable)
    }
}

fn unreadable() -> Problem {
    Problem::new(Code::Internal, "An object answered something unreadable.")
}

fn no_answer(namespace: &str) -> Problem {
    Problem::new(Code::Internal, ["The Durable Object behind ", namespace, " did not answer."].concat())
        .hint("Try again; if it stays so, check the binding and the migration in wrangler.toml.")
}

/// What lives in a Durable Object.
pub(crate) trait Resident {
    /// Answers a question.
    fn ask(self: Rc<Self>, question: String, body: String) -> LocalBoxFuture<'static, Answer>;

    /// Does what the alarm was set for. The runtime tries again when it fails.
    fn alarm(self: Rc<Self>) -> LocalBoxFuture<'static, Result<(), Problem>>;
}

/// A Durable Object as `entry.js` holds it.
#[wasm_bindgen(js_name = Resident)]
pub struct Host(Rc<dyn Resident>);

#[wasm_bindgen(js_class = Resident)]
impl Host {
    /// An object of the class `kind`.
    #[wasm_bindgen(constructor)]
    pub fn new(kind: &str, context: ObjectContext, env: Env) -> Result<Self, JsError> {
        let resident = durable_objects::resident(kind, Durable::new(context, env));
        resident.map(Self).ok_or_else(|| JsError::new("there is no such class of Durable Objects"))
    }

    /// Gives the answer, or the number of the task that will: a text, bytes, or an object that holds a problem.
    pub fn ask(&self, question: String, body: String) -> JsValue {
        let answer = self.0.clone().ask(question, body);
        run(async move {
            match answer.await {
                Ok(Said::Text(text)) => JsValue::from(text),
                Ok(Said::Bytes(bytes)) => Uint8Array::from(bytes.as_slice()).into(),
                Err(problem) => js::object_problem(&serde_json::to_string(&problem).unwrap_or_default()),
            }
        })
    }

    /// Gives nothing, or a text when the alarm is to ring again, or the number of the task that will.
    pub fn alarm(&self) -> JsValue {
        let rung = self.0.clone().alarm();
        run(async move {
            match rung.await {
                Ok(()) => JsValue::UNDEFINED,
                Err(problem) => JsValue::from_str(&problem.detail),
            }
        })
    }
}

/// What every object has: its private storage, and the platform.
#[derive(Clone)]
pub(crate) struct Durable {
    pub(crate) platform: Platform,
    pub(crate) storage: Storage,
    context: Rc<ObjectContext>,
}

impl Durable {
    fn new(context: ObjectContext, env: Env) -> Self {
        let context = Rc::new(context);
        Self { platform: Platform::of_object(env), storage: Storage(context.clone()), context }
    }

    /// Drives `work` to its end, whether or not the request that started it is still there.
    pub(crate) fn finish(&self, work: impl Future<Output = ()> + 'static) {
        let task = run(async move {
            work.await;
            JsValue::UNDEFINED
        });
        js::wait_until(&self.context, &task);
    }
}

/// The private storage of an object: texts and bytes under names, and one alarm.
#[derive(Clone)]
pub(crate) struct Storage(Rc<ObjectContext>);

impl Storage {
    pub(crate) async fn text(&self, key: &str) -> Result<Option<String>, Problem> {
        match ask(|question| js::storage_get(question, &self.0, key)).await {
            Outcome::Text(text) => Ok(Some(text)),
            Outcome::Failed(_) => Err(failed()),
            _ => Ok(None),
        }
    }

    pub(crate) async fn put_text(&self, key: &str, text: &str) -> Result<(), Problem> {
        done(ask(|question| js::storage_put_text(question, &self.0, key, text))).await
    }

    pub(crate) async fn bytes(&self, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        match ask(|question| js::storage_get(question, &self.0, key)).await {
            Outcome::Bytes(bytes) => Ok(Some(bytes)),
            Outcome::Failed(_) => Err(failed()),
            _ => Ok(None),
        }
    }

    pub(crate) async fn put_bytes(&self, key: &str, bytes: &[u8]) -> Result<(), Problem> {
        done(ask(|question| js::storage_put_bytes(question, &self.0, key, bytes))).await
    }

    /// Deletes everything, the alarm too.
    pub(crate) async fn delete_all(&self) -> Result<(), Problem> {
        done(ask(|question| js::storage_delete_all(question, &self.0))).await
    }

    /// Sets the alarm to a time in Unix milliseconds.
    pub(crate) async fn set_alarm(&self, at: u64) -> Result<(), Problem> {
        done(ask(|question| js::set_alarm(question, &self.0, precise(at)))).await
    }
}

async fn done(asked: Asked) -> Result<(), Problem> {
    match asked.await {
        Outcome::Failed(_) => Err(failed()),
        _ => Ok(()),
    }
}

/// The runtime resets an object whose storage fails; whoever asks again finds a fresh one.
fn failed() -> Problem {
    Problem::new(Code::Internal, "The storage of a Durable Object failed.").hint("Try again.")
}

#[expect(clippy::cast_precision_loss, reason = "a time in milliseconds is far below 2^53")]
const fn precise(at: u64) -> f64 {
    at as f64
}
