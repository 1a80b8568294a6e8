use serde::{Deserialize, Serialize};
use wxedge_contract::{FieldError, JsonValue};

/// Which version of the mini program a link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EnvVersion {
    /// The published one.
    #[default]
    Release,
    /// The trial version.
    Trial,
    /// The development version.
    Develop,
}

impl EnvVersion {
    /// How `WeChat` spells it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Trial => "trial",
            Self::Develop => "develop",
        }
    }

    /// Reads `env_version`; absent or empty is `release`.
    pub(crate) fn parse(given: JsonValue) -> Result<Self, FieldError> {
        match given {
            JsonValue::Absent => Some(Self::Release),
            JsonValue::Text(text) => match text.as_str() {
                "" | "release" => Some(Self::Release),
                "trial" => Some(Self::Trial),
                "develop" => Some(Self::Develop),
                _ => None,
            },
            _ => None,
        }
        .ok_or_else(|| FieldError::new("env_version", "must be release, trial or develop"))
    }
}
