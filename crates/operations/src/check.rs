//! The strict check: for the routes of ours that take a body of WeChat's. It names the field and the rule, and what it
//! lets through it has written out in the row's order with every default.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use wxedge_contract::{FieldError, JsonValue, read_object, repeated_field, unknown_field};

use crate::field::{Field, FieldLines, Place, Range, Unit, Values};
use crate::fields::Fields;
use crate::kind::Kind;
use crate::operation::Operation;
use crate::path::Path;
use crate::rules;

/// The most items of a list and entries of a map that are taken.
const LONGEST_LIST: usize = 1000;

type Entries = Vec<(String, JsonValue)>;

impl Operation {
    /// Reads and checks the JSON body of a call. `now` is in Unix seconds.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn check_body(&self, body: &[u8], now: u64) -> Result<Fields, FieldError> {
        self.check_fields(read_object(body)?, now)
    }

    /// Checks the fields of a body. `now` is in Unix seconds.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn check_fields(&self, mut entries: Entries, now: u64) -> Result<Fields, FieldError> {
        for (name, rule) in self.strangers() {
            if !rule.is_empty() && entries.iter().any(|(given, _)| given == name) {
                return Err(FieldError::new(name, rule));
            }
            entries.retain(|(given, _)| given != name);
        }
        let fields = level(self.fields(Place::Body));
        let mut entries = known(&fields, entries, Others::Refused)?;
        if let Some((rule, argument)) = self.rule() {
            rules::join(rule, argument, &mut entries, now)?;
        }
        in_order(&fields, entries, &Path::TOP, Others::Refused).map(Fields)
    }

    /// Checks the fields of a reply that the row wants; others are passed over.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn check_reply(&self, entries: Entries) -> Result<Fields, FieldError> {
        object(self.fields(Place::Reply), entries, &Path::TOP, Others::PassedOver).map(Fields)
    }
}

/// What becomes of fields that the row does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    Refused,
    PassedOver,
}

#[cold]
fn error(path: &Path<'_>, rule: impl Into<Cow<'static, str>>) -> FieldError {
    FieldError::new(path.text(), rule)
}

/// The fields of one level, so that their lines are read once.
fn level(fields: FieldLines) -> Vec<Field> {
    fields.iter().collect()
}

/// The entries whose names are told, each once.
fn known(fields: &[Field], entries: Entries, others: Others) -> Result<Entries, FieldError> {
    let mut known: Entries = Vec::with_capacity(fields.len());
    for (name, value) in entries {
        if !fields.iter().any(|field| field.name == name) {
            if others == Others::Refused {
                let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
                return Err(unknown_field(&name, &names));
            }
        } else if known.iter().any(|(other, _)| *other == name) {
            return Err(repeated_field(&name));
        } else {
            known.push((name, value));
        }
    }
    Ok(known)
}

/// The fields of an object in the row's order. An object whose fields are not told keeps what it has.
fn object(
    fields: FieldLines,
    entries: Entries,
    path: &Path<'_>,
    others: Others,
) -> Result<Entries, FieldError> {
    let fields = level(fields);
    if fields.is_empty() {
        return plain_entries(entries, path);
    }
    let entries = known(&fields, entries, others)?;
    in_order(&fields, entries, path, others)
}

fn in_order(
    fields: &[Field],
    mut entries: Entries,
    path: &Path<'_>,
    others: Others,
) -> Result<Entries, FieldError> {
    let mut out = Vec::with_capacity(fields.len());
    for field in fields {
        let at = entries.iter().position(|(name, _)| name == field.name);
        let (name, given) =
            at.map_or_else(|| (String::new(), JsonValue::Absent), |at| entries.swap_remove(at));
        let value = optional(field, given, &path.below(field.name), others)?;
        if value != JsonValue::Absent {
            out.push((if name.is_empty() { field.name.to_string() } else { name }, value));
        }
    }
    Ok(out)
}

/// The value of a field that may be missing: an empty text counts as missing unless the field is required.
fn optional(
    field: &Field,
    given: JsonValue,
    path: &Path<'_>,
    others: Others,
) -> Result<JsonValue, FieldError> {
    let is_there = match &given {
        JsonValue::Absent => false,
        JsonValue::Null => !field.takes(Kind::Null),
        JsonValue::Text(text) => !text.is_empty() || field.required || !field.kind().is_text(),
        _ => true,
    };
    if is_there {
        return checked(field, given, path, others);
    }
    match field.default() {
        _ if field.required => Err(missing(field, path, others)),
        None => Ok(JsonValue::Absent),
        Some(default) => spelled_out(field, default, path, others),
    }
}

#[cold]
fn missing(field: &Field, path: &Path<'_>, others: Others) -> FieldError {
    match others {
        Others::PassedOver => error(path, "is missing"),
        Others::Refused => error(path, format!("is required: {}", expected(field))),
    }
}

/// The default of a field, by its kind.
fn spelled_out(
    field: &Field,
    default: &str,
    path: &Path<'_>,
    others: Others,
) -> Result<JsonValue, FieldError> {
    Ok(match field.kind() {
        Kind::Boolean => JsonValue::Bool(default == "true"),
        Kind::Number | Kind::Integer => default.parse().map_or(JsonValue::Number, JsonValue::Integer),
        Kind::Object => JsonValue::Object(object(field.fields, Vec::new(), path, others)?),
        _ => JsonValue::Text(default.to_string()),
    })
}

fn checked(
    field: &Field,
    given: JsonValue,
    path: &Path<'_>,
    others: Others,
) -> Result<JsonValue, FieldError> {
    match given {
        JsonValue::Array(items) if field.is_list() => list(field, items, path, others),
        given if field.may_be_single() => {
            let value = single(field, given, path, others)?;
            in_range(field, &value, path)?;
            Ok(value)
        }
        _ => Err(wrong(field, path)),
    }
}

fn list(
    field: &Field,
    items: Vec<JsonValue>,
    path: &Path<'_>,
    others: Others,
) -> Result<JsonValue, FieldError> {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    if items.len() > LONGEST_LIST || field.range().is_some_and(|range| !range.holds(length)) {
        return Err(wrong(field, path));
    }
    let mut out = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        out.push(single(field, item, &path.below(&index.to_string()), others)?);
    }
    Ok(JsonValue::Array(out))
}

/// A value that is no list, by the kinds of the field.
fn single(field: &Field, given: JsonValue, path: &Path<'_>, others: Others) -> Result<JsonValue, FieldError> {
    let written = field.kind();
    match given {
        JsonValue::Text(text) if written.is_text() => Ok(JsonValue::Text(text)),
        JsonValue::Text(text) if written.is_number() && field.kinds().any(Kind::is_text) => {
            text.parse().map(JsonValue::Integer).map_err(|_| wrong(field, path))
        }
        JsonValue::Integer(number) if written.is_number() => Ok(JsonValue::Integer(number)),
        JsonValue::Integer(number) if written.is_text() && field.kinds().any(Kind::is_number) => {
            Ok(JsonValue::Text(number.to_string()))
        }
        JsonValue::Bool(value) if field.takes(Kind::Boolean) => Ok(JsonValue::Bool(value)),
        JsonValue::Object(entries) if field.takes(Kind::Map) => {
            map(field, entries, path, others).map(JsonValue::Object)
        }
        JsonValue::Object(entries) if field.takes(Kind::Object) => {
            object(field.fields, entries, path, others).map(JsonValue::Object)
        }
        given if field.takes(Kind::Any) => plain(given, path),
        _ => Err(wrong(field, path)),
    }
}

/// An object whose keys are the caller's, each once. Where the fields of its values are told, they are checked.
fn map(field: &Field, entries: Entries, path: &Path<'_>, others: Others) -> Result<Entries, FieldError> {
    if entries.len() > LONGEST_LIST {
        return Err(error(path, format!("must have at most {LONGEST_LIST} entries")));
    }
    let mut out: Entries = Vec::with_capacity(entries.len());
    for (name, value) in entries {
        if out.iter().any(|(other, _)| *other == name) {
            return Err(repeated_field(&name));
        }
        without_controls(&name, Kind::String, path)?;
        let below = path.below(&name);
        let value = match value {
            value if field.fields.is_empty() => plain(value, &below)?,
            JsonValue::Object(entries) => JsonValue::Object(object(field.fields, entries, &below, others)?),
            _ => return Err(error(&below, "must be an object")),
        };
        out.push((name, value));
    }
    Ok(out)
}

/// A value that no row describes: anything without control characters and fractions.
fn plain(given: JsonValue, path: &Path<'_>) -> Result<JsonValue, FieldError> {
    Ok(match given {
        JsonValue::Number => return Err(error(path, "must hold whole numbers only")),
        JsonValue::Text(text) => {
            without_controls(&text, Kind::Text, path)?;
            JsonValue::Text(text)
        }
        JsonValue::Array(items) if items.len() > LONGEST_LIST => {
            return Err(error(path, format!("must have at most {LONGEST_LIST} items")));
        }
        JsonValue::Array(items) => {
            let mut out = Vec::with_capacity(items.len());
            for item in items {
                out.push(plain(item, path)?);
            }
            JsonValue::Array(out)
        }
        JsonValue::Object(entries) => JsonValue::Object(plain_entries(entries, path)?),
        given => given,
    })
}

fn plain_entries(entries: Entries, path: &Path<'_>) -> Result<Entries, FieldError> {
    let mut out = Vec::with_capacity(entries.len());
    for (name, value) in entries {
        without_controls(&name, Kind::String, path)?;
        let value = plain(value, &path.below(&name))?;
        out.push((name, value));
    }
    Ok(out)
}

/// Checks the length, size, values and rule of a value of the right kind.
fn in_range(field: &Field, value: &JsonValue, path: &Path<'_>) -> Result<(), FieldError> {
    match value {
        JsonValue::Integer(number) => {
            let fits = field.range().is_none_or(|range| range.holds(*number));
            let listed = |number: i64| is_listed(field, &number.to_string());
            if fits && (field.values().is_none() || listed(*number)) {
                Ok(())
            } else {
                Err(wrong(field, path))
            }
        }
        JsonValue::Text(text) => in_range_text(field, text, path),
        _ => Ok(()),
    }
}

fn in_range_text(field: &Field, text: &str, path: &Path<'_>) -> Result<(), FieldError> {
    if let Some(range) = field.range() {
        let characters = Range { unit: Unit::Plain, ..range };
        if range.unit == Unit::Bytes && characters.holds_text(text) && !range.holds_text(text) {
            return Err(error(
                path,
                format!(
                    "must be at most {} bytes: one Chinese character is three",
                    range.max.unwrap_or(i64::MAX)
                ),
            ));
        }
        if !range.holds_text(text) {
            return Err(wrong(field, path));
        }
    }
    if !is_listed(field, text) {
        return Err(wrong(field, path));
    }
    without_controls(text, field.kind(), path)?;
    let Some((rule, argument)) = field.rule() else { return Ok(()) };
    rules::check(rule, argument, text, path).map_err(|rule| error(path, rule))
}

fn is_listed(field: &Field, text: &str) -> bool {
    field.values().is_none_or(|values| !values.closed || values.holds(text))
}

/// `WeChat` takes no control character in any field (40033, 47001); a text of several lines may have its line breaks.
fn without_controls(text: &str, kind: Kind, path: &Path<'_>) -> Result<(), FieldError> {
    if kind.has_lines() {
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(error(path, "must have no control characters but line breaks and tabs"));
        }
    } else if text.chars().any(char::is_control) {
        return Err(error(path, "must be one line of text, without control characters"));
    }
    Ok(())
}

#[cold]
fn wrong(field: &Field, path: &Path<'_>) -> FieldError {
    error(path, format!("must be {}", expected(field)))
}

/// What a field wants, to be read after "must be".
pub(crate) fn expected(field: &Field) -> String {
    let range = field.range();
    if field.is_list() {
        return format!("a list{}", bounds(range, " of ", " ", plural(field.kind())));
    }
    if let Some(values) = field.values().filter(|values| values.closed) {
        return alternatives(values);
    }
    match field.kind() {
        kind if kind.is_text() => format!("a text{}", bounds(range, " of ", " ", letters(range))),
        Kind::Number => format!("a number{}", bounds(range, " from ", "", "")),
        Kind::Integer => format!("a whole number{}", bounds(range, " from ", "", "")),
        Kind::Boolean => "true or false, without quotes".to_string(),
        Kind::Object | Kind::Map => "an object".to_string(),
        Kind::File => "a part of multipart/form-data".to_string(),
        _ => "a JSON value".to_string(),
    }
}

fn plural(kind: Kind) -> &'static str {
    match kind {
        kind if kind.is_text() => "texts",
        kind if kind.is_number() => "numbers",
        Kind::Object | Kind::Map => "objects",
        _ => "items",
    }
}

fn letters(range: Option<Range>) -> &'static str {
    match range.map(|range| range.unit) {
        Some(Unit::Hanzi) => "Chinese characters",
        _ => "characters",
    }
}

/// The words for a range; nothing without one.
fn bounds(range: Option<Range>, between: &str, gap: &str, what: &str) -> String {
    match range.map(|range| (range.min, range.max)) {
        Some((Some(min), Some(max))) => format!("{between}{min} to {max}{gap}{what}"),
        Some((None, Some(max))) => format!(" of at most {max}{gap}{what}"),
        Some((Some(min), None)) => format!(" of at least {min}{gap}{what}"),
        _ if gap.is_empty() || between == " of " && what == "characters" => String::new(),
        _ if what.is_empty() => String::new(),
        _ => format!(" of {what}"),
    }
}

fn alternatives(values: Values) -> String {
    let mut words = String::new();
    let mut values = values.iter().peekable();
    while let Some(value) = values.next() {
        let is_last = values.peek().is_none();
        words.push_str(match (words.is_empty(), is_last) {
            (true, _) => "",
            (false, true) => " or ",
            (false, false) => ", ",
        });
        words.push_str(value);
    }
    words
}
