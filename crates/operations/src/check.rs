//! The strict check: for the routes of ours that take a body of WeChat's. It names the field and the rule, and what it
//! lets through it has written out in the row's order with every default.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use wxedge_contract::{FieldError, Given as JsonValue, read_object, repeated_field, unknown_field};

use crate::field::{Field, FieldLines, Place, Range, Unit};
use crate::fields::Fields;
use crate::kind::Kind;
use crate::operation::Operation;
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
            if entries.iter().any(|(given, _)| given == name) && !rule.is_empty() {
                return Err(FieldError::new(name, rule));
            }
            entries.retain(|(given, _)| given != name);
        }
        let fields = self.fields(Place::Body);
        let mut entries = known(fields, entries, Others::Refused)?;
        if let Some((rule, argument)) = self.rule() {
            rules::join(rule, argument, &mut entries, now)?;
        }
        object(fields, entries, &mut Path::default(), Others::Refused).map(Fields)
    }

    /// Checks the fields of a reply; others are passed over.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub(crate) fn check_reply(&self, entries: Entries) -> Result<Fields, FieldError> {
        let fields = self.fields(Place::Reply);
        let entries = known(fields, entries, Others::PassedOver)?;
        object(fields, entries, &mut Path::default(), Others::PassedOver).map(Fields)
    }
}

/// What becomes of fields that the row does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    Refused,
    PassedOver,
}

/// Where a value stands: names with dots between them.
#[derive(Default)]
pub(crate) struct Path(String);

impl Path {
    /// What `look` says of the value of this name below here.
    pub(crate) fn below<T>(&mut self, name: &str, look: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.0.len();
        if length > 0 {
            self.0.push('.');
        }
        self.0.push_str(name);
        let said = look(self);
        self.0.truncate(length);
        said
    }

    /// Begins at the value of this name.
    pub(crate) fn begin(&mut self, name: &str) {
        self.0.push_str(name);
    }

    /// The path as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    #[cold]
    fn error(&self, rule: impl Into<Cow<'static, str>>) -> FieldError {
        FieldError::new(self.0.clone(), rule)
    }
}

/// The entries whose names are told, each once.
fn known(fields: FieldLines, entries: Entries, others: Others) -> Result<Entries, FieldError> {
    let mut known: Entries = Vec::new();
    for (name, value) in entries {
        if fields.named(&name).is_none() {
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

/// The fields of an object in the row's order.
fn object(
    fields: FieldLines,
    mut entries: Entries,
    path: &mut Path,
    others: Others,
) -> Result<Entries, FieldError> {
    let mut out = Vec::new();
    for field in fields {
        let at = entries.iter().position(|(name, _)| name == field.name);
        let given = at.map(|at| entries.swap_remove(at).1);
        if let Some(value) = path.below(field.name, |path| optional(&field, given, path, others))? {
            out.push((field.name.to_string(), value));
        }
    }
    Ok(out)
}

/// The value of a field that may be missing: an empty text counts as missing unless the field is required.
fn optional(
    field: &Field,
    given: Option<JsonValue>,
    path: &mut Path,
    others: Others,
) -> Result<Option<JsonValue>, FieldError> {
    let given = given.filter(|given| match given {
        JsonValue::Absent => false,
        JsonValue::Null => !field.takes(Kind::Null),
        JsonValue::Text(text) => !text.is_empty() || field.required || !field.kind().is_text(),
        _ => true,
    });
    match given {
        Some(given) => checked(field, given, path, others).map(Some),
        None if field.required && others == Others::PassedOver => Err(path.error("is missing")),
        None if field.required => Err(path.error(format!("is required: {}", expected(field)))),
        None => field.default().map(|default| spelled_out(field, default, path, others)).transpose(),
    }
}

/// The default of a field, by its kind.
fn spelled_out(
    field: &Field,
    default: &str,
    path: &mut Path,
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
    path: &mut Path,
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
    path: &mut Path,
    others: Others,
) -> Result<JsonValue, FieldError> {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    if items.len() > LONGEST_LIST || field.range().is_some_and(|range| !range.holds(length)) {
        return Err(wrong(field, path));
    }
    let mut out = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        out.push(path.below(&index.to_string(), |path| single(field, item, path, others))?);
    }
    Ok(JsonValue::Array(out))
}

/// A value that is no list, by the kinds of the field.
fn single(field: &Field, given: JsonValue, path: &mut Path, others: Others) -> Result<JsonValue, FieldError> {
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
            let has_fields = !field.fields.is_empty();
            let entries = if has_fields { known(field.fields, entries, others)? } else { entries };
            let entries = if has_fields {
                object(field.fields, entries, path, others)?
            } else {
                plain_entries(entries, path)?
            };
            Ok(JsonValue::Object(entries))
        }
        JsonValue::Text(text) if field.takes(Kind::Any) => Ok(JsonValue::Text(text)),
        given if field.takes(Kind::Any) => plain(given, path),
        _ => Err(wrong(field, path)),
    }
}

/// An object whose keys are the caller's, each once. Where the fields of its values are told, they are checked.
fn map(field: &Field, entries: Entries, path: &mut Path, others: Others) -> Result<Entries, FieldError> {
    if entries.len() > LONGEST_LIST {
        return Err(path.error(format!("must have at most {LONGEST_LIST} entries")));
    }
    let has_fields = !field.fields.is_empty();
    let mut out: Entries = Vec::with_capacity(entries.len());
    for (name, value) in entries {
        if out.iter().any(|(other, _)| *other == name) {
            return Err(repeated_field(&name));
        }
        one_line(&name, path)?;
        let value = path.below(&name, |path| match value {
            JsonValue::Object(entries) if has_fields => {
                let entries = known(field.fields, entries, others)?;
                object(field.fields, entries, path, others).map(JsonValue::Object)
            }
            _ if has_fields => Err(path.error("must be an object")),
            value => plain(value, path),
        })?;
        out.push((name, value));
    }
    Ok(out)
}

/// A value that no row describes: anything without control characters and fractions.
fn plain(given: JsonValue, path: &mut Path) -> Result<JsonValue, FieldError> {
    Ok(match given {
        JsonValue::Number => return Err(path.error("must hold whole numbers only")),
        JsonValue::Text(text) => {
            without_controls(&text, Kind::Text, path)?;
            JsonValue::Text(text)
        }
        JsonValue::Array(items) if items.len() > LONGEST_LIST => {
            return Err(path.error(format!("must have at most {LONGEST_LIST} items")));
        }
        JsonValue::Array(items) => {
            JsonValue::Array(items.into_iter().map(|item| plain(item, path)).collect::<Result<_, _>>()?)
        }
        JsonValue::Object(entries) => JsonValue::Object(plain_entries(entries, path)?),
        given => given,
    })
}

fn plain_entries(entries: Entries, path: &mut Path) -> Result<Entries, FieldError> {
    let checked = entries.into_iter().map(|(name, value)| {
        one_line(&name, path)?;
        let value = path.below(&name, |path| plain(value, path))?;
        Ok((name, value))
    });
    checked.collect()
}

/// Checks the length, size, values and rule of a value of the right kind.
fn in_range(field: &Field, value: &JsonValue, path: &Path) -> Result<(), FieldError> {
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

fn in_range_text(field: &Field, text: &str, path: &Path) -> Result<(), FieldError> {
    if let Some(range) = field.range() {
        let characters = Range { unit: Unit::Plain, ..range };
        if range.unit == Unit::Bytes && characters.holds_text(text) && !range.holds_text(text) {
            return Err(path.error(format!(
                "must be at most {} bytes: one Chinese character is three",
                range.max.unwrap_or(i64::MAX)
            )));
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
    rules::check(rule, argument, text, path.as_str()).map_err(|rule| path.error(rule))
}

fn is_listed(field: &Field, text: &str) -> bool {
    field.values().is_none_or(|values| !values.closed || values.holds(text))
}

fn one_line(text: &str, path: &Path) -> Result<(), FieldError> {
    without_controls(text, Kind::String, path)
}

/// `WeChat` takes no control character in any field (40033, 47001); a text of several lines may have its line breaks.
fn without_controls(text: &str, kind: Kind, path: &Path) -> Result<(), FieldError> {
    if kind.has_lines() {
        if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(path.error("must have no control characters but line breaks and tabs"));
        }
    } else if text.contains(char::is_control) {
        return Err(path.error("must be one line of text, without control characters"));
    }
    Ok(())
}

#[cold]
fn wrong(field: &Field, path: &Path) -> FieldError {
    path.error(format!("must be {}", expected(field)))
}

/// What a field wants, to be read after "must be".
pub(crate) fn expected(field: &Field) -> String {
    let range = field.range();
    if field.is_list() {
        return format!("a list{}", bounds(range, " of ", " ", plural(field.kind())));
    }
    if let Some(values) = field.values().filter(|values| values.closed) {
        return alternatives(values.iter());
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

fn alternatives<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let values: Vec<&str> = values.collect();
    match values.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        values => values.join(""),
    }
}
