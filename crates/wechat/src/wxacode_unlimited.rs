use alloc::string::String;

use serde::Serialize;
use wxedge_contract::{FieldError, JsonValue, Nested, fields, parse_object};
use wxedge_launch::SceneCode;

use crate::call::Call;
use crate::code_style::{CodeStyle, ColorFields, StyleFields};
use crate::endpoint::Endpoint;
use crate::link_target::page_rules;

/// A mini program code that carries a scene of up to 32 characters; there may be as many as you like.
/// Source: 获取不限制的小程序码 (getUnlimitedQRCode).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WxaCodeUnlimited {
    scene: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    check_path: bool,
    #[serde(flatten)]
    style: CodeStyle,
}

impl WxaCodeUnlimited {
    /// Reads and checks `{scene, page?, check_path?, env_version?, width?, auto_color?, line_color?, is_hyaline?}`.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8]) -> Result<Self, FieldError> {
        let fields: Fields = parse_object(body)?;
        Ok(Self {
            scene: parse_scene(fields.scene)?,
            page: parse_page(fields.page)?,
            check_path: fields.check_path.optional_bool("check_path")?.unwrap_or(true),
            style: CodeStyle::parse(StyleFields {
                width: fields.width,
                auto_color: fields.auto_color,
                line_color: fields.line_color,
                is_hyaline: fields.is_hyaline,
                env_version: fields.env_version,
            })?,
        })
    }

    /// The call that makes it.
    #[must_use]
    pub fn call(&self) -> Call {
        Call::post(Endpoint::WxaCodeUnlimited, self)
    }
}

fn parse_scene(given: JsonValue) -> Result<String, FieldError> {
    let scene = given.text("scene", 1..=SceneCode::MAX_LENGTH)?;
    SceneCode::check(&scene).map_err(|rule| FieldError::new("scene", rule))?;
    Ok(scene)
}

fn parse_page(given: JsonValue) -> Result<Option<String>, FieldError> {
    let Some(page) = given.optional_line("page", 1..=1024)? else { return Ok(None) };
    page_rules(&page, "page", "scene")?;
    Ok(Some(page))
}

fields! {
    only struct Fields {
        scene: JsonValue,
        page: JsonValue,
        check_path: JsonValue,
        width: JsonValue,
        auto_color: JsonValue,
        line_color: Nested<ColorFields>,
        is_hyaline: JsonValue,
        env_version: JsonValue,
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use super::WxaCodeUnlimited;

    #[test]
    fn the_documented_body_is_sent_with_its_defaults() {
        let code = WxaCodeUnlimited::parse(br#"{"scene":"a=1&b=2","page":"pages/a"}"#).unwrap();
        assert_eq!(
            code.call().body().unwrap().expose(),
            r#"{"scene":"a=1&b=2","page":"pages/a","check_path":true,"width":430,"auto_color":false,"line_color":{"r":0,"g":0,"b":0},"is_hyaline":false,"env_version":"release"}"#
        );
    }

    #[test]
    fn every_character_of_the_charset_and_no_other_is_taken() {
        for byte in 0..=127_u8 {
            let scene = serde_json::to_string(&char::from(byte).to_string()).unwrap();
            let taken = WxaCodeUnlimited::parse(format!("{{\"scene\":{scene}}}").as_bytes()).is_ok();
            let allowed =
                char::from(byte).is_ascii_alphanumeric() || "!#$&'()*+,/:;=?@-._~".contains(char::from(byte));
            assert_eq!(taken, allowed, "{scene}");
        }
    }

    #[test]
    fn every_rule_names_its_field() {
        let long = "s".repeat(33);
        for (body, field) in [
            ("{}".to_string(), "scene"),
            (r#"{"scene":""}"#.to_string(), "scene"),
            (format!(r#"{{"scene":"{long}"}}"#), "scene"),
            (r#"{"scene":"%E4"}"#.to_string(), "scene"),
            (r#"{"scene":"中"}"#.to_string(), "scene"),
            (r#"{"scene":"a","page":"/pages/a"}"#.to_string(), "page"),
            (r#"{"scene":"a","page":"pages/a?b=1"}"#.to_string(), "page"),
            (r#"{"scene":"a","page":"pages/scancode_time"}"#.to_string(), "page"),
            (r#"{"scene":"a","page":"pages/\u0000a"}"#.to_string(), "page"),
            (r#"{"scene":"a","check_path":"false"}"#.to_string(), "check_path"),
            (r#"{"scene":"a","path":"x"}"#.to_string(), "path"),
        ] {
            assert_eq!(WxaCodeUnlimited::parse(body.as_bytes()).unwrap_err().field, field, "{body}");
        }
    }
}
