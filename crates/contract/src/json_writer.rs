//! JSON written into a text: what `serde_json` writes, without the care for writers that fail.
//!
//! Nothing fails here but what has no form here. So what serde makes of a struct is the calls for its fields and nothing
//! between them, half of what it is for the writer of `serde_json`.

use alloc::string::String;
use core::fmt::{self, Display, Write};

use serde::ser::{
    self, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, Serializer,
};

/// The JSON of texts, whole numbers, booleans, and of structs, maps and lists of them, which always have one.
#[must_use]
pub fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    let mut writer = Writer { json: String::with_capacity(128) };
    match value.serialize(&mut writer) {
        Ok(()) => writer.json,
        Err(NoForm) => String::new(),
    }
}

struct Writer {
    json: String,
}

/// What is no text, whole number, boolean, struct, map or list.
#[derive(Debug)]
struct NoForm;

impl Display for NoForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("without a form in JSON")
    }
}

impl core::error::Error for NoForm {}

impl ser::Error for NoForm {
    fn custom<T: Display>(_words: T) -> Self {
        Self
    }
}

type Written = Result<(), NoForm>;

impl Writer {
    fn number(&mut self, number: impl Display) {
        // A text takes all that is written to it.
        let _ = write!(self.json, "{number}");
    }

    /// RFC 8259, section 7; what has a short form is written in it.
    fn text(&mut self, text: &str) {
        self.json.push('"');
        let mut rest = text;
        while let Some(place) = rest.bytes().position(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
            let (plain, escaped) = rest.split_at_checked(place).unwrap_or((rest, ""));
            self.json.push_str(plain);
            let mut characters = escaped.chars();
            self.escaped(characters.next().unwrap_or_default());
            rest = characters.as_str();
        }
        self.json.extend([rest, "\""]);
    }

    fn escaped(&mut self, character: char) {
        let short = match character {
            '"' | '\\' => character,
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{c}' => 'f',
            '\r' => 'r',
            _ => {
                let _ = write!(self.json, "\\u{:04x}", u32::from(character));
                return;
            }
        };
        self.json.extend(['\\', short]);
    }
}

macro_rules! whole_numbers {
    ($($method:ident: $type:ty as $widest:ty;)*) => {
        $(fn $method(self, number: $type) -> Written {
            self.number(<$widest>::from(number));
            Ok(())
        })*
    };
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = NoForm;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Impossible<(), NoForm>;
    type SerializeTupleVariant = Impossible<(), NoForm>;
    type SerializeMap = Parts<'a>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = Impossible<(), NoForm>;

    fn serialize_bool(self, value: bool) -> Written {
        self.json.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    whole_numbers! {
        serialize_i8: i8 as i64;
        serialize_i16: i16 as i64;
        serialize_i32: i32 as i64;
        serialize_i64: i64 as i64;
        serialize_u8: u8 as u64;
        serialize_u16: u16 as u64;
        serialize_u32: u32 as u64;
        serialize_u64: u64 as u64;
    }

    fn serialize_f32(self, _number: f32) -> Written {
        Err(NoForm)
    }

    fn serialize_f64(self, _number: f64) -> Written {
        Err(NoForm)
    }

    fn serialize_char(self, character: char) -> Written {
        self.text(character.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Written {
        self.text(text);
        Ok(())
    }

    fn serialize_bytes(self, _bytes: &[u8]) -> Written {
        Err(NoForm)
    }

    fn serialize_none(self) -> Written {
        self.json.push_str("null");
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        self.json.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Written {
        self.json.push_str("null");
        Ok(())
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Written {
        self.text(variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Written {
        Err(NoForm)
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Parts<'a>, NoForm> {
        Ok(Parts::new(self, '[', "]"))
    }

    fn serialize_tuple(self, _length: usize) -> Result<Parts<'a>, NoForm> {
        Ok(Parts::new(self, '[', "]"))
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> Result<Impossible<(), NoForm>, NoForm> {
        Err(NoForm)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Impossible<(), NoForm>, NoForm> {
        Err(NoForm)
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Parts<'a>, NoForm> {
        Ok(Parts::new(self, '{', "}"))
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Parts<'a>, NoForm> {
        Ok(Parts::new(self, '{', "}"))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Impossible<(), NoForm>, NoForm> {
        Err(NoForm)
    }
}

/// An array or an object that is being written.
struct Parts<'a> {
    writer: &'a mut Writer,
    end: &'static str,
}

impl<'a> Parts<'a> {
    fn new(writer: &'a mut Writer, start: char, end: &'static str) -> Self {
        writer.json.push(start);
        Self { writer, end }
    }

    /// Separates the next part from the one before it, if there is one.
    fn separate(&mut self) {
        if !self.writer.json.ends_with(['[', '{']) {
            self.writer.json.push(',');
        }
    }

    fn name(&mut self, name: &str) -> &mut Writer {
        self.separate();
        self.writer.text(name);
        self.writer.json.push(':');
        self.writer
    }

    fn close(self) {
        self.writer.json.push_str(self.end);
    }
}

impl SerializeSeq for Parts<'_> {
    type Ok = ();
    type Error = NoForm;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Written {
        self.separate();
        item.serialize(&mut *self.writer)
    }

    fn end(self) -> Written {
        self.close();
        Ok(())
    }
}

impl SerializeTuple for Parts<'_> {
    type Ok = ();
    type Error = NoForm;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Written {
        SerializeSeq::serialize_element(self, item)
    }

    fn end(self) -> Written {
        self.close();
        Ok(())
    }
}

impl SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = NoForm;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        self.separate();
        key.serialize(&mut *self.writer)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        self.writer.json.push(':');
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Written {
        self.close();
        Ok(())
    }
}

impl SerializeStruct for Parts<'_> {
    type Ok = ();
    type Error = NoForm;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Written {
        value.serialize(self.name(name))
    }

    fn end(self) -> Written {
        self.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::string::String;
    use alloc::vec::Vec;

    use proptest::prelude::*;
    use serde::Serialize;

    use super::to_json;
    use crate::Code;

    #[derive(Debug, Clone, Serialize)]
    struct Record {
        text: String,
        signed: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        small: Option<u8>,
        pair: (u64, bool),
        code: Option<Code>,
        #[serde(flatten)]
        inner: Inner,
    }

    #[derive(Debug, Clone, Serialize)]
    struct Inner {
        items: Vec<Option<String>>,
        entries: BTreeMap<String, Vec<u32>>,
        nothing: (),
    }

    fn record() -> impl Strategy<Value = Record> {
        let text = "[\\x00-\\x7f北\u{2028}\u{1f375}]{0,12}";
        let inner = (
            proptest::collection::vec(proptest::option::of(text), 0..4),
            proptest::collection::btree_map(text, proptest::collection::vec(any::<u32>(), 0..3), 0..3),
        );
        let inner = inner.prop_map(|(items, entries)| Inner { items, entries, nothing: () });
        let code = proptest::option::of(proptest::sample::select(Code::ALL));
        (text, any::<i64>(), any::<Option<u8>>(), any::<(u64, bool)>(), code, inner).prop_map(
            |(text, signed, small, pair, code, inner)| Record { text, signed, small, pair, code, inner },
        )
    }

    proptest! {
        #[test]
        fn it_is_what_serde_json_writes(record in record(), text: String) {
            prop_assert_eq!(to_json(&record), serde_json::to_string(&record).unwrap());
            prop_assert_eq!(to_json(&text), serde_json::to_string(&text).unwrap());
            prop_assert_eq!(to_json(&[&record, &record]), serde_json::to_string(&[&record, &record]).unwrap());
        }
    }

    #[test]
    fn what_has_no_form_is_empty() {
        assert_eq!(to_json(&1.5), "");
        assert_eq!(
            (to_json(&()), to_json(&true), to_json(&-1_i8)),
            ("null".into(), "true".into(), "-1".into())
        );
    }
}
