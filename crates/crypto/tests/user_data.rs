//! Encrypted user data that is wrong in every way, and any that is right.
#![expect(clippy::panic, reason = "a helper of a test may fail it")]

mod encryption;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use encryption::{encrypt, encrypt_blocks};
use proptest::prelude::*;
use serde_json::{Value, json};
use wxedge_crypto::{Damaged, Encrypted, OpenError, OpenedData, Secret};

const KEY: [u8; 16] = *b"a session key 16";
const IV: [u8; 16] = [0x5a; 16];
const APPID: &str = "wx0123456789abcdef";
const NOW: u64 = 1_700_000_000;

/// 94 bytes, so that the padding has 2.
const USER: &str =
    r#"{"openId":"oUser+/==??>>~~","watermark":{"timestamp":1700000000,"appid":"wx0123456789abcdef"}}"#;

const NOT_BASE64: &str = "has to be base64";
const NOT_BLOCKS: &str = "has to hold one or more whole blocks of 16 bytes";
const NOT_AN_IV: &str = "has to hold 16 bytes";
const TOO_LONG: &str = "has to be at most 65536 bytes of text";

fn session_key(bytes: &[u8]) -> Secret {
    Secret::new(STANDARD.encode(bytes))
}

fn parse(ciphertext: &[u8]) -> Result<Encrypted, Damaged> {
    Encrypted::parse(&STANDARD.encode(ciphertext), &STANDARD.encode(IV))
}

fn open(ciphertext: &[u8]) -> Result<String, OpenError> {
    let encrypted = parse(ciphertext).map_err(|damaged| panic!("{damaged}"))?;
    encrypted.open(&session_key(&KEY), APPID, NOW, None).map(|opened| opened.json)
}

fn open_plain(plain: &[u8]) -> Result<String, OpenError> {
    open(&encrypt(KEY, IV, plain))
}

#[test]
fn a_session_key_of_another_length_is_stale() {
    let encrypted = parse(&encrypt(KEY, IV, USER.as_bytes())).unwrap();
    let open = |key: &Secret| encrypted.open(key, APPID, NOW, None);
    assert_eq!(open(&session_key(&KEY)).unwrap().json, USER);

    for length in [0, 1, 15, 17, 24, 32] {
        let key: Vec<u8> = KEY.iter().cycle().take(length).copied().collect();
        assert_eq!(open(&session_key(&key)), Err(OpenError::Stale), "{length} bytes");
    }
    for text in ["not base64", "YSBzZXNzaW9uIGtleSAxNg", "YSBzZXNzaW9uIGtleSAxNg== "] {
        assert_eq!(open(&Secret::new(text)), Err(OpenError::Stale), "{text}");
    }
    assert_eq!(open(&session_key(b"another key 16 b")), Err(OpenError::Stale));
    assert_eq!(open(&session_key(&[0; 16])), Err(OpenError::Stale));
}

#[test]
fn data_under_the_stand_in_key_does_not_open_for_a_malformed_session_key() {
    let encrypted = parse(&encrypt([0; 16], IV, USER.as_bytes())).unwrap();
    assert!(encrypted.open(&session_key(&[0; 16]), APPID, NOW, None).is_ok());
    for key in [Secret::new(""), Secret::new("not base64"), session_key(&[0; 15]), session_key(&[0; 17])] {
        assert_eq!(encrypted.open(&key, APPID, NOW, None), Err(OpenError::Stale), "{}", key.expose());
    }
}

#[test]
fn shapes_that_cannot_be_right_are_damaged() {
    let block = STANDARD.encode([1; 16]);
    let iv = STANDARD.encode(IV);
    let mib = "A".repeat(1 << 20);
    let cases = [
        (block.as_str(), STANDARD.encode([0; 0]), "iv", NOT_AN_IV),
        (&block, STANDARD.encode([0; 3]), "iv", NOT_AN_IV),
        (&block, STANDARD.encode([0; 15]), "iv", NOT_AN_IV),
        (&block, STANDARD.encode([0; 17]), "iv", NOT_AN_IV),
        (&block, STANDARD.encode([0; 32]), "iv", NOT_AN_IV),
        (&block, "*".into(), "iv", NOT_BASE64),
        (&block, mib.clone(), "iv", TOO_LONG),
        ("", iv.clone(), "encryptedData", NOT_BLOCKS),
        ("\n  \n", iv.clone(), "encryptedData", NOT_BLOCKS),
        (&STANDARD.encode([0; 1]), iv.clone(), "encryptedData", NOT_BLOCKS),
        (&STANDARD.encode([0; 15]), iv.clone(), "encryptedData", NOT_BLOCKS),
        (&STANDARD.encode([0; 17]), iv.clone(), "encryptedData", NOT_BLOCKS),
        (&STANDARD.encode([0; 40]), iv.clone(), "encryptedData", NOT_BLOCKS),
        ("A", iv.clone(), "encryptedData", NOT_BASE64),
        ("====", iv.clone(), "encryptedData", NOT_BASE64),
        ("[object Object]", iv.clone(), "encryptedData", NOT_BASE64),
        ("\u{5bc6}\u{6587}", iv.clone(), "encryptedData", NOT_BASE64),
        (&block.replace("==", "=A"), iv.clone(), "encryptedData", NOT_BASE64),
        (&block.replace("Q==", "R=="), iv.clone(), "encryptedData", NOT_BASE64),
        (&format!("{block}="), iv.clone(), "encryptedData", NOT_BASE64),
        (&format!("{block}{block}"), iv.clone(), "encryptedData", NOT_BASE64),
        (&block.replacen("AQ", "A\tQ", 1), iv.clone(), "encryptedData", NOT_BASE64),
        (&URL_SAFE.encode([0xff; 16]), iv.clone(), "encryptedData", NOT_BASE64),
        (&block.replace('=', "%3D"), iv.clone(), "encryptedData", NOT_BASE64),
        (&mib, iv.clone(), "encryptedData", TOO_LONG),
        (&"\n".repeat(65_537), iv.clone(), "encryptedData", TOO_LONG),
    ];
    for (encrypted_data, iv, field, rule) in cases {
        let damaged = Encrypted::parse(encrypted_data, &iv).unwrap_err();
        let shown = &encrypted_data[..encrypted_data.len().min(40)];
        assert_eq!(damaged, Damaged { field, rule }, "{shown:?} {iv:.40?}");
        assert_eq!(damaged.code(), "encrypted_data_damaged");
        assert!(damaged.to_string().starts_with(&format!("{field} {rule}: ")), "{damaged}");
    }
}

#[test]
fn the_largest_text_is_65536_bytes() {
    assert!(Encrypted::parse(&"A".repeat(65_536), &STANDARD.encode(IV)).is_ok());
    assert!(Encrypted::parse(&"A".repeat(65_537), &STANDARD.encode(IV)).is_err());
}

#[test]
fn what_transports_do_to_base64_is_undone() {
    let plain = USER.replace("oUser", "oUser with enough text for each character of base64 and its padding");
    let ciphertext = encrypt(KEY, IV, plain.as_bytes());
    let text = STANDARD.encode(&ciphertext);
    let wrapped = |line_break: &str| {
        let lines: Vec<&str> = text.as_bytes().chunks(60).map(|l| str::from_utf8(l).unwrap()).collect();
        lines.join(line_break)
    };
    let whole = parse(&ciphertext).unwrap();
    assert!(text.contains('+') && text.contains('='), "the case has to show both: {text}");

    let damaged = [
        wrapped("\n"),
        wrapped("\r\n"),
        wrapped("\r\n\t    "),
        wrapped("\n\n  \n") + "\n",
        text.replace('+', " "),
        wrapped("\n  ").replace('+', " "),
        STANDARD_NO_PAD.encode(&ciphertext),
    ];
    for text in damaged {
        assert_eq!(Encrypted::parse(&text, &STANDARD.encode(IV)).as_ref(), Ok(&whole), "{text:?}");
    }

    let text = "++++++++++++++++++++AA==".to_owned();
    let whole = Encrypted::parse("AAAAAAAAAAAAAAAAAAAAAA==", &text);
    for text in [text.replace('+', " "), text.replace('=', ""), format!("\n {text}\n")] {
        assert_eq!(Encrypted::parse("AAAAAAAAAAAAAAAAAAAAAA==", &text), whole, "{text:?}");
    }
}

#[test]
fn of_all_last_bytes_only_the_right_padding_opens() {
    let right = u8::try_from(16 - USER.len() % 16).unwrap();
    assert!(right > 1 && right < 9, "the case needs a padding that is no white space: {right}");
    let mut padded = USER.as_bytes().to_vec();
    padded.resize(USER.len().next_multiple_of(16), right);
    let last = padded.len() - 1;
    for byte in 0..=u8::MAX {
        padded[last] = byte;
        let expected = if byte == right { Ok(USER.to_owned()) } else { Err(OpenError::Stale) };
        assert_eq!(open(&encrypt_blocks(KEY, IV, &padded)), expected, "last byte {byte}");
    }
}

#[test]
fn a_whole_block_of_padding_is_right() {
    let user = format!("{USER}{}", " ".repeat(16 - USER.len() % 16));
    assert_eq!(user.len() % 16, 0);
    assert_eq!(open_plain(user.as_bytes()), Ok(user.clone()));
    assert_eq!(open(&encrypt_blocks(KEY, IV, user.as_bytes())), Err(OpenError::Stale), "no padding");
}

#[test]
fn text_between_wrong_padding_and_a_valid_watermark_does_not_open() {
    let mut unpadded = USER.as_bytes().to_vec();
    unpadded.extend([b' '; 16]);
    unpadded.truncate(unpadded.len() / 16 * 16);
    assert_eq!(open(&encrypt_blocks(KEY, IV, &unpadded)), Err(OpenError::Stale));
}

#[test]
fn blocks_cut_doubled_or_moved_are_stale() {
    let whole = encrypt(KEY, IV, USER.as_bytes());
    let mut cases: Vec<Vec<u8>> = (16..whole.len()).step_by(16).map(|end| whole[..end].to_vec()).collect();
    cases.extend((16..whole.len()).step_by(16).map(|start| whole[start..].to_vec()));
    cases.push([whole.as_slice(), whole.as_slice()].concat());
    cases.push(whole.chunks(16).flat_map(|block| [block, block].concat()).collect());
    cases.push(whole.chunks(16).rev().flatten().copied().collect());
    cases.push(vec![0; 16]);
    cases.push(vec![0; 48 * 1024]);
    for at in 1..whole.len() / 16 {
        let mut moved = whole.clone();
        moved.rotate_left(at * 16);
        cases.push(moved);
    }
    for ciphertext in cases {
        assert_eq!(open(&ciphertext), Err(OpenError::Stale), "{} bytes", ciphertext.len());
    }
}

#[test]
fn another_iv_is_stale() {
    let encrypted_data = STANDARD.encode(encrypt(KEY, IV, USER.as_bytes()));
    let encrypted = Encrypted::parse(&encrypted_data, &STANDARD.encode([0; 16])).unwrap();
    assert_eq!(encrypted.open(&session_key(&KEY), APPID, NOW, None), Err(OpenError::Stale));
}

#[test]
fn text_without_a_valid_watermark_is_stale() {
    let marked = |watermark: &str| format!(r#"{{"openId":"o","watermark":{watermark}}}"#).into_bytes();
    let cases = [
        b"".to_vec(),
        b"not json".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"\"watermark\"".to_vec(),
        b"1.5e999".to_vec(),
        b"{}".to_vec(),
        b"{".to_vec(),
        USER.as_bytes()[1..].to_vec(),
        format!("{USER}x").into_bytes(),
        format!("{USER}{USER}").into_bytes(),
        format!("[{USER}]").into_bytes(),
        format!("\u{feff}{USER}").into_bytes(),
        format!("{USER}\0").into_bytes(),
        [b"{\"a\":\"\xff\",".as_slice(), &USER.as_bytes()[1..]].concat(),
        [b"{\"a\":\"\xed\xa0\x80\",".as_slice(), &USER.as_bytes()[1..]].concat(),
        [USER.as_bytes(), b"\xc3"].concat(),
        "[".repeat(10_000).into_bytes(),
        format!("{}{}", r#"{"a":"#.repeat(6_000), "}".repeat(6_000)).into_bytes(),
        br#"{"openId":"o"}"#.to_vec(),
        br#"{"Watermark":{"timestamp":1700000000,"appid":"wx0123456789abcdef"}}"#.to_vec(),
        br#"{"data":{"watermark":{"timestamp":1700000000,"appid":"wx0123456789abcdef"}}}"#.to_vec(),
        br#"[{"timestamp":1700000000,"appid":"wx0123456789abcdef"}]"#.to_vec(),
        marked("null"),
        marked("[]"),
        marked("{}"),
        marked("1700000000"),
        marked(r#""wx0123456789abcdef""#),
        marked(r#"[1700000000,"wx0123456789abcdef"]"#),
        marked(r#"[{"timestamp":1700000000,"appid":"wx0123456789abcdef"}]"#),
        marked(r#"{"timestamp":1700000000}"#),
        marked(r#"{"timestamp":1700000000,"appid":null}"#),
        marked(r#"{"timestamp":1700000000,"appid":[]}"#),
        marked(r#"{"timestamp":1700000000,"appid":["wx0123456789abcdef"]}"#),
        marked(r#"{"timestamp":1700000000,"appid":5}"#),
        marked(r#"{"appid":"wx0123456789abcdef"}"#),
        marked(r#"{"timestamp":null,"appid":"wx0123456789abcdef"}"#),
        marked(r#"{"timestamp":[],"appid":"wx0123456789abcdef"}"#),
        marked(r#"{"timestamp":"1700000000","appid":"wx0123456789abcdef"}"#),
        marked(r#"{"timestamp":-1,"appid":"wx0123456789abcdef"}"#),
        marked(r#"{"timestamp":1700000000.5,"appid":"wx0123456789abcdef"}"#),
        marked(r#"{"timestamp":18446744073709551616,"appid":"wx0123456789abcdef"}"#),
        marked(r#"{"timestamp":1,"timestamp":2,"appid":"wx0123456789abcdef"}"#),
    ];
    for plain in cases {
        let shown = String::from_utf8_lossy(&plain[..plain.len().min(80)]).into_owned();
        assert_eq!(open_plain(&plain), Err(OpenError::Stale), "{shown}");
    }
}

#[test]
fn a_valid_watermark_is_compared_with_our_appid_and_clock() {
    let open = |timestamp: u64, appid: &str, now: u64, max_age: Option<u64>| {
        let plain = json!({"watermark": {"timestamp": timestamp, "appid": appid, "later": []}});
        let encrypted = parse(&encrypt(KEY, IV, plain.to_string().as_bytes())).unwrap();
        encrypted.open(&session_key(&KEY), APPID, now, max_age).map(|_: OpenedData| ())
    };
    let cases = [
        (NOW, APPID, NOW, None, Ok(())),
        (0, APPID, NOW, None, Ok(())),
        (0, APPID, u64::MAX, None, Ok(())),
        (NOW, APPID, NOW, Some(0), Ok(())),
        (NOW - 60, APPID, NOW, Some(60), Ok(())),
        (NOW - 61, APPID, NOW, Some(60), Err(OpenError::TooOld)),
        (0, APPID, u64::MAX, Some(u64::MAX), Ok(())),
        (NOW + 300, APPID, NOW, Some(60), Ok(())),
        (NOW + 301, APPID, NOW, Some(60), Err(OpenError::FromFuture)),
        (NOW + 301, APPID, NOW, None, Err(OpenError::FromFuture)),
        (i64::MAX as u64, APPID, u64::MAX, None, Ok(())),
        (NOW, "wx0123456789abcdee", NOW, None, Err(OpenError::WrongApp)),
        (NOW, "WX0123456789ABCDEF", NOW, None, Err(OpenError::WrongApp)),
        (NOW, "", NOW, None, Err(OpenError::WrongApp)),
        (0, "wx0123456789abcdee", NOW, Some(60), Err(OpenError::WrongApp)),
    ];
    for (timestamp, appid, now, max_age, expected) in cases {
        assert_eq!(open(timestamp, appid, now, max_age), expected, "{timestamp} {appid} {now} {max_age:?}");
    }
}

#[test]
fn every_refusal_but_a_wrong_app_has_one_code_and_one_wording() {
    for error in [OpenError::TooOld, OpenError::FromFuture] {
        assert_eq!(error.code(), OpenError::Stale.code());
        assert_eq!(error.to_string(), OpenError::Stale.to_string());
    }
    assert_eq!(OpenError::Stale.code(), "session_key_stale");
    assert_eq!(OpenError::WrongApp.code(), "wrong_app");
    assert_ne!(OpenError::WrongApp.to_string(), OpenError::Stale.to_string());
}

#[test]
fn opened_data_is_not_shown_by_debug() {
    let encrypted = parse(&encrypt(KEY, IV, USER.as_bytes())).unwrap();
    let opened = encrypted.open(&session_key(&KEY), APPID, NOW, None).unwrap();
    assert!(!format!("{opened:?}").contains("oUser"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_encrypted_opens_to_the_same_text(
        data in any_json(), key: [u8; 16], iv: [u8; 16], appid: String, timestamp in 0..=NOW,
    ) {
        let json = json!({"data": data, "watermark": {"timestamp": timestamp, "appid": appid}}).to_string();
        let ciphertext = encrypt(key, iv, json.as_bytes());
        let encrypted = Encrypted::parse(&STANDARD.encode(ciphertext), &STANDARD.encode(iv)).unwrap();
        let opened = encrypted.open(&session_key(&key), &appid, NOW, Some(NOW)).unwrap();
        prop_assert_eq!(opened.json, json);
        prop_assert_eq!(opened.watermark.appid, appid);
        prop_assert_eq!(opened.watermark.timestamp, timestamp);
    }

    #[test]
    fn another_key_is_stale(key: [u8; 16], other: [u8; 16]) {
        prop_assume!(key != other);
        let encrypted = parse(&encrypt(key, IV, USER.as_bytes())).unwrap();
        prop_assert_eq!(encrypted.open(&session_key(&other), APPID, NOW, None), Err(OpenError::Stale));
    }

    #[test]
    fn random_blocks_are_stale(blocks in prop::collection::vec(any::<[u8; 16]>(), 1..40), key: Vec<u8>) {
        let encrypted = parse(blocks.as_flattened()).unwrap();
        prop_assert_eq!(encrypted.open(&session_key(&key), APPID, NOW, None), Err(OpenError::Stale));
    }

    #[test]
    fn no_text_of_any_kind_panics(encrypted_data in "\\PC*", iv in "\\PC*", base64 in "[A-Za-z0-9+/ \r\n\t=]*") {
        for (data, iv) in [(&encrypted_data, &iv), (&base64, &iv), (&encrypted_data, &base64), (&base64, &base64)] {
            if let Ok(encrypted) = Encrypted::parse(data, iv) {
                prop_assert_eq!(encrypted.open(&session_key(&KEY), APPID, NOW, None), Err(OpenError::Stale));
            }
        }
    }
}
