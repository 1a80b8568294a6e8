use core::fmt;

use subtle::ConstantTimeEq;
use wxedge_crypto::Secret;

use crate::aes_key::AesKey;
use crate::answer::{Answer, Content};
use crate::duplicates::digest;
use crate::field::{Field, Fields};
use crate::format::Format;
use crate::limits::{MAX_NONCE_BYTES, PLAIN_WINDOW};
use crate::push::{Envelope, Once, Push};
use crate::query::{Query, check_age, check_plain_age, sign};
use crate::{Flaw, PushError};

/// The account, and what its console's message push is set to.
#[derive(Clone, Debug)]
pub struct PushKeys {
    appid: String,
    token: Secret,
    aes_key: Option<AesKey>,
}

/// A setting that cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadKey {
    /// `PUSH_TOKEN` or `PUSH_AES_KEY`.
    pub setting: &'static str,
    /// What it has to be, as the end of a sentence that begins with its name.
    pub rule: &'static str,
}

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.setting, self.rule)
    }
}

impl core::error::Error for BadKey {}

/// An answer as it goes out, with status 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The Content-Type.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

impl PushKeys {
    /// Takes Token and `EncodingAESKey` of the console's message push. With the latter only encrypted pushes are
    /// taken.
    ///
    /// # Errors
    ///
    /// [`BadKey`] where the token is not 3 to 32 letters and digits, or the key not 43 characters of base64.
    pub fn new(appid: &str, token: Secret, encoding_aes_key: Option<&Secret>) -> Result<Self, BadKey> {
        let text = token.expose();
        if !(3..=32).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(BadKey { setting: "PUSH_TOKEN", rule: "has to be 3 to 32 letters and digits" });
        }
        let bad_key =
            BadKey { setting: "PUSH_AES_KEY", rule: "has to be the 43 characters of the EncodingAESKey" };
        let aes_key = encoding_aes_key.map(|key| AesKey::parse(key).ok_or(bad_key)).transpose()?;
        Ok(Self { appid: appid.to_owned(), token, aes_key })
    }

    /// The console's check of the address, a `GET`: what to answer, as it is.
    ///
    /// # Errors
    ///
    /// [`PushError`]. Without an `echostr` of up to 128 bytes the signature counts as wrong.
    pub fn check_address<'a>(&self, query: &Query<'a>, now: u64) -> Result<&'a str, PushError> {
        let echo = query.echostr.filter(|echo| (1..=MAX_NONCE_BYTES).contains(&echo.len()));
        query.check_signature(&self.token)?;
        check_age(query.time()?, now)?;
        echo.ok_or(PushError::BadSignature)
    }

    /// A push, a `POST`. `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`PushError`].
    pub fn open(&self, query: &Query<'_>, body: &[u8], now: u64) -> Result<Push, PushError> {
        match &self.aes_key {
            Some(key) => self.open_encrypted(key, query, body, now),
            None => self.open_plain(query, body, now),
        }
    }

    fn open_encrypted(
        &self,
        key: &AesKey,
        query: &Query<'_>,
        body: &[u8],
        now: u64,
    ) -> Result<Push, PushError> {
        // (1) Only msg_signature covers the body. Where it is missing, nothing is read.
        query.msg_signature.filter(|text| text.len() == 40).ok_or(PushError::BadSignature)?;
        // (2) The envelope. In compatible mode it holds the message, too, which nothing covers: it is not looked at.
        let (format, mut fields) = Format::read(body).map_err(PushError::BadBody)?;
        let Some(Field::Text(encrypt)) = fields.take("Encrypt") else {
            return Err(PushError::BadBody(Flaw::NoEncrypt));
        };
        // (3) The signature, then the time that it covers.
        query.check_msg_signature(&self.token, &encrypt)?;
        check_age(query.time()?, now)?;
        // (4) What is inside, and that it is for us.
        let (message, appid) = key.open(&encrypt).ok_or(PushError::BadCiphertext)?;
        if !bool::from(appid.ct_eq(self.appid.as_bytes())) {
            return Err(PushError::BadAppid);
        }
        // (5) The message.
        let (inner, fields) = Format::read(&message).map_err(PushError::BadMessage)?;
        let envelope = Envelope { format, nonce: query.nonce()?.to_owned(), encrypted: true };
        Push::new(fields, envelope, inner, true).map_err(PushError::BadMessage)
    }

    fn open_plain(&self, query: &Query<'_>, body: &[u8], now: u64) -> Result<Push, PushError> {
        query.check_signature(&self.token)?;
        let time = query.time()?;
        check_plain_age(time, now)?;
        let nonce = query.nonce()?;
        let (format, mut fields) = Format::read(body).map_err(PushError::BadBody)?;
        // Compatible mode.
        if fields.take("Encrypt").is_some() && fields.get("MsgType").is_none() {
            return Err(PushError::BadBody(Flaw::NoKey));
        }
        let envelope = Envelope { format, nonce: nonce.to_owned(), encrypted: false };
        let mut push = Push::new(fields, envelope, format, false).map_err(PushError::BadBody)?;
        push.once = Some(Once {
            key: format!("{time}.{}", digest(nonce.as_bytes())),
            digest: digest(body),
            until: time.saturating_add(PLAIN_WINDOW).saturating_add(1),
        });
        Ok(push)
    }

    /// The answer as it goes out: in the push's format, encrypted where the push was. A word is never encrypted.
    /// `now` is in Unix seconds, `random` any 16 bytes that are never used twice.
    #[must_use]
    pub fn reply(&self, push: &Push, answer: &Answer, now: u64, random: [u8; 16]) -> Reply {
        const SUCCESS: Reply = Reply { content_type: "text/plain; charset=utf-8", body: String::new() };
        match &answer.0 {
            Content::Word(word) => Reply { body: (*word).to_owned(), ..SUCCESS },
            Content::Fields(fields) => {
                let Envelope { format, nonce, .. } = &push.envelope;
                let body = format.write(fields).and_then(|message| match &self.aes_key {
                    Some(key) if push.envelope.encrypted => {
                        format.write(&self.seal(key, &message, nonce, now, random)?)
                    }
                    _ => Some(message),
                });
                // An answer was tried in its format when it was made, so this never falls back.
                body.map_or(SUCCESS, |body| Reply { content_type: format.content_type(), body })
            }
        }
    }

    fn seal(&self, key: &AesKey, message: &str, nonce: &str, now: u64, random: [u8; 16]) -> Option<Fields> {
        let encrypt = key.seal(message, &self.appid, random)?;
        let timestamp = now.to_string();
        let signature = sign(&[self.token.expose(), &timestamp, nonce, &encrypt]);
        let texts = |name: &str, text: String| (name.to_owned(), Field::Text(text));
        Some(Fields(vec![
            texts("Encrypt", encrypt),
            texts("MsgSignature", signature),
            ("TimeStamp".to_owned(), Field::Number(timestamp)),
            texts("Nonce", nonce.to_owned()),
        ]))
    }
}
