//! JSON read into fields, and written from them.

use serde::de::IgnoredAny;
use wxedge_contract::{read_own_json, to_json};

use crate::Flaw;
use crate::field::{Field, Fields};
use crate::limits::{MAX_DEPTH, MAX_VALUES};

/// Reads a text that has to be one JSON object.
pub(crate) fn read(text: &str) -> Result<Fields, Flaw> {
    serde_json::from_slice::<IgnoredAny>(text.as_bytes()).map_err(|_| Flaw::NotWellFormed)?;
    Reader { left: text, values: MAX_VALUES }.object(MAX_DEPTH)
}

/// Takes JSON apart that is known to be well-formed, into parts as they are written: so numbers keep their digits, and the
/// depth is that of its functions.
struct Reader<'a> {
    left: &'a str,
    /// How many values may still come.
    values: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Field, Flaw> {
        self.values = self.values.checked_sub(1).ok_or(Flaw::TooMany)?;
        self.left = self.left.trim_ascii_start();
        match self.left.as_bytes().first() {
            Some(b'{') => self.object(depth).map(Field::Fields),
            Some(b'[') => self.array(depth).map(Field::List),
            Some(b'"') => self.text().map(Field::Text),
            _ => match self.word() {
                "" => Err(Flaw::NotWellFormed),
                "true" => Ok(Field::Bool(true)),
                "false" => Ok(Field::Bool(false)),
                "null" => Ok(Field::Null),
                number => Ok(Field::number(number)),
            },
        }
    }

    fn object(&mut self, depth: usize) -> Result<Fields, Flaw> {
        let inside = depth.checked_sub(1).ok_or(Flaw::TooDeep)?;
        let mut fields = Vec::<(String, Field)>::new();
        self.pass(b'{');
        while !self.pass(b'}') {
            let name = self.text()?;
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(Flaw::Twice);
            }
            self.pass(b':');
            fields.push((name, self.value(inside)?));
            self.pass(b',');
        }
        Ok(Fields(fields))
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Field>, Flaw> {
        let inside = depth.checked_sub(1).ok_or(Flaw::TooDeep)?;
        let mut items = Vec::new();
        self.pass(b'[');
        while !self.pass(b']') {
            items.push(self.value(inside)?);
            self.pass(b',');
        }
        Ok(items)
    }

    /// Passes over spaces and this character; tells whether it was there.
    fn pass(&mut self, character: u8) -> bool {
        self.left = self.left.trim_ascii_start();
        let is_there = self.left.as_bytes().first() == Some(&character);
        if is_there {
            self.take(1);
        }
        is_there
    }

    fn text(&mut self) -> Result<String, Flaw> {
        self.left = self.left.trim_ascii_start();
        let mut is_escaped = false;
        let mut ends = self.left.bytes().skip(1).map(|byte| {
            let is_end = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            is_end
        });
        let length = ends.position(|is_end| is_end).ok_or(Flaw::NotWellFormed)?.saturating_add(2);
        read_own_json(self.take(length).as_bytes()).ok_or(Flaw::NotWellFormed)
    }

    /// A number, or one of the three words.
    fn word(&mut self) -> &'a str {
        let end = |byte: u8| matches!(byte, b',' | b']' | b'}') || byte.is_ascii_whitespace();
        let length = self.left.bytes().position(end);
        self.take(length.unwrap_or(self.left.len()))
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, left) = self.left.split_at_checked(length).unwrap_or((self.left, ""));
        self.left = left;
        taken
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
    out.push_str(&to_json(text));
}
