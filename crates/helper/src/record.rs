//! Several texts as one: each is followed by a separator, a character that none of them holds; the record begins with
//! that separator, so that it says itself which one it is.

use alloc::string::String;
use alloc::vec::Vec;

/// The texts of a record. An empty record has none.
pub(crate) fn texts(record: &str) -> impl Iterator<Item = &str> {
    let separator = record.chars().next().unwrap_or_default();
    record.strip_prefix(separator).unwrap_or_default().split_terminator(separator)
}

/// Texts two by two.
pub(crate) fn pairs<'a>(mut texts: impl Iterator<Item = &'a str>) -> Vec<(&'a str, &'a str)> {
    let mut pairs = Vec::new();
    while let (Some(key), Some(value)) = (texts.next(), texts.next()) {
        pairs.push((key, value));
    }
    pairs
}

/// The record of these texts.
pub(crate) fn of(texts: &[&str]) -> String {
    let separator = separator(texts);
    let length = texts.iter().fold(4_usize, |length, text| length.saturating_add(text.len()).saturating_add(4));
    let mut out = String::with_capacity(length);
    out.push(separator);
    for text in texts {
        out.push_str(text);
        out.push(separator);
    }
    out
}

/// NUL nearly always; a text can hold it only through a `%00`.
fn separator(texts: &[&str]) -> char {
    if !texts.iter().any(|text| text.bytes().any(|byte| byte == 0)) {
        return '\0';
    }
    ('\u{1}'..char::MAX).find(|char| !texts.iter().any(|text| text.contains(*char))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;

    use super::{of, pairs, texts};

    #[test]
    fn a_record_gives_its_texts_back() {
        for (record, expected) in [
            ("", vec![]),
            ("\0", vec![]),
            ("\0\0", vec![""]),
            ("\0a\0\0b\0", vec!["a", "", "b"]),
            ("\u{1}a\0b\u{1}茶\u{1}", vec!["a\0b", "茶"]),
        ] {
            assert_eq!(texts(record).collect::<Vec<_>>(), expected, "{record:?}");
            assert!(record.is_empty() || of(&expected) == record, "{record:?}");
        }
    }

    #[test]
    fn a_separator_is_found_whatever_the_texts_hold() {
        let all: String = ('\0'..='\u{2ff}').collect();
        assert_eq!(texts(&of(&[&all, "b"])).collect::<Vec<_>>(), [all.as_str(), "b"]);
    }

    #[test]
    fn a_key_without_a_value_is_dropped() {
        assert_eq!(pairs(["a", "1", "b"].into_iter()), [("a", "1")]);
    }
}
