use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use core::ops::RangeInclusive;

use serde::Deserialize;
use serde::de::{self, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The longest part of a name of the caller's that an error repeats, in characters.
const SHOWN_NAME: usize = 64;

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
    /// An array, whose content nobody needs.
    Array,
    /// An object, whose content nobody needs.
    Object,
}

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
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Given::Array)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Given, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Given::Object)
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

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nested<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NestedVisitor(PhantomData))
    }
}

struct NestedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for NestedVisitor<T> {
    type Value = Nested<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Nested<T>, E> {
        Ok(Nested::Wrong)
    }

    fn visit_bool<E: de::Error>(self, _value: bool) -> Result<Nested<T>, E> {
        Ok(Nested::Wrong)
    }

    fn visit_i64<E: de::Error>(self, _value: i64) -> Result<Nested<T>, E> {
        Ok(Nested::Wrong)
    }

    fn visit_u64<E: de::Error>(self, _value: u64) -> Result<Nested<T>, E> {
        Ok(Nested::Wrong)
    }

    fn visit_f64<E: de::Error>(self, _value: f64) -> Result<Nested<T>, E> {
        Ok(Nested::Wrong)
    }

    fn visit_str<E: de::Error>(self, _value: &str) -> Result<Nested<T>, E> {
        Ok(Nested::Wrong)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Nested<T>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Nested::Wrong)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Nested<T>, A::Error> {
        T::deserialize(de::value::MapAccessDeserializer::new(entries)).map(Nested::Object)
    }
}

/// The most entries of a list that are read, so that no body makes a long one.
const LONGEST_LIST: usize = 1000;

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

impl<'de> Deserialize<'de> for TextList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextListVisitor)
    }
}

struct TextListVisitor;

impl<'de> Visitor<'de> for TextListVisitor {
    type Value = TextList;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts")
    }

    fn visit_unit<E: de::Error>(self) -> Result<TextList, E> {
        Ok(TextList::Wrong)
    }

    fn visit_bool<E: de::Error>(self, _value: bool) -> Result<TextList, E> {
        Ok(TextList::Wrong)
    }

    fn visit_i64<E: de::Error>(self, _value: i64) -> Result<TextList, E> {
        Ok(TextList::Wrong)
    }

    fn visit_u64<E: de::Error>(self, _value: u64) -> Result<TextList, E> {
        Ok(TextList::Wrong)
    }

    fn visit_f64<E: de::Error>(self, _value: f64) -> Result<TextList, E> {
        Ok(TextList::Wrong)
    }

    fn visit_str<E: de::Error>(self, _value: &str) -> Result<TextList, E> {
        Ok(TextList::Wrong)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<TextList, A::Error> {
        let mut texts = Some(Vec::new());
        while let Some(item) = items.next_element::<Given>()? {
            texts = match (texts, item) {
                (Some(mut texts), Given::Text(text)) if texts.len() < LONGEST_LIST => {
                    texts.push(text);
                    Some(texts)
                }
                _ => None,
            };
        }
        Ok(texts.map_or(TextList::Wrong, TextList::Texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<TextList, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(TextList::Wrong)
    }
}

/// Reads the body of a request as one JSON object.
///
/// `T` is a struct that denies unknown fields and whose fields are [`Given`] or [`Nested`].
///
/// # Errors
/// Names the unknown or repeated field, or says `body` when it is empty, no JSON or no object.
pub fn parse_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, FieldError> {
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => return Err(FieldError::new("body", "is empty: send a JSON object")),
        Some(b'{') => {}
        Some(_) => return Err(FieldError::new("body", "must be a JSON object, starting with {")),
    }
    serde_json::from_slice(body).map_err(|error| body_error(&error.to_string()))
}

/// Turns an error of the JSON reader into one of ours. The reader has no other way to tell which field it means
/// than its text, whose form is fixed by serde.
fn body_error(text: &str) -> FieldError {
    if let Some((name, allowed)) = text.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'))
    {
        let allowed = allowed.split(" at line ").next().unwrap_or_default().trim_start_matches(',').trim();
        return FieldError::new(shortened(name), format!("is not a field of this request: {allowed}"));
    }
    if let Some((name, _)) = text.strip_prefix("duplicate field `").and_then(|rest| rest.split_once('`')) {
        return FieldError::new(shortened(name), "is there twice");
    }
    FieldError::new("body", format!("is not valid JSON for this request: {}", shortened(text)))
}

fn shortened(name: &str) -> String {
    name.chars().take(SHOWN_NAME).collect()
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;
    use serde::Deserialize;

    use super::{FieldError, Given, TextList, parse_object};

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Body {
        code: Given,
        width: Given,
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
        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Listing {
            allow: TextList,
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
