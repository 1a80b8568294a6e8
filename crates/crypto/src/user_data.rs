use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use aes::Aes128Dec;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_PAD_INDIFFERENT};
use cbc::Decryptor;
use cbc::cipher::{Array, BlockModeDecrypt, KeyIvInit};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater};
use wxedge_contract::{Given, read_own_json, record};

use crate::Secret;

/// The block of AES, its 128-bit key and the iv of CBC: all 16 bytes.
const BLOCK: usize = 16;

/// The longest `encryptedData` or `iv` that is looked at, in bytes of text as it came. The largest known payload, 30
/// days of steps, has some 3 KiB; the limit bounds the work of one call.
const MAX_TEXT_BYTES: usize = 65_536;

/// By how many seconds a watermark may be ahead of our clock.
const CLOCK_SKEW: u64 = 300;

/// `encryptedData` and `iv` of a mini program, whose shape is right. See [`Encrypted::parse`] and
/// [`Encrypted::open`].
///
/// Source: "open data: check and decryption", `WeChat` mini program guide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encrypted {
    iv: [u8; BLOCK],
    ciphertext: Vec<u8>,
}

impl Encrypted {
    /// Reads the two texts, repairing first what transports do to base64.
    ///
    /// Line breaks are removed with the spaces and tabs that follow them; each space that then remains was a `+`;
    /// missing `=` at the end are tolerated. All else is strict: the standard alphabet, not the URL-safe one, no
    /// stray bits in the last character, at most 65536 bytes of text.
    ///
    /// # Errors
    ///
    /// [`Damaged`] with the field and the rule: the iv has 16 bytes, the ciphertext is a non-empty multiple of 16.
    pub fn parse(encrypted_data: &str, iv: &str) -> Result<Self, Damaged> {
        let ciphertext = decode("encryptedData", encrypted_data)?;
        if ciphertext.is_empty() || !ciphertext.len().is_multiple_of(BLOCK) {
            return Err(Damaged {
                field: "encryptedData",
                rule: "has to hold one or more whole blocks of 16 bytes",
            });
        }
        let iv = decode("iv", iv)?
            .try_into()
            .map_err(|_| Damaged { field: "iv", rule: "has to hold 16 bytes" })?;
        Ok(Self { iv, ciphertext })
    }

    /// Decrypts the data and checks its watermark.
    ///
    /// `appid` is ours, `now` and `max_age` are in seconds; without `max_age` data of any age is taken. A watermark
    /// more than 300 seconds ahead of `now` is never taken.
    ///
    /// The steps up to the watermark run in the same order over the same bytes whatever each of them finds: with a
    /// wrong key a stand-in key decrypts, with wrong padding the text is read with its padding, and JSON and UTF-8
    /// are both read. The verdict comes after all of them, so no failure returns before another, and whether the
    /// padding is right does not show in the time. What is left is how far the JSON reader gets before the first
    /// wrong byte, well under a microsecond for a whole payload; the caller bounds how often that can be measured,
    /// see [`OpenError::Stale`].
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub fn open(
        &self,
        session_key: &Secret,
        appid: &str,
        now: u64,
        max_age: Option<u64>,
    ) -> Result<OpenedData, OpenError> {
        let key = read_key(session_key);
        let mut plain = self.decrypt(&key.unwrap_or_default());
        let (length, padded) = unpad(&plain);
        plain.truncate(length);
        let watermark = read_watermark(&plain);
        let json = String::from_utf8(plain);

        let (Some(_), true, Ok(json), Some(watermark)) = (key, padded.into(), json, watermark) else {
            return Err(OpenError::Stale);
        };
        watermark.check(appid, now, max_age)?;
        Ok(OpenedData { json, watermark })
    }

    fn decrypt(&self, key: &[u8; BLOCK]) -> Vec<u8> {
        let mut bytes = self.ciphertext.clone();
        let (blocks, _) = Array::slice_as_chunks_mut(&mut bytes);
        Decryptor::<Aes128Dec>::new(key.into(), (&self.iv).into()).decrypt_blocks(blocks);
        bytes
    }
}

/// User data that opened with the user's key and bears our watermark.
///
/// The ciphertext carries no authentication: this shows that it came through a user's own session, not that
/// `WeChat` wrote each byte of it. `Debug` shows no user data, so that no log does.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenedData {
    /// The JSON object exactly as it was decrypted, so that fields of the future survive.
    pub json: String,
    /// Its watermark, already checked.
    pub watermark: Watermark,
}

impl fmt::Debug for OpenedData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenedData").field("watermark", &self.watermark).finish_non_exhaustive()
    }
}

record! {
    /// What the platform puts into the data so that it can be told whose and how old it is.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Watermark {
        /// When the data was taken, in unix seconds.
        pub timestamp: u64,
        /// The mini program that it was taken for.
        pub appid: String,
    }
}

impl Watermark {
    fn check(&self, appid: &str, now: u64, max_age: Option<u64>) -> Result<(), OpenError> {
        if self.appid != appid {
            return Err(OpenError::WrongApp);
        }
        if self.timestamp > now.saturating_add(CLOCK_SKEW) {
            return Err(OpenError::FromFuture);
        }
        let age = now.saturating_sub(self.timestamp);
        if max_age.is_some_and(|limit| age > limit) {
            return Err(OpenError::TooOld);
        }
        Ok(())
    }
}

/// A text that cannot be right by its shape, whatever the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damaged {
    /// `encryptedData` or `iv`.
    pub field: &'static str,
    /// What the field has to be, as the end of a sentence that begins with its name.
    pub rule: &'static str,
}

impl Damaged {
    /// The stable word for this refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        "encrypted_data_damaged"
    }
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field)?;
        f.write_str(" ")?;
        f.write_str(self.rule)?;
        f.write_str(": send the text as the mini program got it, in a JSON body")
    }
}

impl core::error::Error for Damaged {}

/// Why data of the right shape is refused.
///
/// All but [`OpenError::WrongApp`] have one code and one wording: their remedy is the same, and the caller must not
/// tell them apart in an answer. They differ for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenError {
    /// There is no valid watermark: the key, the padding, the UTF-8, the JSON or the watermark is wrong.
    ///
    /// These are one on purpose. The ciphertext is not authenticated, so an answer that told them apart would be a
    /// padding oracle, with which a user who is logged in can forge data. The caller has to allow only a few such
    /// failures per session.
    Stale,
    /// The watermark is that of another mini program.
    WrongApp,
    /// The watermark is older than the caller allows.
    TooOld,
    /// The watermark is more than 300 seconds ahead of our clock.
    FromFuture,
}

impl OpenError {
    /// The stable word for this refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Stale | Self::TooOld | Self::FromFuture => "session_key_stale",
            Self::WrongApp => "wrong_app",
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stale | Self::TooOld | Self::FromFuture => {
                "the data does not open with the session_key of the last login: \
                 call wx.login and log in first, and get the data after that"
            }
            Self::WrongApp => "the watermark of the data is that of another appid",
        })
    }
}

impl core::error::Error for OpenError {}

fn decode(field: &'static str, text: &str) -> Result<Vec<u8>, Damaged> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(Damaged { field, rule: "has to be at most 65536 bytes of text" });
    }
    STANDARD_PAD_INDIFFERENT.decode(make_whole(text)).map_err(|_| Damaged { field, rule: "has to be base64" })
}

/// Undoes what transports do to base64: see [`Encrypted::parse`].
fn make_whole(text: &str) -> Vec<u8> {
    let mut whole = Vec::with_capacity(text.len());
    let mut indentation = false;
    for byte in text.bytes() {
        match byte {
            b'\r' | b'\n' => indentation = true,
            b' ' | b'\t' if indentation => {}
            b' ' => whole.push(b'+'),
            other => {
                indentation = false;
                whole.push(other);
            }
        }
    }
    whole
}

fn read_key(session_key: &Secret) -> Option<[u8; BLOCK]> {
    STANDARD.decode(session_key.expose()).ok()?.try_into().ok()
}

/// The length without PKCS#7 padding, and whether the padding is right; when it is not, nothing is cut off.
///
/// All of the last block is read whatever its bytes are, without a branch on any of them.
fn unpad(plain: &[u8]) -> (usize, Choice) {
    let padding = plain.last().copied().unwrap_or_default();
    let mut right = !padding.ct_eq(&0) & !padding.ct_gt(&16);
    for (place, byte) in (1_u8..=16).zip(plain.iter().rev()) {
        let outside = place.ct_gt(&padding);
        right &= outside | byte.ct_eq(&padding);
    }
    let cut = u8::conditional_select(&0, &padding, right);
    (plain.len().saturating_sub(usize::from(cut)), right)
}

fn read_watermark(json: &[u8]) -> Option<Watermark> {
    read_own_json::<Given>(json)?.take("watermark")
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::{make_whole, unpad};

    #[test]
    fn line_breaks_go_with_their_indentation_and_other_spaces_are_plus() {
        let cases = [
            ("ab+/", "ab+/"),
            ("ab\ncd", "abcd"),
            ("ab\r\n  \t cd\r\n", "abcd"),
            ("\n\n ab\r cd \nef", "abcd+ef"),
            ("a b  c", "a+b++c"),
            (" a", "+a"),
            ("a\tb", "a\tb"),
            ("", ""),
        ];
        for (text, whole) in cases {
            assert_eq!(make_whole(text), whole.as_bytes(), "{text:?}");
        }
    }

    #[test]
    fn padding_is_one_to_sixteen_bytes_that_all_name_its_length() {
        for padding in 0..=u8::MAX {
            let mut plain = vec![b'x'; 32];
            plain.iter_mut().rev().take(usize::from(padding)).for_each(|byte| *byte = padding);
            if padding == 0 {
                plain[31] = 0;
            }
            let expected =
                if (1..=16).contains(&padding) { (32 - usize::from(padding), true) } else { (32, false) };
            let (length, right) = unpad(&plain);
            assert_eq!((length, right.into()), expected, "padding {padding}");
        }
    }

    #[test]
    fn one_wrong_byte_spoils_the_padding() {
        for padding in 2..=16_u8 {
            for place in 2..=usize::from(padding) {
                let mut plain = vec![padding; 32];
                plain[32 - place] ^= 1;
                let (length, right) = unpad(&plain);
                assert_eq!((length, right.into()), (32, false), "padding {padding}, place {place}");
            }
        }
    }

    #[test]
    fn a_block_of_padding_leaves_nothing_and_an_empty_text_has_none() {
        let (length, right) = unpad(&[16; 16]);
        assert_eq!((length, right.into()), (0, true));
        let (length, right) = unpad(&[]);
        assert_eq!((length, right.into()), (0, false));
    }
}
