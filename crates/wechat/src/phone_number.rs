use alloc::string::{String, ToString};
use wxedge_contract::to_json;

use serde::Serialize;
use wxedge_operations::{Operation, ReplyError, known};

use crate::call::Call;

const PHONE_NUMBER: Operation = known("wxa/business/getuserphonenumber");

/// Exchanges the code of the phone number button for the number.
///
/// With `openid`, WeChat checks that the code is that user's. The code works once and lives five minutes.
/// Source: 获取手机号 (getPhoneNumber).
#[must_use]
pub fn phone_number(code: &str, openid: Option<&str>) -> Call {
    // Texts always have a JSON form.
    Call::post(PHONE_NUMBER, to_json(&PhoneCall { code, openid }))
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
        let fields = PHONE_NUMBER.read(body)?;
        let text = |path| fields.text(path).unwrap_or_default().to_string();
        if text("phone_info.watermark.appid") != appid {
            return Err(ReplyError::WrongApp);
        }
        Ok(Self {
            phone_number: text("phone_info.phoneNumber"),
            pure_phone_number: text("phone_info.purePhoneNumber"),
            country_code: text("phone_info.countryCode"),
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use wxedge_operations::ReplyError;

    use super::{PhoneNumber, phone_number};

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
