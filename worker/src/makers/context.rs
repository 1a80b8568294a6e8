//! How a maker is asked, and what each of them works with.

use std::future::Future;
use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use wxedge_contract::Problem;

use crate::App;
use crate::border::{Answer, Durable, Object, Platform, Storage};

const NAMESPACE: &str = "MAKERS";

/// Asks the maker called `name`.
pub(crate) async fn ask(app: &App, name: &str, question: &str, body: &impl Serialize) -> Answer {
    app.platform.ask(&object(app, name)?, question, body).await
}

/// Asks the maker called `name` for an answer in JSON.
pub(crate) async fn ask_json<T: DeserializeOwned>(
    app: &App,
    name: &str,
    question: &str,
    body: &impl Serialize,
) -> Result<T, Problem> {
    app.platform.ask_json(&object(app, name)?, question, body).await
}

fn object<'a>(app: &'a App, name: &'a str) -> Result<Object<'a>, Problem> {
    Ok(Object { namespace: NAMESPACE, name, location: app.config.do_location.as_ref()? })
}

/// What every maker works with: its storage, the settings, the way to WeChat.
#[derive(Clone)]
pub(crate) struct MakerContext(Rc<(Durable, App)>);

impl MakerContext {
    pub(crate) fn new(durable: Durable) -> Self {
        let app = App::new(durable.platform.clone());
        Self(Rc::new((durable, app)))
    }

    pub(crate) fn storage(&self) -> &Storage {
        &self.0.0.storage
    }

    pub(crate) fn platform(&self) -> &Platform {
        &self.0.0.platform
    }

    pub(crate) fn app(&self) -> &App {
        &self.0.1
    }

    /// Drives work to its end, whether or not the request that started it is still there.
    pub(crate) fn drive<T>(&self, work: impl Future<Output = T> + 'static) {
        self.0.0.finish(async move { drop(work.await) });
    }

    /// Wakes the object in that many milliseconds. Only an image is woken, to be handed over to KV.
    pub(crate) async fn wake_in(&self, milliseconds: u64) -> Result<(), Problem> {
        self.storage().set_alarm(self.platform().now_ms().saturating_add(milliseconds)).await
    }
}
