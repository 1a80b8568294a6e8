//! The platform's side of user data, to make cases with: AES-128-CBC.

use aes::Aes128Enc;
use cbc::Encryptor;
use cbc::cipher::{Array, BlockModeEncrypt, KeyIvInit};

/// Encrypts with PKCS#7 padding.
pub(crate) fn encrypt(key: [u8; 16], iv: [u8; 16], plain: &[u8]) -> Vec<u8> {
    let padding = 16_u8.saturating_sub(u8::try_from(plain.len() % 16).unwrap_or_default());
    let mut padded = plain.to_vec();
    padded.extend(std::iter::repeat_n(padding, usize::from(padding)));
    encrypt_blocks(key, iv, &padded)
}

/// Encrypts whole blocks as they are; what is left over at the end stays plain.
pub(crate) fn encrypt_blocks(key: [u8; 16], iv: [u8; 16], whole: &[u8]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    let (blocks, _) = Array::slice_as_chunks_mut(&mut bytes);
    Encryptor::<Aes128Enc>::new(&key.into(), &iv.into()).encrypt_blocks(blocks);
    bytes
}
