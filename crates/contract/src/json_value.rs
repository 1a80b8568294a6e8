use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::field_error::FieldError;

/// A JSON value as far as the check of a field needs it.
///
/// Bodies are read into fields of this type first, so that a wrong type is reported with the name of its field
/// and never with a position in the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum JsonValue {
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
    Array(Vec<JsonValue>),
    /// An object, its entries in their order.
    Object(Vec<(String, JsonValue)>),
}

/// The most entries of a list that are read, so that no body makes a long one.
pub(crate) const LONGEST_LIST: usize = 1000;

impl JsonValue {
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

impl<'de> Deserialize<'de> for JsonValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = JsonValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<JsonValue, E> {
        Ok(JsonValue::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<JsonValue, E> {
        Ok(JsonValue::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<JsonValue, E> {
        Ok(JsonValue::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<JsonValue, E> {
        Ok(i64::try_from(value).map_or(JsonValue::Number, JsonValue::Integer))
    }

    fn visit_f64<E: de::Error>(self, _value: f64) -> Result<JsonValue, E> {
        Ok(JsonValue::Number)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<JsonValue, E> {
        Ok(JsonValue::Text(value.to_string()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<JsonValue, E> {
        Ok(JsonValue::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<JsonValue, A::Error> {
        let mut read = Vec::new();
        while let Some(item) = items.next_element()? {
            if read.len() <= LONGEST_LIST {
                read.push(item);
            }
        }
        Ok(JsonValue::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<JsonValue, A::Error> {
        let mut read = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            read.push(entry);
        }
        Ok(JsonValue::Object(read))
    }
}
