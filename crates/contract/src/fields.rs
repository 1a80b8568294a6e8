//! Structs whose fields are read by name from a JSON object.
//!
//! One reader serves them all: it makes a list of what was given, and each struct says only which of it goes where. A
//! reader of its own for each struct, as serde derives it, would be four to eight kilobytes of the Worker for each.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::field_error::FieldError;
use crate::json_value::JsonValue;

/// The longest part of a name of the caller's that an error repeats, in characters.
const SHOWN_NAME: usize = 64;

/// Reads the body of a request as one JSON object.
///
/// # Errors
/// Names the unknown or repeated field, or says `body` when it is empty, no JSON or no object.
pub fn parse_object<T: Fields + Default>(body: &[u8]) -> Result<T, FieldError> {
    let mut fields = T::default();
    fill_from(&mut fields, body)?;
    Ok(fields)
}

fn fill_from(fields: &mut dyn Fields, body: &[u8]) -> Result<(), FieldError> {
    fill(fields, read_object(body)?)
}

/// Reads a struct out of a JSON value: nothing when it is no object.
///
/// # Errors
/// Names the unknown or repeated field.
pub fn parse_fields<T: Fields + Default>(given: JsonValue) -> Result<T, FieldError> {
    let mut fields = T::default();
    if let JsonValue::Object(entries) = given {
        fill(&mut fields, entries)?;
    }
    Ok(fields)
}

/// A struct that [`fields!`](crate::fields!) declares.
pub trait Fields {
    /// The names of its fields in JSON.
    fn names(&self) -> &'static [&'static str];

    /// Whether fields of other names are refused; else they are passed over.
    fn is_complete(&self) -> bool;

    /// The field of the name at `index`.
    fn field(&mut self, index: usize) -> Option<&mut dyn Field>;
}

/// The type of a field.
pub trait Field {
    /// Takes what was given.
    ///
    /// # Errors
    /// Names what is wrong inside it.
    fn put(&mut self, given: JsonValue) -> Result<(), FieldError>;
}

/// Declares a struct whose fields are [`JsonValue`], [`Nested`](crate::Nested) or [`TextList`](crate::TextList), each absent
/// until it is read. `only struct` refuses other fields, `any struct` passes them over. A field whose name in JSON is
/// another says so: `encrypted_data as "encryptedData": JsonValue`.
#[macro_export]
macro_rules! fields {
    ($(#[$meta:meta])* $others:ident $visibility:vis struct $name:ident {
        $($field_visibility:vis $field:ident $(as $text:literal)?: $type:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(Default)]
        $visibility struct $name {
            $($field_visibility $field: $type,)*
        }

        impl $crate::Fields for $name {
            fn names(&self) -> &'static [&'static str] {
                &[$($crate::fields!(@name $field $($text)?)),*]
            }

            fn is_complete(&self) -> bool {
                $crate::fields!(@others $others)
            }

            fn field(&mut self, index: usize) -> Option<&mut dyn $crate::Field> {
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
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $text:literal) => { $text };
    (@others only) => { true };
    (@others any) => { false };
}

/// Puts each entry into the field of its name.
pub(crate) fn fill(fields: &mut dyn Fields, entries: Vec<(String, JsonValue)>) -> Result<(), FieldError> {
    let names = fields.names();
    let mut filled: u64 = 0;
    for (name, given) in entries {
        let Some(index) = names.iter().position(|known| **known == name) else {
            if fields.is_complete() {
                return Err(unknown_field(&name, names));
            }
            continue;
        };
        let mark = 1_u64.wrapping_shl(u32::try_from(index).unwrap_or(u32::MAX));
        if filled & mark != 0 {
            return Err(repeated_field(&name));
        }
        filled |= mark;
        if let Some(field) = fields.field(index) {
            field.put(given)?;
        }
    }
    Ok(())
}

/// Reads the body of a request as the entries of one JSON object, in their order, repeated ones too.
///
/// # Errors
/// Says `body` when it is empty, no JSON or no object.
pub fn read_object(body: &[u8]) -> Result<Vec<(String, JsonValue)>, FieldError> {
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => return Err(FieldError::new("body", "is empty: send a JSON object")),
        Some(b'{') => {}
        Some(_) => return Err(FieldError::new("body", "must be a JSON object, starting with {")),
    }
    match serde_json::from_slice(body) {
        Ok(JsonValue::Object(entries)) => Ok(entries),
        Ok(_) => Ok(Vec::new()),
        Err(error) => Err(FieldError::new(
            "body",
            format!("is not valid JSON: look at line {}, column {}", error.line(), error.column()),
        )),
    }
}

/// Says that nothing is called `name` where only `known` may stand.
#[must_use]
pub fn unknown_field(name: &str, known: &[&str]) -> FieldError {
    let mut rule = String::from("is not a field of this request: expected ");
    let (before, between) = if known.len() > 2 { ("one of ", ", ") } else { ("", " or ") };
    rule.push_str(before);
    for (index, name) in known.iter().enumerate() {
        let joint = if index == 0 { "" } else { between };
        rule.extend([joint, "`", name, "`"]);
    }
    FieldError::new(shortened(name), rule)
}

/// Says that a field of this name stands in the object twice.
#[must_use]
pub fn repeated_field(name: &str) -> FieldError {
    FieldError::new(shortened(name), "is there twice")
}

fn shortened(name: &str) -> String {
    name.chars().take(SHOWN_NAME).collect()
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::parse_object;
    use crate::{FieldError, JsonValue, TextList};

    fields! {
        only struct Body {
            code: JsonValue,
            width: JsonValue,
        }
    }

    fn code_of(body: &str) -> Result<alloc::string::String, FieldError> {
        parse_object::<Body>(body.as_bytes())?.code.text("code", 1..=4)
    }

    #[test]
    fn a_wrong_body_names_the_field_and_the_rule() {
        for (body, expected) in [
            ("", "body: is empty: send a JSON object"),
            (" \n", "body: is empty: send a JSON object"),
            ("[]", "body: must be a JSON object, starting with {"),
            ("[\"x\"]", "body: must be a JSON object, starting with {"),
            ("null", "body: must be a JSON object, starting with {"),
            ("{}", "code: is required: a text of 1 to 4 characters"),
            ("{\"code\":\"\"}", "code: must be a text of 1 to 4 characters"),
            ("{\"code\":\"12345\"}", "code: must be a text of 1 to 4 characters"),
            ("{\"code\":5}", "code: must be a text of 1 to 4 characters"),
            ("{\"code\":null}", "code: must be a text of 1 to 4 characters"),
            ("{\"code\":[\"x\"]}", "code: must be a text of 1 to 4 characters"),
            ("{\"code\":{\"x\":1}}", "code: must be a text of 1 to 4 characters"),
            ("{\"code\":\"x\",\"code\":\"y\"}", "code: is there twice"),
            ("{\"kode\":\"x\"}", "kode: is not a field of this request: expected `code` or `width`"),
        ] {
            assert_eq!(code_of(body).map_err(|error| error.to_string()), Err(expected.to_string()), "{body}");
        }
        for body in ["{", "{\"code\":", "{\"code\":\"\\ud800\"}", "{\"code\":\"x\"} x"] {
            let error = code_of(body).unwrap_err();
            assert_eq!(error.field, "body", "{body}");
        }
    }

    #[test]
    fn lengths_count_characters_not_bytes() {
        assert_eq!(code_of("{\"code\":\"北京你好\"}"), Ok("北京你好".to_string()));
    }

    #[test]
    fn a_line_holds_no_control_character() {
        let line = |text: &str| JsonValue::Text(text.to_string()).line("title", 1..=8);
        let optional = |text: &str| JsonValue::Text(text.to_string()).optional_line("title", 1..=8);
        for text in ["a", "a b", "北京\u{2028}", "\u{a0}", "\u{1f375}"] {
            assert_eq!(
                (line(text), optional(text)),
                (Ok(text.to_string()), Ok(Some(text.to_string()))),
                "{text:?}"
            );
        }
        for character in ('\0'..='\u{1f}').chain('\u{7f}'..='\u{9f}') {
            let expected = "title: must be one line of text, without control characters";
            let text = alloc::format!("a{character}");
            assert_eq!(line(&text).unwrap_err().to_string(), expected, "{text:?}");
            assert_eq!(optional(&text).unwrap_err().to_string(), expected, "{text:?}");
        }
        assert_eq!((optional(""), JsonValue::Absent.optional_line("title", 1..=8)), (Ok(None), Ok(None)));
        assert_eq!(
            line("").unwrap_err(),
            JsonValue::Text(alloc::string::String::new()).text("title", 1..=8).unwrap_err()
        );
    }

    #[test]
    fn numbers_are_whole_and_in_range() {
        let width =
            |text: &str| parse_object::<Body>(text.as_bytes())?.width.optional_integer("width", 280..=1280);
        assert_eq!(width("{}"), Ok(None));
        assert_eq!(width("{\"width\":280}"), Ok(Some(280)));
        for wrong in ["279", "1281", "430.5", "\"430\"", "null", "true", "1e400", "99999999999999999999"] {
            assert!(width(&alloc::format!("{{\"width\":{wrong}}}")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_list_holds_texts_and_nothing_else() {
        fields! {
            only struct Listing {
                allow: TextList,
            }
        }
        let allow = |value: &str| {
            let body = alloc::format!("{{\"allow\":{value}}}");
            parse_object::<Listing>(body.as_bytes()).unwrap().allow.optional("allow", 2)
        };
        assert_eq!(allow("[]"), Ok(Some(alloc::vec![])));
        assert_eq!(allow(r#"["a","b"]"#), Ok(Some(alloc::vec!["a".to_string(), "b".to_string()])));
        for wrong in [r#"["a",1]"#, r#"["a","b","c"]"#, "\"a\"", "null", "{}", "7", "true", "1.5", "[[]]"] {
            assert_eq!(
                allow(wrong).unwrap_err().to_string(),
                "allow: must be a list of at most 2 texts",
                "{wrong}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = parse_object::<Body>(&bytes);
        }

        #[test]
        fn no_object_like_text_panics(text in "\\{[\\x00-\\x7f]{0,64}\\}?") {
            let _ = parse_object::<Body>(text.as_bytes());
        }
    }
}
