use alloc::string::String;

use hmac::Mac;

use crate::Secret;
use crate::hex::lower_hex;
use crate::hmac_sha256::hmac_sha256;

/// The `signature` that proves to `WeChat` that we hold a user's `session_key`: lower-case hex of HMAC-SHA256.
///
/// The key is the text of `session_key` as it came, which is base64 and is not decoded. `checkSessionKey` and
/// `resetUserSessionKey` sign the empty message.
///
/// Source: `checkSessionKey` and `resetUserSessionKey`, `WeChat` server API.
#[must_use]
pub fn session_signature(session_key: &Secret, message: &str) -> String {
    let tag = hmac_sha256(session_key.expose().as_bytes()).chain_update(message).finalize().into_bytes();
    lower_hex(&tag)
}
