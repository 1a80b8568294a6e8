use alloc::borrow::Cow;

use crate::{Params, decimal, delimiter, percent};

/// The link of a scanned QR code that opened the mini program: `query.q` and `query.scancode_time`.
///
/// Source: ordinary links as QR codes, WeChat mini program access guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link<'a> {
    url: Cow<'a, str>,
    scancode_time: Option<u64>,
}

impl<'a> Link<'a> {
    /// Reads the two values as they arrived. The link is decoded once, unless it is decoded already; links inside its
    /// parameters stay encoded in it.
    #[must_use]
    pub fn parse(q: &'a str, scancode_time: &str) -> Self {
        Self::of_decoded(Self::decode(q), scancode_time)
    }

    /// Decodes once. The platform encodes the whole link, so one in which a `:` or `/` stands has been decoded.
    pub(crate) fn decode(q: &'a str) -> Cow<'a, str> {
        if q.bytes().any(|byte| matches!(byte, b':' | b'/')) {
            Cow::Borrowed(q)
        } else {
            percent::decode_value(q)
        }
    }

    pub(crate) fn of_decoded(url: Cow<'a, str>, scancode_time: &str) -> Self {
        Self { url, scancode_time: decimal::parse(scancode_time) }
    }

    /// The whole link, decoded once.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// When it was scanned, in Unix seconds.
    #[must_use]
    pub fn scancode_time(&self) -> Option<u64> {
        self.scancode_time
    }

    /// True when the text begins like a link: a scheme and `://`.
    #[must_use]
    pub fn has_scheme(&self) -> bool {
        delimiter::split_once(&self.url, b':').is_some_and(|(scheme, rest)| {
            rest.starts_with("//")
                && scheme.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
                && scheme
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        })
    }

    /// The parameters between `?` and `#`, each decoded.
    #[must_use]
    pub fn params(&self) -> Params<'_> {
        let before_fragment = delimiter::before(&self.url, b'#');
        delimiter::split_once(before_fragment, b'?')
            .map_or_else(Params::default, |(_, query)| Params::parse(query))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::Link;
    use crate::percent;

    #[test]
    fn a_link_is_decoded_once_and_its_parameters_once_more() {
        for (q, url, params) in [
            ("https%3A%2F%2Fa.cn%2Fs%3Fid%3D1", "https://a.cn/s?id=1", vec![("id", "1")]),
            ("https://a.cn/s?id=%E8%8C%B6", "https://a.cn/s?id=%E8%8C%B6", vec![("id", "茶")]),
            (
                "https%3A%2F%2Fa.cn%2F%3Fto%3Dhttps%253A%252F%252Fb.cn%252F%253Fx%253D1%2526y%253D2",
                "https://a.cn/?to=https%3A%2F%2Fb.cn%2F%3Fx%3D1%26y%3D2",
                vec![("to", "https://b.cn/?x=1&y=2")],
            ),
            ("https%3A%2F%2Fa.cn%2F%23%3Fno%3D1", "https://a.cn/#?no=1", vec![]),
            ("https%3A%2F%2Fa.cn%2F%3Fa%3D1%23b%3D2", "https://a.cn/?a=1#b=2", vec![("a", "1")]),
            ("https%3A%2F%2Fa.cn%2F%", "https%3A%2F%2Fa.cn%2F%", vec![]),
            ("", "", vec![]),
        ] {
            let link = Link::parse(q, "");
            assert_eq!(link.url(), url, "{q}");
            assert_eq!(link.params().iter().collect::<Vec<_>>(), params, "{q}");
        }
    }

    #[test]
    fn only_digits_are_a_time() {
        for (text, expected) in [
            ("1638342000", Some(1_638_342_000)),
            ("0", Some(0)),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
            ("9999999999999999", None),
        ] {
            assert_eq!(Link::parse("", text).scancode_time(), expected, "{text}");
        }
    }

    #[test]
    fn a_search_word_is_not_a_link() {
        for (text, expected) in [
            ("https%3A%2F%2Fa.cn", true),
            ("hlht://x", true),
            ("shoes", false),
            ("://x", false),
            ("a b://x", false),
        ] {
            assert_eq!(Link::parse(text, "").has_scheme(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_encoded_link_comes_back(path in "[a-z/%&=?#茶 ]{0,40}") {
            let url = alloc::format!("https://a.cn/{path}");
            let encoded = percent::encode(&url);
            prop_assert_eq!(Link::parse(&encoded, "").url, url.as_str());
            prop_assert_eq!(Link::parse(&url, "").url, url.as_str());
        }

        #[test]
        fn no_text_breaks_the_parser(q in any::<alloc::string::String>(), time in any::<alloc::string::String>()) {
            let link = Link::parse(&q, &time);
            prop_assert!(link.params().iter().count() <= q.len());
        }
    }
}
