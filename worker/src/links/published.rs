//! The named links in KV, as visitors read them.

use futures_util::FutureExt;
use wxedge_contract::{Code, Problem, read_own_json, to_json};

use crate::kv;
use crate::links::named_link::{LinkRecord, NamedLink};
use crate::platform::Platform;

/// How many links one page of their list has: each is a read of its own.
const LINKS_A_PAGE: u64 = 100;

/// Reads a named link with its doors, as visitors see it.
pub(crate) fn find(
    platform: &Platform,
    appid: &str,
    name: &str,
) -> impl Future<Output = Option<LinkRecord>> + use<> {
    platform.kv_text(&key(appid, name), kv::SHORT_CACHE).map(|text| read_own_json(text?.as_bytes()))
}

/// Writes the copy of a link that visitors read. Its maker alone does.
pub(crate) fn publish(
    platform: &Platform,
    appid: &str,
    record: &LinkRecord,
) -> impl Future<Output = bool> + use<> {
    platform.kv_put_text(&key(appid, &record.link.name), &to_json(record), None)
}

pub(crate) fn withdraw(
    platform: &Platform,
    appid: &str,
    name: &str,
) -> impl Future<Output = Result<(), Problem>> + use<> {
    kv::delete(platform, &key(appid, name))
}

/// Some of the links in the order of their names, and where the next ones begin.
pub(crate) async fn list(
    platform: &Platform,
    appid: &str,
    cursor: Option<&str>,
) -> Result<(Vec<NamedLink>, Option<String>), Problem> {
    let prefix = key(appid, "");
    let page = platform.kv_keys(&prefix, LINKS_A_PAGE, cursor).await.ok_or_else(|| {
        Problem::new(Code::Internal, "KV did not list the links.")
            .hint("Try again; a cursor must be one that this route gave.")
    })?;
    let mut links = Vec::new();
    for name in page.keys.iter().filter_map(|key| key.strip_prefix(&prefix)) {
        links.extend(find(platform, appid, name).await.map(|record| record.link));
    }
    Ok((links, page.cursor))
}

fn key(appid: &str, name: &str) -> String {
    format!("link:{appid}:{name}")
}
