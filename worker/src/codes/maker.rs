//! Makes one code image, once, however many ask for it at the same time.
//!
//! KV serves the image from then on. The object keeps its own copy until KV has it, so that a code of which an account
//! has only so many is not made again while KV takes no writes.

use std::rc::Rc;

use edge::Answer;
use serde::Serialize;
use wxedge_contract::{Code, Problem, record};

use super::{budget, images};
use crate::codes::order::CodeOrder;
use crate::makers::context::{self, MakerContext};
use crate::platform::{Asked, ObjectResult};
use crate::token::calls;
use crate::token::calls::Image;
use crate::{App, log};
use edge::SingleFlight;

/// Where the copy lies in the object's storage: the digest of the image, and its bytes.
const COPY: &str = "copy";
/// How many characters a digest has: SHA-256 in hex.
const DIGEST_LENGTH: usize = 64;
/// After how long the object looks whether KV has the image, in milliseconds: KV shows a new value everywhere within a
/// minute or so.
const LOOK_AFTER: u64 = 10 * 60 * 1000;
/// How long the object waits after KV has refused the image again, in milliseconds: mostly the writes of a day are used
/// up.
const LOOK_AGAIN_AFTER: u64 = 60 * 60 * 1000;
/// The largest value that the object's storage takes is 2 MB; a larger image lies in KV only.
const LARGEST_OWN_COPY: usize = 2_000_000;

/// Asks the maker of this image for it. `digest` names the image.
pub(crate) async fn make(app: &App, digest: &str, order: &CodeOrder) -> Result<Image, Problem> {
    let answer = context::ask(app, Ok(digest.to_owned()), "make_image", &Order { digest, order }).await?;
    unframed(answer.into_bytes())
        .ok_or_else(|| Problem::new(Code::Internal, "The maker answered something unreadable."))
}

/// Deletes the image wherever it is kept.
pub(crate) fn delete(app: &App, digest: &str) -> Asked {
    context::ask(app, Ok(digest.to_owned()), "delete_image", &digest)
}

#[derive(Serialize)]
struct Order<'a> {
    digest: &'a str,
    order: &'a CodeOrder,
}

record! {
    pub(crate) struct OwnedOrder {
        digest: String,
        order: CodeOrder,
    }
}

/// The part of a maker that makes an image.
pub(crate) struct ImageMaker {
    context: MakerContext,
    making: SingleFlight<Result<Rc<Image>, Problem>>,
    handing_over: SingleFlight<Result<(), Problem>>,
}

impl ImageMaker {
    pub(crate) const fn new(context: MakerContext) -> Self {
        Self { context, making: SingleFlight::new(), handing_over: SingleFlight::new() }
    }

    pub(crate) async fn answer(self: &Rc<Self>, asked: OwnedOrder) -> ObjectResult {
        if let Some((_, bytes)) = self.copy().await? {
            return Ok(Answer::Bytes(framed(&Image { bytes, codes_used: None })));
        }
        let making = self.making.current().unwrap_or_else(|| {
            let run = self.making.start(self.clone().make(asked));
            self.context.wait_until(run.clone());
            run
        });
        making.await.map(|image| Answer::Bytes(framed(&image)))
    }

    /// Forgets the image. One that is being made at this moment is made for those who asked before.
    pub(crate) async fn delete(&self, digest: &str) -> Result<(), Problem> {
        if let Some(making) = self.making.current() {
            drop(making.await);
        }
        if let Some(handing_over) = self.handing_over.current() {
            drop(handing_over.await);
        }
        self.context.storage().delete_all().await?;
        images::delete(self.context.platform(), digest).await
    }

    async fn make(self: Rc<Self>, asked: OwnedOrder) -> Result<Rc<Image>, Problem> {
        let image = self.fetch(&asked.order).await?;
        self.persist(&asked.digest, &image.bytes).await?;
        Ok(Rc::new(image))
    }

    async fn fetch(&self, order: &CodeOrder) -> Result<Image, Problem> {
        let app = self.context.app();
        if order.is_limited() && budget::is_used_up(&app.platform, app.config.appid()?).await {
            return Err(used_up());
        }
        let made = calls::image(app, &order.call()).await;
        if let Ok(Image { codes_used: Some(used), .. }) = made {
            self.note_budget(used).await;
        }
        made
    }

    /// Notes how much of the account's budget of limited codes is spent, as WeChat says with each of them. A refusal is
    /// not noted: it costs nothing to hear it again, and WeChat may have granted more.
    async fn note_budget(&self, used: u64) {
        let Ok(appid) = self.context.app().config.appid() else { return };
        if !budget::note(self.context.platform(), appid, used).await {
            log::copy_failed("limited_codes");
        }
    }

    /// Stores the image before anybody gets it. KV may fail: then whoever asks next finds it here.
    async fn persist(&self, digest: &str, image: &[u8]) -> Result<(), Problem> {
        if digest.len().saturating_add(image.len()) <= LARGEST_OWN_COPY {
            self.context.storage().put_bytes(COPY, &[digest.as_bytes(), image].concat()).await?;
            self.context.set_alarm_in(LOOK_AFTER).await?;
        }
        if !images::put(self.context.platform(), digest, image).await {
            log::copy_failed("image");
        }
        Ok(())
    }

    /// Hands the image over to KV for good: the object forgets it once KV shows it, else it writes it again and looks
    /// later.
    pub(crate) async fn hand_over(self: Rc<Self>) -> Result<(), Problem> {
        let run = self.handing_over.start(self.clone().hand_over_once());
        self.context.wait_until(run.clone());
        run.await
    }

    async fn hand_over_once(self: Rc<Self>) -> Result<(), Problem> {
        let platform = self.context.platform();
        let Some((digest, image)) = self.copy().await? else {
            return self.context.storage().delete_all().await;
        };
        if images::find(platform, &digest).await.is_some() {
            return self.context.storage().delete_all().await;
        }
        if images::put(platform, &digest, &image).await {
            return self.context.set_alarm_in(LOOK_AFTER).await;
        }
        log::copy_failed("image");
        self.context.set_alarm_in(LOOK_AGAIN_AFTER).await
    }

    /// The digest and the bytes of the object's own copy.
    async fn copy(&self) -> Result<Option<(String, Vec<u8>)>, Problem> {
        let Some(mut digest) = self.context.storage().bytes(COPY).await? else { return Ok(None) };
        let image = digest.split_off(DIGEST_LENGTH.min(digest.len()));
        Ok(String::from_utf8(digest).ok().map(|digest| (digest, image)))
    }
}

fn used_up() -> Problem {
    Problem::new(
        Code::QuotaExhausted,
        "All 100,000 limited codes of this account are made; WeChat was not asked again.",
    )
    .hint("Use POST /v1/wxacode/unlimited: its codes have no such limit.")
    .non_retryable()
}

/// The image behind a line that holds the number, if there is one.
fn framed(image: &Image) -> Vec<u8> {
    let mut frame = image.codes_used.map(|used| used.to_string()).unwrap_or_default().into_bytes();
    frame.push(b'\n');
    frame.extend_from_slice(&image.bytes);
    frame
}

fn unframed(mut frame: Vec<u8>) -> Option<Image> {
    let end = frame.iter().position(|byte| *byte == b'\n')?;
    let bytes = frame.split_off(end.saturating_add(1));
    let codes_used = std::str::from_utf8(frame.get(..end)?).ok()?.parse().ok();
    Some(Image { bytes, codes_used })
}

#[cfg(test)]
mod tests {
    use super::{Image, framed, unframed};

    #[test]
    fn an_image_survives_the_way_from_its_object() {
        for codes_used in [None, Some(0), Some(100_000)] {
            let frame = framed(&Image { bytes: b"\xff\xd8\n\xff".to_vec(), codes_used });
            let image = unframed(frame).unwrap();
            assert_eq!((image.bytes.as_slice(), image.codes_used), (&b"\xff\xd8\n\xff"[..], codes_used));
        }
        assert!(unframed(Vec::new()).is_none());
    }
}
