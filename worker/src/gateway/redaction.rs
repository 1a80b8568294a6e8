//! Replies that repeat requests of before: their credentials are taken out.
//!
//! Source: 查询 rid 信息 (getRidInfo): the address, body and response of a call, each as a text.

use wxedge_contract::{Problem, read_object};
use wxedge_operations::ReplyError;

/// Names of what is taken out, as they stand in addresses and in JSON. Codes are spent, yet nobody needs them.
const NAMES: [&str; 16] = [
    "access_token",
    "refresh_token",
    "secret",
    "appsecret",
    "session_key",
    "js_code",
    "code",
    "ticket",
    "signature",
    "pay_sig",
    "encrypt_key",
    "appkey",
    "app_key",
    "token",
    "authorization",
    "key",
];

/// The shortest word that is taken out whatever its name, in characters: an AppSecret has 32, every token more.
const SHORTEST_SECRET: usize = 32;

const MASK: &str = "***";

/// The JSON without the credentials in it.
///
/// # Errors
/// `upstream_malformed` when it cannot be read.
pub(super) fn redacted(json: &[u8]) -> Result<String, Problem> {
    let unreadable = || ReplyError::Malformed("WeChat's reply is no whole JSON object.".into()).problem();
    let text = core::str::from_utf8(json).map_err(|_| unreadable())?;
    let clean = cleaned(&with_plain_signs(text));
    read_object(clean.as_bytes()).map_err(|_| unreadable())?;
    Ok(clean)
}

/// The text with `=` and `&` where JSON, or JSON in JSON, has escapes of them.
fn with_plain_signs(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for (index, part) in text.split("\\u00").enumerate() {
        let sign = part.get(..2).filter(|_| index > 0).and_then(|code| match code {
            "3d" | "3D" => Some('='),
            "26" => Some('&'),
            _ => None,
        });
        if let Some(sign) = sign {
            plain.truncate(plain.trim_end_matches('\\').len());
            plain.push(sign);
            plain.push_str(part.get(2..).unwrap_or_default());
        } else {
            plain.push_str(if index > 0 { "\\u00" } else { "" });
            plain.push_str(part);
        }
    }
    plain
}

fn is_secret(name: &str) -> bool {
    NAMES.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

/// A text without the values of secret names and without long words. It may be an address, JSON, or JSON in JSON: what
/// stands between a name and its value are quotes, backslashes and one sign, each of them perhaps percent-encoded.
fn cleaned(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    let mut is_value = false;
    while !rest.is_empty() {
        let (word, after) = split_word(rest);
        let (between, after) = split_between(after);
        let is_long = word.len() >= SHORTEST_SECRET && !word.contains('/');
        clean.push_str(if is_long || is_value && is_text(word) { MASK } else { word });
        clean.push_str(between);
        if !word.is_empty() {
            is_value = is_secret(word) && says_value(between);
        } else if between.is_empty() {
            break;
        }
        rest = after;
    }
    clean
}

/// Whether it stands in quotes, or in an address: a mask in the place of a bare value of JSON's would be none.
fn is_text(word: &str) -> bool {
    !matches!(word, "" | "true" | "false" | "null") && word.bytes().any(|byte| !byte.is_ascii_digit())
}

/// The word that a text begins with: what names and values are made of. A `/` belongs to the value with all the backslashes
/// that JSON, or JSON in JSON, has before it.
fn split_word(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let mut end = 0;
    loop {
        let tail = bytes.get(end..).unwrap_or_default();
        match tail {
            [b'\\', ..] if let Some(length) = escapes(tail) => end = end.saturating_add(length),
            [b'%', ..] if !is_encoded_sign(tail) => end = end.saturating_add(1),
            [byte, ..] if byte.is_ascii_alphanumeric() || b"_-+/.~!*".contains(byte) => {
                end = end.saturating_add(1);
            }
            // The padding of base64 is part of it.
            [b'=', b'"' | b'\\' | b'&' | b'=', ..] if end > 0 && ends_as_base64(text, end) => {
                end = end.saturating_add(1);
            }
            _ => return text.split_at(end),
        }
    }
}

/// How long an escaped `/` is.
fn escapes(bytes: &[u8]) -> Option<usize> {
    let backslashes = bytes.iter().take_while(|byte| **byte == b'\\').count();
    (bytes.get(backslashes) == Some(&b'/')).then(|| backslashes.saturating_add(1))
}

fn ends_as_base64(text: &str, end: usize) -> bool {
    !is_secret(text.get(..end).unwrap_or_default())
}

/// What follows up to the next word.
fn split_between(text: &str) -> (&str, &str) {
    let mut end = 0;
    while let Some(tail) = text.get(end..).filter(|tail| !tail.is_empty()) {
        let bytes = tail.as_bytes();
        if is_encoded_sign(bytes) {
            end = end.saturating_add(3);
            continue;
        }
        let (word, _) = split_word(tail);
        if !word.is_empty() {
            break;
        }
        end = end.saturating_add(tail.chars().next().map_or(1, char::len_utf8));
    }
    text.split_at(end)
}

/// Percent-encoded `?`, `"`, `&`, `:`, `=`, `,`, `\`, `{`, `}` or a space.
fn is_encoded_sign(bytes: &[u8]) -> bool {
    const SIGNS: [&[u8]; 10] =
        [b"%3f", b"%22", b"%26", b"%3a", b"%3d", b"%2c", b"%5c", b"%7b", b"%7d", b"%20"];
    bytes.get(..3).is_some_and(|start| SIGNS.iter().any(|sign| sign.eq_ignore_ascii_case(start)))
}

/// Whether what follows a name leads to its value: a `:` or `=`, and nothing that ends the member.
fn says_value(between: &str) -> bool {
    let lower = between.to_ascii_lowercase();
    let has = |signs: &[&str]| signs.iter().any(|sign| lower.contains(sign));
    has(&["=", ":", "%3d", "%3a"]) && !has(&["&", "%26", ",", "%2c", "{", "%7b"])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::redacted;

    const TOKEN: &str = "68_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-AbCdEfGhIjKlMnOpQr";
    const SHORT: &str = "pl4nted==";

    fn redact(value: &Value) -> String {
        redacted(value.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn no_credential_of_a_repeated_request_is_left() {
        let inner = json!({ "session_key": "a/b+pl4nted==", "openid": "oAbc" }).to_string();
        for text in [
            format!("https://api.weixin.qq.com/wxa/x?access_token={TOKEN}&openid=oAbc"),
            format!("access_token={SHORT}&openid=oAbc"),
            format!("openid=oAbc&ACCESS_TOKEN={SHORT}"),
            format!("x%3Faccess_token%3D{SHORT}%26openid=oAbc"),
            format!("{{\"secret\":\"{SHORT}\",\"openid\":\"oAbc\"}}"),
            format!("{{ \"secret\" : \"{SHORT}\" , \"openid\":\"oAbc\"}}"),
            format!("%7B%22secret%22%3A%22{SHORT}%22%7D openid oAbc"),
            inner.clone(),
            inner.replace('/', "\\/"),
            json!({ "again": inner }).to_string(),
            json!({ "again": json!({ "again": inner }).to_string() }).to_string(),
            "oAbc pl4nted0123456789abcdef0123456789".to_owned(),
        ] {
            let clean = redact(&json!({ "errcode": 0, "request": { "request_url": text, "x": [text] } }));
            assert!(!clean.contains("pl4nted") && !clean.contains("AbCdEf"), "{text}\n{clean}");
            assert!(clean.contains("***") && clean.contains("oAbc"), "{text}\n{clean}");
        }
        let member = redact(&json!({ "request": { "access_token": SHORT, "code": 7, "secret": null } }));
        assert_eq!(member, r#"{"request":{"access_token":"***","code":7,"secret":null}}"#);
        for escapes in ["\\", "\\\\", "\\\\\\\\"] {
            let text = format!(r#"{{"a":"x=1{escapes}u0026access_token{escapes}u003dpl4nted"}}"#);
            assert_eq!(redacted(text.as_bytes()).unwrap(), r#"{"a":"x=1&access_token=***"}"#);
        }
    }

    #[test]
    fn what_is_no_credential_stays() {
        let reply = json!({ "errcode": 0, "errmsg": "ok", "request": {
            "invoke_time": 1_635_927_298, "cost_in_ms": 100, "client_ip": "203.0.113.7",
            "request_url": "/cgi-bin/message/subscribe/send?type=image&media_id=abc",
            "request_body": "{\"touser\":\"oAbc\",\"n\":1.50,\"keyword\":\"\u{5317}\u{4eac}\"}",
            "response_body": "{\"errcode\":40003,\"errmsg\":\"invalid openid rid: 6512f0a0-1b2c3d4e-5f607182\"}",
        } });
        assert_eq!(redact(&reply), reply.to_string());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(access_token|secret|%|%3d|=|\"|\\\\|/|é|a|&|:){0,20}") {
            let clean = redact(&json!({ "a": text }));
            prop_assert!(serde_json::from_str::<Value>(&clean).is_ok());
        }
    }
}
