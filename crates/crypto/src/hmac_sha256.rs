use hmac::{Hmac, KeyInit};
use sha2::{Digest, Sha256};

/// The block of SHA-256 in bytes: HMAC fills a shorter key with zeros and hashes a longer one.
const BLOCK: usize = 64;

/// HMAC-SHA256 with a key of any length.
///
/// The key is brought to one block here, as RFC 2104 says, since the library's own way for keys of any length
/// returns an error that cannot happen.
pub(crate) fn hmac_sha256(key: &[u8]) -> Hmac<Sha256> {
    if key.len() > BLOCK {
        return with_block(&Sha256::digest(key));
    }
    with_block(key)
}

fn with_block(key: &[u8]) -> Hmac<Sha256> {
    let mut block = [0; BLOCK];
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    Hmac::new(&block.into())
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use hmac::Mac;

    use super::hmac_sha256;
    use crate::hex::lower_hex;

    /// Cases 1, 2 and 6 of RFC 4231, and both sides of the block length (checked with Python's hmac).
    #[test]
    fn keys_shorter_than_equal_to_and_longer_than_a_block_follow_rfc_2104() {
        let cases: [(Vec<u8>, &[u8], &str); 5] = [
            (vec![0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe".to_vec(),
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (vec![b'k'; 64], b"m", "3b7a8d453e76edb519238a515105a57508d0f169f480ebeee120a9e7803289fa"),
            (vec![b'k'; 65], b"m", "c2d7d4c2256ddb097409ec0c67e1d58fa1a007fc6932cac0d892a525d08af7cc"),
        ];
        for (key, message, expected) in cases {
            let tag = hmac_sha256(&key).chain_update(message).finalize().into_bytes();
            assert_eq!(lower_hex(&tag), expected, "key of {} bytes", key.len());
        }
    }
}
