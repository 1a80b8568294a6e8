use alloc::string::String;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::Secret;
use crate::hex::lower_hex;

/// How many bytes of the digest a fingerprint shows.
const FINGERPRINT_BYTES: usize = 4;

/// Names a secret without telling it: the first 8 hex digits of its SHA-256, for logs and state pages.
///
/// It answers "is this still the same token?". What it reveals: 32 bits that anybody can compute from the secret.
/// Whoever holds a guess can test it against them, which helps nobody against a token or a key of 128 random bits
/// or more, and would help against a password; so take it only of generated secrets.
#[must_use]
pub fn fingerprint(secret: &Secret) -> String {
    let digest = Sha256::digest(secret.expose());
    lower_hex(digest.get(..FINGERPRINT_BYTES).unwrap_or_default())
}

/// Whether two secrets are the same, in a time that tells nothing about either, not even how long the right one is.
///
/// Their SHA-256 digests are compared, so both sides always have one length. `==` on [`Secret`] is constant time
/// only between texts of one length.
#[must_use]
pub fn digest_eq(a: &Secret, b: &Secret) -> bool {
    let a = Sha256::digest(a.expose());
    let b = Sha256::digest(b.expose());
    a.as_slice().ct_eq(b.as_slice()).into()
}

#[cfg(test)]
mod tests {
    use super::{digest_eq, fingerprint};
    use crate::Secret;

    #[test]
    fn a_fingerprint_is_the_start_of_the_sha256() {
        assert_eq!(fingerprint(&Secret::new("abc")), "ba7816bf");
        assert_eq!(fingerprint(&Secret::new("")), "e3b0c442");
    }

    #[test]
    fn digests_are_equal_only_for_equal_texts_of_any_length() {
        let cases =
            [("", "", true), ("a", "a", true), ("a", "b", false), ("a", "aa", false), ("", "a", false)];
        for (a, b, equal) in cases {
            assert_eq!(digest_eq(&Secret::new(a), &Secret::new(b)), equal, "{a:?} {b:?}");
        }
    }
}
