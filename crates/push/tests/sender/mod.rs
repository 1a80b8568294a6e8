//! `WeChat`'s side, to make cases with: signatures, padding of 32, AES-256-CBC, both envelopes.

use aes::Aes256Enc;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::Encryptor;
use cbc::cipher::{Array, BlockModeEncrypt, KeyIvInit};
use sha1::{Digest, Sha1};
use wxedge_crypto::{Secret, lower_hex};
use wxedge_push::{Push, PushError, PushKeys, Query};

pub(crate) const APPID: &str = "wx0123456789abcdef";
pub(crate) const TOKEN: &str = "wxedgePushToken1";
pub(crate) const ENCODING_AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
pub(crate) const NOW: u64 = 1_795_532_400;
pub(crate) const NONCE: &str = "100037";

/// The bytes that [`ENCODING_AES_KEY`] stands for.
const KEY: [u8; 32] = [
    0x69, 0xb7, 0x1d, 0x79, 0xf8, 0x21, 0x8a, 0x39, 0x25, 0x9a, 0x7a, 0x29, 0xaa, 0xbb, 0x2d, 0xba, 0xfc,
    0x31, 0xcb, 0x3d, 0x35, 0xdb, 0x7e, 0x39, 0xeb, 0xbf, 0x3d, 0x00, 0x10, 0x83, 0x10, 0x51,
];

pub(crate) fn encrypting() -> PushKeys {
    keys(Some(&Secret::new(ENCODING_AES_KEY)))
}

pub(crate) fn plain() -> PushKeys {
    keys(None)
}

fn keys(aes_key: Option<&Secret>) -> PushKeys {
    PushKeys::new(APPID, Secret::new(TOKEN), aes_key).unwrap_or_else(|bad| panic!("{bad}"))
}

pub(crate) fn sign(parts: &[&str]) -> String {
    let mut sorted = parts.to_vec();
    sorted.sort_unstable();
    lower_hex(&Sha1::digest(sorted.concat()))
}

/// A push on its way.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) signature: String,
    pub(crate) timestamp: String,
    pub(crate) nonce: String,
    pub(crate) msg_signature: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    pub(crate) fn plain(time: u64, nonce: &str, body: &[u8]) -> Self {
        let timestamp = time.to_string();
        Self {
            signature: sign(&[TOKEN, &timestamp, nonce]),
            timestamp,
            nonce: nonce.to_owned(),
            msg_signature: None,
            body: body.to_vec(),
        }
    }

    /// In the envelope of the format that the message has.
    pub(crate) fn secure(time: u64, message: &[u8]) -> Self {
        Self::wrapped(time, &encrypt(message, APPID), message.starts_with(b"<"))
    }

    pub(crate) fn wrapped(time: u64, encrypt: &str, xml: bool) -> Self {
        let body = if xml {
            format!(
                "<xml><ToUserName><![CDATA[gh_0]]></ToUserName><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>"
            )
        } else {
            format!(r#"{{"ToUserName":"gh_0","Encrypt":"{encrypt}"}}"#)
        };
        let sent = Self::plain(time, NONCE, body.as_bytes());
        Self { msg_signature: Some(sign(&[TOKEN, &sent.timestamp, NONCE, encrypt])), ..sent }
    }

    pub(crate) fn query(&self) -> Query<'_> {
        Query {
            signature: Some(&self.signature),
            timestamp: Some(&self.timestamp),
            nonce: Some(&self.nonce),
            msg_signature: self.msg_signature.as_deref(),
            echostr: None,
        }
    }

    pub(crate) fn to(&self, keys: &PushKeys, now: u64) -> Result<Push, PushError> {
        keys.open(&self.query(), &self.body, now)
    }
}

pub(crate) fn encrypt(message: &[u8], appid: &str) -> String {
    let length = u32::try_from(message.len()).unwrap_or_default();
    let text = [b"sixteen bytes 16".as_slice(), &length.to_be_bytes(), message, appid.as_bytes()].concat();
    encrypt_text(text)
}

/// Pads and encrypts a whole text.
pub(crate) fn encrypt_text(mut text: Vec<u8>) -> String {
    let padding = 32_usize.saturating_sub(text.len() % 32);
    text.extend(std::iter::repeat_n(u8::try_from(padding).unwrap_or_default(), padding));
    encrypt_blocks(text)
}

/// Encrypts whole blocks as they are; what is left over at the end stays plain.
pub(crate) fn encrypt_blocks(mut bytes: Vec<u8>) -> String {
    let (blocks, _) = Array::slice_as_chunks_mut(&mut bytes);
    let mut iv = [0; 16];
    iv.copy_from_slice(KEY.split_at(16).0);
    Encryptor::<Aes256Enc>::new(&KEY.into(), &iv.into()).encrypt_blocks(blocks);
    STANDARD.encode(bytes)
}
