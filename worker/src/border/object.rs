//! Durable Objects: how they are asked, and how they are built.
//!
//! A question is a `POST` with JSON to `https://object/<name of the question>`; the answer is bytes, or a problem.

use std::future::Future;
use std::rc::Rc;

use js_sys::Uint8Array;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use worker::{Env, RequestInit, State, Stub};
use wxedge_contract::{Code, Problem};

use super::Platform;
use super::fetch::read_all;

/// The status by which an object says that its answer is a problem; it never leaves the Worker.
const PROBLEM_STATUS: u16 = 599;
/// The largest message between Worker and object, in bytes: an image and its frame.
const LARGEST_MESSAGE: usize = 8 * 1024 * 1024;

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
    pub(crate) async fn ask(&self, object: &Object<'_>, question: &str, body: &impl Serialize) -> Answer {
        self.require(object.namespace)?;
        let broken = |_| {
            Problem::new(
                Code::Internal,
                format!("The Durable Object behind {} did not answer.", object.namespace),
            )
            .hint("Try again; if it stays so, check the binding and the migration in wrangler.toml.")
        };
        let stub = self
            .env
            .durable_object(object.namespace)
            .and_then(|objects| objects.get_by_name_with_location_hint(object.name, object.location))
            .map_err(broken)?;
        let (status, bytes) = send(&stub, question, body).await.map_err(broken)?;
        if status == PROBLEM_STATUS {
            return Err(serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| Problem::new(Code::Internal, "An unreadable problem.")));
        }
        Ok(bytes)
    }

    /// Asks for an answer in JSON.
    pub(crate) async fn ask_json<T: DeserializeOwned>(
        &self,
        object: &Object<'_>,
        question: &str,
        body: &impl Serialize,
    ) -> Result<T, Problem> {
        let bytes = self.ask(object, question, body).await?;
        serde_json::from_slice(&bytes)
            .map_err(|_| Problem::new(Code::Internal, "An object answered something unreadable."))
    }
}

async fn send(stub: &Stub, question: &str, body: &impl Serialize) -> worker::Result<(u16, Vec<u8>)> {
    let mut init = RequestInit::new();
    init.with_method(worker::Method::Post).with_body(Some(JsValue::from_str(&serde_json::to_string(body)?)));
    let request = worker::Request::new_with_init(&format!("https://object/{question}"), &init)?;
    let response = stub.fetch_with_request(request).await?;
    let status = response.status_code();
    let response: web_sys::Response = response.into();
    let bytes =
        read_all(response.body(), LARGEST_MESSAGE).await.map_err(|_| worker::Error::from("cut off"))?;
    Ok((status, bytes))
}

/// What every object has: its private storage, and the platform.
#[derive(Clone)]
pub(crate) struct Durable {
    pub(crate) platform: Platform,
    pub(crate) storage: Storage,
    state: Rc<State>,
}

impl Durable {
    pub(crate) fn new(state: State, env: Env) -> Self {
        let state = Rc::new(state);
        Self { platform: Platform::new(env), storage: Storage(state.clone()), state }
    }

    /// Drives `work` to its end, whether or not the request that started it is still there.
    pub(crate) fn finish(&self, work: impl Future<Output = ()> + 'static) {
        self.state.wait_until(work);
    }

    /// Answers a question that came as a request.
    pub(crate) async fn answer<F: Future<Output = Answer>>(
        request: worker::Request,
        answer: impl FnOnce(String, Vec<u8>) -> F,
    ) -> worker::Result<worker::Response> {
        let question = request.path().trim_start_matches('/').to_owned();
        let body = read_all(request.inner().body(), LARGEST_MESSAGE)
            .await
            .map_err(|_| worker::Error::from("cut off"))?;
        match answer(question, body).await {
            Ok(bytes) => worker::Response::from_bytes(bytes),
            Err(problem) => {
                let text = serde_json::to_vec(&problem)?;
                Ok(worker::Response::from_bytes(text)?.with_status(PROBLEM_STATUS))
            }
        }
    }
}

/// The private storage of an object: texts and bytes under names, and one alarm.
#[derive(Clone)]
pub(crate) struct Storage(Rc<State>);

/// What an object says when its storage fails. The runtime resets the object then; whoever asks again finds a fresh one.
fn storage_failed(_: worker::Error) -> Problem {
    Problem::new(Code::Internal, "The storage of a Durable Object failed.").hint("Try again.")
}

impl Storage {
    pub(crate) async fn text(&self, key: &str) -> Result<Option<String>, Problem> {
        self.0.storage().get(key).await.map_err(storage_failed)
    }

    pub(crate) async fn put_text(&self, key: &str, text: &str) -> Result<(), Problem> {
        self.0.storage().put_raw(key, text).await.map_err(storage_failed)
    }

    pub(crate) async fn bytes(&self, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        let value = wasm_bindgen_futures::JsFuture::from(
            self.0.storage().as_raw().get(key).map_err(|error| storage_failed(error.into()))?,
        )
        .await
        .map_err(|error| storage_failed(error.into()))?;
        Ok(value.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec()))
    }

    pub(crate) async fn put_bytes(&self, key: &str, bytes: &[u8]) -> Result<(), Problem> {
        self.0.storage().put_raw(key, Uint8Array::from(bytes)).await.map_err(storage_failed)
    }

    pub(crate) async fn delete_all(&self) -> Result<(), Problem> {
        let storage = self.0.storage();
        // The alarm goes last: should the deletion fail, it is tried again.
        storage.delete_all().await.map_err(storage_failed)?;
        storage.delete_alarm().await.map_err(storage_failed)
    }

    /// Sets the alarm to a time in Unix milliseconds.
    pub(crate) async fn set_alarm(&self, at: u64) -> Result<(), Problem> {
        let at = js_sys::Date::new(&js_sys::Number::from(precise(at)));
        self.0.storage().set_alarm(worker::ScheduledTime::new(at)).await.map_err(storage_failed)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a time in milliseconds is far below 2^53")]
const fn precise(at: u64) -> f64 {
    at as f64
}
