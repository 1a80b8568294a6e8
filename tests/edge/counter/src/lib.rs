//! Counts how often each path was posted to.

use std::rc::Rc;

use edge::{
    Answer, App, Context, DurableObject, Env, LocalBoxFuture, Method, Request, Response, State, StorageError,
};
use wasm_bindgen::prelude::wasm_bindgen;

/// Runs when the wasm is started, and again when it is started anew after a trap.
#[wasm_bindgen(start)]
pub fn start() {
    edge::serve(Counters);
}

struct Counters;

impl App for Counters {
    const LARGEST_BODY: usize = 1024;

    async fn fetch(self: Rc<Self>, request: Request, env: Env, _context: Context) -> Response {
        if request.method() != Method::Post {
            return Response::empty(405).with_header("Allow", "POST");
        }
        let counter = env.durable_object("COUNTERS").get_by_name(request.path());
        match counter.call("increment", "").await {
            Ok(answer) => Response::text(200, "text/plain", answer.into_text().unwrap_or_default()),
            Err(error) => Response::text(500, "text/plain", error.to_string()),
        }
    }

    fn durable_object(&self, class: &str, state: State, _env: Env) -> Option<Rc<dyn DurableObject>> {
        match class {
            "Counter" => Some(Rc::new(Counter { state })),
            _ => None,
        }
    }
}

struct Counter {
    state: State,
}

impl DurableObject for Counter {
    fn call(
        self: Rc<Self>,
        method: String,
        _body: String,
    ) -> LocalBoxFuture<'static, Result<Answer, String>> {
        Box::pin(async move {
            match method.as_str() {
                "increment" => self.increment().await.map_err(|error| error.to_string()),
                _ => Err("there is no such method".to_owned()),
            }
        })
    }
}

impl Counter {
    async fn increment(&self) -> Result<Answer, StorageError> {
        let storage = self.state.storage();
        let stored = storage.get_text("count").await?;
        let count =
            stored.and_then(|count| count.parse().ok()).unwrap_or(0_u64).saturating_add(1).to_string();
        storage.put_text("count", &count).await?;
        Ok(Answer::Text(count))
    }
}
