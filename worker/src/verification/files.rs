//! The verification files in KV.

use wxedge_contract::Problem;

use crate::kv;
use crate::platform::Platform;

/// Reads a verification file of the console.
pub(crate) async fn find(platform: &Platform, name: &str) -> Option<Vec<u8>> {
    platform.kv_blob(&key(name)).await.map(|blob| blob.to_vec())
}

pub(crate) async fn put(platform: &Platform, name: &str, text: &[u8]) -> Result<(), Problem> {
    kv::written(platform.kv_put_bytes(&key(name), text).await)
}

pub(crate) async fn delete(platform: &Platform, name: &str) -> Result<(), Problem> {
    kv::delete(platform, &key(name)).await
}

fn key(name: &str) -> String {
    format!("verify:{name}")
}
