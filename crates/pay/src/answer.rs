//! How a call of `WeChat` Pay's ended.

use alloc::format;
use alloc::string::String;

use wxedge_contract::{JsonValue, Nested, fields, parse_object};

use crate::form::json_text;
use crate::verifying::Verified;

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200 or 204, signed by `WeChat` Pay.
    Verified(Verified),
    /// A status of 400 and more: signed by nobody, so it proves nothing and is believed only as a refusal.
    Refused(PayRefusal),
    /// A success, but its signature, time or key does not hold: a probe, most often. The same call is made once more at once.
    Unverified,
    /// No answer, 202, or what is none of these: the outcome is unknown.
    Lost,
}

/// An error of `WeChat` Pay's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PayRefusal {
    /// HTTP's status.
    pub status: u16,
    /// `code` as it came, such as `PARAM_ERROR`; empty where the body is none of `WeChat` Pay's.
    pub code: String,
    /// `message`.
    pub message: String,
    /// The field that it names in `detail`.
    pub field: Option<String>,
    /// With `SIGN_ERROR`: the beginning of the text over which `WeChat` Pay verified, and its length.
    pub signed: Option<(String, i64)>,
}

/// What an error means for the number that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Unknown outcome: the same number with the same body again.
    Again,
    /// There is an order of this number, or it has been paid or closed: ask which.
    Ask,
    /// There is none.
    Missing,
    /// The merchant's balance is too low: the same number later.
    Balance,
    /// Definitely nothing happened.
    Definite,
}

impl PayRefusal {
    /// Reads the answer of a status from 400 on.
    #[must_use]
    pub fn read(status: u16, body: &[u8]) -> Self {
        let Ok(fields) = parse_object::<ErrorFields>(body) else {
            return Self { status, ..Self::default() };
        };
        let detail = fields.detail.optional("detail").ok().flatten().unwrap_or_default();
        let signed = match detail.sign_information.optional("sign_information") {
            Ok(Some(SignFields {
                truncated_sign_message: JsonValue::Text(text),
                sign_message_length: JsonValue::Integer(length),
            })) => Some((shortened(&text, 200), length)),
            _ => None,
        };
        Self {
            status,
            code: text(fields.code, 64).unwrap_or_default(),
            message: text(fields.message, 300).unwrap_or_default(),
            field: text(detail.field, 64),
            signed,
        }
    }

    /// The error's code without underscores: documents spell it with and without.
    #[must_use]
    pub fn plain_code(&self) -> String {
        self.code.replace('_', "").to_ascii_uppercase()
    }

    /// What it means for the number that was sent. Source: section 1.10 of the facts.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        let code = self.plain_code();
        let named = MEANINGS.iter().find(|(name, _)| *name == code).map(|(_, meaning)| *meaning);
        // In the field a number that was used comes as INVALID_REQUEST with the text 201 商户订单号重复.
        let is_used = code == "INVALIDREQUEST" && self.message.starts_with("201");
        match self.status {
            _ if is_used => Meaning::Ask,
            401 | 408 | 429 | 500.. => Meaning::Again,
            400.. => named.unwrap_or(if self.code.is_empty() { Meaning::Again } else { Meaning::Definite }),
            _ => Meaning::Again,
        }
    }

    /// What helps with it, where more is to be said than its own message. `wanted` is the id in the header
    /// `Wechatpay-Serial` of the request, `message` the text that we signed.
    #[must_use]
    pub fn hint(&self, wanted: &str, message: &str) -> Option<String> {
        match (self.plain_code().as_str(), &self.signed, &self.field) {
            ("SIGNERROR", Some((theirs, length)), _) => Some(format!(
                "WeChat Pay verified {length} bytes beginning with {}, we signed {} beginning with {}",
                json_text(theirs),
                message.len(),
                json_text(&shortened(message, 80))
            )),
            ("RESOURCENOTEXISTS", ..) if self.message.contains("平台证书") => Some(
                "this mchid is in public-key mode: configure PAY_PUBLIC_KEY_ID (PUB_KEY_ID_…) and PAY_PUBLIC_KEY (pub_key.pem)"
                    .into(),
            ),
            _ if self.message.contains("加密后的密文") => {
                let field = self.field.as_deref().unwrap_or("user_name");
                Some(format!("field {field} needs OAEP-SHA1 under key {wanted}; the header Wechatpay-Serial names {wanted}"))
            }
            _ => None,
        }
    }
}

/// Codes without underscores, and what they mean where the status does not say it.
const MEANINGS: &[(&str, Meaning)] = &[
    ("SYSTEMERROR", Meaning::Again),
    ("BANKERROR", Meaning::Again),
    ("FREQUENCYLIMITED", Meaning::Again),
    ("FREQUENCYLIMIT", Meaning::Again),
    ("RATELIMITEXCEEDED", Meaning::Again),
    ("SIGNERROR", Meaning::Again),
    ("USERPAYING", Meaning::Ask),
    ("OUTTRADENOUSED", Meaning::Ask),
    ("ORDERPAID", Meaning::Ask),
    ("TRADEERROR", Meaning::Ask),
    ("ORDERCLOSED", Meaning::Ask),
    ("ORDERNOTEXIST", Meaning::Missing),
    ("RESOURCENOTEXISTS", Meaning::Missing),
    ("NOTENOUGH", Meaning::Balance),
];

fields! {
    any struct ErrorFields {
        code: JsonValue,
        message: JsonValue,
        detail: Nested<DetailFields>,
    }
}

fields! {
    any struct DetailFields {
        field: JsonValue,
        sign_information: Nested<SignFields>,
    }
}

fields! {
    any struct SignFields {
        truncated_sign_message: JsonValue,
        sign_message_length: JsonValue,
    }
}

fn text(given: JsonValue, most: usize) -> Option<String> {
    match given {
        JsonValue::Text(text) => Some(shortened(&text, most)),
        _ => None,
    }
}

pub(crate) fn shortened(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::{Meaning, PayRefusal};

    #[test]
    fn codes_mean_the_same_with_and_without_underscores() {
        for (status, body, meaning) in [
            (404, r#"{"code":"ORDER_NOT_EXIST"}"#, Meaning::Missing),
            (404, r#"{"code":"ORDERNOTEXIST"}"#, Meaning::Missing),
            (403, r#"{"code":"OUT_TRADE_NO_USED"}"#, Meaning::Ask),
            (400, r#"{"code":"INVALID_REQUEST","message":"201 商户订单号重复"}"#, Meaning::Ask),
            (400, r#"{"code":"INVALID_REQUEST","message":"x"}"#, Meaning::Definite),
            (400, r#"{"code":"PARAM_ERROR"}"#, Meaning::Definite),
            (403, r#"{"code":"NOT_ENOUGH"}"#, Meaning::Balance),
            (403, r#"{"code":"NO_AUTH"}"#, Meaning::Definite),
            (401, r#"{"code":"SIGN_ERROR"}"#, Meaning::Again),
            (429, r#"{"code":"FREQUENCY_LIMITED"}"#, Meaning::Again),
            (500, r#"{"code":"PARAM_ERROR"}"#, Meaning::Again),
            (403, r#"{"code":"SYSTEM_ERROR"}"#, Meaning::Again),
            (502, "<html>", Meaning::Again),
            (400, "<html>", Meaning::Again),
            (404, "", Meaning::Again),
            (302, "", Meaning::Again),
        ] {
            assert_eq!(PayRefusal::read(status, body.as_bytes()).meaning(), meaning, "{status} {body}");
        }
    }
}
