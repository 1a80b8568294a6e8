use alloc::format;

use serde::{Deserialize, Serialize};
use wxedge_contract::{FieldError, JsonValue, Nested, fields};

/// The width of a code in pixels, when the caller names none.
const DEFAULT_WIDTH: i64 = 430;

/// Which version of the mini program a code or link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EnvVersion {
    /// The published one.
    #[default]
    Release,
    /// The trial version.
    Trial,
    /// The development version.
    Develop,
}

impl EnvVersion {
    /// How WeChat spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Trial => "trial",
            Self::Develop => "develop",
        }
    }

    /// Reads the field; absent or empty is `release`.
    pub(crate) fn parse(given: JsonValue, field: &'static str) -> Result<Self, FieldError> {
        match given {
            JsonValue::Absent => Ok(Self::Release),
            JsonValue::Text(text) => match text.as_str() {
                "" | "release" => Ok(Self::Release),
                "trial" => Ok(Self::Trial),
                "develop" => Ok(Self::Develop),
                _ => Err(wrong_version(field)),
            },
            _ => Err(wrong_version(field)),
        }
    }
}

fn wrong_version(field: &'static str) -> FieldError {
    FieldError::new(field, "must be release, trial or develop")
}

/// Reads the width of a code: 280 to 1280 pixels.
pub(crate) fn width(given: JsonValue) -> Result<i64, FieldError> {
    Ok(given.optional_integer("width", 280..=1280)?.unwrap_or(DEFAULT_WIDTH))
}

/// How a mini program code looks. Source: 获取小程序码 (getQRCode).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CodeStyle {
    width: i64,
    auto_color: bool,
    line_color: LineColor,
    is_hyaline: bool,
    env_version: EnvVersion,
}

impl CodeStyle {
    pub(crate) fn parse(fields: StyleFields) -> Result<Self, FieldError> {
        Ok(Self {
            width: width(fields.width)?,
            auto_color: fields.auto_color.optional_bool("auto_color")?.unwrap_or(false),
            line_color: LineColor::parse(fields.line_color.optional("line_color")?.unwrap_or_default())?,
            is_hyaline: fields.is_hyaline.optional_bool("is_hyaline")?.unwrap_or(false),
            env_version: EnvVersion::parse(fields.env_version, "env_version")?,
        })
    }
}

/// The fields of a [`CodeStyle`] as the caller gives them.
pub(crate) struct StyleFields {
    pub(crate) width: JsonValue,
    pub(crate) auto_color: JsonValue,
    pub(crate) line_color: Nested<ColorFields>,
    pub(crate) is_hyaline: JsonValue,
    pub(crate) env_version: JsonValue,
}

/// Red, green and blue, 0 to 255 each. Used when `auto_color` is false.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
struct LineColor {
    r: u8,
    g: u8,
    b: u8,
}

fields! {
    only pub(crate) struct ColorFields {
        r: JsonValue,
        g: JsonValue,
        b: JsonValue,
    }
}

impl LineColor {
    fn parse(fields: ColorFields) -> Result<Self, FieldError> {
        Ok(Self {
            r: channel(fields.r, "line_color.r")?,
            g: channel(fields.g, "line_color.g")?,
            b: channel(fields.b, "line_color.b")?,
        })
    }
}

/// A channel is a number; the documentation's examples show it as a text too.
fn channel(given: JsonValue, field: &'static str) -> Result<u8, FieldError> {
    let number = match given {
        JsonValue::Absent => Some(0),
        JsonValue::Integer(number) => u8::try_from(number).ok(),
        JsonValue::Text(text) => text.parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| FieldError::new(field, "must be a whole number from 0 to 255"))
}

/// Refuses the one name that WeChat keeps for itself in the query of a page.
pub(crate) fn without_reserved_name(text: &str, field: &'static str) -> Result<(), FieldError> {
    if text.contains("scancode_time") {
        return Err(FieldError::new(
            field,
            "must not contain scancode_time, which WeChat adds itself: use another name",
        ));
    }
    Ok(())
}

/// Checks the path of a page as the endpoints with a separate query want it.
pub(crate) fn without_query(page: &str, field: &'static str, query_field: &str) -> Result<(), FieldError> {
    if page.contains(['?', '#']) {
        return Err(FieldError::new(field, format!("must not have a query: put it into {query_field}")));
    }
    Ok(())
}
