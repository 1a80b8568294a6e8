use alloc::string::String;

use serde::Deserialize;

use crate::field::{FieldError, Given, parse_object};

/// Codes of the client are opaque: they are only bounded, never judged by their characters.
const CODE_LENGTH: core::ops::RangeInclusive<usize> = 1..=512;

/// The body of `POST /v1/login`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginBody {
    /// What `wx.login` gave: 1 to 512 characters.
    pub code: String,
}

impl LoginBody {
    /// Reads and checks the body.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8]) -> Result<Self, FieldError> {
        Ok(Self { code: parse_code(body)? })
    }
}

/// The body of `POST /v1/phone`, the way with a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneBody {
    /// What the phone number button gave, not the code of `wx.login`: 1 to 512 characters.
    pub code: String,
}

impl PhoneBody {
    /// Reads and checks the body.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8]) -> Result<Self, FieldError> {
        Ok(Self { code: parse_code(body)? })
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CodeFields {
    code: Given,
}

fn parse_code(body: &[u8]) -> Result<String, FieldError> {
    parse_object::<CodeFields>(body)?.code.text("code", CODE_LENGTH)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::{LoginBody, PhoneBody};

    #[test]
    fn a_code_of_1_to_512_characters_of_any_kind_is_taken() {
        for code in ["x", "a b/c?d&e=%", "码", &"x".repeat(512)] {
            let body = format!("{{\"code\":\"{code}\"}}");
            assert_eq!(LoginBody::parse(body.as_bytes()).unwrap().code, code);
            assert_eq!(PhoneBody::parse(body.as_bytes()).unwrap().code, code);
        }
    }

    #[test]
    fn a_code_outside_these_lengths_is_refused() {
        for code in ["", &"x".repeat(513)] {
            let body = format!("{{\"code\":\"{code}\"}}");
            assert_eq!(LoginBody::parse(body.as_bytes()).unwrap_err().field, "code");
            assert_eq!(PhoneBody::parse(body.as_bytes()).unwrap_err().field, "code");
        }
    }
}
