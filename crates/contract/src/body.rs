use alloc::string::String;

use serde::Serialize;
use serde::de::IgnoredAny;

use crate::field_error::FieldError;
use crate::fields;
use crate::fields::parse_object;
use crate::json_value::JsonValue;

/// Codes of the client are opaque: they are only bounded, never judged by their characters.
const CODE_LENGTH: core::ops::RangeInclusive<usize> = 1..=512;

/// Openids are opaque too.
const OPENID_LENGTH: core::ops::RangeInclusive<usize> = 1..=128;

/// The body of `POST /v1/login`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginBody {
    /// What `wx.login` gave: 1 to 512 characters.
    pub code: String,
}

impl LoginBody {
    /// Reads and checks the body.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8]) -> Result<Self, FieldError> {
        let fields: LoginFields = parse_object(body)?;
        Ok(Self { code: fields.code.text("code", CODE_LENGTH)? })
    }
}

fields! {
    only struct LoginFields {
        code: JsonValue,
    }
}

/// The longest text of encrypted data that is read as such, in characters; what is longer is damaged.
const DATA_LENGTH: core::ops::RangeInclusive<usize> = 0..=65_536;

crate::record! {
    /// `encryptedData` and `iv` as a mini program gives them, not looked at yet.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct EncryptedTexts {
        /// Base64 of the ciphertext.
        pub encrypted_data: String,
        /// Base64 of 16 bytes.
        pub iv: String,
    }
}

impl EncryptedTexts {
    fn parse(encrypted_data: JsonValue, iv: JsonValue) -> Result<Self, FieldError> {
        Ok(Self {
            encrypted_data: encrypted_data.text("encryptedData", DATA_LENGTH)?,
            iv: iv.text("iv", DATA_LENGTH)?,
        })
    }
}

/// The body of `POST /v1/phone`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhoneBody {
    /// A code for WeChat to exchange.
    Code {
        /// What the phone number button gave, not the code of `wx.login`: 1 to 512 characters.
        code: String,
        /// Whose code it is, for WeChat to check: 1 to 128 characters. Services only; a session names its own user.
        openid: Option<String>,
    },
    /// The way before codes, for a session only.
    Encrypted(EncryptedTexts),
}

impl PhoneBody {
    /// Reads and checks `{code, openid?}` or `{encryptedData, iv}`.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8]) -> Result<Self, FieldError> {
        let fields: PhoneFields = parse_object(body)?;
        match (&fields.code, &fields.encrypted_data, &fields.iv) {
            (_, JsonValue::Absent, JsonValue::Absent) => Ok(Self::Code {
                code: fields.code.text("code", CODE_LENGTH)?,
                openid: parse_openid(fields.openid)?,
            }),
            (JsonValue::Absent, _, _) if fields.openid == JsonValue::Absent => {
                EncryptedTexts::parse(fields.encrypted_data, fields.iv).map(Self::Encrypted)
            }
            (JsonValue::Absent, _, _) => Err(FieldError::new("openid", "goes with code only")),
            _ => Err(FieldError::new("code", "is sent alone, or encryptedData and iv without it")),
        }
    }
}

/// An empty openid is refused, not taken for none: whoever sends one relies on the check.
fn parse_openid(given: JsonValue) -> Result<Option<String>, FieldError> {
    match given {
        JsonValue::Absent => Ok(None),
        given => given.text("openid", OPENID_LENGTH).map(Some),
    }
}

fields! {
    only struct PhoneFields {
        code: JsonValue,
        openid: JsonValue,
        encrypted_data as "encryptedData": JsonValue,
        iv: JsonValue,
    }
}

crate::record! {
    /// `rawData` and its `signature` as a mini program gives them.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct SignedTexts {
        /// A JSON object, byte for byte as it came.
        pub raw_data: String,
        /// The SHA-1 of `rawData` and the session key, in hex.
        pub signature: String,
    }
}

/// The body of `POST /v1/userdata`: at least one of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDataBody {
    /// Data to be decrypted.
    pub encrypted: Option<EncryptedTexts>,
    /// Data whose signature is to be verified.
    pub signed: Option<SignedTexts>,
}

impl UserDataBody {
    /// Reads and checks `{encryptedData, iv}` and/or `{rawData, signature}`.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8]) -> Result<Self, FieldError> {
        let fields: UserDataFields = parse_object(body)?;
        let encrypted = match (&fields.encrypted_data, &fields.iv) {
            (JsonValue::Absent, JsonValue::Absent) => None,
            _ => Some(EncryptedTexts::parse(fields.encrypted_data, fields.iv)?),
        };
        let signed = match (&fields.raw_data, &fields.signature) {
            (JsonValue::Absent, JsonValue::Absent) => None,
            _ => Some(SignedTexts {
                raw_data: parse_raw_data(fields.raw_data)?,
                signature: fields.signature.text("signature", 1..=128)?,
            }),
        };
        if encrypted.is_none() && signed.is_none() {
            return Err(FieldError::new(
                "body",
                "must hold encryptedData and iv, or rawData and signature, or all four",
            ));
        }
        Ok(Self { encrypted, signed })
    }
}

/// `rawData` is a text that holds a JSON object; it becomes the answer, so it has to be one.
fn parse_raw_data(given: JsonValue) -> Result<String, FieldError> {
    let text = given.text("rawData", 1..=65_536)?;
    let is_object =
        text.trim_start().starts_with('{') && serde_json::from_slice::<IgnoredAny>(text.as_bytes()).is_ok();
    if is_object {
        Ok(text)
    } else {
        Err(FieldError::new("rawData", "must be the text of a JSON object, as wx gave it"))
    }
}

fields! {
    only struct UserDataFields {
        encrypted_data as "encryptedData": JsonValue,
        iv: JsonValue,
        raw_data as "rawData": JsonValue,
        signature: JsonValue,
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use super::{LoginBody, PhoneBody, UserDataBody};

    #[test]
    fn a_code_of_1_to_512_characters_of_any_kind_is_taken() {
        for code in ["x", "a b/c?d&e=%", "码", &"x".repeat(512)] {
            let body = format!("{{\"code\":\"{code}\"}}");
            assert_eq!(LoginBody::parse(body.as_bytes()).unwrap().code, code);
            let expected = PhoneBody::Code { code: code.to_string(), openid: None };
            assert_eq!(PhoneBody::parse(body.as_bytes()), Ok(expected));
        }
    }

    #[test]
    fn a_code_outside_these_lengths_is_refused() {
        for code in ["", &"x".repeat(513)] {
            let body = format!("{{\"code\":\"{code}\"}}");
            assert_eq!(LoginBody::parse(body.as_bytes()).unwrap_err().field, "code");
            assert_eq!(PhoneBody::parse(body.as_bytes()).unwrap_err().field, "code");
        }
    }

    #[test]
    fn a_phone_body_is_one_way_or_the_other() {
        for (body, field) in [
            ("{}", "code"),
            (r#"{"code":null}"#, "code"),
            (r#"{"code":"c","iv":"i"}"#, "code"),
            (r#"{"encryptedData":"e"}"#, "iv"),
            (r#"{"iv":"i"}"#, "encryptedData"),
            (r#"{"encryptedData":null,"iv":"i"}"#, "encryptedData"),
            (r#"{"encryptedData":["e"],"iv":"i"}"#, "encryptedData"),
            (r#"{"encryptedData":"e","iv":5}"#, "iv"),
            (r#"{"encryptedData":"e","iv":"i","openid":"o"}"#, "openid"),
            (r#"{"openid":"o"}"#, "code"),
            (r#"{"code":"c","openid":""}"#, "openid"),
            (r#"{"code":"c","openid":null}"#, "openid"),
            (r#"{"code":"c","openid":["o"]}"#, "openid"),
        ] {
            assert_eq!(PhoneBody::parse(body.as_bytes()).unwrap_err().field, field, "{body}");
        }
        let both = PhoneBody::parse(br#"{"encryptedData":"","iv":""}"#);
        assert!(matches!(both, Ok(PhoneBody::Encrypted(_))), "lengths are judged by whoever decrypts");
    }

    #[test]
    fn a_code_may_name_its_user() {
        for openid in ["o", &"o".repeat(128)] {
            let body = format!("{{\"code\":\"c\",\"openid\":\"{openid}\"}}");
            let expected = PhoneBody::Code { code: "c".to_string(), openid: Some(openid.to_string()) };
            assert_eq!(PhoneBody::parse(body.as_bytes()), Ok(expected));
        }
        let body = format!("{{\"code\":\"c\",\"openid\":\"{}\"}}", "o".repeat(129));
        assert_eq!(PhoneBody::parse(body.as_bytes()).unwrap_err().field, "openid");
    }

    #[test]
    fn user_data_comes_in_pairs() {
        for (body, field) in [
            ("{}", "body"),
            (r#"{"encryptedData":"e"}"#, "iv"),
            (r#"{"rawData":"{}"}"#, "signature"),
            (r#"{"signature":"s"}"#, "rawData"),
            (r#"{"rawData":"[]","signature":"s"}"#, "rawData"),
            (r#"{"rawData":"{","signature":"s"}"#, "rawData"),
            (r#"{"rawData":{},"signature":"s"}"#, "rawData"),
            (r#"{"rawData":"{}","signature":null}"#, "signature"),
            (r#"{"code":"c"}"#, "code"),
        ] {
            assert_eq!(UserDataBody::parse(body.as_bytes()).unwrap_err().field, field, "{body}");
        }
        let all =
            UserDataBody::parse(br#"{"encryptedData":"e","iv":"i","rawData":"{}","signature":"s"}"#).unwrap();
        assert!(all.encrypted.is_some() && all.signed.is_some());
    }
}
