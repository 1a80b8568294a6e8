use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use wxedge_crypto::{Secret, lower_hex};

use crate::PushError;
use crate::limits::{MAX_AGE, MAX_AHEAD, MAX_NONCE_BYTES, PLAIN_WINDOW};

/// What stands in the query of a push, percent-decoded. A name that occurs twice counts as absent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query<'a> {
    /// Over token, timestamp and nonce.
    pub signature: Option<&'a str>,
    /// Unix seconds.
    pub timestamp: Option<&'a str>,
    /// Any text.
    pub nonce: Option<&'a str>,
    /// Over token, timestamp, nonce and `Encrypt`; with encryption only.
    pub msg_signature: Option<&'a str>,
    /// What the check of the address wants back.
    pub echostr: Option<&'a str>,
}

impl<'a> Query<'a> {
    /// The nonce, where it and the timestamp are there and short enough to be looked at.
    pub(crate) fn nonce(&self) -> Result<&'a str, PushError> {
        self.nonce.filter(|nonce| nonce.len() <= MAX_NONCE_BYTES).ok_or(PushError::BadSignature)
    }

    pub(crate) fn check_signature(&self, token: &Secret) -> Result<(), PushError> {
        let given = self.signature.ok_or(PushError::BadSignature)?;
        check(given, &[token.expose(), self.timestamp()?, self.nonce()?])
    }

    pub(crate) fn check_msg_signature(&self, token: &Secret, encrypt: &str) -> Result<(), PushError> {
        let given = self.msg_signature.ok_or(PushError::BadSignature)?;
        check(given, &[token.expose(), self.timestamp()?, self.nonce()?, encrypt])
    }

    /// The time of the push in seconds, where it has exactly ten digits: what is signed has no separators, so a digit
    /// of the nonce that moves before the timestamp keeps the signature valid.
    pub(crate) fn time(&self) -> Result<u64, PushError> {
        let text = self.timestamp()?;
        let ten_digits = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
        if ten_digits {
            text.parse().map_err(|_| PushError::BadTimestamp)
        } else {
            Err(PushError::BadTimestamp)
        }
    }

    fn timestamp(&self) -> Result<&'a str, PushError> {
        self.timestamp.filter(|text| text.len() <= MAX_NONCE_BYTES).ok_or(PushError::BadSignature)
    }
}

/// The window of an encrypted push, which is signed whole.
pub(crate) fn check_age(time: u64, now: u64) -> Result<(), PushError> {
    check_window(time, now, MAX_AGE, MAX_AHEAD)
}

/// The window of a push whose body is not signed.
pub(crate) fn check_plain_age(time: u64, now: u64) -> Result<(), PushError> {
    check_window(time, now, PLAIN_WINDOW, PLAIN_WINDOW)
}

fn check_window(time: u64, now: u64, behind: u64, ahead: u64) -> Result<(), PushError> {
    let fresh = now.saturating_sub(time) <= behind && time.saturating_sub(now) <= ahead;
    if fresh { Ok(()) } else { Err(PushError::BadTimestamp) }
}

/// SHA-1 in lower-case hex over the parts, sorted by their bytes and joined by nothing.
///
/// Source: message push, `WeChat` mini program guide.
pub(crate) fn sign(parts: &[&str]) -> String {
    let mut sorted = parts.to_vec();
    sorted.sort_unstable();
    let mut hash = Sha1::new();
    for part in sorted {
        hash.update(part);
    }
    lower_hex(&hash.finalize())
}

fn check(given: &str, parts: &[&str]) -> Result<(), PushError> {
    let equal = given.as_bytes().ct_eq(sign(parts).as_bytes());
    if equal.into() { Ok(()) } else { Err(PushError::BadSignature) }
}
