//! Fields that are only passed on, as a table: what each may hold. They are written in the table's order, so that the same
//! content is the same bytes.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use wxedge_contract::{FieldError, JsonValue};

/// What a field may hold.
#[derive(Clone, Copy)]
pub(crate) enum Rule {
    /// A line of 1 to so many characters.
    Line(usize),
    /// A whole number of at least so many.
    Number(i64),
    /// true or false.
    Flag,
    /// An object of these fields.
    Object(&'static [Row]),
    /// A list of 1 to so many objects.
    List(usize, &'static [Row]),
}

impl Rule {
    fn words(self) -> String {
        match self {
            Self::Line(most) => format!("must be a line of 1 to {most} characters"),
            Self::Number(least) => format!("must be a whole number from {least} to {}", i32::MAX),
            Self::Flag => "must be true or false, without quotes".into(),
            Self::Object(_) => "must be an object".into(),
            Self::List(most, _) => format!("must be a list of 1 to {most} objects"),
        }
    }
}

/// A field: its name, whether it is required, its rule.
pub(crate) type Row = (&'static str, bool, Rule);

/// Checks a field that may be missing and writes it as JSON.
pub(crate) fn write(given: JsonValue, name: &str, rule: Rule) -> Result<Option<String>, FieldError> {
    match given {
        JsonValue::Absent => Ok(None),
        given => value(given, name, rule).map(Some),
    }
}

/// A line of text that `WeChat` Pay takes: characters above U+FFFF it does not.
pub(crate) fn line(given: JsonValue, name: &'static str, most: usize) -> Result<Option<String>, FieldError> {
    let line = given.optional_line(name, 1..=most)?;
    if line.as_deref().is_some_and(has_wide) {
        return Err(FieldError::new(name, NO_WIDE));
    }
    Ok(line)
}

const NO_WIDE: &str = "must not hold characters above U+FFFF, such as emoji: WeChat Pay takes none";

fn has_wide(text: &str) -> bool {
    text.chars().any(|character| character > '\u{ffff}')
}

fn value(given: JsonValue, name: &str, rule: Rule) -> Result<String, FieldError> {
    let good = match (rule, given) {
        (Rule::Line(_), JsonValue::Text(text)) if has_wide(&text) => {
            return Err(FieldError::new(name.to_string(), NO_WIDE));
        }
        (Rule::Line(most), JsonValue::Text(text)) => {
            let is_line = (1..=most).contains(&text.chars().count()) && !text.contains(char::is_control);
            is_line.then(|| json_text(&text))
        }
        (Rule::Number(least), JsonValue::Integer(number)) => {
            (least..=i64::from(i32::MAX)).contains(&number).then(|| number.to_string())
        }
        (Rule::Flag, JsonValue::Bool(flag)) => Some(if flag { "true".into() } else { "false".into() }),
        (Rule::Object(rows), JsonValue::Object(entries)) => return object(entries, name, rows),
        (Rule::List(most, rows), JsonValue::Array(items)) if (1..=most).contains(&items.len()) => {
            return list(items, name, rows);
        }
        _ => None,
    };
    good.ok_or_else(|| FieldError::new(name.to_string(), rule.words()))
}

fn list(items: Vec<JsonValue>, name: &str, rows: &'static [Row]) -> Result<String, FieldError> {
    let mut written = String::new();
    for item in items {
        written.push(if written.is_empty() { '[' } else { ',' });
        written.push_str(&value(item, name, Rule::Object(rows))?);
    }
    written.push(']');
    Ok(written)
}

fn object(mut entries: Vec<(String, JsonValue)>, name: &str, rows: &[Row]) -> Result<String, FieldError> {
    let mut written = Vec::new();
    for (field, required, rule) in rows {
        let path = format!("{name}.{field}");
        let Some(index) = entries.iter().position(|(given, _)| given == field) else {
            if *required {
                return Err(FieldError::new(path, "is required"));
            }
            continue;
        };
        let (_, given) = entries.swap_remove(index);
        written.push(format!("\"{field}\":{}", value(given, &path, *rule)?));
    }
    match entries.first() {
        Some((unknown, _)) => {
            let unknown: String = unknown.chars().take(64).collect();
            Err(FieldError::new(
                format!("{name}.{unknown}"),
                "is not a field of this object, or is there twice",
            ))
        }
        None => Ok(format!("{{{}}}", written.join(","))),
    }
}

/// A text as JSON: nothing that JSON refuses.
pub(crate) fn json_text(text: &str) -> String {
    wxedge_contract::to_json(text)
}
