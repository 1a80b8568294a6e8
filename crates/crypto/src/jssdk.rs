use alloc::string::{String, ToString};

use sha1::{Digest, Sha1};

use crate::Secret;
use crate::hex::lower_hex;

/// The `signature` of `wx.config` for one H5 page: lower-case hex of SHA-1.
///
/// `ticket` is the `jsapi_ticket` of the service account, `nonce` goes to the page as `nonceStr`, `timestamp` is in
/// unix seconds. `url` is the address as the page was loaded, query included; what follows a `#` is no part of the
/// signed text and is left out here. Nothing is percent-encoded.
///
/// Whoever gets a signature may use the open tag under our name, so the caller has to see that `url` is one of ours.
///
/// Source: "signature algorithm", appendix 1 of the JS-SDK guide of `WeChat` service accounts.
#[must_use]
pub fn jssdk_signature(ticket: &Secret, nonce: &str, timestamp: u64, url: &str) -> String {
    let page = url.split_once('#').map_or(url, |(page, _)| page);
    let digest = Sha1::new()
        .chain_update("jsapi_ticket=")
        .chain_update(ticket.expose())
        .chain_update("&noncestr=")
        .chain_update(nonce)
        .chain_update("&timestamp=")
        .chain_update(timestamp.to_string())
        .chain_update("&url=")
        .chain_update(page)
        .finalize();
    lower_hex(&digest)
}
