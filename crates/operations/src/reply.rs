use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::de::IgnoredAny;
use wxedge_contract::{Code, FieldError, JsonValue, Problem, read_object};

use crate::fields::Fields;
use crate::operation::Operation;
use crate::refusal::Refusal;

/// Why a reply of `WeChat`'s is no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplyError {
    /// `WeChat` refused the call.
    Refused(Refusal),
    /// The reply is neither what was asked for nor a refusal; the text says what is wrong, without showing it.
    Malformed(Cow<'static, str>),
    /// The reply was made for another mini program, by its watermark.
    WrongApp,
}

impl ReplyError {
    /// The same error with `clean` applied to everything that `WeChat` said.
    #[must_use]
    pub fn cleaned(self, clean: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(refusal.cleaned(clean)),
            error => error,
        }
    }

    /// The problem that the caller gets.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::Refused(refusal) => refusal.problem(),
            Self::Malformed(what) => Problem::new(Code::UpstreamMalformed, what.clone())
                .hint("Try again; if it stays so, look at what stands between the Worker and WeChat (WECHAT_API_BASE)."),
            Self::WrongApp => Problem::new(Code::WrongApp, "The watermark of WeChat's reply names another mini program.")
                .hint("Check that the client runs the mini program of WECHAT_APPID."),
        }
    }
}

impl From<FieldError> for ReplyError {
    fn from(error: FieldError) -> Self {
        Self::Malformed(format!("In WeChat's reply, {} {}.", error.field, error.rule).into())
    }
}

impl Operation {
    /// Reads the JSON reply of this call, whatever its Content-Type: the refusal is looked for first, then come the fields
    /// that the row wants.
    ///
    /// Source: 服务端能力 (server calls): an absent `errcode` is success, and the HTTP status says nothing.
    ///
    /// # Errors
    /// The refusal, or `Malformed` when a field is missing or of the wrong type.
    pub fn read(&self, body: &[u8]) -> Result<Fields, ReplyError> {
        Ok(self.check_reply(read_status(*self, body)?)?)
    }
}

/// What `WeChat` says when it refuses the `access_token` of a call, so that a fresh one may help; `None` for any other
/// reply.
#[must_use]
pub fn token_refusal(operation: Operation, body: &[u8]) -> Option<ReplyError> {
    match read_status(operation, body) {
        Err(ReplyError::Refused(refusal)) if refusal.is_token_refused() => Some(ReplyError::Refused(refusal)),
        _ => None,
    }
}

/// Reads a JSON reply that is no refusal: its entries as they came.
///
/// # Errors
/// The refusal, or `Malformed` when it is no JSON object.
pub fn read_status(operation: Operation, body: &[u8]) -> Result<Vec<(String, JsonValue)>, ReplyError> {
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(ReplyError::Malformed(match body.len() {
            0 => "WeChat's reply is empty.".into(),
            length => format!("WeChat's reply is no JSON object: {length} bytes of something else.").into(),
        }));
    }
    let entries = read_object(body).map_err(|_| no_object())?;
    match errcode(&entries)? {
        0 => Ok(entries),
        errcode => Err(ReplyError::Refused(Refusal::new(operation, errcode, errmsg(&entries)))),
    }
}

/// The code, which is a number but has been seen as a text.
fn errcode(entries: &[(String, JsonValue)]) -> Result<i64, ReplyError> {
    let number = match only(entries, "errcode")? {
        None => Some(0),
        Some(JsonValue::Integer(number)) => Some(*number),
        Some(JsonValue::Text(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    number.ok_or_else(|| ReplyError::Malformed("In WeChat's reply, errcode is no whole number.".into()))
}

fn errmsg(entries: &[(String, JsonValue)]) -> &str {
    match only(entries, "errmsg") {
        Ok(Some(JsonValue::Text(text))) => text,
        _ => "",
    }
}

/// The entry of this name, which must not stand there twice.
fn only<'a>(entries: &'a [(String, JsonValue)], name: &str) -> Result<Option<&'a JsonValue>, ReplyError> {
    let mut named = entries.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
    let first = named.next();
    if named.next().is_some() { Err(no_object()) } else { Ok(first) }
}

/// The text of a JSON object without the members that say how the call went; the others stay as they came. Nothing when it
/// is no JSON object.
#[must_use]
pub fn without_status(body: &[u8]) -> Option<String> {
    let mut rest = core::str::from_utf8(body).ok()?.trim_ascii_start().strip_prefix('{')?;
    let mut json = String::from("{");
    while let Some((name, after)) = next_value(rest) {
        let (value, after) = next_value(after.trim_ascii_start().strip_prefix(':')?)?;
        if !matches!(name, "\"errcode\"" | "\"errmsg\"") {
            let between = if json.len() > 1 { "," } else { "" };
            json.extend([between, name, ":", value]);
        }
        rest = after.trim_ascii_start();
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    json.push('}');
    Some(json)
}

/// The errcode in the start of a JSON object that is too long to be read, when it stands among the members that are whole
/// there, and is not 0. WeChat's refusals begin with it.
#[must_use]
pub fn errcode_at_start(start: &[u8]) -> Option<i64> {
    // A character may be cut.
    let whole = start.utf8_chunks().next()?.valid();
    let mut rest = whole.trim_ascii_start().strip_prefix('{')?;
    while let Some((name, after)) = next_value(rest) {
        let (value, after) = next_value(after.trim_ascii_start().strip_prefix(':')?)?;
        // What nothing follows may be cut.
        rest = after.trim_ascii_start().strip_prefix(',')?;
        if name == "\"errcode\"" {
            return value.trim_matches('"').trim().parse().ok().filter(|errcode| *errcode != 0);
        }
    }
    None
}

/// The JSON value at the start of a text, and what follows it.
fn next_value(text: &str) -> Option<(&str, &str)> {
    let mut values = serde_json::Deserializer::from_slice(text.as_bytes()).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    let (value, rest) = text.split_at_checked(values.byte_offset())?;
    Some((value.trim_ascii(), rest))
}

fn no_object() -> ReplyError {
    ReplyError::Malformed("WeChat's reply is no whole JSON object.".into())
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    use proptest::prelude::*;
    use wxedge_contract::JsonValue;

    use super::{ReplyError, read_status, token_refusal, without_status};
    use crate::fields::Fields;
    use crate::table::{all, find};

    fn read(body: &str) -> Result<Vec<(String, JsonValue)>, ReplyError> {
        read_status(find("wxa/generatescheme").unwrap(), body.as_bytes())
    }

    fn reply(path: &str, body: &str) -> Result<Fields, ReplyError> {
        find(path).unwrap().read(body.as_bytes())
    }

    #[test]
    fn an_absent_or_zero_errcode_is_success() {
        for body in ["{}", " \r\n{\"a\":1}", "{\"errcode\":0}", "{\"errcode\":\"0\",\"errmsg\":\"ok\"}"] {
            assert!(read(body).is_ok(), "{body}");
        }
    }

    #[test]
    fn another_errcode_is_a_refusal_as_number_or_text() {
        for body in
            ["{\"errcode\":-1,\"errmsg\":\"busy\"}", "{\"errcode\":\"-1\"}", "{\"errcode\":-1,\"errmsg\":7}"]
        {
            assert!(
                matches!(read(body), Err(ReplyError::Refused(refusal)) if refusal.errcode() == -1),
                "{body}"
            );
        }
    }

    #[test]
    fn only_a_refusal_of_the_token_is_one() {
        for (path, body, is_refusal) in [
            ("wxa/generatescheme", "{\"errcode\":40001}", true),
            ("wxa/getwxacode", "{\"errcode\":\"42001\"}", true),
            ("wxa/generatescheme", "{\"errcode\":40002}", false),
            ("sns/jscode2session", "{\"errcode\":40001}", false),
            ("wxa/generatescheme", "{}", false),
            ("wxa/generatescheme", "<html>", false),
        ] {
            assert_eq!(
                token_refusal(find(path).unwrap(), body.as_bytes()).is_some(),
                is_refusal,
                "{path} {body}"
            );
        }
    }

    #[test]
    fn a_refusal_shows_in_the_start_of_a_long_reply() {
        for (start, errcode) in [
            (r#"{"errcode":40001,"x":"#, Some(40001)),
            (r#" { "a" : [1, {"errcode": 7}], "errcode" : "-1" , "x":"cut"#, Some(-1)),
            (r#"{"errcode":0,"x":"#, None),
            (r#"{"x":{"errcode":7},"y":"cut"#, None),
            (r#"{"x":"cut"#, None),
            (r#"{"errcode":4000"#, None),
            (r#"{"x":1]"errcode":7,"#, None),
            ("{", None),
            ("", None),
            ("[7]", None),
        ] {
            assert_eq!(super::errcode_at_start(start.as_bytes()), errcode, "{start}");
        }
        assert_eq!(super::errcode_at_start(b"{\"errcode\":7,\"x\":\"\xe5\x8c"), Some(7));
    }

    #[test]
    fn anything_else_is_malformed() {
        for body in [
            "",
            " ",
            "<html>",
            "[]",
            "null",
            "{",
            "{\"errcode\":null}",
            "{\"errcode\":1.5}",
            "{\"errcode\":\"x\"}",
            "{\"errcode\":0,\"errcode\":1}",
        ] {
            assert!(matches!(read(body), Err(ReplyError::Malformed(_))), "{body}");
        }
    }

    #[test]
    fn a_reply_must_hold_what_its_row_wants() {
        let phone = |country: &str| {
            format!(
                r#"{{"errcode":0,"errmsg":"ok","phone_info":{{"phoneNumber":"+1555","purePhoneNumber":"555","countryCode":{country},"watermark":{{"timestamp":1,"appid":"wx1"}}}}}}"#
            )
        };
        for (path, body, field, value) in [
            (
                "wxa/generatescheme",
                r#"{"openlink":"weixin://dl/business/?t=T"}"#.into(),
                "openlink",
                "weixin://dl/business/?t=T",
            ),
            (
                "wxa/generate_urllink",
                r#"{"url_link":"https://wxaurl.cn/T"}"#.into(),
                "url_link",
                "https://wxaurl.cn/T",
            ),
            (
                "wxa/generate_urllink",
                r#"{"url_link":"https://wxmpurl.cn/T"}"#.into(),
                "url_link",
                "https://wxmpurl.cn/T",
            ),
            (
                "wxa/genwxashortlink",
                "{\"errcode\":0,\"link\":\"#小程序://a/b\"}".into(),
                "link",
                "#小程序://a/b",
            ),
            ("sns/jscode2session", r#"{"session_key":"k","openid":"o"}"#.into(), "session_key", "k"),
            (
                "sns/jscode2session",
                r#"{"session_key":"k","openid":"o","unionid":"u","errcode":0}"#.into(),
                "unionid",
                "u",
            ),
            (
                "wxa/resetusersessionkey",
                r#"{"errcode":0,"openid":"o","session_key":"k"}"#.into(),
                "session_key",
                "k",
            ),
            ("wxa/business/getuserphonenumber", phone("\"1\""), "phone_info.countryCode", "1"),
            ("wxa/business/getuserphonenumber", phone("1"), "phone_info.countryCode", "1"),
            ("wxa/business/getuserphonenumber", phone("1"), "phone_info.watermark.appid", "wx1"),
            (
                "cgi-bin/ticket/getticket",
                r#"{"errcode":0,"ticket":"T","expires_in":7200}"#.into(),
                "ticket",
                "T",
            ),
            ("cgi-bin/stable_token", r#"{"access_token":"T","expires_in":7200}"#.into(), "access_token", "T"),
        ] {
            assert_eq!(reply(path, &body).unwrap().text(field), Some(value), "{path} {body}");
        }
        for body in [r#"{"access_token":"T","expires_in":345}"#, r#"{"access_token":"T","expires_in":"345"}"#]
        {
            assert_eq!(reply("cgi-bin/token", body).unwrap().integer("expires_in"), Some(345), "{body}");
        }
        for body in [
            r#"{"session_key":"k","openid":"o","unionid":"","errcode":"0"}"#,
            r#"{"session_key":"k","openid":"o","unionid":null,"new":{"x":[1.5]}}"#,
        ] {
            assert_eq!(reply("sns/jscode2session", body).unwrap().text("unionid"), None, "{body}");
        }
    }

    #[test]
    fn a_reply_without_what_was_asked_for_is_malformed() {
        for (path, bodies) in [
            (
                "wxa/generatescheme",
                &[
                    "{}",
                    r#"{"openlink":5}"#,
                    r#"{"openlink":""}"#,
                    r#"{"openlink":"javascript:1"}"#,
                    r#"{"openlink":"weixin://dl@evil.example/?t=T"}"#,
                    r#"{"openlink":"weixin://dl/business/?t='T"}"#,
                ][..],
            ),
            ("wxa/generatenfcscheme", &["{}", r#"{"openlink":"https://a"}"#]),
            (
                "wxa/generate_urllink",
                &[
                    "{}",
                    r#"{"url_link":5}"#,
                    r#"{"url_link":""}"#,
                    r#"{"url_link":"javascript:1"}"#,
                    r#"{"url_link":"https://wxaurl.cn@evil.example/"}"#,
                    r#"{"url_link":"https://evil.example/T"}"#,
                    r#"{"url_link":"https://wxaurl.cn/'T"}"#,
                ],
            ),
            ("wxa/genwxashortlink", &["{}", r#"{"link":5}"#, r#"{"link":""}"#, r#"{"link":"a\u0000"}"#]),
            (
                "wxa/queryscheme",
                &[
                    r#"{"scheme_info":[]}"#,
                    r#"{"scheme_info":{"appid":1,"path":""}}"#,
                    r#"{"scheme_info":{"path":""}}"#,
                    r#"{"quota_info":{"remain_visit_quota":"5"}}"#,
                    r#"{"quota_info":{}}"#,
                    "<html>",
                ],
            ),
            (
                "sns/jscode2session",
                &[
                    "{}",
                    r#"{"openid":"o"}"#,
                    r#"{"session_key":"k"}"#,
                    r#"{"openid":5,"session_key":"k"}"#,
                    r#"{"openid":"o","session_key":5}"#,
                    r#"{"openid":"","session_key":"k"}"#,
                    r#"{"openid":"o","session_key":"k","unionid":7}"#,
                ],
            ),
            ("wxa/resetusersessionkey", &["{}", r#"{"openid":"o"}"#, r#"{"openid":"o","session_key":5}"#]),
            (
                "wxa/business/getuserphonenumber",
                &[
                    "{}",
                    r#"{"phone_info":{}}"#,
                    r#"{"phone_info":null}"#,
                    r#"{"phone_info":5}"#,
                    r#"{"phone_info":{"watermark":{"appid":"wx1"}}}"#,
                    r#"{"phone_info":{"watermark":{"appid":5}}}"#,
                    r#"{"phone_info":{"phoneNumber":5,"purePhoneNumber":"5","countryCode":"1","watermark":{"appid":"wx1"}}}"#,
                ],
            ),
            (
                "cgi-bin/ticket/getticket",
                &[
                    "{}",
                    r#"{"ticket":"T"}"#,
                    r#"{"ticket":"","expires_in":1}"#,
                    r#"{"ticket":"T","expires_in":"7200"}"#,
                    r#"{"ticket":"T","expires_in":0}"#,
                ],
            ),
            (
                "cgi-bin/token",
                &[
                    "{}",
                    r#"{"expires_in":7200}"#,
                    r#"{"access_token":"T"}"#,
                    r#"{"access_token":"","expires_in":7200}"#,
                    r#"{"access_token":12345,"expires_in":7200}"#,
                    r#"{"access_token":"T\n12345","expires_in":7200}"#,
                    r#"{"access_token":"T12345","expires_in":-1}"#,
                ],
            ),
        ] {
            for body in bodies {
                assert!(matches!(reply(path, body), Err(ReplyError::Malformed(_))), "{path} {body}");
            }
        }
        let missing = reply("wxa/generatescheme", "{}").unwrap_err();
        assert_eq!(missing, ReplyError::Malformed("In WeChat's reply, openlink is missing.".into()));
    }

    #[test]
    fn a_reply_is_passed_on_without_its_errcode_and_otherwise_as_it_came() {
        for (body, rest) in [
            (
                r#"{"errcode":0,"errmsg":"ok","scheme_info":{"appid":"wx1","path":"","n":1.50},"x":[1]}"#,
                r#"{"scheme_info":{"appid":"wx1","path":"","n":1.50},"x":[1]}"#,
            ),
            (
                " {\n \"scheme_info\" : {\"appid\":\"wx1\",\"path\":\",}\"} , \"errmsg\":\"ok\" ,\"n\": -1e3 }\n",
                r#"{"scheme_info":{"appid":"wx1","path":",}"},"n":-1e3}"#,
            ),
            ("{}", "{}"),
        ] {
            assert_eq!(without_status(body.as_bytes()).as_deref(), Some(rest));
        }
        assert_eq!(without_status(b"<html>"), None);
    }

    proptest! {
        #[test]
        fn no_reply_panics(body in proptest::collection::vec(any::<u8>(), 0..200), text in "\\{\"[\\x00-\\x7f]{0,64}\\}") {
            for operation in all().step_by(40) {
                let _ = operation.read(&body);
                let _ = operation.read(text.as_bytes());
                let _ = without_status(text.as_bytes());
            }
        }
    }
}
