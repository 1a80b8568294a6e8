//! JSON read into fields, and written from them.

use core::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::Flaw;
use crate::field::{Field, Fields};
use crate::limits::{MAX_DEPTH, MAX_VALUES};

/// Reads a text that has to be one JSON object.
pub(crate) fn read(text: &str) -> Result<Fields, Flaw> {
    let mut left = MAX_VALUES;
    read_object(text, MAX_DEPTH, &mut left)
}

/// Each level is split into its parts as they are written, and those are read in turn: so numbers keep their digits,
/// and the depth is that of this function.
fn read_value(text: &str, depth: usize, left: &mut usize) -> Result<Field, Flaw> {
    *left = left.checked_sub(1).ok_or(Flaw::TooMany)?;
    match text.as_bytes().first() {
        Some(b'{') => read_object(text, depth, left).map(Field::Fields),
        Some(b'[') => read_array(text, depth, left).map(Field::List),
        Some(b'"') => parse(text).map(Field::Text),
        Some(b't' | b'f') => parse(text).map(Field::Bool),
        Some(b'n') => Ok(Field::Null),
        _ => Ok(Field::number(text)),
    }
}

fn read_object(text: &str, depth: usize, left: &mut usize) -> Result<Fields, Flaw> {
    let inside = depth.checked_sub(1).ok_or(Flaw::TooDeep)?;
    let members: Members<'_> = parse(text)?;
    let mut fields = Vec::<(String, Field)>::new();
    for (name, value) in members.0 {
        if fields.iter().any(|(known, _)| *known == name) {
            return Err(Flaw::Twice);
        }
        fields.push((name, read_value(value.get(), inside, left)?));
    }
    Ok(Fields(fields))
}

fn read_array(text: &str, depth: usize, left: &mut usize) -> Result<Vec<Field>, Flaw> {
    let inside = depth.checked_sub(1).ok_or(Flaw::TooDeep)?;
    let items: Vec<&RawValue> = parse(text)?;
    items.into_iter().map(|item| read_value(item.get(), inside, left)).collect()
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Flaw> {
    // As bytes, as all JSON here is read: serde_json has a reader of its own for texts.
    serde_json::from_slice(text.as_bytes()).map_err(|_| Flaw::NotWellFormed)
}

/// The members of an object in their order, each as it is written.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

/// Writes fields as a JSON object.
pub(crate) fn write(fields: &Fields) -> String {
    let mut out = String::new();
    write_fields(fields, &mut out);
    out
}

fn write_fields(fields: &Fields, out: &mut String) {
    out.push('{');
    for (place, (name, field)) in fields.0.iter().enumerate() {
        separate(place, out);
        write_text(name, out);
        out.push(':');
        write_field(field, out);
    }
    out.push('}');
}

fn write_field(field: &Field, out: &mut String) {
    match field {
        Field::Text(text) => write_text(text, out),
        Field::Number(written) => out.push_str(written),
        Field::Bool(true) => out.push_str("true"),
        Field::Bool(false) => out.push_str("false"),
        Field::Null => out.push_str("null"),
        Field::List(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                separate(place, out);
                write_field(item, out);
            }
            out.push(']');
        }
        Field::Fields(fields) => write_fields(fields, out),
    }
}

fn separate(place: usize, out: &mut String) {
    if place > 0 {
        out.push(',');
    }
}

pub(crate) fn write_text(text: &str, out: &mut String) {
    // Writing a text cannot fail: there is no I/O, and every text is JSON.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}
