use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

/// What is wrong with a request: which field, and the rule that it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field as the caller wrote it, nested ones with dots; `body` for the body as a whole.
    pub field: Cow<'static, str>,
    /// The rule, phrased so that the caller knows what to send instead.
    pub rule: Cow<'static, str>,
}

impl FieldError {
    /// Says that `field` breaks `rule`.
    pub fn new(field: impl Into<Cow<'static, str>>, rule: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), rule: rule.into() }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.rule)
    }
}

impl core::error::Error for FieldError {}

/// A JSON value as far as the check of a field needs it.
///
/// Bodies are read into fields of this type first, so that a wrong type is reported with the name of its field
/// and never with a position in the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Given {
    /// The field is not there.
    #[default]
    Absent,
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number that fits 64 bits.
    Integer(i64),
    /// A number with a fraction, or one that does not fit.
    Number,
    /// A text.
    Text(String),
    /// An array: its first [`LONGEST_LIST`] items, and one more when there are more.
    Array(Vec<Given>),
    /// An object, its entries in their order.
    Object(Vec<(String, Given)>),
}

/// The most entries of a list that are read, so that no body makes a long one.
pub(crate) const LONGEST_LIST: usize = 1000;

impl Given {
    /// The text of a field that must be there, of `length` characters.
    ///
    /// # Errors
    /// Names `field` when it is missing, no text, or of another length.
    pub fn text(self, field: &'static str, length: RangeInclusive<usize>) -> Result<String, FieldError> {
        match self {
            Self::Text(text) if length.contains(&text.chars().count()) => Ok(text),
            Self::Absent => Err(FieldError::new(field, format!("is required: {}", text_rule(&length)))),
            _ => Err(FieldError::new(field, format!("must be {}", text_rule(&length)))),
        }
    }

    /// The text of a field that may be missing; an empty text counts as missing.
    ///
    /// # Errors
    /// Names `field` when it is there and no text, or of another length.
    pub fn optional_text(
        self,
        field: &'static str,
        length: RangeInclusive<usize>,
    ) -> Result<Option<String>, FieldError> {
        match self {
            Self::Absent => Ok(None),
            Self::Text(text) if text.is_empty() => Ok(None),
            given => given.text(field, length).map(Some),
        }
    }

    /// The text of a field that must be there, of `length` characters and on one line: `WeChat` takes no control character
    /// in any field (40033, 47001).
    ///
    /// # Errors
    /// Names `field` when it is missing, no text, of another length, or holds a control character.
    pub fn line(self, field: &'static str, length: RangeInclusive<usize>) -> Result<String, FieldError> {
        let text = self.text(field, length)?;
        if text.contains(char::is_control) {
            return Err(FieldError::new(field, "must be one line of text, without control characters"));
        }
        Ok(text)
    }

    /// The line of a field that may be missing; an empty text counts as missing.
    ///
    /// # Errors
    /// Names `field` when it is there and no text, of another length, or holds a control character.
    pub fn optional_line(
        self,
        field: &'static str,
        length: RangeInclusive<usize>,
    ) -> Result<Option<String>, FieldError> {
        match self {
            Self::Absent => Ok(None),
            Self::Text(text) if text.is_empty() => Ok(None),
            given => given.line(field, length).map(Some),
        }
    }

    /// The whole number of a field that may be missing.
    ///
    /// # Errors
    /// Names `field` when it is there and no whole number, or outside `range`.
    pub fn optional_integer(
        self,
        field: &'static str,
        range: RangeInclusive<i64>,
    ) -> Result<Option<i64>, FieldError> {
        match self {
            Self::Absent => Ok(None),
            Self::Integer(number) if range.contains(&number) => Ok(Some(number)),
            _ => Err(FieldError::new(
                field,
                format!("must be a whole number from {} to {}", range.start(), range.end()),
            )),
        }
    }

    /// The boolean of a field that may be missing.
    ///
    /// # Errors
    /// Names `field` when it is there and not `true` or `false`; the text `"false"` is not a boolean.
    pub fn optional_bool(self, field: &'static str) -> Result<Option<bool>, FieldError> {
        match self {
            Self::Absent => Ok(None),
            Self::Bool(value) => Ok(Some(value)),
            _ => Err(FieldError::new(field, "must be true or false, without quotes")),
        }
    }
}

fn text_rule(length: &RangeInclusive<usize>) -> String {
    format!("a text of {} to {} characters", length.start(), length.end())
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GivenVisitor)
    }
}

struct GivenVisitor;

impl<'de> Visitor<'de> for GivenVisitor {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Given, E> {
        Ok(Given::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Given, E> {
        Ok(Given::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Given, E> {
        Ok(Given::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Given, E> {
        Ok(i64::try_from(value).map_or(Given::Number, Given::Integer))
    }

    fn visit_f64<E: de::Error>(self, _value: f64) -> Result<Given, E> {
        Ok(Given::Number)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Given, E> {
        Ok(Given::Text(value.to_string()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Given, E> {
        Ok(Given::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Given, A::Error> {
        let mut read = Vec::new();
        while let Some(item) = items.next_element()? {
            if read.len() <= LONGEST_LIST {
                read.push(item);
            }
        }
        Ok(Given::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Given, A::Error> {
        let mut read = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            read.push(entry);
        }
        Ok(Given::Object(read))
    }
}
