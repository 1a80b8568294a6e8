//! `data/push-vectors.json`: made by pycryptodome, read back by wechatpy 1.8.18; each gives what is written in it.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test is to stop at what it does not expect"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use wxedge_crypto::Secret;
use wxedge_push::{Push, PushError, PushKeys, Query};

/// Some seconds after the vectors were signed.
const NOW: u64 = 1_795_532_460;

fn vectors() -> Value {
    serde_json::from_str(include_str!("data/push-vectors.json")).unwrap_or_default()
}

fn list<'a>(vectors: &'a Value, name: &str) -> &'a [Value] {
    vectors[name].as_array().unwrap_or_else(|| panic!("no {name}"))
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap_or_else(|| panic!("no {field} in {vector}"))
}

fn keys(vectors: &Value, encrypted: bool) -> PushKeys {
    let aes_key = encrypted.then(|| Secret::new(text(vectors, "encoding_aes_key")));
    PushKeys::new(text(vectors, "appid"), Secret::new(text(vectors, "token")), aes_key.as_ref()).unwrap()
}

fn query(vector: &Value) -> Query<'_> {
    let parameter = |name: &str| vector["query"][name].as_str();
    Query {
        signature: parameter("signature"),
        timestamp: parameter("timestamp"),
        nonce: parameter("nonce"),
        msg_signature: parameter("msg_signature"),
        echostr: parameter("echostr"),
    }
}

fn open(vectors: &Value, vector: &Value) -> Result<Push, PushError> {
    keys(vectors, true).open(&query(vector), text(vector, "body").as_bytes(), NOW)
}

fn label(vector: &Value) -> String {
    format!("{} {}", text(vector, "name"), text(vector, "format"))
}

/// Numbers that a double does not hold are texts, as in `WeChat`'s own JSON.
fn exact(value: &mut Value) {
    match value {
        Value::Number(number) if number.as_u64().is_some_and(|number| number >= 1 << 53) => {
            *value = Value::String(number.to_string());
        }
        Value::Array(items) => items.iter_mut().for_each(exact),
        Value::Object(fields) => fields.values_mut().for_each(exact),
        _ => {}
    }
}

#[test]
fn the_address_is_checked() {
    let vectors = vectors();
    let vector = &vectors["url_verification"];
    for encrypted in [true, false] {
        let keys = keys(&vectors, encrypted);
        assert_eq!(keys.check_address(&query(vector), NOW), Ok(text(vector, "reply")));
        let wrong = Query { nonce: Some("100001"), ..query(vector) };
        assert_eq!(keys.check_address(&wrong, NOW), Err(PushError::BadSignature));
        let silent = Query { echostr: None, ..query(vector) };
        assert_eq!(keys.check_address(&silent, NOW), Err(PushError::BadSignature));
    }
}

#[test]
fn a_plain_push_is_unverified() {
    let vectors = vectors();
    let vector = &vectors["plain_mode"];
    let push = keys(&vectors, false).open(&query(vector), text(vector, "body").as_bytes(), NOW).unwrap();
    assert!(!push.verified);
    assert!(push.once.is_some());
    assert_eq!(push.data(), text(vector, "body"));
}

#[test]
fn every_valid_push_opens_to_its_message() {
    let vectors = vectors();
    let valid = list(&vectors, "valid");
    assert_eq!(valid.len(), 40);
    for vector in valid {
        let push = open(&vectors, vector).unwrap_or_else(|error| panic!("{}: {error}", label(vector)));
        assert!(push.verified && push.once.is_none());
        assert_eq!(push.user.as_deref(), Some(text(&vectors, "openid")), "{}", label(vector));
        if text(vector, "format") == "json" {
            let mut message: Value = serde_json::from_str(text(vector, "message")).unwrap();
            exact(&mut message);
            assert_eq!(push.data(), message_in_order(text(vector, "message")), "{}", label(vector));
            assert_eq!(serde_json::from_str::<Value>(&push.data()).unwrap(), message, "{}", label(vector));
        }
    }
}

/// The one vector with a number above 2^53 is the only one whose characters change.
fn message_in_order(message: &str) -> String {
    message.replace("9223372036854775807", "\"9223372036854775807\"")
}

#[test]
fn json_and_xml_of_one_push_have_one_form_and_one_key() {
    let vectors = vectors();
    let mut forms = BTreeMap::<&str, Vec<(String, Value)>>::new();
    for vector in list(&vectors, "valid") {
        let push = open(&vectors, vector).unwrap();
        let mut data: Value = serde_json::from_str(&push.data()).unwrap();
        // The two examples in which WeChat's formats say different things.
        match text(vector, "name") {
            "wxa_punish_event" => data["illegal_content"] = Value::Null,
            "subscribe_msg_popup_event_two" => data["CreateTime"] = Value::Null,
            _ => {}
        }
        forms.entry(text(vector, "name")).or_default().push((push.key, data));
    }
    let both = forms.iter().filter(|(_, forms)| forms.len() == 2);
    assert_eq!(both.clone().count(), 16);
    for (name, forms) in both {
        assert_eq!(forms[0], forms[1], "{name}");
    }
}

#[test]
fn every_tampered_push_gives_its_expectation() {
    let vectors = vectors();
    let valid: BTreeSet<String> =
        list(&vectors, "valid").iter().map(|vector| open(&vectors, vector).unwrap().key).collect();
    let tampered = list(&vectors, "tampered");
    assert_eq!(tampered.len(), 64);
    for vector in tampered {
        let found = match open(&vectors, vector) {
            Ok(push) if text(vector, "name") == "replay" && valid.contains(&push.key) => "duplicate",
            Ok(_) => "accept",
            Err(error) => error.code(),
        };
        assert_eq!(found, text(vector, "expect"), "{}: {}", label(vector), text(vector, "why"));
    }
}

#[test]
fn every_reply_is_the_one_that_was_read_back() {
    let vectors = vectors();
    let replies = list(&vectors, "replies");
    assert_eq!(replies.len(), 4);
    for vector in replies {
        let name = if text(vector, "name") == "xpay_ok" { "xpay_goods_deliver_notify" } else { "text" };
        let pushed = list(&vectors, "valid")
            .iter()
            .find(|valid| text(valid, "name") == name && valid["format"] == vector["format"])
            .unwrap();
        // Another push of that kind, with the nonce of the reply.
        let nonce = text(vector, "nonce");
        let mut again = pushed.clone();
        again["query"]["nonce"] = nonce.into();
        again["query"]["msg_signature"] = sign(&vectors, pushed, nonce).into();
        let push = open(&vectors, &again).unwrap();
        let answer = push.answer(r#"{"MsgType":"transfer_customer_service"}"#);
        let answer = answer.unwrap_or_else(|| push.acknowledgement());
        let random = text(vector, "random").as_bytes().try_into().unwrap();
        let timestamp = vector["timestamp"].as_u64().unwrap();
        let reply = keys(&vectors, true).reply(&push, &answer, timestamp, random);
        assert_eq!(reply.body, text(vector, "body"), "{}", label(vector));
    }
}

fn sign(vectors: &Value, vector: &Value, nonce: &str) -> String {
    use sha1::Digest;
    let body = text(vector, "body");
    let encrypt = body
        .split_once("Encrypt\":\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .or_else(|| body.split_once("Encrypt><![CDATA[").and_then(|(_, rest)| rest.split_once("]]")))
        .unwrap()
        .0;
    let mut parts = [text(vectors, "token"), text(&vector["query"], "timestamp"), nonce, encrypt];
    parts.sort_unstable();
    wxedge_crypto::lower_hex(&sha1::Sha1::digest(parts.concat()))
}
