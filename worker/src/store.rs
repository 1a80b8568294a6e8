//! What lies in KV: each kind of value with its key, its form and its life, in one place.

use serde::{Deserialize, Serialize};
use wxedge_contract::{Code, Problem, read_own_json};
use wxedge_crypto::Secret;

use crate::border::{Blob, Platform};
use crate::links::named_link::{LinkRecord, NamedLink};

/// The shortest life that KV takes, in seconds.
const SHORTEST_LIFE: u64 = 60;
/// For how long a location may serve its own copy of the token, in seconds: the shortest that KV takes. A copy that is
/// stale costs one retry, never more.
const TOKEN_CACHE: u64 = 60;
/// For how long a location may serve its own copy of what can change, in seconds. What may be missing can: KV keeps
/// "there is nothing" for as long, and a code that is printed just now has to work.
const SHORT_CACHE: u64 = 60;
/// How many links one page of their list has: each is a read of its own.
const LINKS_A_PAGE: u64 = 100;

/// The copy of the `access_token` that every location reads. The keeper alone writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TokenCopy {
    pub(crate) token: Secret,
    /// Unix seconds.
    pub(crate) expires_at: u64,
}

/// Reads the token's copy. One that cannot be read counts as absent: the keeper is asked instead.
pub(crate) async fn token_copy(platform: &Platform, appid: &str) -> Option<TokenCopy> {
    let text = platform.kv_text(&token_key(appid), TOKEN_CACHE).await?;
    read_own_json(text.as_bytes())
}

/// Writes the token's copy, unless it would live shorter than KV allows.
pub(crate) async fn put_token_copy(platform: &Platform, appid: &str, copy: &TokenCopy) -> bool {
    let life = copy.expires_at.saturating_sub(platform.now());
    if life < SHORTEST_LIFE {
        return true;
    }
    let text = serde_json::to_string(copy).unwrap_or_default();
    platform.kv_put_text(&token_key(appid), &text, Some(life)).await
}

fn token_key(appid: &str) -> String {
    format!("token:{appid}")
}

/// Reads the image of a code, by the digest of everything that it was made from.
pub(crate) async fn image(platform: &Platform, digest: &str) -> Option<Blob> {
    platform.kv_blob(&image_key(digest)).await
}

/// Keeps the image of a code: for good, since codes are permanent.
pub(crate) async fn put_image(platform: &Platform, digest: &str, image: &[u8]) -> bool {
    platform.kv_put_bytes(&image_key(digest), image).await
}

/// Deletes the image of a code.
///
/// # Errors
/// `internal` when KV could not.
pub(crate) async fn delete_image(platform: &Platform, digest: &str) -> Result<(), Problem> {
    delete(platform, &image_key(digest)).await
}

fn image_key(digest: &str) -> String {
    format!("image:{digest}")
}

/// How many limited codes an account makes in its life. Source: 获取小程序码 (getQRCode).
pub(crate) const LIMITED_CODES: u64 = 100_000;
/// How long it is believed that the limited codes are used up, in seconds: `WeChat` may grant more.
const USED_UP_LIFE: u64 = 3600;

/// How many limited codes the account had made when WeChat last said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LimitedCodes {
    pub(crate) used: u64,
    pub(crate) limit: u64,
}

pub(crate) async fn limited_codes(platform: &Platform, appid: &str) -> Option<LimitedCodes> {
    let text = platform.kv_text(&limited_codes_key(appid), SHORT_CACHE).await?;
    read_own_json(text.as_bytes())
}

pub(crate) async fn limited_codes_are_used_up(platform: &Platform, appid: &str) -> bool {
    limited_codes(platform, appid).await.is_some_and(|codes| codes.used >= LIMITED_CODES)
}

pub(crate) async fn put_limited_codes(platform: &Platform, appid: &str, used: u64) -> bool {
    let text = serde_json::to_string(&LimitedCodes { used, limit: LIMITED_CODES }).unwrap_or_default();
    let life = (used >= LIMITED_CODES).then_some(USED_UP_LIFE);
    platform.kv_put_text(&limited_codes_key(appid), &text, life).await
}

fn limited_codes_key(appid: &str) -> String {
    format!("limited-codes:{appid}")
}

/// Reads a named link with its doors, as visitors see it.
pub(crate) async fn link(platform: &Platform, appid: &str, name: &str) -> Option<LinkRecord> {
    let text = platform.kv_text(&link_key(appid, name), SHORT_CACHE).await?;
    read_own_json(text.as_bytes())
}

/// Writes the copy of a link that visitors read. Its maker alone does.
pub(crate) async fn put_link(platform: &Platform, appid: &str, record: &LinkRecord) -> bool {
    let text = serde_json::to_string(record).unwrap_or_default();
    platform.kv_put_text(&link_key(appid, &record.link.name), &text, None).await
}

pub(crate) async fn delete_link(platform: &Platform, appid: &str, name: &str) -> Result<(), Problem> {
    delete(platform, &link_key(appid, name)).await
}

/// Some of the links in the order of their names, and where the next ones begin.
pub(crate) async fn links(
    platform: &Platform,
    appid: &str,
    cursor: Option<String>,
) -> Result<(Vec<NamedLink>, Option<String>), Problem> {
    let prefix = link_key(appid, "");
    let page = platform.kv_keys(&prefix, LINKS_A_PAGE, cursor).await.ok_or_else(|| {
        Problem::new(Code::Internal, "KV did not list the links.")
            .hint("Try again; a cursor must be one that this route gave.")
    })?;
    let mut links = Vec::new();
    for name in page.keys.iter().filter_map(|key| key.strip_prefix(&prefix)) {
        links.extend(link(platform, appid, name).await.map(|record| record.link));
    }
    Ok((links, page.cursor))
}

fn link_key(appid: &str, name: &str) -> String {
    format!("link:{appid}:{name}")
}

/// Reads the query behind a stored scene.
pub(crate) async fn scene(platform: &Platform, scene: &str) -> Option<String> {
    platform.kv_text(&scene_key(scene), SHORT_CACHE).await
}

pub(crate) async fn put_scene(platform: &Platform, scene: &str, query: &str) -> Result<(), Problem> {
    written(platform.kv_put_text(&scene_key(scene), query, None).await)
}

fn scene_key(scene: &str) -> String {
    format!("scene:{scene}")
}

/// Reads a verification file of the console.
pub(crate) async fn verification_file(platform: &Platform, name: &str) -> Option<Vec<u8>> {
    platform.kv_blob(&verification_key(name)).await.map(|blob| blob.to_vec())
}

pub(crate) async fn put_verification_file(
    platform: &Platform,
    name: &str,
    text: &[u8],
) -> Result<(), Problem> {
    written(platform.kv_put_bytes(&verification_key(name), text).await)
}

pub(crate) async fn delete_verification_file(platform: &Platform, name: &str) -> Result<(), Problem> {
    delete(platform, &verification_key(name)).await
}

fn verification_key(name: &str) -> String {
    format!("verify:{name}")
}

async fn delete(platform: &Platform, key: &str) -> Result<(), Problem> {
    written(platform.kv_delete(key).await)
}

fn written(done: bool) -> Result<(), Problem> {
    if done {
        return Ok(());
    }
    Err(Problem::new(Code::Internal, "KV did not take the change.")
        .hint("Try again in a second; if it stays so, check the binding WXEDGE_KV.")
        .retry_after(1))
}
