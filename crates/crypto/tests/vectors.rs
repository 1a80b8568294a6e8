//! The published vectors of `data/vectors.json`.
#![expect(clippy::panic, reason = "a helper of a test may fail it")]

use serde_json::Value;
use wxedge_crypto::{Encrypted, Secret, jssdk_signature, session_signature, verify_raw_data};

fn vectors() -> Value {
    serde_json::from_str(include_str!("data/vectors.json")).unwrap_or_default()
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap_or_else(|| panic!("no {field} in {vector}"))
}

fn secret(vector: &Value, field: &str) -> Secret {
    Secret::new(text(vector, field))
}

#[test]
fn encrypted_data_opens_to_the_exact_text() {
    let vector = &vectors()["encrypted_data"];
    let encrypted = Encrypted::parse(text(vector, "encrypted_data"), text(vector, "iv")).unwrap();
    let opened = encrypted
        .open(&secret(vector, "session_key"), text(vector, "appid"), 1_477_314_187, Some(0))
        .unwrap();
    assert_eq!(opened.json, text(vector, "plaintext"));
    assert_eq!(opened.watermark.timestamp, 1_477_314_187);
    assert_eq!(opened.watermark.appid, text(vector, "appid"));
}

#[test]
fn raw_data_is_signed_with_the_text_of_the_session_key() {
    let vector = &vectors()["raw_data"];
    let raw_data = text(vector, "raw_data");
    let session_key = secret(vector, "session_key");
    let signature = text(vector, "signature");
    assert!(verify_raw_data(raw_data, &session_key, signature));

    let refused = [
        (raw_data.to_owned() + " ", signature.to_owned()),
        (raw_data.replace("\":", "\": "), signature.to_owned()),
        (raw_data.to_owned(), signature.to_uppercase()),
        (raw_data.to_owned(), signature[..39].to_owned()),
        (raw_data.to_owned(), signature.to_owned() + "0"),
        (raw_data.to_owned(), format!(" {signature}")),
        (raw_data.to_owned(), String::new()),
    ];
    for (raw_data, signature) in refused {
        assert!(!verify_raw_data(&raw_data, &session_key, &signature), "{raw_data} {signature}");
    }
    assert!(!verify_raw_data(raw_data, &Secret::new("HyVFkGl5F5OQWJZZaNzBBg="), signature));
}

#[test]
fn session_signatures_are_keyed_with_the_text_of_the_session_key() {
    let vectors = vectors();
    let cases = vectors["session_signature"].as_array().unwrap();
    assert_eq!(cases.len(), 2);
    for vector in cases {
        let signature = session_signature(&secret(vector, "session_key"), text(vector, "message"));
        assert_eq!(signature, text(vector, "hex"));
    }
}

#[test]
fn a_page_is_signed_without_its_fragment() {
    let vectors = vectors();
    let cases = vectors["jssdk"].as_array().unwrap();
    assert_eq!(cases.len(), 2);
    for vector in cases {
        let timestamp = text(vector, "timestamp").parse().unwrap();
        let url = text(vector, "url");
        for fragment in ["", "#", "#/home?a=b#c"] {
            let signature = jssdk_signature(
                &secret(vector, "jsapi_ticket"),
                text(vector, "noncestr"),
                timestamp,
                &format!("{url}{fragment}"),
            );
            assert_eq!(signature, text(vector, "signature"), "{url}{fragment}");
        }
    }
}
