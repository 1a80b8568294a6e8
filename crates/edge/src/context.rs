//! What lives as long as a request or an object.

use std::future::Future;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use wasm_bindgen::JsValue;

use crate::js;
use crate::runtime::spawn;

/// The context of a request.
#[derive(Clone)]
pub struct Context(Rc<js::Context>);

impl Context {
    pub(crate) fn new(context: js::Context) -> Self {
        Self(Rc::new(context))
    }

    /// Drives `future` to its end, whether or not the response is sent meanwhile: up to 30 seconds after it.
    /// Source: Cloudflare Workers, Context (ctx), `waitUntil`.
    pub fn wait_until(&self, future: impl Future<Output = ()> + 'static) {
        self.drive(Box::pin(future));
    }

    fn drive(&self, future: LocalBoxFuture<'static, ()>) {
        js::wait_until(&self.0, &spawn(future.map(|()| JsValue::UNDEFINED)));
    }

    pub(crate) fn js(&self) -> &js::Context {
        &self.0
    }
}
