//! Headers as one text, which crosses the border at once.

use std::fmt;

/// Headers, in order. Names are compared without regard to case.
///
/// They are held as lines of `Name: value`, each with its line break at the end.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(String);

impl Headers {
    /// No headers.
    #[must_use]
    pub const fn new() -> Self {
        Self(String::new())
    }

    /// Takes lines as JavaScript makes them: the runtime lets no value hold a line break.
    pub(crate) const fn from_lines(lines: String) -> Self {
        Self(lines)
    }

    pub(crate) fn lines(&self) -> &str {
        &self.0
    }

    /// The value of the first header of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Adds a header. A value with a control character, or a name that has other characters than letters, digits, `-` and
    /// `_`, is left out, so that no value adds a header.
    pub fn append(&mut self, name: &str, value: &str) {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !name.is_empty() && name.bytes().all(is_name) && !value.bytes().any(|byte| byte.is_ascii_control())
        {
            self.0.extend([name, ": ", value, "\n"]);
        }
    }

    /// The same with one more, as [`append`](Self::append) adds it.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.append(name, value);
        self
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.split_terminator('\n').filter_map(|line| line.split_once(": "))
    }
}

/// Shows names only: values may be secrets.
impl fmt::Debug for Headers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Headers;

    #[test]
    fn a_header_is_found_by_its_name_in_any_case() {
        let headers = Headers::new().with("Content-Type", "text/html; x=\": \"").with("X-Empty", "");
        assert_eq!(headers.get("content-type"), Some("text/html; x=\": \""));
        assert_eq!(headers.get("X-EMPTY"), Some(""));
        assert_eq!(headers.get("Content"), None);
    }

    #[test]
    fn values_do_not_show_when_printed() {
        let headers = Headers::new().with("Authorization", "Bearer planted");
        assert_eq!(format!("{headers:?}"), r#"["Authorization"]"#);
    }

    proptest! {
        #[test]
        fn no_name_and_no_value_adds_another_header(name in "[aB1:\\n -]{0,4}", value in "[a:\\r\\n\\t\0é ]{0,6}") {
            let headers = Headers::new().with(&name, &value).with("Last", "1");
            let others: Vec<_> = headers.iter().filter(|&pair| pair != ("Last", "1")).collect();
            prop_assert!(others.is_empty() || others == [(name.as_str(), value.as_str())]);
            prop_assert_eq!(headers.get("Last"), Some("1"));
        }
    }
}
