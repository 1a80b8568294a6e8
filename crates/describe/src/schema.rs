//! Fields as JSON Schema 2020-12, which `OpenAPI` 3.1 takes.

use serde_json::{Map, Value, json};
use wxedge_operations::documents::FieldDocument;
use wxedge_operations::{Field, Kind, Unit};

use crate::answers::value;

/// Whether an object may have other fields than those that are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    /// A body: unknown fields are refused.
    Refused,
    /// A reply: more may come with a later version.
    MayCome,
}

/// What stands in the braces of an object whose other fields are the caller's own.
pub(crate) const ANY_OTHERS: &str = "..";

/// An object of these fields.
pub(crate) fn object(fields: &[FieldDocument], others: Others) -> Value {
    let properties: Map<_, _> =
        fields.iter().map(|one| (one.field.name.to_owned(), schema(one, others))).collect();
    let required: Vec<_> = fields.iter().filter(|one| one.field.required).map(|one| one.field.name).collect();
    let mut object = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        put(&mut object, "required", json!(required));
    }
    if others == Others::Refused {
        put(&mut object, "additionalProperties", json!(false));
    }
    object
}

/// The schema of a field.
pub(crate) fn schema(document: &FieldDocument, others: Others) -> Value {
    let field = &document.field;
    let kinds: Vec<Value> = field
        .spelled()
        .0
        .split('|')
        .map(|word| match word.strip_suffix("[]") {
            Some(item) => array(document, item, others),
            None => single(document, word, others),
        })
        .collect();
    let mut schema = joined(kinds);
    if let Some(default) = field.default() {
        put(&mut schema, "default", value(field, default));
    }
    if !field.comment().is_empty() {
        put(&mut schema, "description", json!(comment(field)));
    }
    schema
}

/// What is said of a field, in one line: English, then Chinese where there is some.
pub(crate) fn comment(field: &Field) -> String {
    field.comment().replace(" | ", " ")
}

/// Several kinds as one schema: plain ones as a list of types.
fn joined(mut kinds: Vec<Value>) -> Value {
    if kinds.len() < 2 {
        return kinds.pop().unwrap_or_else(|| json!({}));
    }
    let simple = |kind: &Value| kind.get("properties").is_none() && kind.get("items").is_none();
    if !kinds.iter().all(simple) {
        return json!({"anyOf": kinds});
    }
    let types: Vec<_> = kinds.iter().filter_map(|kind| kind.get("type").cloned()).collect();
    let mut all = Map::new();
    for kind in kinds {
        let Value::Object(members) = kind else { continue };
        for (name, member) in members {
            all.entry(name).or_insert(member);
        }
    }
    all.insert("type".to_owned(), json!(types));
    Value::Object(all)
}

fn array(document: &FieldDocument, item: &str, others: Others) -> Value {
    let mut array = json!({"type": "array", "items": plain(document, item, others)});
    if let Some(range) = document.field.range() {
        limit(&mut array, "minItems", range.min);
        limit(&mut array, "maxItems", range.max);
    }
    array
}

/// A value that is no list, with its limits.
fn single(document: &FieldDocument, word: &str, others: Others) -> Value {
    let field = &document.field;
    let mut schema = plain(document, word, others);
    let kind = Kind::of(word).unwrap_or(Kind::Any);
    let Some(range) = field.range() else { return schema };
    if kind.is_number() {
        limit(&mut schema, "minimum", range.min);
        limit(&mut schema, "maximum", range.max);
    } else if kind.is_text() && !field.kinds().any(Kind::is_number) {
        // JSON Schema counts characters: no text has more of them than bytes, or than twice its Chinese ones.
        let most = |max: i64| if range.unit == Unit::Hanzi { max.saturating_mul(2) } else { max };
        limit(&mut schema, "minLength", range.min.filter(|_| range.unit == Unit::Plain));
        limit(&mut schema, "maxLength", range.max.map(most));
    }
    schema
}

fn plain(document: &FieldDocument, word: &str, others: Others) -> Value {
    let field = &document.field;
    let mut schema = match Kind::of(word).unwrap_or(Kind::Any) {
        Kind::String | Kind::Text => json!({"type": "string"}),
        Kind::Json => json!({"type": "string", "contentMediaType": "application/json"}),
        Kind::Base64 => json!({"type": "string", "contentEncoding": "base64"}),
        Kind::Number => json!({"type": "number"}),
        Kind::Integer => json!({"type": "integer"}),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Object => object(&document.fields, others),
        Kind::Map if document.fields.is_empty() => json!({"type": "object", "additionalProperties": true}),
        Kind::Map => json!({"type": "object", "additionalProperties": object(&document.fields, others)}),
        // `format` is of OpenAPI 3.0, and what generators of clients still go by.
        Kind::File => {
            json!({"type": "string", "contentMediaType": "application/octet-stream", "format": "binary"})
        }
        Kind::Null => return json!({"type": "null"}),
        Kind::Any => return json!({}),
    };
    let values = field.values().map(|values| (values.iter().collect::<Vec<_>>(), values.closed));
    match values {
        Some((values, _)) if values == [ANY_OTHERS] => {
            put(&mut schema, "additionalProperties", json!(true));
        }
        Some((values, closed)) => {
            let values: Vec<_> = values.into_iter().map(|text| value(field, text)).collect();
            put(&mut schema, if closed { "enum" } else { "examples" }, json!(values));
        }
        None => {}
    }
    schema
}

fn limit(schema: &mut Value, name: &str, limit: Option<i64>) {
    if let Some(limit) = limit {
        put(schema, name, json!(limit));
    }
}

/// Adds a member to an object.
pub(crate) fn put(object: &mut Value, name: &str, member: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), member);
    }
}
