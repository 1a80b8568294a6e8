//! Our own JSON: what the Worker stored or signed, and what its objects send each other. User data of `WeChat`'s is read as
//! such, too: nobody asks what is wrong with it.
//!
//! It is read in two steps, first as a [`JsonValue`], then as the type that was meant. Serde's code for a type is then made
//! for a reader that knows maps and no errors, a third of what it is for the reader of JSON text.

use alloc::string::String;
use alloc::vec::{self, Vec};
use core::fmt;

use serde::Deserialize;
use serde::de::value::StringDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use crate::json_value::JsonValue;

/// Reads a value that we wrote; nothing when it is of another form.
#[must_use]
pub fn read_own_json<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    T::deserialize(Own(serde_json::from_slice(json).ok()?)).ok()
}

/// Declares a struct of our own JSON with a reader of some 30 bytes for each field, where serde derives one of 200. A field
/// with a value may be absent and has that value then; an [`Option`] may be absent, too. A field whose name in JSON is another
/// says so: `kind as "type": String`.
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* $visibility:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field_visibility:vis $field:ident $(as $text:literal)?: $type:ty $(= $absent:expr)?,)*
    }) => {
        $(#[$meta])*
        $visibility struct $name {
            $($(#[$field_meta])* $(#[serde(rename = $text)])? $field_visibility $field: $type,)*
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut given = <$crate::Given as ::serde::Deserialize>::deserialize(deserializer)?;
                let record = (|| Some(Self {
                    $($field: $crate::record!(@read given $field ($($text)?) ($($absent)?)),)*
                }))();
                record.ok_or_else(|| ::serde::de::Error::custom("of another form"))
            }
        }
    };
    (@read $given:ident $field:ident () ()) => { $given.take(stringify!($field))? };
    (@read $given:ident $field:ident ($text:literal) ()) => { $given.take($text)? };
    (@read $given:ident $field:ident () ($absent:expr)) => {
        $given.take::<Option<_>>(stringify!($field))?.unwrap_or_else(|| $absent)
    };
}

/// The fields that were given to a struct of [`record!`](crate::record!).
#[derive(Default)]
pub struct Given(Vec<(String, JsonValue)>);

impl Given {
    /// Takes the value of a field; nothing when it is of another form.
    pub fn take<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        T::deserialize(Own(self.value(name))).ok()
    }

    fn value(&mut self, name: &str) -> JsonValue {
        let given = self.0.iter_mut().find(|(given, _)| given == name);
        given.map(|(_, value)| core::mem::take(value)).unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match JsonValue::deserialize(deserializer)? {
            JsonValue::Object(entries) if !has_repeated(&entries) => Ok(Self(entries)),
            _ => Err(de::Error::custom("no object")),
        }
    }
}

fn has_repeated(entries: &[(String, JsonValue)]) -> bool {
    let mut before = entries.iter().enumerate();
    before.any(|(index, (name, _))| entries.iter().take(index).any(|(other, _)| other == name))
}

/// It is of another form. Nobody asks which.
#[derive(Debug)]
struct OtherForm;

impl fmt::Display for OtherForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("of another form")
    }
}

impl core::error::Error for OtherForm {}

impl de::Error for OtherForm {
    fn custom<T: fmt::Display>(_words: T) -> Self {
        Self
    }

    fn invalid_type(_unexpected: de::Unexpected<'_>, _expected: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_unexpected: de::Unexpected<'_>, _expected: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_length: usize, _expected: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_variant: &str, _expected: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_field: &str, _expected: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_field: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_field: &'static str) -> Self {
        Self
    }
}

/// Gives each visitor the one thing that it asks for, so that no code is made for the others.
struct Own(JsonValue);

impl<'de> Deserializer<'de> for Own {
    type Error = OtherForm;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherForm> {
        match self.0 {
            JsonValue::Absent => Err(OtherForm),
            JsonValue::Null => visitor.visit_unit(),
            JsonValue::Bool(value) => visitor.visit_bool(value),
            JsonValue::Integer(number) => visitor.visit_i64(number),
            JsonValue::Number => visitor.visit_f64(f64::NAN),
            JsonValue::Text(text) => visitor.visit_string(text),
            JsonValue::Array(items) => visitor.visit_seq(Items(items.into_iter())),
            JsonValue::Object(entries) => visitor.visit_map(Entries::of(entries)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherForm> {
        match self.0 {
            JsonValue::Bool(value) => visitor.visit_bool(value),
            _ => Err(OtherForm),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherForm> {
        match self.0 {
            JsonValue::Text(text) => visitor.visit_string(text),
            _ => Err(OtherForm),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherForm> {
        self.deserialize_string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherForm> {
        match self.0 {
            JsonValue::Absent | JsonValue::Null => visitor.visit_none(),
            given => visitor.visit_some(Self(given)),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherForm> {
        match self.0 {
            JsonValue::Null => visitor.visit_unit(),
            _ => Err(OtherForm),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, OtherForm> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherForm> {
        match self.0 {
            JsonValue::Array(items) => visitor.visit_seq(Items(items.into_iter())),
            _ => Err(OtherForm),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherForm> {
        match self.0 {
            JsonValue::Object(entries) => visitor.visit_map(Entries::of(entries)),
            _ => Err(OtherForm),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, OtherForm> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, OtherForm> {
        match self.0 {
            JsonValue::Text(variant) => visitor.visit_enum(StringDeserializer::new(variant)),
            _ => Err(OtherForm),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherForm> {
        self.deserialize_string(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherForm> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit_struct tuple tuple_struct
    }
}

struct Items(vec::IntoIter<JsonValue>);

impl<'de> SeqAccess<'de> for Items {
    type Error = OtherForm;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, OtherForm> {
        self.0.next().map(|item| seed.deserialize(Own(item))).transpose()
    }
}

struct Entries {
    left: vec::IntoIter<(String, JsonValue)>,
    /// Of the name that was read last.
    value: JsonValue,
}

impl Entries {
    fn of(entries: Vec<(String, JsonValue)>) -> Self {
        Self { left: entries.into_iter(), value: JsonValue::Absent }
    }
}

impl<'de> MapAccess<'de> for Entries {
    type Error = OtherForm;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, OtherForm> {
        let Some((name, value)) = self.left.next() else { return Ok(None) };
        self.value = value;
        seed.deserialize(Own(JsonValue::Text(name))).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, OtherForm> {
        seed.deserialize(Own(core::mem::take(&mut self.value)))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    use super::read_own_json;
    use crate::{Code, Problem};

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    struct Record {
        name: String,
        at: u64,
        is_so: bool,
        left: Option<u32>,
        #[serde(default)]
        codes: Vec<Code>,
        inner: Option<Inner>,
    }

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    struct Inner {
        below: i64,
    }

    fn record() -> Record {
        Record {
            name: "a \"b\" 北".to_string(),
            at: 1_700_000_000_000,
            is_so: true,
            left: None,
            codes: alloc::vec![Code::Internal, Code::RateLimited],
            inner: Some(Inner { below: -1 }),
        }
    }

    #[test]
    fn what_was_written_is_read_again() {
        let json = serde_json::to_vec(&record()).unwrap();
        assert_eq!(read_own_json::<Record>(&json), Some(record()));
        let problem = Problem::new(Code::UpstreamBusy, "busy").hint("wait").retry_after(3);
        assert_eq!(read_own_json::<Problem>(&serde_json::to_vec(&problem).unwrap()), Some(problem));
        assert_eq!(read_own_json::<Option<Record>>(b"null"), Some(None));
        assert_eq!(read_own_json::<()>(b"null"), Some(()));
        assert_eq!(read_own_json::<bool>(b"true"), Some(true));
    }

    #[test]
    fn new_fields_are_passed_over_and_absent_ones_are_missed() {
        let json = r#"{"name":"","at":1,"is_so":false,"new":[{}]}"#;
        let read: Record = read_own_json(json.as_bytes()).unwrap();
        assert_eq!((read.left, read.codes.len(), read.inner), (None, 0, None));
        for wrong in [
            "",
            "{",
            "null",
            "[]",
            r#"{"at":1,"is_so":false}"#,
            r#"{"name":1,"at":1,"is_so":false}"#,
            r#"{"name":"","at":-1,"is_so":false}"#,
            r#"{"name":"","at":1,"is_so":false,"codes":["none"]}"#,
            r#"{"name":"","at":1,"at":1,"is_so":false}"#,
        ] {
            assert_eq!(read_own_json::<Record>(wrong.as_bytes()), None, "{wrong}");
        }
    }

    record! {
        #[derive(Debug, PartialEq, Eq, Serialize)]
        struct Declared {
            kind as "type": String,
            at: Option<u64>,
            is_so: bool = true,
            codes: Vec<Code> = Vec::new(),
        }
    }

    #[test]
    fn a_declared_record_is_read_by_its_names_and_has_the_values_of_what_is_absent() {
        let full =
            Declared { kind: "a".to_string(), at: Some(1), is_so: false, codes: alloc::vec![Code::Internal] };
        assert_eq!(read_own_json::<Declared>(&serde_json::to_vec(&full).unwrap()), Some(full));
        let least = Declared { kind: String::new(), at: None, is_so: true, codes: Vec::new() };
        assert_eq!(read_own_json::<Declared>(br#"{"new":[{}],"type":""}"#).as_ref(), Some(&least));
        assert_eq!(read_own_json::<Vec<Declared>>(br#"[{"type":""}]"#), Some(alloc::vec![least]));
        for wrong in [
            "{}",
            "[]",
            "null",
            r#"{"kind":""}"#,
            r#"{"type":1}"#,
            r#"{"type":"","is_so":1}"#,
            r#"{"type":"","codes":[1]}"#,
            r#"{"type":"","type":""}"#,
        ] {
            assert_eq!(read_own_json::<Declared>(wrong.as_bytes()), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,64}") {
            let _ = read_own_json::<Record>(text.as_bytes());
        }
    }
}
