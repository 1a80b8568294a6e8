use alloc::string::String;

use serde::Serialize;
use wxedge_contract::{FieldError, JsonValue, fields, parse_object};

use crate::call::Call;
use crate::code_style::{width, without_reserved_name};
use crate::endpoint::Endpoint;

/// The longest path, in bytes: the documentation says 128 without saying of what, and bytes are never more.
const LONGEST_PATH: usize = 128;

/// A square code that carries a whole path; 100,000 of these and of [`crate::WxaCode`] in the life of an account.
/// Source: 获取小程序二维码 (createQRCode).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QrCode {
    path: String,
    width: i64,
}

impl QrCode {
    /// Reads and checks `{path, width?}`.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8]) -> Result<Self, FieldError> {
        let fields: Fields = parse_object(body)?;
        let path = fields.path.line("path", 1..=LONGEST_PATH)?;
        if path.len() > LONGEST_PATH {
            return Err(FieldError::new("path", "must be at most 128 bytes: one Chinese character is three"));
        }
        without_reserved_name(&path, "path")?;
        Ok(Self { path, width: width(fields.width)? })
    }

    /// The call that makes it.
    #[must_use]
    pub fn call(&self) -> Call {
        Call::post(Endpoint::QrCode, self)
    }
}

fields! {
    only struct Fields {
        path: JsonValue,
        width: JsonValue,
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString;

    use super::QrCode;

    #[test]
    fn the_documented_body_is_sent_with_its_default() {
        let code = QrCode::parse(br#"{"path":"pages/a?b=1"}"#).unwrap();
        assert_eq!(code.call().body().unwrap().expose(), r#"{"path":"pages/a?b=1","width":430}"#);
    }

    #[test]
    fn every_rule_names_its_field() {
        let long = "p".repeat(129);
        let wide = "中".repeat(43);
        for (body, field) in [
            ("{}".to_string(), "path"),
            (format!(r#"{{"path":"{long}"}}"#), "path"),
            (format!(r#"{{"path":"{wide}"}}"#), "path"),
            (r#"{"path":"p?scancode_time=1"}"#.to_string(), "path"),
            (r#"{"path":"p\u007f"}"#.to_string(), "path"),
            (r#"{"path":"p","width":0}"#.to_string(), "width"),
            (r#"{"path":"p","env_version":"trial"}"#.to_string(), "env_version"),
        ] {
            assert_eq!(QrCode::parse(body.as_bytes()).unwrap_err().field, field, "{body}");
        }
    }
}
