//! XML read into fields, and written from them: elements only, no attributes, no document type, no entities but the
//! five.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, Event};

use crate::Flaw;
use crate::field::{Field, Fields};
use crate::limits::{MAX_DEPTH, MAX_VALUES};

/// The name of the one element that holds all others, in both directions.
const ROOT: &str = "xml";

/// Reads a text that has to be one `<xml>` element. Elements of one name beside each other become an array. An
/// attribute is passed over: `WeChat` writes none.
pub(crate) fn read(text: &str) -> Result<Fields, Flaw> {
    let mut reader = Reader::from_str(text);
    let mut parser = Parser { open: Vec::new(), root: None, left: MAX_VALUES };
    loop {
        match reader.read_event().map_err(|_| Flaw::NotWellFormed)? {
            Event::Start(start) => parser.start(start.name().into_inner())?,
            Event::Empty(start) => {
                parser.start(start.name().into_inner())?;
                parser.end()?;
            }
            Event::End(_) => parser.end()?,
            Event::Text(text) => parser.text(&text, false)?,
            Event::CData(text) => parser.text(&text, true)?,
            Event::GeneralRef(reference) => parser.reference(&reference)?,
            Event::Comment(_) | Event::Decl(_) => {}
            Event::DocType(_) | Event::PI(_) => return Err(Flaw::DocumentType),
            Event::Eof => return parser.finish(),
        }
    }
}

struct Parser {
    /// The elements that are not closed, the outermost first.
    open: Vec<Element>,
    root: Option<Fields>,
    left: usize,
}

#[derive(Default)]
struct Element {
    name: String,
    fields: Vec<(String, Field)>,
    text: String,
    /// Whether some of its text is CDATA, or was written by references: then it is a text, never a number.
    quoted: bool,
}

impl Parser {
    fn start(&mut self, name: &str) -> Result<(), Flaw> {
        self.left = self.left.checked_sub(1).ok_or(Flaw::TooMany)?;
        if self.open.len() == MAX_DEPTH {
            return Err(Flaw::TooDeep);
        }
        if self.open.is_empty() && (self.root.is_some() || name != ROOT) {
            return Err(Flaw::NotWellFormed);
        }
        self.open.push(Element { name: name.to_owned(), ..Element::default() });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Flaw> {
        let element = self.open.pop().ok_or(Flaw::NotWellFormed)?;
        match self.open.last_mut() {
            Some(parent) => {
                let name = element.name.clone();
                parent.add(name, element.into_field()?);
            }
            None => self.root = Some(element.into_fields()?),
        }
        Ok(())
    }

    fn text(&mut self, text: &str, quoted: bool) -> Result<(), Flaw> {
        match self.open.last_mut() {
            Some(element) => {
                element.text.push_str(text);
                element.quoted |= quoted;
                Ok(())
            }
            None if is_blank(text) => Ok(()),
            None => Err(Flaw::NotWellFormed),
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Flaw> {
        match reference.resolve_char_ref().map_err(|_| Flaw::NotWellFormed)? {
            Some(character) => self.text(character.encode_utf8(&mut [0; 4]), true),
            None => self.text(resolve_xml_entity(reference).ok_or(Flaw::Entity)?, true),
        }
    }

    fn finish(self) -> Result<Fields, Flaw> {
        self.root.filter(|_| self.open.is_empty()).ok_or(Flaw::NotWellFormed)
    }
}

impl Element {
    fn add(&mut self, name: String, field: Field) {
        match self.fields.iter_mut().find(|(known, _)| *known == name) {
            Some((_, Field::List(items))) => items.push(field),
            Some((_, known)) => {
                let first = core::mem::replace(known, Field::Null);
                *known = Field::List(vec![first, field]);
            }
            None => self.fields.push((name, field)),
        }
    }

    fn into_field(self) -> Result<Field, Flaw> {
        if !self.fields.is_empty() {
            self.into_fields().map(Field::Fields)
        } else if self.quoted {
            Ok(Field::Text(self.text))
        } else {
            Ok(Field::bare(&self.text))
        }
    }

    /// Beside elements only blanks may stand.
    fn into_fields(self) -> Result<Fields, Flaw> {
        if is_blank(&self.text) { Ok(Fields(self.fields)) } else { Err(Flaw::NotWellFormed) }
    }
}

/// White space, and the characters without width that are in some of `WeChat`'s own examples.
fn is_blank(text: &str) -> bool {
    text.chars().all(|character| character.is_whitespace() || matches!(character, '\u{200b}' | '\u{feff}'))
}

/// Writes fields as an `<xml>` element: texts as CDATA, numbers bare, an array as its element repeated. `None` where
/// a name is no name of an element.
pub(crate) fn write(fields: &Fields) -> Option<String> {
    let mut out = String::new();
    write_element(ROOT, &mut out, |out| write_fields(fields, out))?;
    Some(out)
}

fn write_fields(fields: &Fields, out: &mut String) -> Option<()> {
    for (name, field) in &fields.0 {
        match field {
            Field::List(items) => {
                for item in items {
                    write_field(name, item, out)?;
                }
            }
            other => write_field(name, other, out)?,
        }
    }
    Some(())
}

fn write_field(name: &str, field: &Field, out: &mut String) -> Option<()> {
    write_element(name, out, |out| {
        match field {
            Field::Text(text) => write_cdata(text, out)?,
            Field::Number(written) => out.push_str(written),
            Field::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Field::Null => {}
            // XML has no array in an array.
            Field::List(_) => return None,
            Field::Fields(fields) => write_fields(fields, out)?,
        }
        Some(())
    })
}

fn write_element(name: &str, out: &mut String, inside: impl FnOnce(&mut String) -> Option<()>) -> Option<()> {
    if !is_name(name) {
        return None;
    }
    out.push('<');
    out.push_str(name);
    out.push('>');
    inside(out)?;
    out.push_str("</");
    out.push_str(name);
    out.push('>');
    Some(())
}

/// A CDATA section, or several where the text holds the end of one. `None` for a character that XML cannot hold.
fn write_cdata(text: &str, out: &mut String) -> Option<()> {
    if text.chars().any(|character| matches!(character, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')) {
        return None;
    }
    out.push_str("<![CDATA[");
    out.push_str(&text.replace("]]>", "]]]]><![CDATA[>"));
    out.push_str("]]>");
    Some(())
}

/// The ASCII names among those of XML: `WeChat` uses no other.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}
