//! The types of fields that [`fields!`](crate::fields!) takes.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::field_error::FieldError;
use crate::fields::{self, Field, Fields};
use crate::json_value::{JsonValue, LONGEST_LIST};

impl Field for JsonValue {
    fn put(&mut self, given: JsonValue) -> Result<(), FieldError> {
        *self = given;
        Ok(())
    }
}

/// A nested object, read like a body: anything else in its place is reported with the name of its field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Nested<T> {
    /// The field is not there.
    #[default]
    Absent,
    /// Something that is no object.
    Wrong,
    /// The object's fields.
    Object(T),
}

impl<T> Nested<T> {
    /// The object of a field that may be missing.
    ///
    /// # Errors
    /// Names `field` when it is there and no object.
    pub fn optional(self, field: &'static str) -> Result<Option<T>, FieldError> {
        match self {
            Self::Absent => Ok(None),
            Self::Wrong => Err(FieldError::new(field, "must be an object")),
            Self::Object(fields) => Ok(Some(fields)),
        }
    }
}

impl<T: Fields + Default> Field for Nested<T> {
    fn put(&mut self, given: JsonValue) -> Result<(), FieldError> {
        *self = match given {
            JsonValue::Object(entries) => {
                let mut fields = T::default();
                fields::fill(&mut fields, entries)?;
                Self::Object(fields)
            }
            _ => Self::Wrong,
        };
        Ok(())
    }
}

/// A list of texts: anything else in its place is reported with the name of its field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TextList {
    /// The field is not there.
    #[default]
    Absent,
    /// Something that is no list of texts, or one that is too long.
    Wrong,
    /// The texts.
    Texts(Vec<String>),
}

impl TextList {
    /// The texts of a field that may be missing: at most `most` of them.
    ///
    /// # Errors
    /// Names `field` when it is there and no list of texts, or longer.
    pub fn optional(self, field: &'static str, most: usize) -> Result<Option<Vec<String>>, FieldError> {
        match self {
            Self::Absent => Ok(None),
            Self::Texts(texts) if texts.len() <= most => Ok(Some(texts)),
            _ => Err(FieldError::new(field, format!("must be a list of at most {most} texts"))),
        }
    }
}

impl Field for TextList {
    fn put(&mut self, given: JsonValue) -> Result<(), FieldError> {
        let texts = match given {
            JsonValue::Array(items) if items.len() <= LONGEST_LIST => {
                items.into_iter().map(text_of).collect()
            }
            _ => None,
        };
        *self = texts.map_or(Self::Wrong, Self::Texts);
        Ok(())
    }
}

fn text_of(given: JsonValue) -> Option<String> {
    match given {
        JsonValue::Text(text) => Some(text),
        _ => None,
    }
}
