use alloc::borrow::Cow;
use alloc::string::String;

use crate::{InvalidArgument, Params, percent};

/// What a mini program code carries: `query.scene`, not to be taken for the launch's own scene value.
///
/// Source: getUnlimitedQRCode, WeChat server API. At most 32 characters, among them no `%`, so whoever made the code
/// could encode nothing: `=` and `&` stand in it as they are, and the platform does not split it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SceneCode<'a> {
    raw: Cow<'a, str>,
    stored: bool,
}

impl<'a> SceneCode<'a> {
    /// The most characters that a code carries.
    pub const MAX_LENGTH: usize = 32;

    /// Checks a text that is to be put into a code: 1 to 32 characters, of those that the platform takes.
    ///
    /// # Errors
    /// The rule that the text breaks, to be read after the name of a field.
    pub fn check(text: &str) -> Result<(), &'static str> {
        if !text.bytes().all(is_scene_byte) {
            return Err(CHARACTERS_RULE);
        }
        if (1..=Self::MAX_LENGTH).contains(&text.len()) { Ok(()) } else { Err(LENGTH_RULE) }
    }

    /// Writes parameters as the text of a code: `a=1&b=2`. Nothing can be encoded in it, so what it cannot hold is
    /// refused; what is written reads back as it was given.
    ///
    /// # Errors
    /// When the text is too long, or a character is against the rule.
    pub fn build(params: &Params<'_>) -> Result<String, InvalidArgument> {
        let mut text = String::new();
        for (key, value) in params.iter() {
            if !text.is_empty() {
                text.push('&');
            }
            text.push_str(key);
            text.push('=');
            text.push_str(value);
        }
        Self::check(&text).map_err(|rule| InvalidArgument::new("scene", rule))?;
        if Params::parse_decoded(&text) == *params {
            Ok(text)
        } else {
            Err(InvalidArgument::new("scene", DELIMITERS_RULE))
        }
    }

    /// Reads the text as it arrived in `query.scene`, percent-encoded or not.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        Self::of_decoded(Self::decode(text))
    }

    /// Decodes once: no `%` can stand in a decoded scene, so one that decodes is encoded.
    pub(crate) fn decode(text: &'a str) -> Cow<'a, str> {
        percent::decode(text)
    }

    pub(crate) fn of_decoded(raw: Cow<'a, str>) -> Self {
        let stored = is_stored(&raw);
        Self { raw, stored }
    }

    /// The decoded text.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// True for a scene that stands for a longer query, kept by the Worker: `~` and its id. Resolve it there.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.stored
    }

    /// The parameters, when the text is written as `key=value&key=value`. A bare id and a stored scene have none.
    #[must_use]
    pub fn params(&self) -> Params<'_> {
        if self.stored || !self.raw.bytes().any(|byte| byte == b'=') {
            return Params::default();
        }
        Params::parse_decoded(&self.raw)
    }
}

const LENGTH_RULE: &str = "must have 1 to 32 characters: for more, keep a query with POST /v1/scenes and put in the scene it answers";
const CHARACTERS_RULE: &str = "may hold only letters, digits and !#$&'()*+,/:;=?@-._~ (no %, so no percent-encoding): \
    for others, keep a query with POST /v1/scenes and put in the scene it answers";

const DELIMITERS_RULE: &str = "must hold no & in a key or a value, and no = in a key: for these, keep a query with \
    POST /v1/scenes and put in the scene it answers";

fn is_scene_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$&'()*+,/:;=?@-._~".contains(&byte)
}

/// Generous on purpose: one whose check characters do not match is stored too, and the Worker says that it is damaged.
fn is_stored(raw: &str) -> bool {
    raw.len() <= SceneCode::MAX_LENGTH
        && raw.strip_prefix('~').is_some_and(|id| {
            !id.is_empty()
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        })
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::SceneCode;
    use crate::Params;

    #[test]
    fn a_scene_is_decoded_once_and_split() {
        for (text, raw, params) in [
            ("a%3D1%26b%3D2", "a=1&b=2", vec![("a", "1"), ("b", "2")]),
            ("a=1&b=2", "a=1&b=2", vec![("a", "1"), ("b", "2")]),
            ("id%3D%E8%8C%B6", "id=茶", vec![("id", "茶")]),
            ("8f3k2", "8f3k2", vec![]),
            ("a&b=1", "a&b=1", vec![("a", ""), ("b", "1")]),
            ("u%3D%2525", "u=%25", vec![("u", "%25")]),
            ("100%", "100%", vec![]),
            ("", "", vec![]),
        ] {
            let code = SceneCode::parse(text);
            assert_eq!(code.raw(), raw, "{text}");
            assert_eq!(code.params().iter().collect::<Vec<_>>(), params, "{text}");
            assert!(!code.is_stored(), "{text}");
        }
    }

    #[test]
    fn only_a_tilde_and_an_id_is_a_stored_scene() {
        for (text, stored) in [
            ("~8fK2-x_9", true),
            ("%7E8fK2", true),
            ("~", false),
            ("~a=1", false),
            ("a~b", false),
            ("~0123456789012345678901234567890", true),
            ("~01234567890123456789012345678901", false),
        ] {
            let code = SceneCode::parse(text);
            assert_eq!(code.is_stored(), stored, "{text}");
            assert!(!stored || code.params().is_empty());
        }
    }

    #[test]
    fn what_a_code_cannot_hold_is_refused() {
        for (params, expected) in [
            (&[("a", "1"), ("b", "2")][..], Some("a=1&b=2")),
            (&[("a", "1=2")], Some("a=1=2")),
            (&[("", "v"), ("k", "")], Some("=v&k=")),
            (&[("~8fK2", "")], Some("~8fK2=")),
            (&[], None),
            (&[("a", "1&b=2")], None),
            (&[("a=b", "1")], None),
            (&[("a", "茶")], None),
            (&[("a", "100%")], None),
            (&[("a", "0123456789012345678901234567890")], None),
        ] {
            let params: Params<'_> = params.iter().copied().collect();
            assert_eq!(SceneCode::build(&params).ok().as_deref(), expected, "{params:?}");
        }
    }

    #[test]
    fn a_code_takes_up_to_32_characters_of_the_charset() {
        for (text, taken) in [
            ("a=1&b=2", true),
            ("!#$&'()*+,/:;=?@-._~09azAZ", true),
            (&"s".repeat(32), true),
            (&"s".repeat(33), false),
            ("", false),
            ("a%20b", false),
            ("a b", false),
            ("茶", false),
            (&"茶".repeat(33), false),
        ] {
            assert_eq!(SceneCode::check(text).is_ok(), taken, "{text}");
        }
        for byte in 0..=127_u8 {
            let allowed = byte.is_ascii_alphanumeric() || "!#$&'()*+,/:;=?@-._~".contains(char::from(byte));
            assert_eq!(
                SceneCode::check(&alloc::string::String::from(char::from(byte))).is_ok(),
                allowed,
                "{byte}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_built_parses_to_itself(given in prop::collection::vec(("[a-z~=&%/]{0,4}", "[a-z0-9~=&%+/]{0,8}"), 0..4)) {
            let params: Params<'_> = given.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            if let Ok(text) = SceneCode::build(&params) {
                let code = SceneCode::parse(&text);
                prop_assert_eq!(code.params(), params);
                prop_assert!(!code.is_stored());
            }
        }

        #[test]
        fn no_text_breaks_the_parser(text in "[~&=%0-9a-f茶]{0,40}") {
            let code = SceneCode::parse(&text);
            prop_assert!(code.raw().len() <= text.len());
            prop_assert!(code.params().iter().count() <= text.len());
        }
    }
}
