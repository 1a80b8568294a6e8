use alloc::string::String;

use serde::Serialize;
use wxedge_contract::{FieldError, JsonValue, Nested, fields, parse_object};

use crate::call::Call;
use crate::code_style::{CodeStyle, ColorFields, StyleFields, without_reserved_name};
use crate::endpoint::Endpoint;

/// A mini program code that carries a whole path; 100,000 of these and of [`crate::QrCode`] in the life of an
/// account. Source: 获取小程序码 (getQRCode).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WxaCode {
    path: String,
    #[serde(flatten)]
    style: CodeStyle,
}

impl WxaCode {
    /// Reads and checks `{path, width?, auto_color?, line_color?, is_hyaline?, env_version?}`.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8]) -> Result<Self, FieldError> {
        let fields: Fields = parse_object(body)?;
        let path = fields.path.line("path", 1..=1024)?;
        without_reserved_name(&path, "path")?;
        let style = CodeStyle::parse(StyleFields {
            width: fields.width,
            auto_color: fields.auto_color,
            line_color: fields.line_color,
            is_hyaline: fields.is_hyaline,
            env_version: fields.env_version,
        })?;
        Ok(Self { path, style })
    }

    /// The call that makes it.
    #[must_use]
    pub fn call(&self) -> Call {
        Call::post(Endpoint::WxaCode, self)
    }
}

fields! {
    only struct Fields {
        path: JsonValue,
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

    use super::WxaCode;

    #[test]
    fn defaults_are_spelled_out_so_that_equal_codes_are_equal() {
        let short = WxaCode::parse(br#"{"path":"pages/a?b=1"}"#).unwrap();
        assert_eq!(
            short.call().body().unwrap().expose(),
            r#"{"path":"pages/a?b=1","width":430,"auto_color":false,"line_color":{"r":0,"g":0,"b":0},"is_hyaline":false,"env_version":"release"}"#
        );
        let long = WxaCode::parse(
            br#"{"env_version":"","is_hyaline":false,"line_color":{"b":"0","g":0,"r":0},"auto_color":false,"width":430,"path":"pages/a?b=1"}"#,
        );
        assert_eq!(long.unwrap(), short);
    }

    #[test]
    fn every_rule_names_its_field() {
        let long = "p".repeat(1025);
        for (body, field) in [
            ("{}".to_string(), "path"),
            (r#"{"path":""}"#.to_string(), "path"),
            (format!(r#"{{"path":"{long}"}}"#), "path"),
            (r#"{"path":"p?scancode_time=1"}"#.to_string(), "path"),
            (r#"{"path":"p\t"}"#.to_string(), "path"),
            (r#"{"path":"p","width":279}"#.to_string(), "width"),
            (r#"{"path":"p","width":1281}"#.to_string(), "width"),
            (r#"{"path":"p","width":"430"}"#.to_string(), "width"),
            (r#"{"path":"p","auto_color":"false"}"#.to_string(), "auto_color"),
            (r#"{"path":"p","line_color":{"r":256}}"#.to_string(), "line_color.r"),
            (r#"{"path":"p","line_color":{"g":-1}}"#.to_string(), "line_color.g"),
            (r#"{"path":"p","line_color":{"b":"x"}}"#.to_string(), "line_color.b"),
            (r#"{"path":"p","line_color":{"a":1}}"#.to_string(), "a"),
            (r#"{"path":"p","line_color":5}"#.to_string(), "line_color"),
            (r#"{"path":"p","line_color":[1]}"#.to_string(), "line_color"),
            (r#"{"path":"p","line_color":null}"#.to_string(), "line_color"),
            (r#"{"path":"p","is_hyaline":1}"#.to_string(), "is_hyaline"),
            (r#"{"path":"p","env_version":"formal"}"#.to_string(), "env_version"),
            (r#"{"path":"p","env_version":1}"#.to_string(), "env_version"),
            (r#"{"path":"p","scene":"a"}"#.to_string(), "scene"),
        ] {
            assert_eq!(WxaCode::parse(body.as_bytes()).unwrap_err().field, field, "{body}");
        }
    }
}
