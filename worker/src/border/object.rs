//! Durable Objects: how they are asked, and how they are built.
//!
//! A question is its name and JSON; the answer is bytes, or a problem, which goes as its JSON text.

use std::future::Future;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use js_sys::{Promise, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsError, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use wxedge_contract::{Code, Problem, read_own_json};

use super::Platform;
use super::entry::run;
use super::js::{self, Env, ObjectContext, ObjectStorage};
use crate::objects;

/// What an object answers: bytes of the kind that the question asks for.
pub(crate) type Answer = Result<Vec<u8>, Problem>;

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
        let asked =
            js::ask_object(&self.env, object.namespace, object.name, object.location, question, &body);
        let answer = settled(asked).await.map_err(|_| no_answer(object.namespace))?;
        match answer.as_string() {
            None => Ok(answer.unchecked_into::<Uint8Array>().to_vec()),
            Some(problem) => Err(read_own_json(problem.as_bytes())
                .unwrap_or_else(|| Problem::new(Code::Internal, "An unreadable problem."))),
        }
    }

    /// Asks for an answer in JSON.
    pub(crate) async fn ask_json<T: DeserializeOwned>(
        &self,
        object: &Object<'_>,
        question: &str,
        body: &impl Serialize,
    ) -> Result<T, Problem> {
        let bytes = self.ask(object, question, body).await?;
        read_own_json(&bytes)
            .ok_or_else(|| Problem::new(Code::Internal, "An object answered something unreadable."))
    }
}

fn no_answer(namespace: &str) -> Problem {
    Problem::new(Code::Internal, ["The Durable Object behind ", namespace, " did not answer."].concat())
        .hint("Try again; if it stays so, check the binding and the migration in wrangler.toml.")
}

async fn settled(asked: Result<Promise, JsValue>) -> Result<JsValue, JsValue> {
    JsFuture::from(asked?).await
}

/// What lives in a Durable Object.
pub(crate) trait Resident {
    /// Answers a question.
    fn ask(self: Rc<Self>, question: String, body: Vec<u8>) -> LocalBoxFuture<'static, Answer>;

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
        let resident = objects::resident(kind, Durable::new(context, env));
        resident.map(Self).ok_or_else(|| JsError::new("there is no such class of Durable Objects"))
    }

    /// Gives the answer, bytes or the text of a problem, or a promise of it.
    pub fn ask(&self, question: String, body: String) -> JsValue {
        let answer = self.0.clone().ask(question, body.into_bytes());
        run(async move {
            Ok(match answer.await {
                Ok(bytes) => Uint8Array::from(bytes.as_slice()).into(),
                Err(problem) => JsValue::from_str(&serde_json::to_string(&problem).unwrap_or_default()),
            })
        })
    }

    /// Gives a promise that fails when the alarm is to ring again.
    pub fn alarm(&self) -> JsValue {
        let rung = self.0.clone().alarm();
        run(async move {
            rung.await.map(|()| JsValue::UNDEFINED).map_err(|problem| JsError::new(&problem.detail).into())
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
        let storage = Storage(Rc::new(context.storage()));
        Self { platform: Platform::new(env), storage, context: Rc::new(context) }
    }

    /// Drives `work` to its end, whether or not the request that started it is still there.
    pub(crate) fn finish(&self, work: impl Future<Output = ()> + 'static) {
        let work = async move {
            work.await;
            Ok(JsValue::UNDEFINED)
        };
        self.context.wait_until(&future_to_promise(work));
    }
}

/// The private storage of an object: texts and bytes under names, and one alarm.
#[derive(Clone)]
pub(crate) struct Storage(Rc<ObjectStorage>);

impl Storage {
    pub(crate) async fn text(&self, key: &str) -> Result<Option<String>, Problem> {
        Ok(stored(self.0.read(key)).await?.as_string())
    }

    pub(crate) async fn put_text(&self, key: &str, text: &str) -> Result<(), Problem> {
        stored(self.0.put(key, &JsValue::from_str(text))).await.map(drop)
    }

    pub(crate) async fn bytes(&self, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        let value = stored(self.0.read(key)).await?;
        Ok(value.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec()))
    }

    pub(crate) async fn put_bytes(&self, key: &str, bytes: &[u8]) -> Result<(), Problem> {
        stored(self.0.put(key, &Uint8Array::from(bytes))).await.map(drop)
    }

    pub(crate) async fn delete_all(&self) -> Result<(), Problem> {
        // The alarm goes last: should the deletion fail, it is tried again.
        stored(self.0.delete_all()).await?;
        stored(self.0.delete_alarm()).await.map(drop)
    }

    /// Sets the alarm to a time in Unix milliseconds.
    pub(crate) async fn set_alarm(&self, at: u64) -> Result<(), Problem> {
        stored(self.0.set_alarm(precise(at))).await.map(drop)
    }
}

/// The runtime resets an object whose storage fails; whoever asks again finds a fresh one.
async fn stored(asked: Result<Promise, JsValue>) -> Result<JsValue, Problem> {
    settled(asked).await.map_err(|_| {
        Problem::new(Code::Internal, "The storage of a Durable Object failed.").hint("Try again.")
    })
}

#[expect(clippy::cast_precision_loss, reason = "a time in milliseconds is far below 2^53")]
const fn precise(at: u64) -> f64 {
    at as f64
}
