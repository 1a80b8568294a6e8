//! The rules of pushes, one by one, and any text at every reader.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test is to stop at what it does not expect"
)]
#![allow(dead_code, reason = "the sender makes more cases than each test needs")]

mod sender;

use proptest::prelude::*;
use sender::{NONCE, NOW, Sent, encrypt, encrypt_blocks, encrypt_text, encrypting, plain};
use serde_json::{Value, json};
use wxedge_crypto::Secret;
use wxedge_push::{BadKey, Flaw, Push, PushError, PushKeys};

fn push(message: &str) -> Push {
    Sent::secure(NOW, message.as_bytes())
        .to(&encrypting(), NOW)
        .unwrap_or_else(|error| panic!("{error}: {message}"))
}

fn flaw(message: &str) -> PushError {
    Sent::secure(NOW, message.as_bytes()).to(&encrypting(), NOW).expect_err(message)
}

fn xml(inside: &str) -> String {
    format!(
        "<xml><ToUserName><![CDATA[gh_0]]></ToUserName><FromUserName><![CDATA[oUser]]></FromUserName><CreateTime>1795532400</CreateTime>{inside}</xml>"
    )
}

fn event(name: &str, fields: &Value) -> String {
    let mut event = json!({"ToUserName": "gh_0", "FromUserName": "oUser", "CreateTime": NOW, "MsgType": "event", "Event": name});
    for (name, value) in fields.as_object().unwrap() {
        event[name] = value.clone();
    }
    event.to_string()
}

const TEXT: &str = r#"{"ToUserName":"gh_0","FromUserName":"oUser","CreateTime":1795532400,"MsgType":"text","Content":"x","MsgId":1}"#;

#[test]
fn settings_that_cannot_be_right_are_refused_by_name() {
    let refused = |token: &str, key: Option<&str>| {
        PushKeys::new("wx0123456789abcdef", Secret::new(token), key.map(Secret::new).as_ref())
            .err()
            .map(|BadKey { setting, .. }| setting)
    };
    assert_eq!(refused("AAAAA", None), None);
    for token in ["", "ab", "a b", "中文字", &"a".repeat(33)] {
        assert_eq!(refused(token, None), Some("PUSH_TOKEN"), "{token}");
    }
    assert_eq!(refused("AAAAA", Some("short")), Some("PUSH_AES_KEY"));
    let keys = encrypting();
    assert!(!format!("{keys:?}").contains("wxedgePushToken1"));
}

#[test]
fn an_encrypted_push_is_taken_for_a_day_and_five_minutes_ahead() {
    for (now, taken) in
        [(NOW, true), (NOW + 86_400, true), (NOW + 86_401, false), (NOW - 300, true), (NOW - 301, false)]
    {
        let sent = Sent::secure(NOW, TEXT.as_bytes());
        assert_eq!(sent.to(&encrypting(), now).err(), (!taken).then_some(PushError::BadTimestamp), "{now}");
    }
}

#[test]
fn a_plain_push_is_taken_for_five_minutes_either_way() {
    for (now, taken) in
        [(NOW, true), (NOW + 300, true), (NOW + 301, false), (NOW - 300, true), (NOW - 301, false)]
    {
        let sent = Sent::plain(NOW, NONCE, TEXT.as_bytes());
        assert_eq!(sent.to(&plain(), now).err(), (!taken).then_some(PushError::BadTimestamp), "{now}");
    }
}

#[test]
fn a_timestamp_has_exactly_ten_digits() {
    for timestamp in ["1795532400 ", "+795532400", "01795532400", "179553240", "17955324０0", ""] {
        let mut sent = Sent::plain(NOW, NONCE, TEXT.as_bytes());
        sent.timestamp = timestamp.to_owned();
        sent.signature = sender::sign(&[sender::TOKEN, timestamp, NONCE]);
        assert_eq!(sent.to(&plain(), NOW).err(), Some(PushError::BadTimestamp), "{timestamp:?}");
    }
}

#[test]
fn a_plain_signature_is_taken_for_one_body_and_no_longer_than_its_window() {
    let once = |nonce: &str, body: &str| {
        Sent::plain(NOW, nonce, body.as_bytes()).to(&plain(), NOW).unwrap().once.unwrap()
    };
    let first = once(NONCE, TEXT);
    assert_eq!(first, once(NONCE, TEXT));
    assert_eq!(first.until, NOW + 301);
    let other = once(NONCE, &TEXT.replace('x', "y"));
    assert_eq!(first.key, other.key);
    assert_ne!(first.digest, other.digest);
    assert_ne!(first.key, once("100038", TEXT).key);
}

#[test]
fn verified_and_unverified_pushes_never_share_a_key() {
    let unverified = Sent::plain(NOW, NONCE, TEXT.as_bytes()).to(&plain(), NOW).unwrap();
    assert!(!unverified.verified);
    assert_ne!(unverified.key, push(TEXT).key);
}

#[test]
fn without_a_key_compatible_mode_is_plain_and_secure_mode_is_refused_with_the_reason() {
    let compatible = TEXT.replace("\"MsgId\"", "\"Encrypt\":\"AAAA\",\"MsgId\"");
    let push = Sent::plain(NOW, NONCE, compatible.as_bytes()).to(&plain(), NOW).unwrap();
    assert_eq!(push.data(), TEXT);
    let secure = Sent::secure(NOW, TEXT.as_bytes()).to(&plain(), NOW);
    assert_eq!(secure.err(), Some(PushError::BadBody(Flaw::NoKey)));
}

#[test]
fn what_decrypts_to_nonsense_is_a_bad_ciphertext() {
    let open = |encrypt: &str| Sent::wrapped(NOW, encrypt, false).to(&encrypting(), NOW).err();
    let header = |length: u32| [b"sixteen bytes 16".as_slice(), &length.to_be_bytes()].concat();
    assert_eq!(open(&encrypt(TEXT.as_bytes(), sender::APPID)), None);
    assert_eq!(open(&encrypt(TEXT.as_bytes(), "")), Some(PushError::BadAppid));
    for bad in [
        encrypt_text(header(1)),
        encrypt_text(header(u32::MAX)),
        encrypt_text(Vec::new()),
        encrypt_text(vec![7; 19]),
        encrypt_blocks(vec![0; 32]),
        encrypt_blocks(vec![33; 64]),
        encrypt_blocks(vec![32; 16]),
        "AAAA".to_owned(),
        "A".to_owned(),
    ] {
        assert_eq!(open(&bad), Some(PushError::BadCiphertext), "{bad}");
    }
}

#[test]
fn a_message_that_is_none_says_what_is_wrong() {
    let deep =
        |depth: usize| format!(r#"{{"MsgType":"text","a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let nested = |depth: usize| {
        xml(&format!("<MsgType>text</MsgType>{}{}", "<a>".repeat(depth), "</a>".repeat(depth)))
    };
    assert_eq!(push(&deep(15)).name, "message.text");
    assert_eq!(push(&nested(15)).name, "message.text");
    let many = format!(r#"{{"MsgType":"text","a":[{}0]}}"#, "0,".repeat(4_094));
    let many_elements = xml(&format!("<MsgType>text</MsgType>{}", "<a/>".repeat(4_096)));
    for (message, flaw_) in [
        (deep(16), Flaw::TooDeep),
        (nested(16), Flaw::TooDeep),
        (many, Flaw::TooMany),
        (many_elements, Flaw::TooMany),
        (String::new(), Flaw::NotWellFormed),
        ("[]".to_owned(), Flaw::NotWellFormed),
        ("{".to_owned(), Flaw::NotWellFormed),
        (format!("{TEXT}{TEXT}"), Flaw::NotWellFormed),
        (r#"{"MsgType":"text","a":1,"a":1}"#.to_owned(), Flaw::Twice),
        (r#"{"MsgType":"text","b":{"a":1,"\u0061":1}}"#.to_owned(), Flaw::Twice),
        ("{}".to_owned(), Flaw::NoType),
        (r#"{"action":"CheckContainerPath"}"#.to_owned(), Flaw::NoType),
        (r#"{"MsgType":"event"}"#.to_owned(), Flaw::NoType),
        (r#"{"MsgType":"a b"}"#.to_owned(), Flaw::NoType),
        (format!(r#"{{"MsgType":"{}"}}"#, "x".repeat(65)), Flaw::NoType),
        (format!(r#"{{"MsgType":"text","FromUserName":"{}"}}"#, "o".repeat(129)), Flaw::LongUser),
        ("<a><MsgType>text</MsgType></a>".to_owned(), Flaw::NotWellFormed),
        (xml("<a>"), Flaw::NotWellFormed),
        (xml("<a></b>"), Flaw::NotWellFormed),
        (xml("<a>x<b/></a>"), Flaw::NotWellFormed),
        (xml("<a>&</a>"), Flaw::NotWellFormed),
        (xml("") + "<xml/>", Flaw::NotWellFormed),
        (xml("") + "x", Flaw::NotWellFormed),
        (xml("<a>&nbsp;</a>"), Flaw::Entity),
        (xml("<a>&b;</a>"), Flaw::Entity),
        (format!("<!DOCTYPE xml>{}", xml("")), Flaw::DocumentType),
        (format!("<?php x?>{}", xml("")), Flaw::DocumentType),
    ] {
        assert_eq!(flaw(&message), PushError::BadMessage(flaw_), "{message:.80}");
    }
    let large = "x".repeat(262_144);
    assert_eq!(flaw(&large), PushError::BadBody(Flaw::TooLarge));
}

#[test]
fn statuses_are_401_for_a_failed_check_and_400_for_what_is_malformed() {
    for (error, status) in [
        (PushError::BadSignature, 401),
        (PushError::BadTimestamp, 401),
        (PushError::BadAppid, 401),
        (PushError::BadBody(Flaw::Twice), 400),
        (PushError::BadCiphertext, 400),
        (PushError::BadMessage(Flaw::Twice), 400),
    ] {
        assert_eq!(error.status(), status);
    }
}

#[test]
fn xml_becomes_what_json_would_have_been() {
    for (inside, fields) in [
        ("<a>1</a><b><![CDATA[1]]></b>", r#""a":1,"b":"1""#),
        ("<a>&#49;</a><b>&lt;&amp;&gt;&apos;&quot;</b>", r#""a":"1","b":"<&>'\"""#),
        ("<a><![CDATA[a]]>b<![CDATA[&amp;]]></a>", r#""a":"ab&amp;""#),
        ("<a>1</a><b/><a>2</a><a><c/></a>", r#""a":[1,2,{"c":""}],"b":"""#),
        ("<a> \u{200b}\n<b>1</b>\u{feff}</a><!-- c -->", r#""a":{"b":1}"#),
        ("<a b=\"c\">12345678901234567890</a>", r#""a":"12345678901234567890""#),
    ] {
        let data = push(&xml(&format!("<MsgType>x</MsgType>{inside}"))).data();
        let start = r#"{"ToUserName":"gh_0","FromUserName":"oUser","CreateTime":1795532400,"MsgType":"x","#;
        assert_eq!(data, format!("{start}{fields}}}"), "{inside}");
    }
}

#[test]
fn what_json_has_as_an_array_is_one_from_xml_even_with_one_item() {
    let event = |name: &str, inside: &str| {
        let data = push(&xml(&format!("<MsgType>event</MsgType><Event>{name}</Event>{inside}"))).data();
        data.split_once(&format!("\"{name}\"")).unwrap().1.to_owned()
    };
    assert_eq!(
        event("wxa_media_check", "<detail><label>100</label></detail>"),
        r#","detail":[{"label":100}]}"#
    );
    assert_eq!(event("debug_demo", "<detail><label>100</label></detail>"), r#","detail":{"label":100}}"#);
    let one = event(
        "subscribe_msg_sent_event",
        "<SubscribeMsgSentEvent><List><MsgID>1</MsgID></List></SubscribeMsgSentEvent>",
    );
    assert_eq!(one, r#","List":{"MsgID":"1"}}"#);
    let complaint =
        "<BussiCallBackInfo><history><media_id_list>m</media_id_list></history></BussiCallBackInfo>";
    assert_eq!(
        event("complaint_callback", complaint),
        r#","BussiCallBackInfo":{"history":[{"media_id_list":["m"]}]}}"#
    );
}

#[test]
fn numbers_keep_their_digits_and_one_that_a_double_rounds_is_a_text() {
    let data = push(
        r#"{"MsgType":"x","a":9007199254740991,"b":-9007199254740992,"c":0.10,"d":1E400,"e":true,"f":null}"#,
    )
    .data();
    assert_eq!(
        data,
        r#"{"MsgType":"x","a":9007199254740991,"b":"-9007199254740992","c":0.10,"d":1E400,"e":true,"f":null}"#
    );
}

#[test]
fn the_user_is_the_one_the_push_is_about() {
    let user = |fields: Value| push(&event("x", &fields)).user;
    assert_eq!(user(json!({})), Some("oUser".to_owned()));
    assert_eq!(user(json!({"OpenId": "oA", "OpenID": "oB"})), Some("oA".to_owned()));
    assert_eq!(user(json!({"OpenID": "oB"})), Some("oB".to_owned()));
    assert_eq!(user(json!({"OpenID": ""})), Some("oUser".to_owned()));
    assert_eq!(user(json!({"FromUserName": ""})), None);
    assert_eq!(push(r#"{"InfoType":"authorized","CreateTime":1,"AppId":"wx"}"#).name, "event.authorized");
}

#[test]
fn repeats_share_a_key_and_other_pushes_do_not() {
    let key = |name: &str, fields: Value| push(&event(name, &fields)).key;
    let refund = |retry: u64, code: u64| {
        key(
            "xpay_refund_notify",
            json!({"WxRefundId": "r", "RetCode": code, "RetryTimes": retry, "CreateTime": NOW + retry}),
        )
    };
    assert_eq!(refund(0, 0), refund(1, 0));
    assert_ne!(refund(0, 0), refund(0, 1));
    let settled = |fields: Value| key("trade_manage_order_settlement", fields);
    let shipped = settled(json!({"transaction_id": "t", "shipped_time": 1}));
    assert_eq!(shipped, settled(json!({"transaction_id": "t", "shipped_time": "1", "msg": "other"})));
    assert_ne!(shipped, settled(json!({"transaction_id": "t", "shipped_time": 1, "settlement_time": 1})));
    let lists = |list: Value| key("subscribe_msg_popup_event", json!({"List": list}));
    assert_ne!(lists(json!({"TemplateId": "a"})), lists(json!([{"TemplateId": "a"}, {"TemplateId": "b"}])));
    assert_ne!(
        lists(json!([{"TemplateId": "a,b"}])),
        lists(json!([{"TemplateId": "a"}, {"TemplateId": "b"}]))
    );
    let day = |time: u64| {
        key(
            "charge_mp_service_validity_notify",
            json!({"spu_id": "s", "validity_end_time": 1, "CreateTime": time}),
        )
    };
    assert_eq!(day(1_795_536_000), day(1_795_536_000 + 3_600));
    assert_ne!(day(1_795_536_000 - 1), day(1_795_536_000 + 86_400));
    // One that the table has not, and one whose key is missing: by all that does not change.
    for name in ["of_tomorrow", "xpay_refund_notify"] {
        assert_eq!(key(name, json!({"RetryTimes": 1})), key(name, json!({"RetryTimes": 2})), "{name}");
        assert_ne!(key(name, json!({"a": 1})), key(name, json!({"a": 2})), "{name}");
        assert_eq!(
            key(name, json!({"MsgId": 7, "a": 1})),
            key(name, json!({"MsgId": "7", "a": 2})),
            "{name}"
        );
    }
    assert_ne!(key("of_tomorrow", json!({})), key("of_today", json!({})));
    let paid = json!({"OutTradeNo": "T1", "Env": 0});
    assert_ne!(key("xpay_goods_deliver_notify", paid.clone()), key("xpay_coin_pay_notify", paid));
}

const TRANSFER: &str = r#"{"MsgType":"transfer_customer_service"}"#;

#[test]
fn a_transfer_goes_from_the_account_to_the_user_and_only_for_messages() {
    let answer = push(TEXT).answer(
        r#"{"ToUserName":"gh_evil","MsgType":"transfer_customer_service","TransInfo":{"KfAccount":"a@b"}}"#,
    );
    let kept = answer.and_then(|answer| answer.to_keep()).unwrap();
    assert_eq!(
        kept,
        r#"{"ToUserName":"oUser","FromUserName":"gh_0","CreateTime":1795532400,"MsgType":"transfer_customer_service","TransInfo":{"KfAccount":"a@b"}}"#
    );
    let again = push(TEXT).answer(&kept).and_then(|answer| answer.to_keep());
    assert_eq!(again.as_deref(), Some(kept.as_str()), "a repeat is answered alike");
    assert_eq!(push(&event("user_enter_tempsession", &json!({}))).answer(TRANSFER), None);
    for reply in [
        "",
        "success",
        "[]",
        "{}",
        r#"{"MsgType":"text","Content":"x"}"#,
        r#"{"MsgType":["transfer_customer_service"]}"#,
    ] {
        assert_eq!(push(TEXT).answer(reply), None, "{reply}");
    }
    assert_eq!(push(TEXT).answer(&format!("{TRANSFER}{}", " ".repeat(65_536))), None);
}

#[test]
fn each_push_takes_its_own_answer_and_waits_for_it() {
    for (name, reply, taken, wait) in [
        (
            "xpay_subscribe_ios_refund_query_notify",
            r#"{"result_code":1,"result_info":"no"}"#,
            true,
            Some(2_000),
        ),
        ("xpay_subscribe_ios_refund_query_notify", r#"{"result_code":2}"#, false, Some(2_000)),
        ("xpay_goods_deliver_notify", r#"{"ErrCode":1}"#, false, None),
        ("add_waybill", r#"{"ResultCode":0,"ResultMsg":"ok","WayBillID":"w"}"#, true, Some(3_000)),
        ("add_waybill", r#"{"resultcode":0}"#, false, Some(3_000)),
        ("update_waybill_status", r#"{"resultcode":-1}"#, true, Some(3_000)),
        ("transport_add_order", r#"{"resultcode":"x"}"#, false, Some(3_000)),
        ("wxa_novel_chapter_permission", "{}", true, Some(3_000)),
        ("wxa_media_check", TRANSFER, false, None),
    ] {
        let push = push(&event(name, &json!({})));
        assert_eq!(push.answer(reply).is_some(), taken, "{name} {reply}");
        assert_eq!(push.answer_wait(), wait, "{name}");
    }
}

#[test]
fn acknowledgements_are_what_the_page_of_the_event_says() {
    let body = |push: &Push, keys: &PushKeys| keys.reply(push, &push.acknowledgement(), NOW, [0; 16]).body;
    let plain_event = |name: &str, xml_: bool| {
        let message = if xml_ {
            xml(&format!("<MsgType>event</MsgType><Event>{name}</Event>"))
        } else {
            event(name, &json!({}))
        };
        body(&Sent::plain(NOW, NONCE, message.as_bytes()).to(&plain(), NOW).unwrap(), &plain())
    };
    assert_eq!(plain_event("debug_demo", false), "success");
    assert_eq!(plain_event("wxalive_follow_notify", true), "SUCCESS");
    assert_eq!(plain_event("xpay_coin_pay_notify", false), r#"{"ErrCode":0,"ErrMsg":"success"}"#);
    assert_eq!(
        plain_event("xpay_coin_pay_notify", true),
        "<xml><ErrCode>0</ErrCode><ErrMsg><![CDATA[success]]></ErrMsg></xml>"
    );
    assert_eq!(plain_event("update_waybill_status", false), r#"{"resultcode":0,"resultmsg":"success"}"#);
    assert_eq!(body(&push(TEXT), &encrypting()), "success", "a word is never encrypted");
    assert!(
        body(&push(&event("xpay_coin_pay_notify", &json!({}))), &encrypting()).starts_with(r#"{"Encrypt":""#)
    );
}

#[test]
fn an_answer_that_xml_cannot_hold_is_none() {
    let push = push(&xml("<MsgType>event</MsgType><Event>add_waybill</Event>"));
    let keeps = |reply: &str| push.answer(reply).is_some();
    assert!(keeps(r#"{"ResultCode":0,"a":[{"b":"]]>"}],"c":{"d":true,"e":null}}"#));
    for reply in [
        r#"{"ResultCode":0,"1a":1}"#,
        r#"{"ResultCode":0,"a b":1}"#,
        r#"{"ResultCode":0,"":1}"#,
        r#"{"ResultCode":0,"a":[[1]]}"#,
        r#"{"ResultCode":0,"a":"\u0000"}"#,
    ] {
        assert!(!keeps(reply), "{reply}");
    }
}

#[test]
fn an_answer_with_the_end_of_a_cdata_section_stays_whole() {
    let push = push(&xml("<MsgType>event</MsgType><Event>add_waybill</Event>"));
    let answer = push.answer(r#"{"ResultCode":0,"a":"x]]>y]]"}"#).unwrap();
    let asked = Sent::plain(NOW, NONCE, xml("<MsgType>event</MsgType><Event>add_waybill</Event>").as_bytes());
    let body = plain().reply(&asked.to(&plain(), NOW).unwrap(), &answer, NOW, [0; 16]).body;
    let whole = "<xml><ResultCode>0</ResultCode><a><![CDATA[x]]]]><![CDATA[>y]]]]></a></xml>";
    assert_eq!(body, whole);
}

/// JSON that a push may hold: texts of any characters, numbers, objects, arrays.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_read(body: Vec<u8>) {
        let _ = Sent::secure(NOW, &body).to(&encrypting(), NOW);
        let _ = Sent::plain(NOW, NONCE, &body).to(&plain(), NOW);
        let _ = encrypting().open(&Sent::secure(NOW, &body).query(), &body, NOW);
    }

    #[test]
    fn any_json_comes_through_as_it_is(value in any_json()) {
        let message = json!({"MsgType": "x", "value": value});
        let mut expected = message.clone();
        exact(&mut expected);
        for written in [message.to_string(), serde_json::to_string_pretty(&message).unwrap()] {
            let data: Value = serde_json::from_str(&push(&written).data()).unwrap();
            prop_assert_eq!(&data, &expected);
        }
    }

    #[test]
    fn any_text_comes_through_cdata_and_references(text in "[^\\x00]*") {
        let cdata = format!("<a><![CDATA[{}]]></a>", text.replace("]]>", "]]]]><![CDATA[>"));
        let escaped: String = text.chars().flat_map(|character| ["&#".to_owned(), u32::from(character).to_string(), ";".to_owned()]).collect();
        for inside in [cdata, format!("<a>{escaped}</a>")] {
            let push = push(&xml(&format!("<MsgType>x</MsgType>{inside}")));
            prop_assert_eq!(push.at("a"), [text.as_str()]);
        }
    }

    #[test]
    fn what_is_answered_in_xml_reads_back(text in "[^\\x00-\\x1f\u{fffe}\u{ffff}]*", number: i32) {
        let waybill = xml("<MsgType>event</MsgType><Event>add_waybill</Event>");
        let asked = Sent::plain(NOW, NONCE, waybill.as_bytes()).to(&plain(), NOW).unwrap();
        let reply = json!({"ResultCode": number, "list": [{"text": text}, {"text": text}], "MsgType": "x"});
        let answer = asked.answer(&reply.to_string()).unwrap();
        let body = plain().reply(&asked, &answer, NOW, [0; 16]).body;
        let read = push(&body);
        prop_assert_eq!(read.at("list.text"), [text.as_str(), text.as_str()]);
        prop_assert_eq!(read.at("ResultCode").concat(), number.to_string());
    }
}

/// Integers that a double does not hold are texts.
fn exact(value: &mut Value) {
    match value {
        Value::Number(number) if number.as_i64().is_some_and(|number| number.unsigned_abs() >= 1 << 53) => {
            *value = Value::String(number.to_string());
        }
        Value::Array(items) => items.iter_mut().for_each(exact),
        Value::Object(fields) => fields.values_mut().for_each(exact),
        _ => {}
    }
}
