//! What is made once has one maker: one object per code image shares the making between all who ask at the same time.
//!
//! KV serves the image from then on. The object keeps its own copy for as long as KV may not show it everywhere.

use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use wxedge_contract::{Code, Problem};

use crate::border::{Answer, Durable, Object, Resident};
use crate::codes::CodeOrder;
use crate::single_flight::SingleFlight;
use crate::upstream::{self, Expect};
use crate::{App, log, store};

const NAMESPACE: &str = "MAKERS";
/// Where the image lies in the object's storage.
const IMAGE: &str = "image";
/// How long the object keeps its copy, in milliseconds: KV shows a new value everywhere within a minute or so.
const OWN_COPY_LIFE: u64 = 10 * 60 * 1000;
/// The largest value that the object's storage takes is 2 MB; a larger image lies in KV only.
const LARGEST_OWN_COPY: usize = 2_000_000;

/// Asks the maker of this image for it. `digest` names the image.
pub(crate) async fn image(app: &App, digest: &str, order: &CodeOrder) -> Answer {
    let object = Object { namespace: NAMESPACE, name: digest, location: app.config.do_location.as_deref()? };
    app.platform.ask(&object, digest, order).await
}

/// The Durable Object behind `MAKERS`.
pub(super) struct Maker {
    durable: Durable,
    app: App,
    making: SingleFlight<Result<Rc<Vec<u8>>, Problem>>,
}

impl Maker {
    pub(super) fn new(durable: Durable) -> Self {
        let app = App::new(durable.platform.clone());
        Self { durable, app, making: SingleFlight::new() }
    }
}

impl Resident for Maker {
    fn ask(self: Rc<Self>, digest: String, body: String) -> LocalBoxFuture<'static, Answer> {
        async move { self.answer(digest, &body).await }.boxed_local()
    }

    fn alarm(self: Rc<Self>) -> LocalBoxFuture<'static, Result<(), Problem>> {
        async move { self.durable.storage.delete_all().await }.boxed_local()
    }
}

impl Maker {
    async fn answer(self: &Rc<Self>, digest: String, body: &str) -> Answer {
        let order = serde_json::from_str(body)
            .map_err(|_| Problem::new(Code::Internal, "The question to the maker is unreadable."))?;
        if let Some(image) = self.durable.storage.bytes(IMAGE).await? {
            return Ok(image);
        }
        let making = self.making.current().unwrap_or_else(|| {
            let run = self.making.start(self.clone().make(digest, order));
            let driven = run.clone();
            self.durable.finish(async move { drop(driven.await) });
            run
        });
        making.await.map(|image| image.to_vec())
    }

    async fn make(self: Rc<Self>, digest: String, order: CodeOrder) -> Result<Rc<Vec<u8>>, Problem> {
        let image = self.fetch(&order).await?;
        self.keep(&digest, &image).await?;
        Ok(Rc::new(image))
    }

    async fn fetch(&self, order: &CodeOrder) -> Answer {
        let call = order.call()?;
        let endpoint = call.endpoint();
        let read = |body: &[u8]| wxedge_wechat::read_image(endpoint, body).map(|_| body.to_vec());
        upstream::call_with_token(&self.app, &call, Expect::Image, read).await
    }

    /// Stores the image before anybody gets it. KV may fail: the next one who asks finds it here, or it is made again.
    async fn keep(&self, digest: &str, image: &[u8]) -> Result<(), Problem> {
        if image.len() <= LARGEST_OWN_COPY {
            self.durable.storage.put_bytes(IMAGE, image).await?;
            self.durable
                .storage
                .set_alarm(self.durable.platform.now_ms().saturating_add(OWN_COPY_LIFE))
                .await?;
        }
        if !store::put_image(&self.durable.platform, digest, image).await {
            log::copy_failed("image");
        }
        Ok(())
    }
}
