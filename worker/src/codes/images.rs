//! The images in KV, by the digest of everything that they were made from.

use edge::Blob;
use wxedge_contract::Problem;

use crate::kv;
use crate::platform::Platform;

/// Reads the image of a code, by the digest of everything that it was made from.
pub(crate) async fn find(platform: &Platform, digest: &str) -> Option<Blob> {
    platform.kv_blob(&key(digest)).await
}

/// Keeps the image of a code, for good, since codes are permanent; tells whether that worked.
pub(crate) async fn put(platform: &Platform, digest: &str, image: &[u8]) -> bool {
    platform.kv_put_bytes(&key(digest), image).await
}

/// Deletes the image of a code.
///
/// # Errors
/// `internal` when KV could not.
pub(crate) async fn delete(platform: &Platform, digest: &str) -> Result<(), Problem> {
    kv::delete(platform, &key(digest)).await
}

fn key(digest: &str) -> String {
    format!("image:{digest}")
}
