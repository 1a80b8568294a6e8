//! Several texts as one: each is followed by a separator, a character that none of them holds; the record begins with
//! that separator, so that it says itself which one it is.

use alloc::string::String;
use alloc::vec::Vec;

use wxedge_launch::{Params, decimal};

/// The texts of a record, one after the other. What is missing is empty.
pub(crate) struct Texts<'a> {
    rest: &'a str,
    separator: &'a str,
}

impl<'a> Texts<'a> {
    pub(crate) fn of(record: &'a str) -> Self {
        let length = record.chars().next().map_or(0, char::len_utf8);
        let (separator, rest) = record.split_at_checked(length).unwrap_or_default();
        Self { rest, separator }
    }

    pub(crate) fn text(&mut self) -> &'a str {
        self.next().unwrap_or_default()
    }

    pub(crate) fn mark(&mut self) -> bool {
        self.text() == "1"
    }

    /// Digits, or nothing.
    pub(crate) fn number(&mut self) -> Option<u32> {
        decimal::parse(self.text()).and_then(|number| number.try_into().ok())
    }

    /// How many there are of what follows.
    pub(crate) fn count(&mut self) -> usize {
        self.number().and_then(|count| count.try_into().ok()).unwrap_or_default()
    }

    /// All texts that are left, two by two.
    pub(crate) fn pairs(&mut self) -> Vec<(&'a str, &'a str)> {
        let mut pairs = Vec::with_capacity(USUAL_PAIRS);
        while let (Some(key), Some(value)) = (self.next(), self.next()) {
            pairs.push((key, value));
        }
        pairs
    }

    /// All texts that are left, as keys and values.
    pub(crate) fn params(&mut self) -> Params<'a> {
        self.pairs().into_iter().collect()
    }

    /// A number, and so many keys and values.
    pub(crate) fn counted_params(&mut self) -> Params<'a> {
        (0..self.count()).map(|_| (self.text(), self.text())).collect()
    }
}

impl<'a> Iterator for Texts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let first = self.separator.bytes().next()?;
        for (at, byte) in self.rest.bytes().enumerate() {
            if byte == first {
                let (text, rest) = self.rest.split_at_checked(at)?;
                if let Some(rest) = rest.strip_prefix(self.separator) {
                    self.rest = rest;
                    return Some(text);
                }
            }
        }
        None
    }
}

/// Most launches have fewer, so that the list never has to grow.
const USUAL_PAIRS: usize = 8;

/// The record of the texts that `write` pushes. Should one of them hold the separator, all is written again with the
/// next one: only a `%00` brings the first one into a text.
pub(crate) fn record(write: &dyn Fn(&mut Record)) -> String {
    let mut record = Record::new('\0');
    write(&mut record);
    for separator in '\u{1}'..='\u{d7ff}' {
        if record.is_sound() {
            break;
        }
        record = Record::new(separator);
        write(&mut record);
    }
    record.text
}

/// A record that is being written.
pub(crate) struct Record {
    text: String,
    separator: char,
    separators: usize,
}

/// Most answers fit, so that the buffer never has to grow.
const USUAL_LENGTH: usize = 1024;

impl Record {
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.end();
    }

    /// `1` for true, nothing for false.
    pub(crate) fn push_mark(&mut self, mark: bool) {
        if mark {
            self.text.push('1');
        }
        self.end();
    }

    /// In decimal, by hand: the formatting machinery would be a tenth of the wasm.
    pub(crate) fn push_number(&mut self, number: u64) {
        self.push_digits(number);
        self.end();
    }

    /// Nothing when there is none.
    pub(crate) fn push_optional_number(&mut self, number: Option<u64>) {
        if let Some(number) = number {
            self.push_digits(number);
        }
        self.end();
    }

    fn push_digits(&mut self, number: u64) {
        if number > 9 {
            self.push_digits(number / 10);
        }
        self.text.push(
            u32::try_from(number % 10).ok().and_then(|digit| char::from_digit(digit, 10)).unwrap_or('0'),
        );
    }

    fn end(&mut self) {
        self.text.push(self.separator);
        self.separators = self.separators.saturating_add(1);
    }

    /// True when no text holds the separator.
    fn is_sound(&self) -> bool {
        let found = match u8::try_from(self.separator) {
            Ok(separator) if separator.is_ascii() => {
                self.text.bytes().filter(|byte| *byte == separator).count()
            }
            _ => self.text.chars().filter(|character| *character == self.separator).count(),
        };
        found == self.separators
    }

    fn new(separator: char) -> Self {
        let mut record = Self { text: String::with_capacity(USUAL_LENGTH), separator, separators: 0 };
        record.end();
        record
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;

    use super::{Texts, record};

    fn written(given: &[&str]) -> String {
        record(&|record| given.iter().for_each(|text| record.push(text)))
    }

    #[test]
    fn a_record_gives_its_texts_back() {
        for (record, expected) in [
            ("\0", vec![]),
            ("\0\0", vec![""]),
            ("\0a\0\0b\0", vec!["a", "", "b"]),
            ("\u{1}a\0b\u{1}茶\u{1}", vec!["a\0b", "茶"]),
        ] {
            assert_eq!(Texts::of(record).collect::<Vec<_>>(), expected, "{record:?}");
            assert_eq!(written(&expected), record);
        }
        assert_eq!(Texts::of("").count(), 0);
    }

    #[test]
    fn a_separator_is_found_whatever_the_texts_hold() {
        let all: String = ('\0'..='\u{2ff}').collect();
        assert_eq!(Texts::of(&written(&[&all, "b"])).collect::<Vec<_>>(), [all.as_str(), "b"]);
    }

    #[test]
    fn numbers_and_marks_are_texts() {
        let record = record(&|record| {
            record.push_number(0);
            record.push_number(1_638_342_000);
            record.push_mark(true);
            record.push_mark(false);
        });
        assert_eq!(Texts::of(&record).collect::<Vec<_>>(), ["0", "1638342000", "1", ""]);
    }

    #[test]
    fn a_key_without_a_value_is_dropped() {
        assert_eq!(Texts::of("\0a\x001\0b\0").pairs(), [("a", "1")]);
    }
}
