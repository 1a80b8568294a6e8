use alloc::string::String;

use serde::Serialize;
use wxedge_contract::{FieldError, JsonValue, Nested, fields, parse_object};
use wxedge_launch::Href;

use crate::call::Call;
use crate::endpoint::Endpoint;
use crate::expiry::Expiry;
use crate::link_target::{LinkTarget, TargetFields, link_query};
use crate::reply::{ReplyError, read_object};

/// An encrypted URL Link to be made: an https address that opens the mini program, in a text message too.
/// Source: 获取加密 URL Link (generateUrlLink). Unlike a scheme it has `path` and `query` at the top.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UrlLink {
    #[serde(flatten)]
    target: LinkTarget,
    #[serde(flatten)]
    expiry: Expiry,
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud_base: Option<CloudBase>,
}

/// A page of ours in WeChat's static hosting, shown on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct CloudBase {
    env: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_appid: Option<String>,
}

impl UrlLink {
    /// Reads and checks `{path?, query?, env_version?, expire_type?, expire_time?, expire_interval?, cloud_base?}`.
    /// Without an end it lives thirty days. The old `is_expire` is accepted and dropped. `now` is in Unix seconds.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8], now: u64) -> Result<Self, FieldError> {
        let fields: Fields = parse_object(body)?;
        if fields.jump_wxa != JsonValue::Absent {
            return Err(FieldError::new(
                "jump_wxa",
                "is for schemes: a URL Link has path, query and env_version at the top of the body",
            ));
        }
        let target = TargetFields { path: fields.path, query: fields.query, env_version: fields.env_version };
        Ok(Self {
            target: LinkTarget::at_the_top(target)?,
            expiry: Expiry::parse(fields.expire_type, &fields.expire_time, fields.expire_interval, now)?,
            cloud_base: fields.cloud_base.optional("cloud_base")?.map(CloudBase::parse).transpose()?,
        })
    }

    /// A link to `target` that lives as long as WeChat allows.
    #[must_use]
    pub const fn to(target: LinkTarget) -> Self {
        Self { target, expiry: Expiry::latest(), cloud_base: None }
    }

    /// The call that makes it.
    #[must_use]
    pub fn call(&self) -> Call {
        Call::post(Endpoint::UrlLink, self)
    }

    /// When a link made at `now` dies, in Unix seconds.
    #[must_use]
    pub fn expires_at(&self, now: u64) -> u64 {
        self.expiry.at(now)
    }
}

impl CloudBase {
    fn parse(fields: CloudFields) -> Result<Self, FieldError> {
        Ok(Self {
            env: fields.env.line("cloud_base.env", 1..=128)?,
            domain: fields.domain.optional_line("cloud_base.domain", 1..=253)?,
            path: fields.path.optional_line("cloud_base.path", 1..=1024)?,
            query: link_query(fields.query, "cloud_base.query")?,
            resource_appid: fields.resource_appid.optional_line("cloud_base.resource_appid", 1..=64)?,
        })
    }
}

fields! {
    only struct Fields {
        path: JsonValue,
        query: JsonValue,
        env_version: JsonValue,
        expire_type: JsonValue,
        expire_time: JsonValue,
        expire_interval: JsonValue,
        cloud_base: Nested<CloudFields>,
        jump_wxa: JsonValue,
        _is_expire as "is_expire": JsonValue,
    }
}

fields! {
    only struct CloudFields {
        env: JsonValue,
        domain: JsonValue,
        path: JsonValue,
        query: JsonValue,
        resource_appid: JsonValue,
    }
}

/// A URL Link as WeChat made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeUrlLink {
    /// `https://wxaurl.cn/…` or `https://wxmpurl.cn/…`.
    pub url_link: String,
}

impl MadeUrlLink {
    /// Reads the reply of [`UrlLink::call`].
    ///
    /// # Errors
    /// The refusal, or `Malformed` when `url_link` is missing or no address of a URL Link.
    pub fn parse(body: &[u8]) -> Result<Self, ReplyError> {
        let reply: Reply = read_object(Endpoint::UrlLink, body)?;
        let url_link = reply.url_link.text("url_link", 1..=2048)?;
        if Href::url_link(&url_link).is_none() {
            return Err(FieldError::new("url_link", "is no https address of a URL Link").into());
        }
        Ok(Self { url_link })
    }
}

fields! {
    any struct Reply {
        url_link: JsonValue,
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use super::{LinkTarget, MadeUrlLink, UrlLink};
    use crate::code_style::EnvVersion;
    use crate::reply::ReplyError;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn the_documented_body_is_sent() {
        let link = UrlLink::parse(
            br#"{"path":"/pages/a","query":"a=1","is_expire":true,"expire_type":1,"expire_interval":1,"cloud_base":{"env":"e","path":"/p","query":"b=2"}}"#,
            NOW,
        )
        .unwrap();
        assert_eq!(
            link.call().body().unwrap().expose(),
            r#"{"path":"/pages/a","query":"a=1","env_version":"release","expire_type":1,"expire_interval":1,"cloud_base":{"env":"e","path":"/p","query":"b=2"}}"#
        );
        assert_eq!(link.expires_at(NOW), NOW + 86_400);
    }

    #[test]
    fn a_link_of_ours_lives_thirty_days() {
        let link = UrlLink::to(LinkTarget::new("pages/a".to_string(), None, EnvVersion::Trial));
        assert_eq!(
            link.call().body().unwrap().expose(),
            r#"{"path":"pages/a","env_version":"trial","expire_type":1,"expire_interval":30}"#
        );
        assert_eq!(link.expires_at(NOW), NOW + 30 * 86_400);
    }

    #[test]
    fn without_an_end_it_lives_thirty_days() {
        for body in
            [r#"{"path":"p"}"#, r#"{"path":"p","is_expire":false}"#, r#"{"path":"p","is_expire":true}"#]
        {
            let link = UrlLink::parse(body.as_bytes(), NOW).unwrap();
            let expected = r#"{"path":"p","env_version":"release","expire_type":1,"expire_interval":30}"#;
            assert_eq!(link.call().body().unwrap().expose(), expected);
            assert_eq!(link.expires_at(NOW), NOW + 30 * 86_400);
        }
    }

    #[test]
    fn every_rule_names_its_field() {
        let long = "q".repeat(1025);
        for (body, field) in [
            (r#"{"expire_type":0}"#.to_string(), "expire_time"),
            (r#"{"expire_type":1,"expire_interval":31}"#.to_string(), "expire_interval"),
            (format!(r#"{{"expire_time":{}}}"#, NOW + 59), "expire_time"),
            (r#"{"path":"a\u0000"}"#.to_string(), "path"),
            (r#"{"path":"a?b=1"}"#.to_string(), "path"),
            (r#"{"query":"a b"}"#.to_string(), "query"),
            (format!(r#"{{"query":"{long}"}}"#), "query"),
            (r#"{"query":"scancode_time=1"}"#.to_string(), "query"),
            (r#"{"env_version":"formal"}"#.to_string(), "env_version"),
            (r#"{"jump_wxa":{"path":"pages/a"}}"#.to_string(), "jump_wxa"),
            (r#"{"expire_type":1,"expire_interval":1,"cloud_base":{}}"#.to_string(), "cloud_base.env"),
            (
                r#"{"expire_type":1,"expire_interval":1,"cloud_base":{"env":"e","query":"a b"}}"#.to_string(),
                "cloud_base.query",
            ),
            (r#"{"cloud_base":{"env":"e\n"}}"#.to_string(), "cloud_base.env"),
            (r#"{"cloud_base":{"env":"e","domain":"a\tb"}}"#.to_string(), "cloud_base.domain"),
            (r#"{"cloud_base":{"env":"e","path":"/\u001b"}}"#.to_string(), "cloud_base.path"),
            (
                r#"{"cloud_base":{"env":"e","resource_appid":"\u0000"}}"#.to_string(),
                "cloud_base.resource_appid",
            ),
            (r#"{"expire_type":1,"expire_interval":1,"cloud_base":"e"}"#.to_string(), "cloud_base"),
        ] {
            assert_eq!(UrlLink::parse(body.as_bytes(), NOW).unwrap_err().field, field, "{body}");
        }
    }

    #[test]
    fn both_hosts_are_taken_and_no_other_address() {
        for url in ["https://wxaurl.cn/T", "https://wxmpurl.cn/T"] {
            let made = MadeUrlLink::parse(format!(r#"{{"errcode":0,"url_link":"{url}"}}"#).as_bytes());
            assert_eq!(made.unwrap().url_link, url);
        }
        for body in [
            "{}",
            r#"{"url_link":5}"#,
            r#"{"url_link":""}"#,
            r#"{"url_link":"javascript:1"}"#,
            r#"{"url_link":"https://wxaurl.cn@evil.example/"}"#,
            r#"{"url_link":"https://evil.example/T"}"#,
            r#"{"url_link":"https://wxaurl.cn/'T"}"#,
        ] {
            assert!(matches!(MadeUrlLink::parse(body.as_bytes()), Err(ReplyError::Malformed(_))), "{body}");
        }
    }
}
