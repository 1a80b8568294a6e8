//! The rows of WeChat's calls as JSON, for the sandbox's stateless answers. The shape is in this crate's README.

use serde::Serialize;
use serde_json::{Value, json};
use wxedge_operations::documents::{Chapter, Document, FieldDocument};
use wxedge_operations::{Field, Flag, Kind, Unit};

/// A call, as far as an answer depends on it.
#[derive(Debug, Serialize)]
pub struct Row {
    name: &'static str,
    title: &'static str,
    chapter: &'static str,
    methods: Vec<&'static str>,
    path: &'static str,
    token: bool,
    sends: &'static str,
    replies: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    signed: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    query: Vec<FieldRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    body: Vec<FieldRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dropped: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reply: Vec<FieldRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ErrorRow>,
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    limits: serde_json::Map<String, Value>,
}

/// A field of a query, a body or a reply.
#[derive(Debug, Serialize)]
struct FieldRow {
    name: &'static str,
    kinds: Vec<&'static str>,
    #[serde(skip_serializing_if = "is_false")]
    list: bool,
    #[serde(skip_serializing_if = "is_false")]
    required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "is_false")]
    others: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldRow>,
}

/// A code that the page of a call names.
#[derive(Debug, Serialize)]
struct ErrorRow {
    code: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meaning: Option<&'static str>,
}

/// The rows of all chapters, in the order of the documentation.
#[must_use]
pub fn rows(chapters: &[Chapter]) -> Vec<Row> {
    chapters
        .iter()
        .flat_map(|chapter| chapter.operations.iter().map(|operation| row(chapter.title, operation)))
        .collect()
}

fn row(chapter: &'static str, document: &Document) -> Row {
    let operation = document.operation;
    let methods = operation.methods();
    Row {
        name: document.name,
        title: document.title_zh,
        chapter,
        methods: [("GET", methods.has_get()), ("POST", methods.has_post())]
            .into_iter()
            .filter_map(|(name, has)| has.then_some(name))
            .collect(),
        path: operation.path(),
        token: operation.takes_token(),
        sends: match () {
            () if operation.is(Flag::Multipart) => "multipart",
            () if operation.is(Flag::Free) => "free",
            () if methods.has_post() => "json",
            () => "nothing",
        },
        replies: match () {
            () if operation.is(Flag::Image) => "image",
            () if operation.is(Flag::Binary) => "binary",
            () => "json",
        },
        signed: [Flag::PaySig, Flag::Signature]
            .into_iter()
            .filter(|flag| operation.is(*flag))
            .map(Flag::as_str)
            .collect(),
        query: fields(&document.query),
        body: fields(&document.body),
        dropped: operation
            .strangers()
            .filter_map(|(name, refusal)| refusal.is_empty().then_some(name))
            .collect(),
        reply: fields(&document.reply),
        errors: document
            .errors
            .iter()
            .map(|error| ErrorRow { code: error.code, name: error.name, meaning: error.meaning })
            .collect(),
        limits: document.limits.iter().map(|(name, number)| ((*name).to_owned(), json!(number))).collect(),
    }
}

fn fields(documents: &[FieldDocument]) -> Vec<FieldRow> {
    documents.iter().map(field_row).collect()
}

fn field_row(document: &FieldDocument) -> FieldRow {
    let field = &document.field;
    let range = field.range();
    let values = field.values();
    FieldRow {
        name: field.name,
        kinds: field.kinds().map(word).collect(),
        list: field.is_list(),
        required: field.required,
        min: range.and_then(|range| range.min),
        max: range.and_then(|range| range.max),
        unit: range.and_then(|range| match range.unit {
            Unit::Plain => None,
            Unit::Bytes => Some("bytes"),
            Unit::Hanzi => Some("hanzi"),
        }),
        values: values.map(|values| values.iter().map(|text| value(field, text)).collect()),
        others: values.is_some_and(|values| !values.closed),
        default: field.default().map(|text| value(field, text)),
        fields: fields(&document.fields),
    }
}

/// A value of a row as JSON: a number where the field takes one and the text is one.
pub(crate) fn value(field: &Field, text: &str) -> Value {
    let fits = |value: &Value| match value {
        Value::Bool(_) => field.takes(Kind::Boolean),
        Value::Number(_) => field.kinds().any(Kind::is_number),
        Value::Object(_) => field.takes(Kind::Object),
        _ => false,
    };
    serde_json::from_str(text).ok().filter(fits).unwrap_or_else(|| json!(text))
}

const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "string",
        Kind::Text => "text",
        Kind::Json => "json",
        Kind::Base64 => "base64",
        Kind::Number => "number",
        Kind::Integer => "integer",
        Kind::Boolean => "boolean",
        Kind::Object => "object",
        Kind::Map => "map",
        Kind::File => "file",
        Kind::Null => "null",
        Kind::Any => "any",
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands on references")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use wxedge_operations::documents::chapters_of;

    use super::rows;

    fn told(text: &'static str) -> Value {
        serde_json::to_value(rows(&chapters_of(text).unwrap())).unwrap()
    }

    #[test]
    fn a_row_says_all_that_an_answer_depends_on() {
        let text = "# Clouds 云\n\n### paintCloud 画云\nPOST wxa/cloud pay_sig repeatable\n? size integer! 1..3\n> color string ..20h {red|blue|..} =red\n> layers object[]! 1..2\n>   depth number|string =4\nx old\nx new is no field\n< cloud_id string 1..64b\n! 40097 invalid args | no such color\n- limits per_day=10\n";
        let expected = json!([{
            "name": "paintCloud", "title": "画云", "chapter": "Clouds", "methods": ["POST"], "path": "wxa/cloud",
            "token": true, "sends": "json", "replies": "json", "signed": ["pay_sig"],
            "query": [{"name": "size", "kinds": ["integer"], "required": true, "min": 1, "max": 3}],
            "body": [
                {"name": "color", "kinds": ["string"], "max": 20, "unit": "hanzi", "values": ["red", "blue"], "others": true, "default": "red"},
                {"name": "layers", "kinds": ["object"], "list": true, "required": true, "min": 1, "max": 2, "fields": [
                    {"name": "depth", "kinds": ["number", "string"], "default": 4},
                ]},
            ],
            "dropped": ["old"],
            "reply": [{"name": "cloud_id", "kinds": ["string"], "min": 1, "max": 64, "unit": "bytes"}],
            "errors": [{"code": 40097, "name": "invalid args", "meaning": "no such color"}],
            "limits": {"per_day": 10},
        }]);
        assert_eq!(told(text), expected);
    }
}
