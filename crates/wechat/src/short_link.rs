use alloc::string::String;

use serde::Serialize;
use wxedge_contract::{FieldError, JsonValue, fields, parse_object};

use crate::call::Call;
use crate::code_style::without_reserved_name;
use crate::endpoint::Endpoint;
use crate::reply::{ReplyError, read_object};

/// A short link to be made: a text that opens the mini program where it is pasted inside `WeChat`.
/// Source: 获取 Short Link (generateShortLink).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShortLink {
    page_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_title: Option<String>,
    is_permanent: bool,
}

impl ShortLink {
    /// Reads and checks `{page_url, page_title?, is_permanent?}`. `page_url` may carry a query; WeChat cuts a title of
    /// more than 20 characters.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8]) -> Result<Self, FieldError> {
        let fields: Fields = parse_object(body)?;
        let page_url = fields.page_url.line("page_url", 1..=1024)?;
        without_reserved_name(&page_url, "page_url")?;
        Ok(Self {
            page_url,
            page_title: fields.page_title.optional_line("page_title", 1..=256)?,
            is_permanent: fields.is_permanent.optional_bool("is_permanent")?.unwrap_or(false),
        })
    }

    /// The call that makes it.
    #[must_use]
    pub fn call(&self) -> Call {
        Call::post(Endpoint::ShortLink, self)
    }
}

fields! {
    only struct Fields {
        page_url: JsonValue,
        page_title: JsonValue,
        is_permanent: JsonValue,
    }
}

/// A short link as WeChat made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeShortLink {
    /// `#小程序://…`
    pub link: String,
}

impl MadeShortLink {
    /// Reads the reply of [`ShortLink::call`].
    ///
    /// # Errors
    /// The refusal, or `Malformed` when `link` is missing or of the wrong type.
    pub fn parse(body: &[u8]) -> Result<Self, ReplyError> {
        let reply: Reply = read_object(Endpoint::ShortLink, body)?;
        Ok(Self { link: reply.link.line("link", 1..=2048)? })
    }
}

fields! {
    any struct Reply {
        link: JsonValue,
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use super::{MadeShortLink, ShortLink};
    use crate::reply::ReplyError;

    #[test]
    fn the_documented_body_is_sent_with_its_default() {
        let link = ShortLink::parse(r#"{"page_url":"pages/a?b=1","page_title":"茶"}"#.as_bytes()).unwrap();
        assert_eq!(
            link.call().body().unwrap().expose(),
            r#"{"page_url":"pages/a?b=1","page_title":"茶","is_permanent":false}"#
        );
    }

    #[test]
    fn every_rule_names_its_field() {
        let long = "p".repeat(1025);
        for (body, field) in [
            ("{}".to_string(), "page_url"),
            (r#"{"page_url":""}"#.to_string(), "page_url"),
            (format!(r#"{{"page_url":"{long}"}}"#), "page_url"),
            (r#"{"page_url":"p?scancode_time=1"}"#.to_string(), "page_url"),
            (r#"{"page_url":"p\u0001"}"#.to_string(), "page_url"),
            (r#"{"page_url":"p","page_title":"a\nb"}"#.to_string(), "page_title"),
            (r#"{"page_url":"p","page_title":7}"#.to_string(), "page_title"),
            (r#"{"page_url":"p","is_permanent":"true"}"#.to_string(), "is_permanent"),
            (r#"{"page_url":"p","path":"q"}"#.to_string(), "path"),
        ] {
            assert_eq!(ShortLink::parse(body.as_bytes()).unwrap_err().field, field, "{body}");
        }
    }

    #[test]
    fn the_reply_must_hold_a_link() {
        let made = MadeShortLink::parse("{\"errcode\":0,\"link\":\"#小程序://a/b\"}".as_bytes()).unwrap();
        assert_eq!(made.link, "#小程序://a/b");
        for body in ["{}", r#"{"link":5}"#, r#"{"link":""}"#, r#"{"link":"a\u0000"}"#] {
            assert!(matches!(MadeShortLink::parse(body.as_bytes()), Err(ReplyError::Malformed(_))), "{body}");
        }
    }
}
