//! The queries of stored scenes in KV.

use wxedge_contract::Problem;

use crate::kv;
use crate::platform::Platform;

/// Reads the query behind a stored scene.
pub(crate) async fn find(platform: &Platform, scene: &str) -> Option<String> {
    platform.kv_text(&key(scene), kv::SHORT_CACHE).await
}

pub(crate) async fn put(platform: &Platform, scene: &str, query: &str) -> Result<(), Problem> {
    kv::written(platform.kv_put_text(&key(scene), query, None).await)
}

fn key(scene: &str) -> String {
    format!("scene:{scene}")
}
