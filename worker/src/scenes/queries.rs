//! The queries of stored scenes in KV.

use futures_util::FutureExt;
use wxedge_contract::Problem;

use crate::kv;
use crate::platform::Platform;

/// Reads the query behind a stored scene.
pub(crate) fn find(platform: &Platform, scene: &str) -> impl Future<Output = Option<String>> + use<> {
    platform.kv_text(&key(scene), kv::SHORT_CACHE)
}

pub(crate) fn put(
    platform: &Platform,
    scene: &str,
    query: &str,
) -> impl Future<Output = Result<(), Problem>> + use<> {
    platform.kv_put_text(&key(scene), query, None).map(kv::written)
}

fn key(scene: &str) -> String {
    format!("scene:{scene}")
}
