use core::fmt;

use crate::answer::Answer;
use crate::field::{Field, Fields};
use crate::kind::Kind;
use crate::limits::{MAX_NAME_BYTES, MAX_USER_CHARACTERS};
use crate::{Flaw, Format, duplicates, json};

/// A push that was taken: what it is, whose it is, and how it is to be answered. `Debug` shows nothing of its data.
#[derive(Clone, PartialEq, Eq)]
pub struct Push {
    /// `message.<MsgType>` or `event.<Event>`.
    pub name: String,
    /// The user: `OpenId` or `OpenID` where there is one, else `FromUserName`. Pushes of one user are delivered in
    /// order.
    pub user: Option<String>,
    /// The same for all repeats of this push and for no other: 64 hex digits.
    pub key: String,
    /// Whether the signature covers what it says. An unverified push changes nothing here.
    pub verified: bool,
    /// `CreateTime`, in Unix seconds.
    pub created_at: Option<u64>,
    /// For an unverified push: its signature is taken for this body alone.
    pub once: Option<Once>,
    pub(crate) kind: Kind,
    pub(crate) fields: Fields,
    pub(crate) envelope: Envelope,
}

/// How a push came, and so how its answer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) format: Format,
    pub(crate) nonce: String,
    pub(crate) encrypted: bool,
}

/// A signature that does not cover the body is good for one body. Whoever takes the push keeps `digest` under `key`
/// to `until`, and refuses the push as [`crate::PushError::BadSignature`] where another digest is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// The timestamp and the hash of the nonce.
    pub key: String,
    /// The hash of the body.
    pub digest: String,
    /// Unix seconds: from then on the timestamp itself is refused.
    pub until: u64,
}

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Push")
            .field("name", &self.name)
            .field("verified", &self.verified)
            .field("created_at", &self.created_at)
            .field("envelope", &self.envelope)
            .finish_non_exhaustive()
    }
}

impl Push {
    pub(crate) fn new(
        mut fields: Fields,
        envelope: Envelope,
        inner: Format,
        verified: bool,
    ) -> Result<Self, Flaw> {
        let name = name(&fields).ok_or(Flaw::NoType)?;
        let kind = Kind::of(&name);
        if inner == Format::Xml {
            fields = as_json_has_them(fields, &kind);
        }
        Ok(Self {
            user: user(&fields)?,
            key: duplicates::key(&name, &kind, &fields, verified),
            created_at: fields.text("CreateTime").and_then(|time| time.parse().ok()),
            once: None,
            name,
            verified,
            kind,
            fields,
            envelope,
        })
    }

    /// The fields as `WeChat`'s JSON has them, whatever the format was: a JSON object. Integers that a double does
    /// not hold are texts.
    #[must_use]
    pub fn data(&self) -> String {
        json::write(&self.fields)
    }

    /// Every text and number at a path of names joined by dots, through arrays: `result.suggest`.
    #[must_use]
    pub fn at(&self, path: &str) -> Vec<&str> {
        self.fields.at(path)
    }

    /// For how many milliseconds the receiver's answer is waited for, where `WeChat` takes one. Elsewhere the
    /// acknowledgement goes out as soon as the push is stored.
    #[must_use]
    pub fn answer_wait(&self) -> Option<u64> {
        self.kind.wait()
    }

    /// What `WeChat` is told when the push is stored and nothing else is to be said.
    #[must_use]
    pub fn acknowledgement(&self) -> Answer {
        Answer::acknowledging(self.kind.acknowledgement)
    }

    /// The receiver's reply, if it is one that `WeChat` takes for this push. The same goes for one that was kept, to
    /// answer a repeat alike.
    #[must_use]
    pub fn answer(&self, reply: &str) -> Option<Answer> {
        Answer::of_receiver(&self.kind, self.envelope.format, &self.fields, reply)
    }
}

fn name(fields: &Fields) -> Option<String> {
    let event = fields.text("Event").or_else(|| fields.text("InfoType"));
    let (class, word) = match fields.text("MsgType") {
        None | Some("event") => ("event", event?),
        Some(message) => ("message", message),
    };
    let is_word = word.len() <= MAX_NAME_BYTES
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    is_word.then(|| format!("{class}.{word}"))
}

fn user(fields: &Fields) -> Result<Option<String>, Flaw> {
    let user = ["OpenId", "OpenID", "FromUserName"].into_iter().find_map(|name| fields.text(name));
    match user {
        Some(user) if user.chars().count() > MAX_USER_CHARACTERS => Err(Flaw::LongUser),
        user => Ok(user.map(str::to_owned)),
    }
}

/// Brings the fields of XML to the form of JSON, where the two differ.
fn as_json_has_them(fields: Fields, kind: &Kind) -> Fields {
    let mut brought = Vec::new();
    for (name, field) in fields.0 {
        match field {
            Field::Fields(inside) if name == kind.xml_wrapper => {
                brought.extend(inside.0.into_iter().map(|(name, field)| (name, field.into_texts())));
            }
            other => brought.push((name, other)),
        }
    }
    // A name of the wrapper may stand at the top, too; the first counts, as no name occurs twice.
    let mut fields = Fields::default();
    for (name, field) in brought {
        if fields.get(&name).is_none() {
            fields.0.push((name, field));
        }
    }
    with_arrays(fields, kind)
}

fn with_arrays(fields: Fields, kind: &Kind) -> Fields {
    let turn = |(name, field): (String, Field)| {
        let field = match field {
            Field::Fields(inside) => Field::Fields(with_arrays(inside, kind)),
            Field::List(items) => {
                Field::List(items.into_iter().map(|item| inside_array(item, kind)).collect())
            }
            other => other,
        };
        match field {
            Field::List(_) => (name, field),
            one if kind.is_array(&name) => (name, Field::List(vec![one])),
            one => (name, one),
        }
    };
    Fields(fields.0.into_iter().map(turn).collect())
}

fn inside_array(item: Field, kind: &Kind) -> Field {
    match item {
        Field::Fields(inside) => Field::Fields(with_arrays(inside, kind)),
        other => other,
    }
}
