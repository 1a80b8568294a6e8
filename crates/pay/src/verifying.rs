//! Whether an answer or a notification is `WeChat` Pay's, step by step: each step is made of the one before, so none can be
//! left out.
//!
//! [`Received::in_time`] → [`InTime::key`] → [`Keyed::decided`] → [`Verified`]. Only what is [`Verified`] can be read.
//!
//! Source: 如何使用微信支付公钥验签, 如何应对签名探测.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::limits::CLOCK_TOLERANCE;
use crate::verify_keys::{VerifyKey, VerifyKeys};

/// The headers that say who signed, as they came. HTTP's names are the same in any case.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignatureHeaders<'a> {
    /// `Wechatpay-Timestamp`.
    pub timestamp: Option<&'a str>,
    /// `Wechatpay-Nonce`.
    pub nonce: Option<&'a str>,
    /// `Wechatpay-Signature`.
    pub signature: Option<&'a str>,
    /// `Wechatpay-Serial`.
    pub serial: Option<&'a str>,
    /// `Wechatpay-Signature-Type`; RSA when it is missing.
    pub signature_type: Option<&'a str>,
}

/// Why something is not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub why: Why,
    /// `WeChat` Pay itself sent it, to see whether we look: refused like any other, counted apart.
    pub probe: bool,
}

/// The reason of a [`Refusal`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// A header is missing.
    Header(&'static str),
    /// It is signed by SM2.
    SignatureType,
    /// The timestamp is no number of seconds, or five minutes or more off.
    Clock,
    /// No key of this serial is known.
    Serial {
        /// The serial, where it has the form of one.
        named: Option<String>,
        /// Those that are known.
        loaded: String,
    },
    /// The signature does not hold, or is no base64.
    Signature {
        /// How many bytes were received.
        bytes: usize,
        /// Their SHA-256, the first eight hex digits.
        hash: String,
    },
}

impl Why {
    /// A stable name, for counting.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Header(_) => "header_missing",
            Self::SignatureType => "signature_type",
            Self::Clock => "clock",
            Self::Serial { .. } => "unknown_serial",
            Self::Signature { .. } => "bad_signature",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.probe {
            f.write_str("probe from WeChat (SIGNTEST): refused as intended: ")?;
        }
        match &self.why {
            Why::Header(name) => write!(f, "the header {name} is missing"),
            Why::SignatureType => {
                f.write_str("it is signed by another algorithm than WECHATPAY2-SHA256-RSA2048")
            }
            Why::Clock => {
                f.write_str("Wechatpay-Timestamp is 300 s or more away from the clock of this server")
            }
            Why::Serial { named, loaded } => {
                let named = named.as_deref().unwrap_or("something that is no serial");
                write!(f, "signed by {named}; loaded: [{loaded}]. In the grey phase of a migration load both")
            }
            Why::Signature { bytes, hash } => {
                write!(
                    f,
                    "the signature does not match the {bytes} bytes received (SHA-256 {hash}…): was the body re-encoded?"
                )
            }
        }
    }
}

impl core::error::Error for Refusal {}

/// Something that came, of which nothing is believed yet.
#[derive(Clone, Debug)]
pub struct Received<'a> {
    headers: SignatureHeaders<'a>,
    body: &'a [u8],
}

/// Its headers are there and its timestamp is of now.
#[derive(Clone, Debug)]
pub struct InTime<'a> {
    timestamp: &'a str,
    nonce: &'a str,
    signature: &'a str,
    serial: &'a str,
    body: &'a [u8],
}

/// The key that has to have signed it is known. What is left is to verify [`Keyed::signature`] over [`Keyed::message`].
#[derive(Clone, Debug)]
pub struct Keyed<'a, 'k> {
    received: InTime<'a>,
    key: &'k VerifyKey,
    signature: Vec<u8>,
}

/// The bytes are `WeChat` Pay's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    body: Vec<u8>,
}

impl<'a> Received<'a> {
    /// What came: its headers and its body, byte by byte as received.
    #[must_use]
    pub fn new(headers: SignatureHeaders<'a>, body: &'a [u8]) -> Self {
        Self { headers, body }
    }

    /// Steps one to three: headers, algorithm, clock. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn in_time(&self, now: u64) -> Result<InTime<'a>, Refusal> {
        let there = |header: Option<&'a str>, name| header.ok_or_else(|| self.refused(Why::Header(name)));
        let in_time = InTime {
            timestamp: there(self.headers.timestamp, "Wechatpay-Timestamp")?,
            nonce: there(self.headers.nonce, "Wechatpay-Nonce")?,
            signature: there(self.headers.signature, "Wechatpay-Signature")?,
            serial: there(self.headers.serial, "Wechatpay-Serial")?,
            body: self.body,
        };
        if self.headers.signature_type.is_some_and(|name| name != "WECHATPAY2-SHA256-RSA2048") {
            return Err(self.refused(Why::SignatureType));
        }
        let is_of_now =
            in_time.timestamp.parse().is_ok_and(|timestamp: u64| now.abs_diff(timestamp) < CLOCK_TOLERANCE);
        if is_of_now { Ok(in_time) } else { Err(self.refused(Why::Clock)) }
    }

    fn refused(&self, why: Why) -> Refusal {
        Refusal { why, probe: self.headers.signature.is_some_and(is_probe) }
    }
}

impl<'a> InTime<'a> {
    /// The serial that it names.
    #[must_use]
    pub fn serial(&self) -> &'a str {
        self.serial
    }

    pub(crate) fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Steps four and five: the key of its serial, and the signature's form. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`Refusal`]. After [`Why::Serial`] certificates may be fetched, where [`crate::CertificateFetches`] allows it.
    pub fn key<'k>(&self, keys: &'k VerifyKeys, now: u64) -> Result<Keyed<'a, 'k>, Refusal> {
        let Some(key) = keys.find(self.serial, now) else {
            let named = VerifyKeys::is_serial(self.serial).then(|| self.serial.into());
            return Err(self.refused(Why::Serial { named, loaded: keys.names() }));
        };
        match STANDARD.decode(self.signature) {
            Ok(signature) => Ok(Keyed { received: self.clone(), key, signature }),
            Err(_) => Err(self.bad_signature()),
        }
    }

    fn bad_signature(&self) -> Refusal {
        let hash: [u8; 32] = Sha256::digest(self.body).into();
        let [a, b, c, d, ..] = hash;
        let hash = format!("{a:02x}{b:02x}{c:02x}{d:02x}");
        self.refused(Why::Signature { bytes: self.body.len(), hash })
    }

    fn refused(&self, why: Why) -> Refusal {
        Refusal { why, probe: is_probe(self.signature) }
    }
}

impl Keyed<'_, '_> {
    /// The key, as `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn key(&self) -> &VerifyKey {
        self.key
    }

    /// What is signed.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let InTime { timestamp, nonce, body, .. } = &self.received;
        [timestamp.as_bytes(), b"\n", nonce.as_bytes(), b"\n", body, b"\n"].concat()
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Step six: whether the signature holds, by RSASSA-PKCS1-v1_5 with SHA-256.
    ///
    /// # Errors
    /// [`Refusal`] when it does not.
    pub fn decided(self, holds: bool) -> Result<Verified, Refusal> {
        if holds {
            Ok(Verified { body: self.received.body.to_vec() })
        } else {
            Err(self.received.bad_signature())
        }
    }
}

impl Verified {
    /// The bytes.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// What `WeChat` Pay's probes begin with.
fn is_probe(signature: &str) -> bool {
    signature.starts_with("WECHATPAY/SIGNTEST/")
}
