//! How a maker is asked, and what each of them works with.

use std::future::Future;
use std::rc::Rc;

use futures_util::FutureExt;
use serde::Serialize;
use wxedge_contract::{Problem, to_json};

use crate::App;
use crate::platform::{Asked, ObjectState, Platform, Storage};

const NAMESPACE: &str = "MAKERS";

/// Asks the maker called `name`.
pub(crate) fn ask(app: &App, name: Result<String, Problem>, question: &str, body: &impl Serialize) -> Asked {
    app.ask(NAMESPACE, name, question, &to_json(body))
}

/// What every maker works with: its storage, the settings, the way to WeChat.
#[derive(Clone)]
pub(crate) struct MakerContext(Rc<(ObjectState, App)>);

impl MakerContext {
    pub(crate) fn new(state: ObjectState) -> Self {
        let app = App::new(state.platform.clone());
        Self(Rc::new((state, app)))
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
    pub(crate) fn wait_until<T: 'static>(&self, work: impl Future<Output = T> + 'static) {
        self.0.0.wait_until(work.map(drop));
    }

    /// Wakes the object in that many milliseconds. Only an image is woken, to be handed over to KV.
    pub(crate) fn set_alarm_in(
        &self,
        milliseconds: u64,
    ) -> impl Future<Output = Result<(), Problem>> + use<> {
        self.storage().set_alarm(self.platform().now_ms().saturating_add(milliseconds))
    }
}
