//! How values get into the page: escaped, here and nowhere else.

use alloc::string::String;

/// Appends a value so that it is text in an element and in a quoted attribute alike.
///
/// Control characters become spaces: they have no place in a title or an address, and NUL is no character of HTML.
/// Characters that turn the direction of writing are left out: they make an address read as another one.
pub(crate) fn escape_into(value: &str, out: &mut String) {
    for character in value.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            control if control.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
}

/// The first `limit` characters of a value, and whether there were more.
pub(crate) fn cut(value: &str, limit: usize) -> (&str, bool) {
    value
        .char_indices()
        .nth(limit)
        .and_then(|(end, _)| value.get(..end))
        .map_or((value, false), |kept| (kept, true))
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::{cut, escape_into};

    fn escaped(value: &str) -> String {
        let mut out = String::new();
        escape_into(value, &mut out);
        out
    }

    #[test]
    fn what_html_reads_as_markup_is_escaped() {
        for (value, expected) in [
            ("茶 & coffee", "茶 &amp; coffee"),
            ("</title><script>", "&lt;/title&gt;&lt;script&gt;"),
            ("\" onclick='x'", "&quot; onclick=&#39;x&#39;"),
            ("&lt;", "&amp;lt;"),
            ("a\r\nb\u{0}\u{85}c", "a  b  c"),
            ("abc\u{202e}gpj.exe", "abcgpj.exe"),
        ] {
            assert_eq!(escaped(value), expected, "{value:?}");
        }
    }

    #[test]
    fn a_cut_is_between_characters() {
        for (value, limit, expected) in [
            ("", 2, ("", false)),
            ("ab", 2, ("ab", false)),
            ("abc", 2, ("ab", true)),
            ("茶茶茶", 2, ("茶茶", true)),
            ("a", 0, ("", true)),
        ] {
            assert_eq!(cut(value, limit), expected, "{value} {limit}");
        }
    }

    proptest! {
        #[test]
        fn nothing_escaped_can_be_markup(value in any::<String>()) {
            let out = escaped(&value);
            prop_assert!(!out.contains(['<', '>', '"', '\'', '\r', '\n', '\0']));
            for entity in out.split('&').skip(1) {
                prop_assert!(["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|known| entity.starts_with(known)));
            }
        }
    }
}
