use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::{delimiter, percent};

/// The most parameters that are read from one text; further ones are dropped.
///
/// The platform's queries hold at most 1024 characters, a scanned link about 3000, and looking for a repeated key
/// takes a walk over the ones before it.
pub const MAX_PARAMS: usize = 1024;

/// The parameters of a query, in order.
///
/// A key that repeats keeps its first place and takes its last value, as an assignment to a JS object does. An empty
/// key is a key like others. Nothing is dropped except what lies beyond [`MAX_PARAMS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params<'a> {
    entries: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Params<'a> {
    /// Reads the text of a query, with or without the leading `?`: keys and values are decoded once.
    ///
    /// A part without `=` is a key with an empty value; an empty part between two `&` is nothing. A `+` is a `+`.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        Self::split(text.strip_prefix('?').unwrap_or(text), percent::decode)
    }

    /// Reads a text that is decoded already: it is split, and its keys and values are taken as they are.
    #[must_use]
    pub fn parse_decoded(text: &'a str) -> Self {
        Self::split(text, Cow::Borrowed)
    }

    /// The text of a query, without `?`. Reading it gives these parameters back.
    #[must_use]
    pub fn build(&self) -> String {
        let mut out = String::new();
        for (key, value) in &self.entries {
            if !out.is_empty() {
                out.push('&');
            }
            percent::encode_into(key, &mut out);
            out.push('=');
            percent::encode_into(value, &mut out);
        }
        out
    }

    /// Sets a parameter. A key that is there already keeps its place.
    pub fn set(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        self.insert(key.into(), value.into());
    }

    fn insert(&mut self, key: Cow<'a, str>, value: Cow<'a, str>) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.0 == key) {
            entry.1 = value;
        } else if self.entries.len() < MAX_PARAMS {
            self.entries.push((key, value));
        }
    }

    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.text(key).map(AsRef::as_ref)
    }

    pub(crate) fn text(&self, key: &str) -> Option<&Cow<'a, str>> {
        self.entries.iter().find(|entry| entry.0 == key).map(|entry| &entry.1)
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))
    }

    /// True when there is no parameter.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn split(text: &'a str, read: fn(&'a str) -> Cow<'a, str>) -> Self {
        let mut params = Self { entries: Vec::with_capacity(USUAL_PARAMS) };
        for part in delimiter::split(text, b'&').filter(|part| !part.is_empty()) {
            let (key, value) = delimiter::split_once(part, b'=').unwrap_or((part, ""));
            params.set(read(key), read(value));
        }
        params
    }
}

/// Most queries fit, so that the list never has to grow.
const USUAL_PARAMS: usize = 8;

impl<'a> FromIterator<(&'a str, &'a str)> for Params<'a> {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        let mut params = Self::default();
        for (key, value) in pairs {
            params.set(key, value);
        }
        params
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::{MAX_PARAMS, Params};

    fn pairs(text: &str) -> Vec<(String, String)> {
        Params::parse(text).iter().map(|(key, value)| (key.into(), value.into())).collect()
    }

    #[test]
    fn a_query_is_split_and_decoded_once() {
        for (text, expected) in [
            ("", &[][..]),
            ("?", &[]),
            ("&&", &[]),
            ("a=1", &[("a", "1")]),
            ("?a=1&b=2", &[("a", "1"), ("b", "2")]),
            ("a", &[("a", "")]),
            ("=v", &[("", "v")]),
            ("=", &[("", "")]),
            ("a=1=2", &[("a", "1=2")]),
            ("a=1&b=2&a=3", &[("a", "3"), ("b", "2")]),
            ("%E8%8C%B6=%F0%9F%8D%B5", &[("茶", "🍵")]),
            ("a=%2525&b=100%&c=x+y", &[("a", "%25"), ("b", "100%"), ("c", "x+y")]),
        ] {
            let expected: Vec<_> =
                expected.iter().map(|(key, value)| (String::from(*key), String::from(*value))).collect();
            assert_eq!(pairs(text), expected, "{text}");
        }
    }

    #[test]
    fn parameters_beyond_the_limit_are_dropped() {
        let keys: Vec<String> = (0..MAX_PARAMS + 5).map(|index| alloc::format!("k{index}")).collect();
        let text = keys.join("&");
        assert_eq!(pairs(&text).len(), MAX_PARAMS);
    }

    proptest! {
        #[test]
        fn what_is_built_parses_to_itself(given in prop::collection::vec((any::<String>(), any::<String>()), 0..12)) {
            let params: Params<'_> = given.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            let text = params.build();
            prop_assert_eq!(Params::parse(&text), params);
        }

        #[test]
        fn no_text_breaks_the_parser(text in "[&=?%#a-fé茶\\x00]{0,60}") {
            for (key, _) in Params::parse(&text).iter() {
                prop_assert!(!key.contains('&'));
            }
        }
    }
}
