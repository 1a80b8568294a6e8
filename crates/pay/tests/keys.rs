//! Keys as operators paste them, and the sentences that help: the ten complaints of section 7 of the facts.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test is to stop at what it does not expect"
)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::{any, proptest};
use serde_json::Value;
use wxedge_crypto::Secret;
use wxedge_pay::{
    Certificate, Download, Envelope, KeyError, PayRefusal, PrivateKey, Received, SignatureHeaders,
    Unreadable, VerifyKey, VerifyKeys, parse_apiv3_key, parse_moment, parse_public_key, parse_public_key_id,
    parse_serial,
};

const NOW: u64 = 1_795_507_200;

fn keys() -> Value {
    let vectors: Value = serde_json::from_str(include_str!("data/vectors.json")).unwrap();
    vectors["keys"].clone()
}

fn text(keys: &Value, path: &str) -> String {
    keys.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("no {path}")).to_owned()
}

fn private(pem: &str) -> Result<PrivateKey, KeyError> {
    PrivateKey::parse(&Secret::new(pem))
}

fn relabelled(label: &str) -> String {
    format!("-----BEGIN {label}-----\nMAA=\n-----END {label}-----\n")
}

#[test]
fn a_private_key_is_taken_in_one_line_or_many() {
    let pem = text(&keys(), "/merchant/private_key_pkcs8_pem");
    let key = private(&pem).unwrap();
    for form in
        [pem.replace('\n', "\\n"), pem.replace('\n', "\r\n"), pem.replace('\n', " "), format!("  {pem}\n\n")]
    {
        assert_eq!(private(&form), Ok(key.clone()), "{form}");
    }
    assert_eq!(format!("{key:?}"), "***");
    assert!(key.pkcs8().starts_with(&[0x30, 0x82]));
}

#[test]
fn each_wrong_private_key_is_told_apart() {
    let keys = keys();
    let elliptic = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2\nOF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r\n1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G\n-----END PRIVATE KEY-----";
    for (pem, error) in [
        (text(&keys, "/merchant/private_key_pkcs1_pem"), KeyError::Pkcs1),
        (relabelled("ENCRYPTED PRIVATE KEY"), KeyError::Encrypted),
        (relabelled("EC PRIVATE KEY"), KeyError::NotRsa),
        (elliptic.into(), KeyError::NotRsa),
        (text(&keys, "/merchant/certificate_pem"), KeyError::CertificateForPrivateKey),
        (text(&keys, "/merchant/public_key_spki_pem"), KeyError::PublicForPrivateKey),
        (relabelled("PRIVATE KEY"), KeyError::Damaged),
        ("-----BEGIN PRIVATE KEY-----\n@@\n-----END PRIVATE KEY-----".into(), KeyError::Damaged),
        ("MIIEvAIBADANBg".into(), KeyError::NoPem),
        (String::new(), KeyError::NoPem),
    ] {
        assert_eq!(private(&pem), Err(error), "{pem}");
    }
}

#[test]
fn each_wrong_public_key_is_told_apart() {
    let keys = keys();
    let own = private(&text(&keys, "/merchant/private_key_pkcs8_pem")).unwrap();
    let parse = |pem: &str| parse_public_key(pem, "1900000109", Some(&own));
    assert!(parse(&text(&keys, "/platform_public_key_mode/public_key_spki_pem")).is_ok());
    for (pem, error) in [
        (text(&keys, "/merchant/public_key_spki_pem"), KeyError::MerchantPublicKey),
        (text(&keys, "/merchant/certificate_pem"), KeyError::MerchantCertificate),
        (text(&keys, "/platform_certificate_mode/certificate_pem"), KeyError::CertificateForPublicKey),
        (text(&keys, "/merchant/private_key_pkcs8_pem"), KeyError::PrivateForPublicKey),
        (text(&keys, "/merchant/private_key_pkcs1_pem"), KeyError::PrivateForPublicKey),
        (relabelled("RSA PUBLIC KEY"), KeyError::Pkcs1Public),
        (relabelled("PUBLIC KEY"), KeyError::Damaged),
        (relabelled("CERTIFICATE"), KeyError::Damaged),
        ("PUB_KEY_ID_1".into(), KeyError::NoPem),
    ] {
        assert_eq!(parse(&pem), Err(error), "{pem}");
    }
}

#[test]
fn an_apiv3_key_has_32_bytes_but_for_space_around_it() {
    let parse = |key: &str| parse_apiv3_key(&Secret::new(key));
    assert!(parse("0123456789abcdefFEDCBA9876543210\n").is_ok());
    for (key, bytes) in [("0123456789abcdefFEDCBA9876543210x", 33), ("0123456789abcdef", 16), ("", 0)] {
        assert_eq!(parse(key), Err(KeyError::ApiV3Length(bytes)));
    }
}

#[test]
fn ids_and_serials_are_told_apart() {
    assert_eq!(parse_public_key_id(" PUB_KEY_ID_0119000001 ").unwrap(), "PUB_KEY_ID_0119000001");
    for id in ["", "PUB_KEY_ID_", "0119000001", "4A7C0D1E2B3F5061728394A5B6C7D8E9F0A1B2C3", "PUB_KEY_ID_1 2"]
    {
        assert_eq!(parse_public_key_id(id), Err(KeyError::PublicKeyId), "{id}");
    }
    assert_eq!(parse_serial("PUB_KEY_ID_0119000001"), Err(KeyError::PublicKeyIdForSerial));
    for serial in ["", "4A7C", "63427260600421142405966876450040801933936214996"] {
        assert_eq!(parse_serial(serial), Err(KeyError::Serial), "{serial}");
    }
}

fn refusal(headers: SignatureHeaders<'_>, id: &str) -> String {
    let mut keys = VerifyKeys::default();
    keys.add(VerifyKey { id: id.into(), spki: Vec::new(), ends_at: None });
    let in_time = Received::new(headers, b"{}").in_time(NOW).unwrap();
    let refused = in_time.key(&keys, NOW).and_then(|keyed| keyed.decided(false)).unwrap_err();
    refused.to_string()
}

/// The messages that would have helped, in the order of section 7. The seventh is of bills, whose download nobody signs.
#[test]
fn the_ten_most_frequent_complaints_have_their_sentence() {
    let keys = keys();
    let headers = SignatureHeaders {
        timestamp: Some("1795507200"),
        nonce: Some("n"),
        signature: Some("QUFBQQ=="),
        serial: Some("PUB_KEY_ID_1"),
        signature_type: None,
    };
    let probe = SignatureHeaders { signature: Some("WECHATPAY/SIGNTEST/QUFBQQ=="), ..headers };
    let wechat = |status, body: &str| {
        PayRefusal::read(status, body.as_bytes()).hint("PUB_KEY_ID_1", "GET\n/v3/x\n").unwrap()
    };
    let own = parse_public_key(&text(&keys, "/merchant/certificate_pem"), "1900000109", None).unwrap_err();
    let sign_error = r#"{"code":"SIGN_ERROR","detail":{"sign_information":{"truncated_sign_message":"GET\n/v3/y","sign_message_length":9}}}"#;
    let encryption = r#"{"code":"PARAM_ERROR","message":"请确认待处理的消息是否为加密后的密文","detail":{"field":"user_name"}}"#;
    for (number, said, sentence) in [
        (
            1,
            refusal(headers, "PUB_KEY_ID_1"),
            "does not match the 2 bytes received (SHA-256 44136fa3…): was the body re-encoded?",
        ),
        (
            2,
            wechat(404, r#"{"code":"RESOURCE_NOT_EXISTS","message":"无可用的平台证书"}"#),
            "this mchid is in public-key mode",
        ),
        (3, refusal(headers, "PUB_KEY_ID_2"), "signed by PUB_KEY_ID_1; loaded: [PUB_KEY_ID_2]"),
        (4, own.to_string(), "this certificate's CN is your mchid: it is the merchant's, not WeChat's"),
        (5, KeyError::ApiV3Length(33).to_string(), "key is 33 bytes, must be 32"),
        (
            5,
            Unreadable::Tag.to_string(),
            "signature good, AES-GCM tag bad: the APIv3 key is not this mchid's",
        ),
        (6, refusal(probe, "PUB_KEY_ID_1"), "probe from WeChat (SIGNTEST): refused as intended"),
        (8, wechat(400, encryption), "field user_name needs OAEP-SHA1 under key PUB_KEY_ID_1"),
        (
            9,
            KeyError::Pkcs1.to_string(),
            "found BEGIN RSA PRIVATE KEY (PKCS#1): convert it with openssl pkey",
        ),
        (
            10,
            wechat(401, sign_error),
            r#"verified 9 bytes beginning with "GET\n/v3/y", we signed 10 beginning with "GET\n/v3/x\n""#,
        ),
    ] {
        assert!(said.contains(sentence), "{number}: {said}");
    }
}

fn received(body: &[u8]) -> Received<'_> {
    let headers = SignatureHeaders {
        timestamp: Some("1795507200"),
        nonce: Some("n"),
        signature: Some("QUFBQQ=="),
        serial: Some("PUB_KEY_ID_1"),
        signature_type: None,
    };
    Received::new(headers, body)
}

proptest! {
    #[test]
    fn no_setting_makes_a_reader_fail(setting in any::<String>(), der in any::<Vec<u8>>(), label in "[A-Z ]{0,20}") {
        let pem = format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", STANDARD.encode(&der));
        for text in [&setting, &pem] {
            let _ = private(text);
            let _ = parse_public_key(text, "1900000109", None);
        }
        let _ = Certificate::parse(&der);
        let _ = parse_serial(&setting);
        let _ = parse_moment(&setting);
    }

    #[test]
    fn no_changed_byte_of_a_key_makes_a_reader_fail(at in any::<usize>(), byte in any::<u8>()) {
        let keys = keys();
        for path in ["/merchant/private_key_pkcs8_pem", "/merchant/certificate_pem", "/merchant/public_key_spki_pem"] {
            let pem = text(&keys, path);
            let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
            let mut der = STANDARD.decode(base64).unwrap();
            let at = at % der.len();
            der[at] = byte;
            for label in ["PRIVATE KEY", "PUBLIC KEY", "CERTIFICATE"] {
                let pem = format!("-----BEGIN {label}-----{}-----END {label}-----", STANDARD.encode(&der));
                let _ = private(&pem);
                let _ = parse_public_key(&pem, "1900000109", None);
            }
            let _ = Certificate::parse(&der);
        }
    }

    #[test]
    fn no_body_makes_a_reader_fail(body in any::<Vec<u8>>(), json in r#"\{"(id|data|resource|code)":(\[\]|\{\}|"x"|1|null|\[1\])\}"#, status in any::<u16>()) {
        let mut keys = VerifyKeys::default();
        keys.add(VerifyKey { id: "PUB_KEY_ID_1".into(), spki: Vec::new(), ends_at: None });
        for body in [&body, json.as_bytes()] {
            let in_time = received(body).in_time(NOW).unwrap();
            let _ = Download::read(in_time.clone());
            let verified = in_time.key(&keys, NOW).unwrap().decided(true).unwrap();
            let _ = Envelope::read(&verified);
            let _ = PayRefusal::read(status, body).hint("", "");
            let _ = PayRefusal::read(status, body).meaning();
        }
    }

    #[test]
    fn no_header_makes_a_reader_fail(timestamp in ".{0,30}", signature in ".{0,60}", serial in ".{0,60}", now in any::<u64>()) {
        let headers = SignatureHeaders {
            timestamp: Some(&timestamp), nonce: Some(&serial), signature: Some(&signature), serial: Some(&serial), signature_type: None,
        };
        if let Ok(in_time) = Received::new(headers, b"").in_time(now) {
            assert!(in_time.key(&VerifyKeys::default(), now).is_err());
        }
    }
}
