//! The vectors of `data/vectors.json`: made with Python's cryptography, checked by four other implementations; its part
//! `published` quotes the tests of `WeChat` Pay's SDKs and names each. Every key in it is a throw-away.
//!
//! RSA, OAEP and AES-GCM are `RustCrypto`'s here, `WebCrypto`'s in the Worker.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test is to stop at what it does not expect"
)]

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::aes::Aes256;
use aes_gcm::{Aes256Gcm, AesGcm};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use rsa::{Oaep, Pkcs1v15Sign, PrivateKey as RsaPrivateKey, PublicKey as RsaPublicKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wxedge_crypto::{Secret, lower_hex};
use wxedge_pay::{
    Certificate, Download, Envelope, Meaning, Merchant, Notice, PayRefusal, PaymentToSign, PrivateKey,
    Received, Refusal, Request, Sealed, SignatureHeaders, Unreadable, Verified, VerifyKey, VerifyKeys, Why,
    parse_apiv3_key, parse_public_key, parse_public_key_id, parse_serial,
};

fn vectors() -> Value {
    serde_json::from_str(include_str!("data/vectors.json")).unwrap()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn merchant(vectors: &Value) -> Merchant {
    Merchant {
        mchid: text(&vectors["keys"], "mchid").into(),
        appid: text(&vectors["keys"], "appid").into(),
        serial: text(&vectors["keys"]["merchant"], "serial_no").into(),
        notify_url: "https://pay.example.com/v1/pay/notify/1900000109".into(),
    }
}

/// A nonce of 16 bytes.
type Wide = AesGcm<Aes256, aes_gcm::aead::consts::U16>;

fn private_key(pem: &str) -> RsaPrivateKey {
    let key = PrivateKey::parse(&Secret::new(pem)).unwrap();
    RsaPrivateKey::from_pkcs8_der(&key.pkcs8()).unwrap()
}

fn sign(key: &RsaPrivateKey, message: &str) -> Vec<u8> {
    key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message)).unwrap()
}

fn holds(spki: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = RsaPublicKey::from_public_key_der(spki).unwrap();
    key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message), signature).is_ok()
}

fn open(key: &str, sealed: &Sealed) -> Option<Vec<u8>> {
    let cipher = Aes256Gcm::new_from_slice(key.as_bytes()).ok()?;
    let nonce = sealed.nonce.as_slice().try_into().ok()?;
    cipher.decrypt(nonce, Payload { msg: &sealed.ciphertext, aad: &sealed.associated_data }).ok()
}

/// The public key and the certificate that is in force, side by side.
fn keys(vectors: &Value) -> VerifyKeys {
    let mut keys = VerifyKeys::default();
    let public = &vectors["keys"]["platform_public_key_mode"];
    let spki = parse_public_key(text(public, "public_key_spki_pem"), "1900000109", None).unwrap();
    keys.add(VerifyKey {
        id: parse_public_key_id(text(public, "public_key_id")).unwrap(),
        spki,
        ends_at: None,
    });
    keys.add(certificate_key(&vectors["keys"]["platform_certificate_mode"]));
    keys
}

fn certificate_key(entry: &Value) -> VerifyKey {
    let certificate = Certificate::parse(&der(text(entry, "certificate_pem"))).unwrap();
    VerifyKey { id: certificate.serial, spki: certificate.spki, ends_at: Some(u64::MAX) }
}

fn der(pem: &str) -> Vec<u8> {
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(base64).unwrap()
}

fn headers(vector: &Value) -> SignatureHeaders<'_> {
    let header = |name: &str| vector["headers"][name].as_str();
    SignatureHeaders {
        timestamp: header("Wechatpay-Timestamp"),
        nonce: header("Wechatpay-Nonce"),
        signature: header("Wechatpay-Signature"),
        serial: header("Wechatpay-Serial"),
        signature_type: header("Wechatpay-Signature-Type"),
    }
}

/// All the steps, as the Worker takes them.
fn verify(vector: &Value, keys: &VerifyKeys) -> Result<Verified, Refusal> {
    let now = vector["now"].as_u64().unwrap();
    let received = Received::new(headers(vector), text(vector, "body").as_bytes());
    let keyed = received.in_time(now)?.key(keys, now)?;
    assert!(
        vector["message"].is_null()
            || keyed.message() == text(vector, "message").as_bytes()
            || text(vector, "expect").starts_with("reject"),
        "{}",
        vector["name"]
    );
    let verdict = holds(&keyed.key().spki, &keyed.message(), keyed.signature());
    keyed.decided(verdict)
}

#[test]
fn requests_are_signed_byte_for_byte() {
    let vectors = vectors();
    let merchant = merchant(&vectors);
    let key = private_key(text(&vectors["keys"]["merchant"], "private_key_pkcs8_pem"));
    let cases = vectors["request_signatures"].as_array().unwrap();
    assert_eq!(cases.len(), 12);
    for case in cases {
        let (target, body) = (text(case, "url_path_and_query"), text(case, "body"));
        let request = match text(case, "method") {
            "GET" => Request::get(target),
            _ => Request::post(target, body),
        };
        let to_sign = request.to_sign(text(case, "timestamp").parse().unwrap(), text(case, "nonce"));
        assert_eq!(to_sign.message(), text(case, "message"), "{}", case["name"]);
        let signature = sign(&key, to_sign.message());
        assert_eq!(STANDARD.encode(&signature), text(case, "signature"), "{}", case["name"]);
        assert_eq!(to_sign.authorization(&merchant, &signature), text(&case["headers"], "Authorization"));
    }
}

/// `WeChat` Pay answers these with 401 `SIGN_ERROR`: the text that we would sign for what was sent is another one.
#[test]
fn a_request_that_differs_from_what_was_signed_has_another_signature() {
    let vectors = vectors();
    let spki = der(text(&vectors["keys"]["merchant"], "public_key_spki_pem"));
    let first = &vectors["request_signatures"][0];
    let cases = vectors["request_negatives"].as_array().unwrap();
    assert_eq!(cases.len(), 6);
    for case in cases {
        let of = case["signature_of"].as_str();
        let signed = vectors["request_signatures"]
            .as_array()
            .unwrap()
            .iter()
            .find(|signed| signed["name"].as_str() == of)
            .unwrap_or(first);
        let field = |name: &str| case[name].as_str().or(signed[name].as_str()).unwrap();
        let body = case["body_sent"].as_str().unwrap_or(field("body"));
        let request = match field("method") {
            "GET" => Request::get(field("url_path_and_query")),
            _ => Request::post(field("url_path_and_query"), body),
        };
        let sent = request.to_sign(field("timestamp").parse().unwrap(), field("nonce"));
        let signature = STANDARD.decode(field("signature")).unwrap();
        let is_in_window = field("timestamp").len() == 10;
        assert!(!is_in_window || !holds(&spki, sent.message().as_bytes(), &signature), "{}", case["name"]);
    }
}

#[test]
fn answers_are_believed_or_refused_by_name() {
    let vectors = vectors();
    let keys = keys(&vectors);
    let cases = vectors["responses"].as_array().unwrap();
    assert_eq!(cases.len(), 14);
    for case in cases {
        let name = text(case, "name");
        let (code, probe) = match name {
            "query ok, next certificate" | "probe under an unknown serial" => {
                ("unknown_serial", name.starts_with("probe"))
            }
            "probe: signature with the SIGNTEST prefix"
            | "probe: prefix put in front, not valid base64 length" => ("bad_signature", true),
            "body tampered by one character"
            | "body re-serialised"
            | "serial of the public key, signed with the certificate key" => ("bad_signature", false),
            "old: now is 300 s later" | "future: now is 301 s earlier" => ("clock", false),
            _ => ("", false),
        };
        let result = verify(case, &keys);
        let refusal = result.as_ref().err().map(|refusal| (refusal.why.code(), refusal.probe));
        assert_eq!(refusal, (!code.is_empty()).then_some((code, probe)), "{name}");
        assert_eq!(
            result.is_ok(),
            text(case, "expect") == "accept" || text(case, "expect").starts_with("accept ("),
            "{name}"
        );
    }
    let mut with_next = keys;
    with_next.add(certificate_key(&vectors["keys"]["platform_certificate_next"]));
    let next = cases.iter().find(|case| text(case, "name") == "query ok, next certificate").unwrap();
    assert!(verify(next, &with_next).is_ok());
}

#[test]
fn each_missing_header_is_named() {
    let vectors = vectors();
    let keys = keys(&vectors);
    let names = ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial"];
    for name in names {
        let mut case = vectors["responses"][0].clone();
        case["headers"].as_object_mut().unwrap().remove(name);
        assert_eq!(verify(&case, &keys).unwrap_err().why, Why::Header(name));
    }
    let mut case = vectors["responses"][0].clone();
    case["headers"]["Wechatpay-Signature-Type"] = json!("WECHATPAY2-SM2-WITH-SM3");
    assert_eq!(verify(&case, &keys).unwrap_err().why, Why::SignatureType);
}

#[test]
fn notifications_are_read_or_refused_by_name() {
    let vectors = vectors();
    let keys = keys(&vectors);
    let apiv3_key = parse_apiv3_key(&Secret::new(text(&vectors["keys"], "apiv3_key"))).unwrap();
    let cases = vectors["notifications"].as_array().unwrap();
    assert_eq!(cases.len(), 20);
    for case in cases {
        let name = text(case, "name");
        let verified = match (verify(case, &keys), text(case, "expect")) {
            (Ok(verified), _) => verified,
            (Err(refusal), expect) => {
                assert!(expect.starts_with("reject with 401"), "{name}: {refusal}");
                let code = if name.starts_with("replayed") { "clock" } else { "bad_signature" };
                assert_eq!((refusal.why.code(), refusal.probe), (code, name == "probe"), "{name}");
                continue;
            }
        };
        let envelope = Envelope::read(&verified).unwrap();
        assert_eq!(envelope.id().get(..3), Some("EV-"));
        let plaintext = open(apiv3_key.expose(), envelope.sealed());
        if text(case, "expect").contains("decryption fails") {
            assert_eq!(envelope.opened(plaintext), Err(Unreadable::Tag), "{name}");
            continue;
        }
        let plaintext = plaintext.unwrap_or_else(|| panic!("{name} is not opened"));
        assert_eq!(String::from_utf8(plaintext.clone()).unwrap(), text(case, "resource_plaintext"), "{name}");
        let notice = envelope.opened(Some(plaintext)).unwrap();
        match (&notice, name) {
            (Notice::Other { event_type, .. }, "unknown event type") => {
                assert_eq!(event_type, "FUTURE.EVENT");
            }
            (Notice::Other { event_type, .. }, "combine payment success") => {
                assert_eq!(event_type, "TRANSACTION.SUCCESS");
            }
            (Notice::Other { event_type, .. }, name) => {
                assert!(name.contains("transfer"), "{name}");
                assert_eq!(event_type, "MCHTRANSFER.BILL.FINISHED");
            }
            (Notice::Refund(fact), name) => {
                assert!(name.contains("refund"), "{name}");
                assert!(fact.is_of("1900000109") && !fact.is_of("1900000110"));
            }
            (Notice::Payment(transaction), _) => {
                assert_eq!(transaction.out_trade_no().as_str(), "T20261124_0001");
                assert!(transaction.is_of("1900000109", "wx8888888888888888"));
                assert!(!transaction.is_of("1900000109", "wx8888888888888889"));
            }
        }
    }
}

/// The key of the other vector opens what ours does not: the previous key is tried after ours.
#[test]
fn a_notification_under_the_key_before_is_opened_by_it() {
    let vectors = vectors();
    let case = vectors["notifications"]
        .as_array()
        .unwrap()
        .iter()
        .find(|case| text(case, "name") == "encrypted with another APIv3 key")
        .unwrap();
    let envelope = Envelope::read(&verify(case, &keys(&vectors)).unwrap()).unwrap();
    let plaintext = open(text(&vectors["keys"], "apiv3_key_wrong"), envelope.sealed());
    assert!(matches!(envelope.opened(plaintext), Ok(Notice::Payment(_))));
}

#[test]
fn payment_parameters_are_those_of_the_documents() {
    let vectors = vectors();
    let key = private_key(text(&vectors["keys"]["merchant"], "private_key_pkcs8_pem"));
    let case = &vectors["pay_sign"][0];
    let prepay_id = text(case, "package").strip_prefix("prepay_id=").unwrap();
    let timestamp = text(case, "timeStamp").parse().unwrap();
    let to_sign = PaymentToSign::new(text(case, "appId"), prepay_id, timestamp, text(case, "nonceStr"));
    assert_eq!(to_sign.message(), text(case, "message"));
    let signature = sign(&key, to_sign.message());
    let fields = ["timeStamp", "nonceStr", "package", "signType", "paySign"];
    let expected: Value = fields.iter().map(|name| ((*name).to_owned(), case[*name].clone())).collect();
    assert_eq!(serde_json::from_str::<Value>(&to_sign.signed(&signature).json()).unwrap(), expected);
}

#[test]
fn certificates_are_opened_first_and_verify_the_answer_they_came_in() {
    let vectors = vectors();
    let download = &vectors["certificates_download"];
    let response = &download["response"];
    let now = response["now"].as_u64().unwrap();
    let none = VerifyKeys::default();
    let in_time =
        || Received::new(headers(response), text(response, "body").as_bytes()).in_time(now).unwrap();
    assert_eq!(in_time().key(&none, now).unwrap_err().why.code(), "unknown_serial");

    let read = Download::read(in_time()).unwrap();
    let plaintexts: Vec<_> =
        read.sealed().map(|sealed| open("0123456789abcdefFEDCBA9876543210", sealed)).collect();
    let pems: Vec<_> =
        plaintexts.iter().map(|pem| String::from_utf8(pem.clone().unwrap()).unwrap()).collect();
    assert_eq!(json!(pems), download["plaintexts_pem"]);
    let opened = read.opened(plaintexts).unwrap();
    let keyed = opened.key(&none, now).unwrap();
    let verdict = holds(&keyed.key().spki, &keyed.message(), keyed.signature());
    let verified = keyed.decided(verdict).unwrap();
    let other = verify(&vectors["responses"][0], &keys(&vectors)).unwrap();
    assert_eq!(opened.clone().verified(&other), None, "another answer proves nothing");
    let fetched = opened.verified(&verified).unwrap();
    for mode in ["platform_certificate_mode", "platform_certificate_next"] {
        let entry = &vectors["keys"][mode];
        let key = fetched.find(text(entry, "serial_no"), now).unwrap();
        assert_eq!(key.spki, der(text(entry, "public_key_spki_pem")));
    }
    assert_eq!(
        fetched.wanted().unwrap().id,
        text(&vectors["keys"]["platform_certificate_next"], "serial_no")
    );

    let closed = Download::read(in_time()).unwrap();
    let wrong: Vec<_> =
        closed.sealed().map(|sealed| open("ThisIsAnotherApiV3Key0000000WXYZ", sealed)).collect();
    assert_eq!(closed.opened(wrong).unwrap_err(), Unreadable::Tag);
}

#[test]
fn a_merchant_in_public_key_mode_is_told_so() {
    let vectors = vectors();
    let answer = &vectors["certificates_download"]["public_key_only_merchant"];
    let refusal = PayRefusal::read(404, text(answer, "body").as_bytes());
    assert_eq!(refusal.meaning(), Meaning::Missing);
    assert!(refusal.hint("", "").unwrap().starts_with("this mchid is in public-key mode"));
}

#[test]
fn an_error_about_the_signature_shows_both_texts() {
    let refusal = PayRefusal::read(401, text(&vectors()["error_response"], "body").as_bytes());
    assert_eq!((refusal.plain_code().as_str(), refusal.meaning()), ("SIGNERROR", Meaning::Again));
    let hint = refusal.hint("", "POST\n/v3/pay").unwrap();
    assert!(hint.contains("4 bytes") && hint.contains("we signed 12"), "{hint}");
}

#[test]
fn serials_keep_their_leading_zero() {
    let vectors = vectors();
    for mode in ["platform_certificate_mode", "platform_certificate_next", "merchant"] {
        let entry = &vectors["keys"][mode];
        let certificate = Certificate::parse(&der(text(entry, "certificate_pem"))).unwrap();
        assert_eq!(certificate.serial, text(entry, "serial_no"));
        assert_eq!(certificate.spki, der(text(entry, "public_key_spki_pem")));
    }
    let own = Certificate::parse(&der(text(&vectors["keys"]["merchant"], "certificate_pem"))).unwrap();
    assert_eq!(own.common_name, "1900000109");
    assert_eq!(parse_serial("4a7c0d1e2b3f5061728394a5b6c7d8e9f0a1b2c3").unwrap(), own.serial);
}

/// The Worker's are of `WebCrypto`; this shows that the vectors fit the keys that the crate reads.
#[test]
fn sensitive_fields_are_under_oaep_with_sha_1() {
    let vectors = vectors();
    for case in vectors["oaep_sha1"].as_array().unwrap() {
        let name = text(case, "name");
        let Some(mode) = case["decrypt_with"].as_str() else {
            let key = RsaPublicKey::from_public_key_der(&der(text(
                &vectors["keys"]["merchant"],
                "public_key_spki_pem",
            )));
            let too_long = vec![b'a'; 215];
            let mut random = Zeros;
            assert!(
                key.unwrap().encrypt(&mut random, Oaep::<sha1::Sha1>::new(), &too_long).is_err(),
                "{name}"
            );
            continue;
        };
        let key = private_key(text(&vectors["keys"][mode], "private_key_pkcs8_pem"));
        let ciphertext = STANDARD.decode(text(case, "ciphertext")).unwrap();
        let plaintext = key.decrypt(Oaep::<sha1::Sha1>::new(), &ciphertext).ok();
        assert_eq!(plaintext, case["plaintext"].as_str().map(|text| text.as_bytes().to_vec()), "{name}");
    }
}

/// Randomness for an encryption that fails before it takes any.
struct Zeros;

impl rsa::rand_core::TryRng for Zeros {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(0);
        Ok(())
    }
}

impl rsa::rand_core::TryCryptoRng for Zeros {}

#[test]
fn the_hash_of_a_bill_is_that_of_the_plain_file() {
    let bill = &vectors()["bill"];
    let hash = |name: &str| -> String {
        let digest = sha1::Sha1::digest(STANDARD.decode(text(bill, name)).unwrap());
        lower_hex(&digest)
    };
    assert_eq!(hash("csv_base64"), text(bill, "hash_value"));
    assert_eq!(hash("gzip_base64"), text(bill, "negative_sha1_of_gzip"));
}

fn mac(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as hmac::digest::KeyInit>::new_from_slice(key).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Virtual payment is no part of this crate; its vectors are kept true for the one that will have it.
#[test]
fn virtual_payment_is_signed_in_lower_case_hex() {
    let vectors = vectors();
    let hex = |bytes: Vec<u8>| lower_hex(&bytes);
    let xpay = &vectors["xpay"];
    let official = &xpay["official"];
    let message = format!("{}&{}", text(official, "uri"), text(official, "post_body"));
    assert_eq!(hex(mac(text(official, "appkey").as_bytes(), &message)), text(official, "pay_sig"));
    let session_key = text(official, "session_key").as_bytes();
    assert_eq!(hex(mac(session_key, text(official, "post_body"))), text(official, "signature"));
    for case in xpay["generated"].as_array().unwrap() {
        let body = case["signData"].as_str().or(case["post_body"].as_str()).unwrap();
        let signature = hex(mac(text(case, "appkey").as_bytes(), &format!("{}&{body}", text(case, "uri"))));
        assert_eq!(Some(signature.as_str()), case["paySig"].as_str().or(case["pay_sig"].as_str()));
        for negative in xpay["negatives"].as_array().unwrap() {
            assert_ne!(
                Some(signature.as_str()),
                negative["paySig"].as_str().or(negative["pay_sig"].as_str())
            );
        }
    }
}

#[test]
fn the_signature_of_a_forwarded_event_is_that_of_standard_webhooks() {
    let vectors = vectors();
    let case = &vectors["forward_proposal"];
    let message = format!("{}.{}.{}", text(case, "id"), text(case, "timestamp"), text(case, "body"));
    assert_eq!(message, text(case, "message"));
    let secret = STANDARD.decode(text(case, "secret").strip_prefix("whsec_").unwrap()).unwrap();
    assert_eq!(format!("v1,{}", STANDARD.encode(mac(&secret, &message))), text(case, "webhook-signature"));
}

#[test]
fn published_vectors_hold() {
    let vectors = vectors();
    let published = vectors["published"]["vectors"].as_array().unwrap();
    assert_eq!(published.len(), 8);
    let find = |file: &str| published.iter().find(|vector| text(vector, "file").contains(file)).unwrap();

    let go = find("sign_test.go");
    let key = private_key(text(go, "private_key_pkcs8_pem"));
    assert_eq!(STANDARD.encode(sign(&key, text(go, "message"))), text(go, "signature"));

    // A key of AES-128: only its length tells that it is none of WeChat Pay's.
    let short = Secret::new(text(find("aes_test.go"), "key"));
    assert_eq!(parse_apiv3_key(&short).unwrap_err().to_string(), "key is 16 bytes, must be 32");

    let java = find("AeadAesCipherTest");
    let sealed = Sealed {
        nonce: text(java, "nonce").into(),
        associated_data: text(java, "associated_data").into(),
        ciphertext: STANDARD.decode(text(java, "ciphertext")).unwrap(),
    };
    assert_eq!(open(text(java, "key"), &sealed).unwrap(), text(java, "plaintext").as_bytes());

    let config = find("TestConfig");
    let body = config["response"].to_string();
    let headers = SignatureHeaders {
        timestamp: Some("1700000000"),
        nonce: Some(""),
        signature: Some(""),
        serial: Some(text(config, "plaintext_serial_no")),
        signature_type: None,
    };
    let download =
        Download::read(Received::new(headers, body.as_bytes()).in_time(1_700_000_000).unwrap()).unwrap();
    let plaintexts: Vec<_> = download.sealed().map(|sealed| open(text(config, "key"), sealed)).collect();
    let hash = lower_hex(&Sha256::digest(plaintexts[0].as_ref().unwrap()));
    assert_eq!(hash, text(config, "plaintext_sha256"));
    let opened = download.opened(plaintexts).unwrap();
    let no_keys = VerifyKeys::default();
    let keyed = opened.key(&no_keys, 1_700_000_000).unwrap();
    assert_eq!(keyed.key().id, text(config, "plaintext_serial_no"));

    let privacy = find("RSAPrivacyDecryptorTest");
    let key = private_key(text(privacy, "private_key_pem"));
    let ciphertext = STANDARD.decode(text(privacy, "ciphertext")).unwrap();
    let plaintext = key.decrypt(Oaep::<sha1::Sha1>::new(), &ciphertext).unwrap();
    assert_eq!(plaintext, text(privacy, "plaintext").as_bytes());

    let verifier = find("RSAVerifierTest");
    assert_eq!(STANDARD.encode(sign(&key, text(verifier, "message"))), text(verifier, "signature"));

    // A nonce of 16 bytes: none of WeChat Pay's, which have 12.
    let axios = find("aes.test.js");
    let other = Wide::new_from_slice(text(axios, "key").as_bytes()).unwrap();
    for case in axios["cases"].as_array().unwrap() {
        let nonce = text(axios, "nonce").as_bytes().try_into().unwrap();
        let ciphertext = STANDARD.decode(text(case, "ciphertext")).unwrap();
        let payload = Payload { msg: &ciphertext, aad: text(case, "associated_data").as_bytes() };
        assert_eq!(other.decrypt(nonce, payload).unwrap(), text(case, "plaintext").as_bytes());
    }
}
