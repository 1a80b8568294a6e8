//! Percent-encoding as the platform's `encodeURIComponent` and `decodeURIComponent` do it.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Decodes a text once.
///
/// A text that is malformed, be it a stray `%` or bytes that are not UTF-8, is kept whole as it came: half a decoding
/// would be neither the one nor the other. A `+` stays a `+`, as in `decodeURIComponent`.
#[must_use]
pub fn decode(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte == b'%') {
        return Cow::Borrowed(text);
    }
    decode_bytes(text).and_then(|bytes| String::from_utf8(bytes).ok()).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Decodes the value of a query once, unless it is decoded already.
///
/// On a phone the values of a launch arrive percent-encoded, in the developer tools they may arrive decoded. A value
/// with a character that cannot stand in an encoded query (a space, a control character, anything beyond ASCII, or one
/// of ``"#&<>[\]^`{|}``) has been decoded, and decoding it again would damage a `%` that belongs to it.
#[must_use]
pub fn decode_value(text: &str) -> Cow<'_, str> {
    if text.bytes().all(may_stand_in_query) { decode(text) } else { Cow::Borrowed(text) }
}

/// Encodes a text so that it can stand as one key, value or path segment of a URL.
///
/// Letters, digits and `-_.!~*'()` stay as they are.
pub fn encode_into(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')')
        {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(hex_digit(byte >> 4));
            out.push(hex_digit(byte & 0x0f));
        }
    }
}

/// [`encode_into`] a new text.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    encode_into(text, &mut out);
    out
}

/// The decoded bytes are written over a copy of the text, since they never take more room.
fn decode_bytes(text: &str) -> Option<Vec<u8>> {
    let mut out = text.as_bytes().to_vec();
    let mut bytes = text.bytes();
    let mut decoded = 0_usize;
    for place in &mut out {
        let Some(byte) = bytes.next() else { break };
        *place = if byte == b'%' { hex_value(bytes.next()?)? << 4 | hex_value(bytes.next()?)? } else { byte };
        decoded = decoded.wrapping_add(1);
    }
    out.truncate(decoded);
    Some(out)
}

fn may_stand_in_query(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'#' | b'&' | b'<' | b'>' | b'[' | b'\\' | b']' | b'^' | b'`' | b'{' | b'|' | b'}'
        )
}

fn hex_digit(nibble: u8) -> char {
    HEX.get(usize::from(nibble)).copied().map_or('0', char::from)
}

fn hex_value(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte & 0x0f),
        b'A'..=b'F' | b'a'..=b'f' => Some((byte & 0x0f).wrapping_add(9)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::{decode, decode_value, encode};

    #[test]
    fn a_text_is_decoded_once_or_kept() {
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("a%3D1%26b%3d2", "a=1&b=2"),
            ("%E4%BD%A0%E5%A5%BD", "你好"),
            ("%F0%9F%8D%B5", "🍵"),
            ("%2525", "%25"),
            ("a+b", "a+b"),
            ("100%", "100%"),
            ("%E4%BD", "%E4%BD"),
            ("%zz%20", "%zz%20"),
            ("%C4%E3", "%C4%E3"),
            ("%20%", "%20%"),
        ] {
            assert_eq!(decode(text), expected, "{text}");
        }
    }

    #[test]
    fn a_value_that_is_decoded_already_is_kept() {
        for (text, expected) in [
            ("100%25 sure", "100%25 sure"),
            ("茶%20", "茶%20"),
            ("a=1&b=%20", "a=1&b=%20"),
            ("/pages/a%3Fb%3D1", "/pages/a?b=1"),
            ("a%20b", "a b"),
        ] {
            assert_eq!(decode_value(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(text in any::<String>()) {
            let encoded = encode(&text);
            prop_assert!(encoded.is_ascii());
            prop_assert_eq!(decode(&encoded), text.as_str());
            prop_assert_eq!(decode_value(&encoded), text.as_str());
        }

        #[test]
        fn no_text_breaks_the_decoder(text in "(%[0-9a-fA-F]{0,2}|.){0,40}") {
            let decoded = decode(&text);
            prop_assert!(decoded.len() <= text.len());
        }
    }
}
