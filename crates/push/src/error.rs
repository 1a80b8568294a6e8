use core::fmt;

/// Why a push is refused. Nothing of a refused push is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushError {
    /// The signature that counts is missing or wrong. Status 401.
    BadSignature,
    /// The timestamp has not exactly ten digits, or is too old or too far ahead. Status 401.
    BadTimestamp,
    /// The message inside is for another account. Status 401.
    BadAppid,
    /// The body is none of a push. Status 400.
    BadBody(Flaw),
    /// The signature holds, but what it covers does not decrypt: most likely `PUSH_AES_KEY` is not the
    /// `EncodingAESKey` of the console. Status 400.
    BadCiphertext,
    /// What was decrypted is no message. Status 400.
    BadMessage(Flaw),
}

/// What is wrong with a text that should hold fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// More than [`crate::MAX_BODY_BYTES`].
    TooLarge,
    /// Not UTF-8.
    NotUtf8,
    /// Neither a JSON object nor an `<xml>` element, or one that is not well-formed or ends early.
    NotWellFormed,
    /// A document type or a processing instruction.
    DocumentType,
    /// An entity that is not one of the five of XML.
    Entity,
    /// Deeper than [`crate::MAX_DEPTH`].
    TooDeep,
    /// More values than [`crate::MAX_VALUES`].
    TooMany,
    /// A name that occurs twice in one JSON object.
    Twice,
    /// No `Encrypt` that is one text, though only encrypted pushes are taken.
    NoEncrypt,
    /// Only an `Encrypt`, and no `PUSH_AES_KEY` to open it.
    NoKey,
    /// No `MsgType`, or no `Event` with the `MsgType` `event`, that is a word of up to 64 characters.
    NoType,
    /// The user is longer than 128 characters.
    LongUser,
}

impl PushError {
    /// The stable word for this refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadSignature => "bad_signature",
            Self::BadTimestamp => "bad_timestamp",
            Self::BadAppid => "bad_appid",
            Self::BadBody(_) => "bad_body",
            Self::BadCiphertext => "bad_ciphertext",
            Self::BadMessage(_) => "bad_message",
        }
    }

    /// The HTTP status of the answer: 401 where a check failed, 400 where something is malformed.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::BadSignature | Self::BadTimestamp | Self::BadAppid => 401,
            Self::BadBody(_) | Self::BadCiphertext | Self::BadMessage(_) => 400,
        }
    }
}

impl Flaw {
    const fn words(self) -> &'static str {
        match self {
            Self::TooLarge => "has to have at most 262144 bytes",
            Self::NotUtf8 => "has to be UTF-8",
            Self::NotWellFormed => "has to be one whole JSON object or <xml> element",
            Self::DocumentType => "must not hold a document type or a processing instruction",
            Self::Entity => "must not hold entities other than the five of XML",
            Self::TooDeep => "has to be at most 16 levels deep",
            Self::TooMany => "has to hold at most 4096 values",
            Self::Twice => "must not hold a name twice",
            Self::NoEncrypt => "has to hold one Encrypt, since PUSH_AES_KEY is set",
            Self::NoKey => "is encrypted, and PUSH_AES_KEY is not set",
            Self::NoType => "has to hold a MsgType, and an Event where that is event",
            Self::LongUser => "has to name a user of at most 128 characters",
        }
    }
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadSignature => {
                f.write_str("the signature does not hold: is PUSH_TOKEN the Token of the console?")
            }
            Self::BadTimestamp => f.write_str("timestamp has to be ten digits of a time close to now"),
            Self::BadAppid => f.write_str("the message is for another appid than WECHAT_APPID"),
            Self::BadBody(flaw) => write!(f, "the body {}", flaw.words()),
            Self::BadCiphertext => {
                f.write_str("Encrypt does not decrypt: is PUSH_AES_KEY the EncodingAESKey of the console?")
            }
            Self::BadMessage(flaw) => write!(f, "the message {}", flaw.words()),
        }
    }
}

impl core::error::Error for PushError {}
