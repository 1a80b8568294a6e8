use alloc::string::String;
use core::fmt::Write;

use sha2::{Digest, Sha256};
use wxedge_crypto::Secret;

/// Tells tokens apart in logs and in the keeper's state: the first 12 hex digits of the SHA-256.
#[must_use]
pub fn fingerprint(token: &Secret) -> String {
    let digest = Sha256::digest(token.expose().as_bytes());
    let mut text = String::with_capacity(12);
    for byte in digest.iter().take(6) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use wxedge_crypto::Secret;

    use super::fingerprint;

    #[test]
    fn a_fingerprint_is_the_start_of_the_sha_256() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(fingerprint(&Secret::new("abc")), "ba7816bf8f01");
    }
}
