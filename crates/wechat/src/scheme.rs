use alloc::string::String;

use serde::Serialize;
use wxedge_contract::{FieldError, JsonValue, Nested, fields, parse_object};
use wxedge_launch::Href;

use crate::call::Call;
use crate::endpoint::Endpoint;
use crate::expiry::Expiry;
use crate::link_target::{LinkTarget, TargetFields};
use crate::reply::{ReplyError, read_object};

/// An encrypted URL scheme to be made. Source: 获取加密scheme码 (generateScheme).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scheme {
    #[serde(skip_serializing_if = "Option::is_none")]
    jump_wxa: Option<LinkTarget>,
    #[serde(flatten)]
    expiry: Expiry,
}

impl Scheme {
    /// Reads and checks `{jump_wxa?: {path?, query?, env_version?}, expire_type?, expire_time?, expire_interval?}`.
    /// Without an end it lives thirty days. The old `is_expire` is accepted and dropped. `now` is in Unix seconds.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8], now: u64) -> Result<Self, FieldError> {
        let fields: Fields = parse_object(body)?;
        Ok(Self {
            jump_wxa: LinkTarget::in_jump_wxa(fields.jump_wxa)?,
            expiry: Expiry::parse(fields.expire_type, &fields.expire_time, fields.expire_interval, now)?,
        })
    }

    /// A scheme to `target` that lives as long as WeChat allows.
    #[must_use]
    pub const fn to(target: LinkTarget) -> Self {
        Self { jump_wxa: Some(target), expiry: Expiry::latest() }
    }

    /// The call that makes it.
    #[must_use]
    pub fn call(&self) -> Call {
        Call::post(Endpoint::Scheme, self)
    }

    /// When a scheme made at `now` dies, in Unix seconds.
    #[must_use]
    pub fn expires_at(&self, now: u64) -> u64 {
        self.expiry.at(now)
    }
}

fields! {
    only struct Fields {
        jump_wxa: Nested<TargetFields>,
        expire_type: JsonValue,
        expire_time: JsonValue,
        expire_interval: JsonValue,
        _is_expire as "is_expire": JsonValue,
    }
}

/// A scheme as WeChat made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeLink {
    /// `weixin://dl/business/?t=…`
    pub openlink: String,
}

impl SchemeLink {
    /// Reads the reply of [`Scheme::call`] or [`crate::NfcScheme::call`].
    ///
    /// # Errors
    /// The refusal of `endpoint`, or `Malformed` when openlink is missing or of the wrong type.
    pub fn parse(endpoint: Endpoint, body: &[u8]) -> Result<Self, ReplyError> {
        let reply: Reply = read_object(endpoint, body)?;
        let openlink = reply.openlink.text("openlink", 1..=2048)?;
        if Href::scheme(&openlink).is_none() {
            return Err(FieldError::new("openlink", "is no weixin:// address").into());
        }
        Ok(Self { openlink })
    }
}

fields! {
    any struct Reply {
        openlink: JsonValue,
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::{String, ToString};

    use super::{Scheme, SchemeLink};
    use crate::endpoint::Endpoint;
    use crate::reply::ReplyError;

    const NOW: u64 = 1_800_000_000;

    fn body_of(body: &str) -> String {
        Scheme::parse(body.as_bytes(), NOW).unwrap().call().body().unwrap().expose().to_string()
    }

    #[test]
    fn the_documented_body_is_sent() {
        assert_eq!(
            body_of(
                r#"{"jump_wxa":{"path":"/pages/a","query":"a=1","env_version":""},"is_expire":true,"expire_type":1,"expire_interval":30}"#
            ),
            r#"{"jump_wxa":{"path":"/pages/a","query":"a=1","env_version":"release"},"expire_type":1,"expire_interval":30}"#
        );
        assert_eq!(
            body_of(&format!(r#"{{"expire_time":{}}}"#, NOW + 60)),
            format!(r#"{{"expire_type":0,"expire_time":{}}}"#, NOW + 60)
        );
    }

    #[test]
    fn without_an_end_it_lives_thirty_days() {
        for body in ["{}", r#"{"is_expire":false}"#, r#"{"is_expire":true}"#] {
            assert_eq!(body_of(body), r#"{"expire_type":1,"expire_interval":30}"#);
            assert_eq!(Scheme::parse(body.as_bytes(), NOW).unwrap().expires_at(NOW), NOW + 30 * 86_400);
        }
    }

    #[test]
    fn the_time_of_death_is_told() {
        let days = Scheme::parse(br#"{"expire_type":1,"expire_interval":2}"#, NOW).unwrap();
        assert_eq!(days.expires_at(NOW), NOW + 172_800);
        let time = Scheme::parse(format!(r#"{{"expire_time":{}}}"#, NOW + 99).as_bytes(), NOW).unwrap();
        assert_eq!(time.expires_at(NOW), NOW + 99);
    }

    #[test]
    fn every_rule_names_its_field() {
        let month = 30 * 86_400;
        let long = "q".repeat(1025);
        for (body, field) in [
            (r#"{"expire_type":0}"#.to_string(), "expire_time"),
            (format!(r#"{{"expire_time":{}}}"#, NOW + 59), "expire_time"),
            (format!(r#"{{"expire_time":{}}}"#, NOW + month + 1), "expire_time"),
            (format!(r#"{{"expire_time":{}}}"#, (NOW + 600) * 1000), "expire_time"),
            (r#"{"expire_time":-5}"#.to_string(), "expire_time"),
            (format!(r#"{{"expire_time":"{}"}}"#, NOW + 600), "expire_time"),
            (r#"{"expire_type":2}"#.to_string(), "expire_type"),
            (r#"{"expire_type":1}"#.to_string(), "expire_interval"),
            (r#"{"expire_type":1,"expire_interval":0}"#.to_string(), "expire_interval"),
            (r#"{"expire_type":1,"expire_interval":31}"#.to_string(), "expire_interval"),
            (r#"{"expire_type":1,"expire_interval":1,"expire_time":5}"#.to_string(), "expire_time"),
            (format!(r#"{{"expire_time":{},"expire_interval":1}}"#, NOW + 600), "expire_interval"),
            (r#"{"jump_wxa":{"path":"a?b=1"}}"#.to_string(), "jump_wxa.path"),
            (r#"{"jump_wxa":{"path":"a\n"}}"#.to_string(), "jump_wxa.path"),
            (r#"{"jump_wxa":{"path":5}}"#.to_string(), "jump_wxa.path"),
            (r#"{"jump_wxa":{"query":"a b"}}"#.to_string(), "jump_wxa.query"),
            (r#"{"jump_wxa":{"query":"名"}}"#.to_string(), "jump_wxa.query"),
            (r#"{"jump_wxa":{"query":"scancode_time=1"}}"#.to_string(), "jump_wxa.query"),
            (format!(r#"{{"jump_wxa":{{"query":"{long}"}}}}"#), "jump_wxa.query"),
            (r#"{"jump_wxa":{"env_version":"x"}}"#.to_string(), "jump_wxa.env_version"),
            (r#"{"jump_wxa":"pages/a"}"#.to_string(), "jump_wxa"),
            (r#"{"path":"pages/a"}"#.to_string(), "path"),
        ] {
            assert_eq!(Scheme::parse(body.as_bytes(), NOW).unwrap_err().field, field, "{body}");
        }
    }

    #[test]
    fn milliseconds_are_recognised_and_said() {
        let error = Scheme::parse(format!(r#"{{"expire_time":{}}}"#, (NOW + 600) * 1000).as_bytes(), NOW)
            .unwrap_err();
        assert!(error.rule.contains("milliseconds"), "{error}");
    }

    #[test]
    fn the_reply_must_hold_an_openlink() {
        let link = SchemeLink::parse(
            Endpoint::Scheme,
            br#"{"errcode":0,"errmsg":"ok","openlink":"weixin://dl/business/?t=T"}"#,
        )
        .unwrap();
        assert_eq!(link.openlink, "weixin://dl/business/?t=T");
        for body in [
            "{}",
            r#"{"openlink":5}"#,
            r#"{"openlink":""}"#,
            r#"{"openlink":"javascript:1"}"#,
            r#"{"openlink":"weixin://dl@evil.example/?t=T"}"#,
            r#"{"openlink":"weixin://dl/business/?t='T"}"#,
        ] {
            assert!(
                matches!(SchemeLink::parse(Endpoint::Scheme, body.as_bytes()), Err(ReplyError::Malformed(_))),
                "{body}"
            );
        }
    }
}
