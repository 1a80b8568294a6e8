//! What lies in KV: each kind of value with its key, its form and its life, in one place.

use serde::{Deserialize, Serialize};
use wxedge_crypto::Secret;

use crate::border::Platform;

/// The shortest life that KV takes, in seconds.
const SHORTEST_LIFE: u64 = 60;
/// For how long a location may serve its own copy of the token, in seconds: the shortest that KV takes. A copy that is
/// stale costs one retry, never more.
const TOKEN_CACHE: u32 = 60;

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
    serde_json::from_str(&text).ok()
}

/// Writes the token's copy, unless it would live shorter than KV allows.
pub(crate) async fn put_token_copy(platform: &Platform, appid: &str, copy: &TokenCopy) -> bool {
    let life = copy.expires_at.saturating_sub(platform.now());
    if life < SHORTEST_LIFE {
        return true;
    }
    let text = serde_json::to_string(copy).unwrap_or_default();
    platform.kv_put_text(&token_key(appid), &text, u32::try_from(life).unwrap_or(u32::MAX)).await
}

fn token_key(appid: &str) -> String {
    format!("token:{appid}")
}

/// Reads the image of a code, by the digest of everything that it was made from.
pub(crate) async fn image(platform: &Platform, digest: &str) -> Option<Vec<u8>> {
    platform.kv_bytes(&image_key(digest)).await
}

/// Keeps the image of a code: for good, since codes are permanent.
pub(crate) async fn put_image(platform: &Platform, digest: &str, image: &[u8]) -> bool {
    platform.kv_put_bytes(&image_key(digest), image).await
}

fn image_key(digest: &str) -> String {
    format!("image:{digest}")
}
