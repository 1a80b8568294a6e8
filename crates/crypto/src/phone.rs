use alloc::string::{String, ToString};
use core::fmt;

use wxedge_contract::{Given, JsonValue, read_own_json};

/// The phone number of a user, as it stands in decrypted data.
///
/// `Debug` shows none of it, so that no log does.
///
/// Source: `getPhoneNumber`, the way before codes, `WeChat` mini program guide.
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneNumber {
    /// With the country code where it is not that of China.
    pub phone_number: String,
    /// Without the country code.
    pub pure_phone_number: String,
    /// `86` for China. The platform has sent it as a text and as a number.
    pub country_code: String,
}

impl PhoneNumber {
    /// Reads decrypted JSON. Unknown fields, the watermark among them, are tolerated.
    ///
    /// # Errors
    ///
    /// [`NotAPhoneNumber`] when it is not an object with the three fields in their types, as when the data is that
    /// of another button.
    pub fn read(json: &str) -> Result<Self, NotAPhoneNumber> {
        read_own_json(json.as_bytes()).and_then(Self::of).ok_or(NotAPhoneNumber)
    }

    fn of(mut given: Given) -> Option<Self> {
        Some(Self {
            phone_number: given.take("phoneNumber")?,
            pure_phone_number: given.take("purePhoneNumber")?,
            country_code: given.take("countryCode").and_then(text_or_number)?,
        })
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PhoneNumber").finish_non_exhaustive()
    }
}

/// The decrypted data is right but is not that of a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAPhoneNumber;

impl fmt::Display for NotAPhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "encryptedData holds no phoneNumber, purePhoneNumber and countryCode: send that of a getPhoneNumber button",
        )
    }
}

impl core::error::Error for NotAPhoneNumber {}

fn text_or_number(given: JsonValue) -> Option<String> {
    match given {
        JsonValue::Text(text) => Some(text),
        JsonValue::Integer(number) if number >= 0 => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use proptest::prelude::*;

    use super::{NotAPhoneNumber, PhoneNumber};

    fn china() -> PhoneNumber {
        PhoneNumber {
            phone_number: "13800000000".into(),
            pure_phone_number: "13800000000".into(),
            country_code: "86".into(),
        }
    }

    #[test]
    fn the_country_code_is_a_text_or_a_number() {
        for code in [r#""86""#, "86"] {
            let json = format!(
                r#"{{"phoneNumber":"13800000000","purePhoneNumber":"13800000000","countryCode":{code},"watermark":{{"timestamp":1,"appid":"wx"}},"later":[1.5]}}"#
            );
            assert_eq!(PhoneNumber::read(&json), Ok(china()), "{json}");
        }
    }

    #[test]
    fn each_field_has_its_type() {
        let whole = r#"{"phoneNumber":"1","purePhoneNumber":"2","countryCode":"3"}"#;
        assert!(PhoneNumber::read(whole).is_ok());
        for value in [r#""1""#, r#""2""#, r#""3""#] {
            for other in ["null", "[]", "{}", "true", "-86", "8.6", "[\"1\"]"] {
                let json = whole.replace(value, other);
                assert_eq!(PhoneNumber::read(&json), Err(NotAPhoneNumber), "{json}");
            }
        }
        for value in [r#""1""#, r#""2""#] {
            let json = whole.replace(value, "86");
            assert_eq!(PhoneNumber::read(&json), Err(NotAPhoneNumber), "{json}");
        }
        for field in [r#""phoneNumber":"1","#, r#""purePhoneNumber":"2","#, r#","countryCode":"3""#] {
            let json = whole.replace(field, "");
            assert_eq!(PhoneNumber::read(&json), Err(NotAPhoneNumber), "{json}");
        }
        for json in ["", "{}", "null", r#"["1","2","3"]"#, "[]", r#""1""#] {
            assert_eq!(PhoneNumber::read(json), Err(NotAPhoneNumber), "{json}");
        }
    }

    #[test]
    fn debug_shows_no_digit() {
        assert_eq!(format!("{:?}", china()), "PhoneNumber { .. }");
    }

    proptest! {
        #[test]
        fn no_text_panics(json in "\\PC*") {
            prop_assert!(PhoneNumber::read(&json).is_err());
        }
    }
}
