//! What is stored: records as JSON that only we read.
//!
//! One writer and one reader serve all records, by their fields' names: what serde derives would be twenty kilobytes of the
//! Worker. What is empty (zero, false, nothing) is left out, and what is left out is empty; a text is always there.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write as _;

use wxedge_contract::JsonValue;

use crate::amount::Fen;
use crate::form::json_text;
use crate::number::{OutRefundNo, OutTradeNo};

/// What a field of a record may be.
pub(crate) trait Stored {
    /// Whether it is left out.
    fn is_empty(&self) -> bool {
        false
    }

    /// Writes it, also where it is empty.
    fn write(&self, json: &mut String);

    /// Becomes what was written; false where that is of another form.
    fn read(&mut self, given: JsonValue) -> bool;
}

/// A record's fields, by their place.
pub(crate) trait Record {
    fn names(&self) -> &'static [&'static str];
    fn field(&self, index: usize) -> Option<&dyn Stored>;
    fn field_mut(&mut self, index: usize) -> Option<&mut dyn Stored>;
}

/// Declares which fields of a struct are stored, in their order: `name`, or `name as "another"`.
macro_rules! record {
    ($record:ident { $($field:ident $(as $text:literal)?,)* }) => {
        impl $crate::stored::Record for $record {
            fn names(&self) -> &'static [&'static str] {
                &[$($crate::stored::record!(@name $field $($text)?)),*]
            }

            fn field(&self, index: usize) -> Option<&dyn $crate::stored::Stored> {
                let mut before = index;
                $(
                    before = match before.checked_sub(1) {
                        None => return Some(&self.$field),
                        Some(rest) => rest,
                    };
                )*
                let _ = before;
                None
            }

            fn field_mut(&mut self, index: usize) -> Option<&mut dyn $crate::stored::Stored> {
                let mut before = index;
                $(
                    before = match before.checked_sub(1) {
                        None => return Some(&mut self.$field),
                        Some(rest) => rest,
                    };
                )*
                let _ = before;
                None
            }
        }

        impl $crate::stored::Stored for $record {
            fn write(&self, json: &mut alloc::string::String) {
                $crate::stored::write_record(self, json);
            }

            fn read(&mut self, given: wxedge_contract::JsonValue) -> bool {
                $crate::stored::read_record(self, given)
            }
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $text:literal) => { $text };
}

/// Declares how the values of an enum are written.
macro_rules! words {
    ($visibility:vis $words:ident { $($value:ident = $text:literal,)* }) => {
        impl $words {
            /// The name as it is stored, and as routes and events show it.
            #[must_use]
            $visibility const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $text,)* }
            }
        }

        impl $crate::stored::Stored for $words {
            fn write(&self, json: &mut alloc::string::String) {
                json.extend(["\"", self.as_str(), "\""]);
            }

            fn read(&mut self, given: wxedge_contract::JsonValue) -> bool {
                let wxedge_contract::JsonValue::Text(text) = given else { return false };
                let known = [$(Self::$value),*].into_iter().find(|word| word.as_str() == text);
                *self = known.unwrap_or(*self);
                known.is_some()
            }
        }
    };
}

pub(crate) use {record, words};

pub(crate) fn write_record(record: &dyn Record, json: &mut String) {
    json.push('{');
    for (index, name) in record.names().iter().enumerate() {
        if let Some(field) = record.field(index).filter(|field| !field.is_empty()) {
            if !json.ends_with('{') {
                json.push(',');
            }
            json.extend(["\"", *name, "\":"]);
            field.write(json);
        }
    }
    json.push('}');
}

pub(crate) fn read_record(record: &mut dyn Record, given: JsonValue) -> bool {
    let JsonValue::Object(mut entries) = given else { return false };
    record.names().iter().enumerate().all(|(index, name)| {
        let place = entries.iter().position(|(known, _)| known == name);
        let given = place.map(|place| entries.swap_remove(place).1).unwrap_or_default();
        record.field_mut(index).is_some_and(|field| field.read(given))
    })
}

impl Stored for String {
    fn write(&self, json: &mut String) {
        json.push_str(&json_text(self));
    }

    fn read(&mut self, given: JsonValue) -> bool {
        let JsonValue::Text(text) = given else { return false };
        *self = text;
        true
    }
}

impl Stored for bool {
    fn is_empty(&self) -> bool {
        !self
    }

    fn write(&self, json: &mut String) {
        json.push_str(if *self { "true" } else { "false" });
    }

    fn read(&mut self, given: JsonValue) -> bool {
        *self = given == JsonValue::Bool(true);
        matches!(given, JsonValue::Bool(_) | JsonValue::Absent)
    }
}

impl Stored for u64 {
    fn is_empty(&self) -> bool {
        *self == 0
    }

    fn write(&self, json: &mut String) {
        let _ = write!(json, "{self}");
    }

    fn read(&mut self, given: JsonValue) -> bool {
        let number = match given {
            JsonValue::Absent => Some(0),
            JsonValue::Integer(number) => Self::try_from(number).ok(),
            _ => None,
        };
        *self = number.unwrap_or_default();
        number.is_some()
    }
}

impl Stored for u32 {
    fn is_empty(&self) -> bool {
        *self == 0
    }

    fn write(&self, json: &mut String) {
        u64::from(*self).write(json);
    }

    fn read(&mut self, given: JsonValue) -> bool {
        let mut number = 0_u64;
        let is_number = number.read(given);
        *self = Self::try_from(number).unwrap_or_default();
        is_number && u64::from(*self) == number
    }
}

impl Stored for Fen {
    fn is_empty(&self) -> bool {
        *self == Self::ZERO
    }

    fn write(&self, json: &mut String) {
        self.get().write(json);
    }

    fn read(&mut self, given: JsonValue) -> bool {
        let mut fen = 0_u32;
        let is_number = fen.read(given);
        *self = Self::new(fen).unwrap_or_default();
        is_number && self.get() == fen
    }
}

/// Numbers of orders and refunds are texts.
macro_rules! number {
    ($number:ident) => {
        impl Stored for $number {
            fn write(&self, json: &mut String) {
                self.as_str().to_string().write(json);
            }

            fn read(&mut self, given: JsonValue) -> bool {
                let number = $number::parse(&given).ok();
                let is_number = number.is_some();
                *self = number.unwrap_or_default();
                is_number
            }
        }
    };
}

number!(OutTradeNo);
number!(OutRefundNo);

impl<T: Stored + Default> Stored for Option<T> {
    fn is_empty(&self) -> bool {
        self.is_none()
    }

    fn write(&self, json: &mut String) {
        if let Some(inner) = self {
            inner.write(json);
        }
    }

    fn read(&mut self, given: JsonValue) -> bool {
        if given == JsonValue::Absent {
            *self = None;
            return true;
        }
        self.insert(T::default()).read(given)
    }
}

impl<T: Stored + Default> Stored for Vec<T> {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn write(&self, json: &mut String) {
        json.push('[');
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            item.write(json);
        }
        json.push(']');
    }

    fn read(&mut self, given: JsonValue) -> bool {
        self.clear();
        let items = match given {
            JsonValue::Absent => return true,
            JsonValue::Array(items) => items,
            _ => return false,
        };
        items.into_iter().all(|given| {
            let mut item = T::default();
            let is_read = item.read(given);
            self.push(item);
            is_read
        })
    }
}
