//! What looks wrong in a call that `WeChat` refused: hints, never a refusal of our own, since the documentation's
//! "required" and its types are not reliable.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use wxedge_contract::{FieldError, JsonValue, read_object};
use wxedge_launch::Params;
use wxedge_launch::delimiter::rsplit_once;

use crate::check::expected;
use crate::field::{Field, FieldLines, Place};
use crate::kind::Kind;
use crate::nearest::distance;
use crate::operation::{Flag, Operation};
use crate::path::Path;

/// The most remarks on one call.
pub const MOST_REMARKS: usize = 8;

/// The longest body that is looked into, in bytes: a tree of its values takes many times its length.
pub const LONGEST_EXPLAINED: usize = 128 * 1024;

/// The longest part of a name or value of the caller's that a remark repeats, in characters.
const SHOWN: usize = 64;

impl Operation {
    /// What looks wrong in this call, by the row: at most [`MOST_REMARKS`] fields that are missing, of another kind, over
    /// a limit or unknown. `query` is the text after the `?`; `body` is the JSON that was sent, nothing for other bodies.
    #[must_use]
    pub fn explain(&self, query: &str, body: Option<&[u8]>) -> Vec<FieldError> {
        let mut remarks = Remarks::default();
        self.explain_query(query, &mut remarks);
        if let Some(body) = body.filter(|body| body.len() <= LONGEST_EXPLAINED && !self.is(Flag::Free)) {
            self.explain_body(body, &mut remarks);
        }
        remarks.0
    }

    fn explain_query(&self, query: &str, remarks: &mut Remarks) {
        let given = Params::parse(query);
        for field in self.fields(Place::Query) {
            match given.get(field.name) {
                None | Some("") if field.required => remarks.add(field.name, "looks missing in the query"),
                None | Some("") => {}
                Some(text) => match parameter(&field, text) {
                    Some(value) => look_at(&field, &value, &Path::TOP.below(field.name), remarks),
                    None => remarks.add(field.name, &format!("should be {}", expected(&field))),
                },
            }
        }
        for flag in [Flag::PaySig, Flag::Signature] {
            if self.is(flag) && given.get(flag.as_str()).is_none() {
                remarks.add(flag.as_str(), "looks missing in the query");
            }
        }
        for (name, _) in given.iter() {
            let is_signature = [Flag::PaySig, Flag::Signature].iter().any(|flag| flag.as_str() == name);
            if name == "access_token" || is_signature || self.fields(Place::Query).named(name).is_some() {
                continue;
            }
            if self.fields(Place::Body).named(name).is_some() && !self.is(Flag::Multipart) {
                remarks.add(name, "belongs in the body");
            } else {
                remarks.unknown(name, self.fields(Place::Query), "parameter");
            }
        }
    }

    fn explain_body(&self, body: &[u8], remarks: &mut Remarks) {
        let entries = match read_object(body) {
            Ok(entries) => entries,
            Err(error) => return remarks.push(error),
        };
        for (name, rule) in self.strangers().filter(|(_, rule)| !rule.is_empty()) {
            if entries.iter().any(|(given, _)| given == name) {
                remarks.add(name, rule);
            }
        }
        let is_stranger = |name: &str| self.strangers().any(|(stranger, _)| stranger == name);
        let entries: Vec<_> = entries.into_iter().filter(|(name, _)| !is_stranger(name)).collect();
        for (name, _) in &entries {
            let belongs = self.fields(Place::Body).named(name).is_none()
                && self.fields(Place::Query).named(name).is_some();
            if belongs {
                remarks.add(name, "belongs in the query");
            }
        }
        let entries: Vec<_> =
            entries.into_iter().filter(|(name, _)| self.fields(Place::Query).named(name).is_none()).collect();
        look_at_object(self.fields(Place::Body), &entries, &Path::TOP, remarks);
    }
}

/// What was found, up to the limit.
#[derive(Default)]
struct Remarks(Vec<FieldError>);

impl Remarks {
    fn push(&mut self, remark: FieldError) {
        if !self.is_full() {
            self.0.push(remark);
        }
    }

    fn add(&mut self, field: &str, rule: &str) {
        if !self.is_full() {
            self.0.push(FieldError::new(shown(field), rule.to_string()));
        }
    }

    fn is_full(&self) -> bool {
        self.0.len() >= MOST_REMARKS
    }

    fn unknown(&mut self, path: &str, fields: FieldLines, what: &str) {
        if self.is_full() {
            return;
        }
        let name = rsplit_once(path, b'.').map_or(path, |(_, name)| name);
        let near = fields.iter().filter_map(|field| Some((distance(name, field.name, 2)?, field.name)));
        let near = near.min_by_key(|(distance, _)| *distance).filter(|_| name.len() > 3);
        let meant = near.map(|(_, near)| format!(": perhaps {near} was meant")).unwrap_or_default();
        self.add(path, &format!("is no {what} of this call{meant}"));
    }
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(SHOWN).collect()
}

/// The value of a parameter, which is always a text, as the kind that the field wants.
fn parameter(field: &Field, text: &str) -> Option<JsonValue> {
    if field.is_list() || field.kind().is_text() || field.takes(Kind::Any) {
        return Some(JsonValue::Text(text.to_string()));
    }
    match field.kind() {
        Kind::Number | Kind::Integer => text.parse().map(JsonValue::Integer).ok(),
        Kind::Boolean => text.parse().map(JsonValue::Bool).ok(),
        _ => Some(JsonValue::Text(text.to_string())),
    }
}

fn look_at_object(
    fields: FieldLines,
    entries: &[(String, JsonValue)],
    path: &Path<'_>,
    remarks: &mut Remarks,
) {
    for field in fields {
        let given = entries.iter().find(|(name, _)| name == field.name).map(|(_, value)| value);
        let path = path.below(field.name);
        match given {
            None if field.required => remarks.add(&path.text(), "looks missing"),
            None => {}
            Some(value) => look_at(&field, value, &path, remarks),
        }
    }
    for (name, _) in entries {
        if remarks.is_full() {
            return;
        }
        if fields.named(name).is_none() {
            remarks.unknown(&path.below(name).text(), fields, "field");
        }
    }
}

fn look_at(field: &Field, value: &JsonValue, path: &Path<'_>, remarks: &mut Remarks) {
    if remarks.is_full() {
        return;
    }
    let has_fields = !field.fields.is_empty();
    match value {
        JsonValue::Array(items) if field.is_list() => {
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            if field.range().is_some_and(|range| !range.holds(length)) {
                remarks.add(&path.text(), &format!("should be {}", expected(field)));
            }
            for (index, item) in items.iter().enumerate() {
                if remarks.is_full() {
                    return;
                }
                look_at_single(field, item, has_fields, &path.below(&index.to_string()), remarks);
            }
        }
        value if field.may_be_single() => {
            look_at_single(field, value, has_fields, path, remarks);
            look_at_limits(field, value, path, remarks);
        }
        _ => remarks.add(&path.text(), &format!("should be {}", expected(field))),
    }
}

fn look_at_single(
    field: &Field,
    value: &JsonValue,
    has_fields: bool,
    path: &Path<'_>,
    remarks: &mut Remarks,
) {
    let fits = |kind| match (kind, value) {
        (Kind::Any, _)
        | (Kind::Null, JsonValue::Null)
        | (Kind::Boolean, JsonValue::Bool(_))
        | (Kind::Number, JsonValue::Integer(_) | JsonValue::Number)
        | (Kind::Integer, JsonValue::Integer(_))
        | (Kind::Object | Kind::Map, JsonValue::Object(_)) => true,
        (kind, JsonValue::Text(_)) => kind.is_text(),
        _ => false,
    };
    if !field.kinds().any(fits) {
        let wanted = if field.is_list() { kind_of_item(field) } else { expected(field) };
        return remarks.add(&path.text(), &format!("should be {wanted}"));
    }
    match value {
        JsonValue::Object(entries) if has_fields && field.takes(Kind::Map) => {
            for (name, value) in entries {
                if remarks.is_full() {
                    return;
                }
                let path = path.below(name);
                match value {
                    JsonValue::Object(entries) => look_at_object(field.fields, entries, &path, remarks),
                    _ => remarks.add(&path.text(), "should be an object"),
                }
            }
        }
        JsonValue::Object(entries) if has_fields => look_at_object(field.fields, entries, path, remarks),
        JsonValue::Text(text) if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) => {
            remarks.add(&path.text(), "holds a control character, which WeChat does not take");
        }
        _ => {}
    }
}

fn kind_of_item(field: &Field) -> String {
    let words = match field.kind() {
        kind if kind.is_text() => "a text",
        kind if kind.is_number() => "a number",
        Kind::Boolean => "true or false",
        Kind::Object | Kind::Map => "an object",
        _ => "another value",
    };
    words.to_string()
}

fn look_at_limits(field: &Field, value: &JsonValue, path: &Path<'_>, remarks: &mut Remarks) {
    let is_listed = |text: &str| field.values().is_none_or(|values| !values.closed || values.holds(text));
    let is_within = match value {
        JsonValue::Text(text) if text.is_empty() && !field.required => true,
        JsonValue::Text(text) if field.kind().is_text() => {
            is_listed(text) && field.range().is_none_or(|range| range.holds_text(text))
        }
        JsonValue::Integer(number) if field.kind().is_number() => {
            is_listed(&number.to_string()) && field.range().is_none_or(|range| range.holds(*number))
        }
        _ => true,
    };
    if !is_within {
        remarks.add(&path.text(), &format!("should be {}", expected(field)));
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::{LONGEST_EXPLAINED, MOST_REMARKS};
    use crate::table::{all, find};

    fn remarks(path: &str, query: &str, body: &str) -> Vec<String> {
        let body = Some(body.as_bytes()).filter(|body| !body.is_empty());
        find(path).unwrap().explain(query, body).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_right_call_has_no_remarks() {
        for (path, query, body) in [
            (
                "cgi-bin/message/subscribe/send",
                "access_token=T",
                r#"{"touser":"o","template_id":"t","data":{"thing1":{"value":"茶"}}}"#,
            ),
            ("wxa/generatescheme", "", r#"{"is_expire":true,"jump_wxa":{"path":"p","env_version":""}}"#),
            ("wxaapi/newtmpl/getpubtemplatetitles", "ids=2&start=0&limit=30", ""),
            ("tcb/invokecloudfunction", "env=e&name=f", r#"{"anything":[1.5]}"#),
            ("wxa/msg_sec_check", "", "{\"version\":2,\"openid\":\"o\",\"scene\":2,\"content\":\"a\\nb\"}"),
        ] {
            assert_eq!(remarks(path, query, body), [""; 0], "{path}");
        }
    }

    #[test]
    fn what_looks_wrong_is_named_with_its_place() {
        for (path, query, body, expected) in [
            (
                "cgi-bin/message/subscribe/send",
                "",
                r#"{"to_user":"o","template_id":5,"data":{"thing1":{"valu":"x"},"thing2":"y"}}"#,
                &[
                    "template_id: should be a text",
                    "touser: looks missing",
                    "data.thing1.value: looks missing",
                    "data.thing1.valu: is no field of this call: perhaps value was meant",
                    "data.thing2: should be an object",
                    "to_user: is no field of this call: perhaps touser was meant",
                ][..],
            ),
            (
                "wxa/getwxacodeunlimit",
                "",
                r#"{"scene":"123456789012345678901234567890123"}"#,
                &["scene: should be a text of 1 to 32 characters"],
            ),
            (
                "wxa/getwxacodeunlimit",
                "",
                r#"{"scene":"a","env_version":"formal"}"#,
                &["env_version: should be release, trial or develop"],
            ),
            (
                "wxa/getwxacodeunlimit",
                "",
                "{\"scene\":\"a\",\"page\":\"a\\u0001\"}",
                &["page: holds a control character, which WeChat does not take"],
            ),
            (
                "wxa/generate_urllink",
                "",
                r#"{"jump_wxa":{}}"#,
                &[
                    "jump_wxa: is for schemes: a URL Link has path, query and env_version at the top of the body",
                ],
            ),
            ("wxa/getwxacodeunlimit", "", "[1]", &["body: must be a JSON object, starting with {"]),
            ("tcb/invokecloudfunction", "env=e", "{}", &["name: looks missing in the query"]),
            (
                "wxaapi/broadcast/goods/getapproved",
                "offset=x&limit=30&status=0",
                "",
                &["offset: should be a number"],
            ),
            (
                "xpay/query_order",
                "",
                r#"{"openid":"o","env":0,"order_id":"1"}"#,
                &["pay_sig: looks missing in the query"],
            ),
            ("wxa/getwxacode", "path=p", r#"{"path":"p"}"#, &["path: belongs in the body"]),
            (
                "wxa/getopendata",
                "",
                r#"{"openid":"o"}"#,
                &["openid: belongs in the query", "cloudid_list: looks missing"],
            ),
        ] {
            assert_eq!(remarks(path, query, body), expected, "{path} {body}");
        }
    }

    #[test]
    fn remarks_are_few_and_long_bodies_are_left_alone() {
        let many: Vec<String> = (0..100).map(|index| format!("\"k{index}\":1")).collect();
        let body = format!("{{{}}}", many.join(","));
        assert_eq!(remarks("wxa/getwxacode", "", &body).len(), MOST_REMARKS);
        let long = format!("{{\"x\":\"{}\"}}", "a".repeat(LONGEST_EXPLAINED));
        assert_eq!(remarks("wxa/getwxacode", "", &long), [""; 0]);
    }

    proptest! {
        #[test]
        fn no_call_panics(query in "\\PC{0,40}", body in proptest::collection::vec(any::<u8>(), 0..64), text in "\\{\"[\\x20-\\x7f]{0,64}\\}") {
            for operation in all().step_by(30) {
                let _ = operation.explain(&query, Some(&body));
                let _ = operation.explain(&text, Some(text.as_bytes()));
            }
        }
    }
}
