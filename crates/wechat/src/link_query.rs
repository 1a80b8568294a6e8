use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use serde::de::IgnoredAny;
use wxedge_contract::{FieldError, JsonValue, Nested, fields, parse_object};

use crate::call::Call;
use crate::endpoint::Endpoint;
use crate::reply::{ReplyError, no_object, read_object};

/// A question about a link that was made, or about how many opens are left today.
/// Source: 查询scheme码 (queryScheme), 查询加密 URL Link (queryUrlLink).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinkQuery {
    #[serde(skip)]
    endpoint: Endpoint,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url_link: Option<String>,
    query_type: i64,
}

/// The longest link that is asked about, in characters: WeChat's own are under 100, `cq` adds up to 256.
const LINK_LENGTH: core::ops::RangeInclusive<usize> = 1..=2048;

impl LinkQuery {
    /// Reads and checks `{scheme?, query_type?}`.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn of_scheme(body: &[u8]) -> Result<Self, FieldError> {
        let fields: SchemeFields = parse_object(body)?;
        let scheme = fields.scheme.optional_line("scheme", LINK_LENGTH)?;
        let query_type = query_type(fields.query_type, "scheme", scheme.is_some())?;
        Ok(Self { endpoint: Endpoint::SchemeQuery, scheme, url_link: None, query_type })
    }

    /// Reads and checks `{url_link?, query_type?}`.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn of_url_link(body: &[u8]) -> Result<Self, FieldError> {
        let fields: UrlLinkFields = parse_object(body)?;
        let url_link = fields.url_link.optional_line("url_link", LINK_LENGTH)?;
        let query_type = query_type(fields.query_type, "url_link", url_link.is_some())?;
        Ok(Self { endpoint: Endpoint::UrlLinkQuery, scheme: None, url_link, query_type })
    }

    /// The call that asks.
    #[must_use]
    pub fn call(&self) -> Call {
        Call::post(self.endpoint, self)
    }

    /// Reads the reply: WeChat's own object, as JSON text without `errcode` and `errmsg`.
    ///
    /// # Errors
    /// The refusal, or `Malformed` when what was asked for is not in it.
    pub fn read(&self, body: &[u8]) -> Result<String, ReplyError> {
        self.check(read_object(self.endpoint, body)?)?;
        without_status(body).ok_or_else(no_object)
    }

    fn check(&self, reply: Reply) -> Result<(), FieldError> {
        let missing = |field| FieldError::new(field, "is missing");
        if self.query_type == 1 {
            let quota = reply.quota.optional("quota_info")?.ok_or_else(|| missing("quota_info"))?;
            let left =
                quota.remain_visit_quota.optional_integer("quota_info.remain_visit_quota", 0..=i64::MAX)?;
            return left.map(drop).ok_or_else(|| missing("quota_info.remain_visit_quota"));
        }
        let (info, name) = match self.endpoint {
            Endpoint::SchemeQuery => (reply.scheme, "scheme_info"),
            _ => (reply.url_link, "url_link_info"),
        };
        let info = info.optional(name)?.ok_or_else(|| missing(name))?;
        info.appid.text("appid", 1..=64)?;
        info.path.text("path", 0..=2048).map(drop)
    }
}

/// The text of an object without the members that say how the call went; the others stay as they came.
fn without_status(body: &[u8]) -> Option<String> {
    let mut rest = core::str::from_utf8(body).ok()?.trim_ascii_start().strip_prefix('{')?;
    let mut members: Vec<String> = Vec::new();
    while let Some((name, after)) = next_value(rest) {
        let (value, after) = next_value(after.trim_ascii_start().strip_prefix(':')?)?;
        if !matches!(name, "\"errcode\"" | "\"errmsg\"") {
            members.push([name, ":", value].concat());
        }
        rest = after.trim_ascii_start();
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    Some(["{", &members.join(","), "}"].concat())
}

/// The JSON value at the start of a text, and what follows it.
fn next_value(text: &str) -> Option<(&str, &str)> {
    let mut values = serde_json::Deserializer::from_slice(text.as_bytes()).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    let (value, rest) = text.split_at_checked(values.byte_offset())?;
    Some((value.trim_ascii(), rest))
}

fn query_type(given: JsonValue, field: &'static str, has_link: bool) -> Result<i64, FieldError> {
    let query_type = given.optional_integer("query_type", 0..=1)?.unwrap_or(0);
    if query_type == 0 && !has_link {
        return Err(FieldError::new(
            field,
            "is required with query_type 0; with query_type 1 the opens that are left today are told",
        ));
    }
    Ok(query_type)
}

fields! {
    only struct SchemeFields {
        scheme: JsonValue,
        query_type: JsonValue,
    }
}

fields! {
    only struct UrlLinkFields {
        url_link: JsonValue,
        query_type: JsonValue,
    }
}

fields! {
    any struct Reply {
        scheme as "scheme_info": Nested<Info>,
        url_link as "url_link_info": Nested<Info>,
        quota as "quota_info": Nested<Quota>,
    }
}

fields! {
    any struct Info {
        appid: JsonValue,
        path: JsonValue,
    }
}

fields! {
    any struct Quota {
        remain_visit_quota: JsonValue,
    }
}

#[cfg(test)]
mod tests {
    use super::LinkQuery;
    use crate::reply::ReplyError;

    const SCHEME: &[u8] = br#"{"scheme":"weixin://dl/business/?t=T"}"#;

    #[test]
    fn the_documented_body_is_sent() {
        assert_eq!(
            LinkQuery::of_scheme(SCHEME).unwrap().call().body().unwrap().expose(),
            r#"{"scheme":"weixin://dl/business/?t=T","query_type":0}"#
        );
        let quota = LinkQuery::of_url_link(br#"{"query_type":1}"#).unwrap();
        assert_eq!(quota.call().body().unwrap().expose(), r#"{"query_type":1}"#);
    }

    #[test]
    fn every_rule_names_its_field() {
        for (body, field) in [
            (&b"{}"[..], "scheme"),
            (br#"{"scheme":""}"#, "scheme"),
            (br#"{"scheme":5}"#, "scheme"),
            (br#"{"scheme":"weixin://\u0000"}"#, "scheme"),
            (br#"{"query_type":2}"#, "query_type"),
            (br#"{"query_type":"1"}"#, "query_type"),
            (br#"{"url_link":"x"}"#, "url_link"),
        ] {
            assert_eq!(LinkQuery::of_scheme(body).unwrap_err().field, field);
        }
        assert_eq!(LinkQuery::of_url_link(b"{}").unwrap_err().field, "url_link");
    }

    #[test]
    fn the_reply_is_wechats_own_without_its_errcode() {
        let query = LinkQuery::of_scheme(SCHEME).unwrap();
        let body = br#"{"errcode":0,"errmsg":"ok","scheme_info":{"appid":"wx1","path":"","n":1.50},"x":[1]}"#;
        assert_eq!(
            query.read(body).unwrap(),
            r#"{"scheme_info":{"appid":"wx1","path":"","n":1.50},"x":[1]}"#
        );
        let spaced = b" {\n \"scheme_info\" : {\"appid\":\"wx1\",\"path\":\",}\"} , \"errmsg\":\"ok\" ,\"n\": -1e3 }\n";
        assert_eq!(query.read(spaced).unwrap(), r#"{"scheme_info":{"appid":"wx1","path":",}"},"n":-1e3}"#);
    }

    #[test]
    fn a_reply_without_what_was_asked_for_is_malformed() {
        let scheme = LinkQuery::of_scheme(SCHEME).unwrap();
        let quota = LinkQuery::of_scheme(br#"{"query_type":1}"#).unwrap();
        for (query, body) in [
            (&scheme, &b"{}"[..]),
            (&scheme, br#"{"scheme_info":[]}"#),
            (&scheme, br#"{"scheme_info":{"appid":1,"path":""}}"#),
            (&scheme, br#"{"url_link_info":{"appid":"wx1","path":""}}"#),
            (&quota, br#"{"scheme_info":{"appid":"wx1","path":""}}"#),
            (&quota, br#"{"quota_info":{"remain_visit_quota":"5"}}"#),
            (&quota, b"<html>"),
        ] {
            assert!(matches!(query.read(body), Err(ReplyError::Malformed(_))));
        }
    }
}
