use alloc::format;
use alloc::string::String;

use serde::{Deserialize, Serialize};
use wxedge_contract::{FieldError, Given, Nested, parse_object};

use crate::call::Call;
use crate::code_style::{EnvVersion, without_query, without_reserved_name};
use crate::endpoint::Endpoint;
use crate::reply::{ReplyError, read_object};

/// The shortest life of a scheme, in seconds.
const SHORTEST_LIFE: u64 = 60;
/// The longest life of a scheme, in days.
const LONGEST_LIFE_DAYS: u64 = 30;
const SECONDS_A_DAY: u64 = 86_400;
/// A time of this size is in milliseconds: in seconds it lies in the year 5138.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// An encrypted URL scheme to be made. Source: 获取加密scheme码 (generateScheme).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scheme {
    #[serde(skip_serializing_if = "Option::is_none")]
    jump_wxa: Option<JumpWxa>,
    #[serde(flatten)]
    expiry: Expiry,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct JumpWxa {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    env_version: EnvVersion,
}

/// When a scheme or link dies: `expire_type` 0 with a time, or 1 with days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Expiry {
    #[serde(rename = "expire_type")]
    kind: u8,
    #[serde(rename = "expire_time", skip_serializing_if = "Option::is_none")]
    time: Option<u64>,
    #[serde(rename = "expire_interval", skip_serializing_if = "Option::is_none")]
    days: Option<u64>,
}

impl Scheme {
    /// Reads and checks `{jump_wxa?: {path?, query?, env_version?}, expire_type?, expire_time?, expire_interval?}`.
    /// The old `is_expire` is accepted and dropped. `now` is in Unix seconds.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8], now: u64) -> Result<Self, FieldError> {
        let fields: Fields = parse_object(body)?;
        Ok(Self {
            jump_wxa: fields.jump_wxa.optional("jump_wxa")?.map(JumpWxa::parse).transpose()?,
            expiry: Expiry::parse(fields.expire_type, &fields.expire_time, fields.expire_interval, now)?,
        })
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

impl JumpWxa {
    fn parse(fields: JumpFields) -> Result<Self, FieldError> {
        let path = fields.path.optional_text("jump_wxa.path", 1..=1024)?;
        if let Some(path) = &path {
            without_query(path, "jump_wxa.path", "jump_wxa.query")?;
            without_reserved_name(path, "jump_wxa.path")?;
        }
        let query = fields.query.optional_text("jump_wxa.query", 1..=1024)?;
        if let Some(query) = &query {
            check_query(query, "jump_wxa.query")?;
        }
        Ok(Self { path, query, env_version: EnvVersion::parse(fields.env_version, "jump_wxa.env_version")? })
    }
}

fn check_query(query: &str, field: &'static str) -> Result<(), FieldError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&'()*+,/:;=?@-._~%".contains(&byte);
    if !query.bytes().all(allowed) {
        return Err(FieldError::new(
            field,
            "may hold only letters, digits and !#$&'()*+,/:;=?@-._~%: percent-encode the values",
        ));
    }
    Ok(())
}

impl Expiry {
    fn parse(kind: Given, time: &Given, interval: Given, now: u64) -> Result<Self, FieldError> {
        if kind.optional_integer("expire_type", 0..=1)?.unwrap_or(0) == 0 {
            unused(&interval, "expire_interval", "1")?;
            Ok(Self { kind: 0, time: Some(expire_time(time, now)?), days: None })
        } else {
            unused(time, "expire_time", "0")?;
            Ok(Self { kind: 1, time: None, days: Some(expire_interval(interval)?) })
        }
    }

    fn at(self, now: u64) -> u64 {
        let days = self.days.unwrap_or_default();
        self.time.unwrap_or_else(|| now.saturating_add(days.saturating_mul(SECONDS_A_DAY)))
    }
}

fn unused(given: &Given, field: &'static str, expire_type: &str) -> Result<(), FieldError> {
    if *given == Given::Absent {
        return Ok(());
    }
    Err(FieldError::new(field, format!("counts only with expire_type {expire_type}: send one or the other")))
}

fn expire_time(given: &Given, now: u64) -> Result<u64, FieldError> {
    const RULE: &str = "must be a time in Unix seconds, one minute to thirty days from now";
    let &Given::Integer(time) = given else {
        return Err(FieldError::new(
            "expire_time",
            match given {
                Given::Absent => {
                    format!("is required, and {RULE}; or send expire_type 1 and expire_interval")
                }
                _ => RULE.into(),
            },
        ));
    };
    if time >= MILLISECONDS_FROM {
        return Err(FieldError::new(
            "expire_time",
            format!("is in milliseconds, but {RULE}: divide it by 1000"),
        ));
    }
    let latest = now.saturating_add(LONGEST_LIFE_DAYS.saturating_mul(SECONDS_A_DAY));
    u64::try_from(time)
        .ok()
        .filter(|time| (now.saturating_add(SHORTEST_LIFE)..=latest).contains(time))
        .ok_or_else(|| FieldError::new("expire_time", RULE))
}

fn expire_interval(given: Given) -> Result<u64, FieldError> {
    given
        .optional_integer("expire_interval", 1..=30)?
        .and_then(|days| u64::try_from(days).ok())
        .ok_or_else(|| FieldError::new("expire_interval", "is required with expire_type 1: 1 to 30 days"))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Fields {
    jump_wxa: Nested<JumpFields>,
    expire_type: Given,
    expire_time: Given,
    expire_interval: Given,
    #[serde(rename = "is_expire")]
    _is_expire: Given,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct JumpFields {
    path: Given,
    query: Given,
    env_version: Given,
}

/// A scheme as WeChat made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeLink {
    /// `weixin://dl/business/?t=…`
    pub openlink: String,
}

impl SchemeLink {
    /// Reads the reply of [`Scheme::call`].
    ///
    /// # Errors
    /// The refusal, or `Malformed` when openlink is missing or of the wrong type.
    pub fn parse(body: &[u8]) -> Result<Self, ReplyError> {
        let reply: Reply = read_object(Endpoint::Scheme, body)?;
        Ok(Self { openlink: reply.openlink.text("openlink", 1..=2048)? })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reply {
    openlink: Given,
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::{String, ToString};

    use super::{Scheme, SchemeLink};
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
            ("{}".to_string(), "expire_time"),
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
            (r#"{"jump_wxa":{"path":5}}"#.to_string(), "jump_wxa.path"),
            (r#"{"jump_wxa":{"query":"a b"}}"#.to_string(), "jump_wxa.query"),
            (r#"{"jump_wxa":{"query":"名"}}"#.to_string(), "jump_wxa.query"),
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
        let link =
            SchemeLink::parse(br#"{"errcode":0,"errmsg":"ok","openlink":"weixin://dl/business/?t=T"}"#)
                .unwrap();
        assert_eq!(link.openlink, "weixin://dl/business/?t=T");
        for body in ["{}", r#"{"openlink":5}"#, r#"{"openlink":""}"#] {
            assert!(matches!(SchemeLink::parse(body.as_bytes()), Err(ReplyError::Malformed(_))), "{body}");
        }
    }
}
