//! What `WeChat` Pay encrypts with the `APIv3` key: AES-256-GCM, the tag at the end of the ciphertext.
//!
//! Source: 如何解密回调报文.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wxedge_contract::{JsonValue, fields};

/// A ciphertext with what it takes to open it, but for the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The nonce of twelve bytes.
    pub nonce: Vec<u8>,
    /// What is authenticated with it; empty where `WeChat` Pay left it out.
    pub associated_data: Vec<u8>,
    /// Ciphertext and tag.
    pub ciphertext: Vec<u8>,
}

/// Why something signed by `WeChat` Pay cannot be read: both are 500, so that it comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It has not the form of the documents.
    Form,
    /// The tag does not hold.
    Tag,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "signature good, but the body has not the form of the documents",
            Self::Tag => "signature good, AES-GCM tag bad: the APIv3 key is not this mchid's",
        })
    }
}

impl core::error::Error for Unreadable {}

fields! {
    any pub(crate) struct SealedFields {
        algorithm: JsonValue,
        nonce: JsonValue,
        associated_data: JsonValue,
        ciphertext: JsonValue,
    }
}

impl SealedFields {
    pub(crate) fn read(self) -> Option<Sealed> {
        if !matches!(self.algorithm, JsonValue::Text(name) if name == "AEAD_AES_256_GCM") {
            return None;
        }
        let JsonValue::Text(nonce) = self.nonce else { return None };
        let associated_data = match self.associated_data {
            JsonValue::Text(text) => text,
            JsonValue::Absent | JsonValue::Null => String::new(),
            _ => return None,
        };
        let JsonValue::Text(ciphertext) = self.ciphertext else { return None };
        let sealed = Sealed {
            nonce: nonce.into_bytes(),
            associated_data: associated_data.into_bytes(),
            ciphertext: STANDARD.decode(ciphertext).ok()?,
        };
        (sealed.nonce.len() == 12).then_some(sealed)
    }
}
