//! How many of the account's limited codes are made, as WeChat last said.

use futures_util::FutureExt;
use serde::Serialize;
use wxedge_contract::{read_own_json, record, to_json};

use crate::platform::Platform;
use crate::{kv, log};

/// How many limited codes an account makes in its life. Source: 获取小程序码 (getQRCode).
const LIMITED_CODES: u64 = 100_000;
/// How long it is believed that the limited codes are used up, in seconds: `WeChat` may grant more.
const USED_UP_LIFE: u64 = 3600;

record! {
    /// How many limited codes the account had made when WeChat last said so.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
    pub(crate) struct LimitedCodes {
        pub(crate) used: u64,
        pub(crate) limit: u64,
    }
}

pub(crate) fn read(platform: &Platform, appid: &str) -> impl Future<Output = Option<LimitedCodes>> + use<> {
    platform.kv_text(&key(appid), kv::SHORT_CACHE).map(|text| read_own_json(text?.as_bytes()))
}

pub(crate) async fn is_used_up(platform: &Platform, appid: &str) -> bool {
    read(platform, appid).await.is_some_and(|codes| codes.used >= LIMITED_CODES)
}

/// From here on every limited code that is made is worth a line in the log.
const WARNED_FROM: u64 = LIMITED_CODES / 10 * 9;

/// Notes what WeChat said, and tells the operator when most are made; tells whether it could be noted.
pub(crate) async fn note(platform: &Platform, appid: &str, used: u64) -> bool {
    if used >= WARNED_FROM {
        log::limited_codes(used, LIMITED_CODES);
    }
    let text = to_json(&LimitedCodes { used, limit: LIMITED_CODES });
    let life = (used >= LIMITED_CODES).then_some(USED_UP_LIFE);
    platform.kv_put_text(&key(appid), &text, life).await
}

fn key(appid: &str) -> String {
    format!("limited-codes:{appid}")
}
