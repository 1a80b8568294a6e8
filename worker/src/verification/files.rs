//! The verification files in KV.

use edge::Blob;
use futures_util::FutureExt;
use wxedge_contract::Problem;

use crate::kv;
use crate::platform::Platform;

/// Reads a verification file of the console.
pub(crate) fn find(platform: &Platform, name: &str) -> impl Future<Output = Option<Blob>> + use<> {
    platform.kv_blob(&key(name))
}

pub(crate) fn put(
    platform: &Platform,
    name: &str,
    text: &[u8],
) -> impl Future<Output = Result<(), Problem>> + use<> {
    platform.kv_put_bytes(&key(name), text).map(kv::written)
}

pub(crate) fn delete(platform: &Platform, name: &str) -> impl Future<Output = Result<(), Problem>> + use<> {
    kv::delete(platform, &key(name))
}

fn key(name: &str) -> String {
    format!("verify:{name}")
}
