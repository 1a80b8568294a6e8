//! The images in KV, by the digest of everything that they were made from.

use edge::Blob;
use wxedge_contract::Problem;

use crate::kv;
use crate::platform::Platform;

/// Reads the image of a code, by the digest of everything that it was made from.
pub(crate) fn find(platform: &Platform, digest: &str) -> impl Future<Output = Option<Blob>> + use<> {
    platform.kv_blob(&key(digest))
}

/// Keeps the image of a code, for good, since codes are permanent; tells whether that worked.
pub(crate) fn put(platform: &Platform, digest: &str, image: &[u8]) -> impl Future<Output = bool> + use<> {
    platform.kv_put_bytes(&key(digest), image)
}

/// Deletes the image of a code.
///
/// # Errors
/// `internal` when KV could not.
pub(crate) fn delete(platform: &Platform, digest: &str) -> impl Future<Output = Result<(), Problem>> + use<> {
    kv::delete(platform, &key(digest))
}

fn key(digest: &str) -> String {
    format!("image:{digest}")
}
