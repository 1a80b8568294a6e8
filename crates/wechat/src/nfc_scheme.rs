use alloc::string::String;

use serde::Serialize;
use wxedge_contract::{FieldError, JsonValue, Nested, fields, parse_object};

use crate::call::Call;
use crate::endpoint::Endpoint;
use crate::link_target::{LinkTarget, TargetFields};

/// A scheme to be written on an NFC tag; it never expires. Source: 获取 NFC 的小程序 scheme (generateNFCScheme).
///
/// The account needs the ability, and the device model has to be approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NfcScheme {
    #[serde(skip_serializing_if = "Option::is_none")]
    jump_wxa: Option<LinkTarget>,
    model_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sn: Option<String>,
}

impl NfcScheme {
    /// Reads and checks `{jump_wxa?: {path?, query?, env_version?}, model_id, sn?}`.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8]) -> Result<Self, FieldError> {
        let fields: Fields = parse_object(body)?;
        Ok(Self {
            jump_wxa: LinkTarget::in_jump_wxa(fields.jump_wxa)?,
            model_id: fields.model_id.line("model_id", 1..=128)?,
            sn: fields.sn.optional_line("sn", 1..=128)?,
        })
    }

    /// The call that makes it. The reply is a [`crate::SchemeLink`].
    #[must_use]
    pub fn call(&self) -> Call {
        Call::post(Endpoint::NfcScheme, self)
    }
}

fields! {
    only struct Fields {
        jump_wxa: Nested<TargetFields>,
        model_id: JsonValue,
        sn: JsonValue,
    }
}

#[cfg(test)]
mod tests {
    use super::NfcScheme;

    #[test]
    fn the_documented_body_is_sent() {
        let scheme =
            NfcScheme::parse(br#"{"jump_wxa":{"path":"/pages/a"},"model_id":"M","sn":"1"}"#).unwrap();
        assert_eq!(
            scheme.call().body().unwrap().expose(),
            r#"{"jump_wxa":{"path":"/pages/a","env_version":"release"},"model_id":"M","sn":"1"}"#
        );
    }

    #[test]
    fn every_rule_names_its_field() {
        for (body, field) in [
            ("{}", "model_id"),
            (r#"{"model_id":""}"#, "model_id"),
            (r#"{"model_id":7}"#, "model_id"),
            (r#"{"model_id":"M\r\n"}"#, "model_id"),
            (r#"{"model_id":"M","sn":"\u0085"}"#, "sn"),
            (r#"{"model_id":"M","sn":7}"#, "sn"),
            (r#"{"model_id":"M","expire_type":1}"#, "expire_type"),
            (r#"{"model_id":"M","jump_wxa":{"path":"a?b=1"}}"#, "jump_wxa.path"),
            (r#"{"model_id":"M","jump_wxa":{"query":"a b"}}"#, "jump_wxa.query"),
        ] {
            assert_eq!(NfcScheme::parse(body.as_bytes()).unwrap_err().field, field, "{body}");
        }
    }
}
