use alloc::string::{String, ToString};
use alloc::vec::Vec;

use wxedge_contract::{JsonValue, to_json};

/// The fields of a body or a reply, checked by a row, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields(pub(crate) Vec<(String, JsonValue)>);

impl Fields {
    /// The text at a path of names with dots between them.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        match self.value(path)? {
            JsonValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number at a path of names with dots between them.
    #[must_use]
    pub fn integer(&self, path: &str) -> Option<i64> {
        match self.value(path)? {
            JsonValue::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The value at a path of names with dots between them.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<&JsonValue> {
        let mut entries = self.0.as_slice();
        let mut names = path.split('.').peekable();
        loop {
            let name = names.next()?;
            let (_, value) = entries.iter().find(|(known, _)| known == name)?;
            if names.peek().is_none() {
                return Some(value);
            }
            let JsonValue::Object(inner) = value else { return None };
            entries = inner;
        }
    }

    /// The same fields, and a whole number after them.
    #[must_use]
    pub fn with_integer(mut self, name: &str, number: i64) -> Self {
        self.0.push((name.to_string(), JsonValue::Integer(number)));
        self
    }

    /// The JSON object. It has no `\uXXXX` escapes, which WeChat refuses, unless a text has control characters.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        write_object(&self.0, &mut json);
        json
    }
}

fn write_object(entries: &[(String, JsonValue)], json: &mut String) {
    json.push('{');
    for (index, (name, value)) in entries.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        write_text(name, json);
        json.push(':');
        write(value, json);
    }
    json.push('}');
}

fn write(value: &JsonValue, json: &mut String) {
    match value {
        // What a row lets through is never absent and has no fraction.
        JsonValue::Absent | JsonValue::Null | JsonValue::Number => json.push_str("null"),
        JsonValue::Bool(value) => json.push_str(if *value { "true" } else { "false" }),
        JsonValue::Integer(number) => json.push_str(&number.to_string()),
        JsonValue::Text(text) => write_text(text, json),
        JsonValue::Array(items) => {
            json.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                write(item, json);
            }
            json.push(']');
        }
        JsonValue::Object(entries) => write_object(entries, json),
    }
}

fn write_text(text: &str, json: &mut String) {
    if text.bytes().all(|byte| byte >= b' ' && !matches!(byte, b'"' | b'\\')) {
        json.extend(["\"", text, "\""]);
    } else {
        // A text always has a JSON form.
        json.push_str(&to_json(text));
    }
}
