//! `WebCrypto`: RSA and AES-GCM by the runtime, which is faster than in wasm and takes none of its bytes.

use std::fmt;
use std::future::Future;

use wasm_bindgen::JsCast;

use crate::js;
use crate::runtime::{Completion, call};

/// What a key is for, and by that how it is written. Source: Web Cryptography API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// Signs by RSASSA-PKCS1-v1_5 with SHA-256: PKCS#8 in DER.
    Sign,
    /// Verifies such signatures: `SubjectPublicKeyInfo` in DER.
    Verify,
    /// Encrypts by RSA-OAEP with SHA-1 and MGF1-SHA-1, no label: `SubjectPublicKeyInfo` in DER.
    Encrypt,
    /// Decrypts what was encrypted so: PKCS#8 in DER.
    Decrypt,
    /// Opens what AES-GCM sealed: 16 or 32 bytes.
    Open,
}

impl KeyUse {
    const fn name(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Verify => "verify",
            Self::Encrypt => "encrypt",
            Self::Decrypt => "decrypt",
            Self::Open => "open",
        }
    }
}

/// A key that the runtime holds. It cannot be read, and may be used by every request of the isolate.
#[derive(Clone)]
pub struct CryptoKey(js::CryptoKey);

impl fmt::Debug for CryptoKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

/// It did not work: the bytes are no such key, or the ciphertext is not of this key. The runtime's own words are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CryptoError;

impl fmt::Display for CryptoError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the key does not do this")
    }
}

impl std::error::Error for CryptoError {}

impl CryptoKey {
    /// Hands a key to the runtime. Importing takes longer than using it: keep it.
    ///
    /// # Errors
    /// [`CryptoError`] when the bytes are no such key.
    pub fn import(key_use: KeyUse, bytes: &[u8]) -> impl Future<Output = Result<Self, CryptoError>> + use<> {
        call(|call| js::import_key(call, key_use.name(), bytes)).map(|imported| match imported {
            Completion::Value(key) => Ok(Self(key.unchecked_into())),
            _ => Err(CryptoError),
        })
    }

    /// Signs a message, by a key for [`KeyUse::Sign`].
    ///
    /// # Errors
    /// [`CryptoError`].
    pub fn sign(&self, message: &[u8]) -> impl Future<Output = Result<Vec<u8>, CryptoError>> + use<> {
        call(|call| js::sign(call, &self.0, message)).map(bytes)
    }

    /// Whether a signature of a message holds, by a key for [`KeyUse::Verify`]. What is no signature does not.
    pub fn verify(&self, signature: &[u8], message: &[u8]) -> impl Future<Output = bool> + use<> {
        call(|call| js::verify(call, &self.0, signature, message))
            .map(|verified| matches!(verified, Completion::Bool(true)))
    }

    /// Encrypts a few bytes, by a key for [`KeyUse::Encrypt`]: up to 214 with a key of 2048 bits.
    ///
    /// # Errors
    /// [`CryptoError`].
    pub fn encrypt(&self, plaintext: &[u8]) -> impl Future<Output = Result<Vec<u8>, CryptoError>> + use<> {
        call(|call| js::encrypt(call, &self.0, plaintext)).map(bytes)
    }

    /// Decrypts them, by a key for [`KeyUse::Decrypt`].
    ///
    /// # Errors
    /// [`CryptoError`].
    pub fn decrypt(&self, ciphertext: &[u8]) -> impl Future<Output = Result<Vec<u8>, CryptoError>> + use<> {
        self.open(&[], &[], ciphertext)
    }

    /// Opens a ciphertext with its tag at the end, by a key for [`KeyUse::Open`].
    ///
    /// # Errors
    /// [`CryptoError`] when the tag does not hold.
    pub fn open(
        &self,
        nonce: &[u8],
        associated_data: &[u8],
        ciphertext: &[u8],
    ) -> impl Future<Output = Result<Vec<u8>, CryptoError>> + use<> {
        call(|call| js::decrypt(call, &self.0, nonce, associated_data, ciphertext)).map(bytes)
    }
}

fn bytes(done: Completion) -> Result<Vec<u8>, CryptoError> {
    match done {
        Completion::Bytes(bytes) => Ok(bytes),
        _ => Err(CryptoError),
    }
}
