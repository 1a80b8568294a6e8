use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

use crate::Secret;
use crate::hex::lower_hex;

/// Whether `signature` is that of `raw_data` under the user's `session_key`, compared in constant time.
///
/// The rule is lower-case hex of SHA-1 over `rawData` and then the text of `session_key`. `raw_data` has to be the
/// exact text that the mini program got: read and written again as JSON, it no longer matches. Hex in upper case is
/// refused, since the platform writes lower case.
///
/// Source: "signature check of open data", `WeChat` mini program guide.
#[must_use]
pub fn verify_raw_data(raw_data: &str, session_key: &Secret, signature: &str) -> bool {
    let digest = Sha1::new().chain_update(raw_data).chain_update(session_key.expose()).finalize();
    lower_hex(&digest).as_bytes().ct_eq(signature.as_bytes()).into()
}
