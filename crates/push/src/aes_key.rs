use core::fmt;

use aes::{Aes256Dec, Aes256Enc};
use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, STANDARD};
use cbc::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use cbc::{Decryptor, Encryptor};
use wxedge_crypto::Secret;

/// The block of AES and the iv of CBC.
const BLOCK: usize = 16;

/// The padding fills to a multiple of this, twice the block of AES: no library's PKCS#7 takes it.
const PADDING_BLOCK: usize = 32;

/// Random bytes that begin each text, and the four bytes after them that tell the length of the message.
const RANDOM: usize = 16;
const HEADER: usize = RANDOM + 4;

/// 43 characters leave two bits over, which are random in `WeChat`'s keys.
const KEY_BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));

/// The key of the console's `EncodingAESKey`, never shown.
#[derive(Clone)]
pub(crate) struct AesKey([u8; 32]);

impl fmt::Debug for AesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl AesKey {
    /// `None` where the text is not 43 characters of base64.
    pub(crate) fn parse(encoding_aes_key: &Secret) -> Option<Self> {
        let text = encoding_aes_key.expose();
        if text.len() != 43 {
            return None;
        }
        KEY_BASE64.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The message and the appid inside an `Encrypt`.
    ///
    /// That a forger cannot ask here is the caller's part: it checks the signature over `Encrypt` first. So the steps
    /// may end early.
    ///
    /// `random(16) || length(4, big-endian) || message || appid || padding`; source: message push, `WeChat` mini
    /// program guide.
    pub(crate) fn open(&self, encrypt: &str) -> Option<(Vec<u8>, Vec<u8>)> {
        let mut bytes = STANDARD.decode(encrypt).ok()?;
        if bytes.is_empty() || !bytes.len().is_multiple_of(BLOCK) {
            return None;
        }
        let (blocks, _) = Array::slice_as_chunks_mut(&mut bytes);
        Decryptor::<Aes256Dec>::new((&self.0).into(), self.iv()?.into()).decrypt_blocks(blocks);
        let (header, rest) = unpad(&bytes)?.split_at_checked(HEADER)?;
        let length = header.last_chunk::<4>().map(|length| u32::from_be_bytes(*length))?;
        let (message, appid) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        Some((message.to_vec(), appid.to_vec()))
    }

    /// The `Encrypt` of a message.
    pub(crate) fn seal(&self, message: &str, appid: &str, random: [u8; RANDOM]) -> Option<String> {
        let length = u32::try_from(message.len()).ok()?;
        let mut bytes = random.to_vec();
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(message.as_bytes());
        bytes.extend_from_slice(appid.as_bytes());
        pad(&mut bytes);
        let (blocks, _) = Array::slice_as_chunks_mut(&mut bytes);
        Encryptor::<Aes256Enc>::new((&self.0).into(), self.iv()?.into()).encrypt_blocks(blocks);
        Some(STANDARD.encode(bytes))
    }

    fn iv(&self) -> Option<&[u8; BLOCK]> {
        self.0.first_chunk()
    }
}

/// The text without its padding: 1 to 32 bytes that all tell how many they are.
fn unpad(plain: &[u8]) -> Option<&[u8]> {
    let padding = *plain.last()?;
    let length = usize::from(padding);
    let (text, tail) = plain.split_at_checked(plain.len().checked_sub(length)?)?;
    let right = (1..=PADDING_BLOCK).contains(&length) && tail.iter().all(|byte| *byte == padding);
    right.then_some(text)
}

fn pad(text: &mut Vec<u8>) {
    let over = text.len().checked_rem(PADDING_BLOCK).unwrap_or_default();
    let length = PADDING_BLOCK.saturating_sub(over);
    let padding = u8::try_from(length).unwrap_or_default();
    text.extend(core::iter::repeat_n(padding, length));
}

#[cfg(test)]
mod tests {
    use super::{AesKey, pad, unpad};
    use wxedge_crypto::Secret;

    #[test]
    fn padding_is_one_to_thirty_two_bytes_that_all_name_its_length() {
        for length in 0..=100 {
            let text = vec![b'x'; length];
            let mut padded = text.clone();
            pad(&mut padded);
            assert_eq!(padded.len() % 32, 0, "{length}");
            assert!((1..=32).contains(&(padded.len() - length)), "{length}");
            assert_eq!(unpad(&padded), Some(text.as_slice()), "{length}");
            let place = padded.len() - 2;
            if padded.len() - length > 1 {
                padded[place] ^= 1;
                assert_eq!(unpad(&padded), None, "{length}");
            }
        }
        for padding in [0, 33, 64, 255] {
            assert_eq!(unpad(&[padding; 96]), None, "{padding}");
        }
        assert_eq!(unpad(&[]), None);
        assert_eq!(unpad(&[32; 16]), None);
    }

    #[test]
    fn a_key_is_43_characters_of_base64_whatever_its_last_two_bits_are() {
        let parse = |text: &str| AesKey::parse(&Secret::new(text)).map(|key| key.0.len());
        for last in ['E', 'F', 'G', 'H'] {
            assert_eq!(
                parse(&format!("abcdefghijklmnopqrstuvwxyz0123456789ABCDEF{last}")),
                Some(32),
                "{last}"
            );
        }
        for text in
            ["", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG="]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("abcdefghijklmnopqrstuvwxyz0123456789ABCDE-_"), None);
        assert_eq!(format!("{:?}", AesKey([7; 32])), "***");
    }
}
