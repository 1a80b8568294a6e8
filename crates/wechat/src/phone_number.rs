use alloc::string::{String, ToString};

use serde::Serialize;
use wxedge_contract::{FieldError, JsonValue, Nested, fields};

use crate::call::Call;
use crate::endpoint::Endpoint;
use crate::reply::{ReplyError, read_object};

/// Exchanges the code of the phone number button for the number.
///
/// With `openid`, WeChat checks that the code is that user's. The code works once and lives five minutes.
/// Source: 获取手机号 (getPhoneNumber).
#[must_use]
pub fn phone_number(code: &str, openid: Option<&str>) -> Call {
    Call::post(Endpoint::PhoneNumber, &PhoneCall { code, openid })
}

#[derive(Serialize)]
struct PhoneCall<'a> {
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    openid: Option<&'a str>,
}

/// A phone number, in WeChat's own spelling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PhoneNumber {
    /// With the country code for numbers outside the mainland.
    pub phone_number: String,
    /// Without the country code.
    pub pure_phone_number: String,
    /// For example `86`. A text, whatever WeChat sends.
    pub country_code: String,
}

impl PhoneNumber {
    /// Reads the reply of [`phone_number`] and compares the watermark.
    ///
    /// # Errors
    /// The refusal; `Malformed` when a field is missing or of the wrong type; `WrongApp` when the watermark names another
    /// appid.
    pub fn parse(body: &[u8], appid: &str) -> Result<Self, ReplyError> {
        let reply: PhoneReply = read_object(Endpoint::PhoneNumber, body)?;
        let info = reply.phone_info.optional("phone_info")?.ok_or_else(|| missing("phone_info"))?;
        let watermark = info
            .watermark
            .optional("phone_info.watermark")?
            .ok_or_else(|| missing("phone_info.watermark"))?;
        if watermark.appid.text("phone_info.watermark.appid", 1..=64)? != appid {
            return Err(ReplyError::WrongApp);
        }
        Ok(Self {
            phone_number: info.phone_number.text("phone_info.phoneNumber", 1..=64)?,
            pure_phone_number: info.pure_phone_number.text("phone_info.purePhoneNumber", 1..=64)?,
            country_code: digits(info.country_code).text("phone_info.countryCode", 1..=64)?,
        })
    }
}

fn missing(field: &'static str) -> ReplyError {
    FieldError::new(field, "is missing").into()
}

/// A country code is a text, but has been seen as a number.
fn digits(given: JsonValue) -> JsonValue {
    match given {
        JsonValue::Integer(number) => JsonValue::Text(number.to_string()),
        given => given,
    }
}

fields! {
    any struct PhoneReply {
        phone_info: Nested<PhoneInfo>,
    }
}

fields! {
    any struct PhoneInfo {
        phone_number as "phoneNumber": JsonValue,
        pure_phone_number as "purePhoneNumber": JsonValue,
        country_code as "countryCode": JsonValue,
        watermark: Nested<Watermark>,
    }
}

fields! {
    any struct Watermark {
        appid: JsonValue,
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::{PhoneNumber, phone_number};
    use crate::reply::ReplyError;

    fn reply(country_code: &str, appid: &str) -> alloc::string::String {
        format!(
            r#"{{"errcode":0,"errmsg":"ok","phone_info":{{"phoneNumber":"+1555","purePhoneNumber":"555","countryCode":{country_code},"watermark":{{"timestamp":1,"appid":"{appid}"}}}}}}"#
        )
    }

    #[test]
    fn the_openid_is_sent_only_when_there_is_one() {
        assert_eq!(phone_number("c", None).body().unwrap().expose(), r#"{"code":"c"}"#);
        assert_eq!(phone_number("c", Some("o")).body().unwrap().expose(), r#"{"code":"c","openid":"o"}"#);
    }

    #[test]
    fn the_country_code_is_a_text_whatever_comes() {
        for country_code in ["\"1\"", "1"] {
            let phone = PhoneNumber::parse(reply(country_code, "wx1").as_bytes(), "wx1").unwrap();
            assert_eq!(
                serde_json::to_string(&phone).unwrap(),
                r#"{"phoneNumber":"+1555","purePhoneNumber":"555","countryCode":"1"}"#
            );
        }
    }

    #[test]
    fn the_watermark_must_name_this_app() {
        assert_eq!(PhoneNumber::parse(reply("1", "wx2").as_bytes(), "wx1"), Err(ReplyError::WrongApp));
    }

    #[test]
    fn a_missing_or_mistyped_field_is_malformed() {
        for body in [
            "{}",
            r#"{"phone_info":{}}"#,
            r#"{"phone_info":null}"#,
            r#"{"phone_info":5}"#,
            r#"{"phone_info":{"watermark":{"appid":"wx1"}}}"#,
            r#"{"phone_info":{"watermark":{"appid":5}}}"#,
            r#"{"phone_info":{"phoneNumber":5,"purePhoneNumber":"5","countryCode":"1","watermark":{"appid":"wx1"}}}"#,
        ] {
            assert!(
                matches!(PhoneNumber::parse(body.as_bytes(), "wx1"), Err(ReplyError::Malformed(_))),
                "{body}"
            );
        }
    }
}
