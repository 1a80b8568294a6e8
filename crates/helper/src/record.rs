//! Several texts as one: each stands behind its length.
//!
//! A length counts UTF-16 units, as JS does. It is written in ASCII characters that hold six bits each, the highest
//! first, and all but the last have [`MORE`] set: one character for most texts. So both sides write and read a record
//! in one walk, whatever its texts hold.

use alloc::string::String;
use alloc::vec::Vec;

use wxedge_launch::{Params, decimal};

/// The texts of a record, one after the other. What is missing is empty.
pub(crate) struct Texts<'a> {
    rest: &'a str,
}

impl<'a> Texts<'a> {
    pub(crate) fn of(record: &'a str) -> Self {
        Self { rest: record }
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
        let mut units = 0;
        let last = self.rest.bytes().position(|byte| {
            units = units << 6 | usize::from(byte & SIX_BITS);
            byte & MORE == 0
        })?;
        let behind = self.rest.get(last.saturating_add(1)..)?;
        let (text, rest) = behind.split_at_checked(bytes_of(behind, units))?;
        self.rest = rest;
        Some(text)
    }
}

const SIX_BITS: u8 = 0x3f;
/// Another character of the length follows.
const MORE: u8 = 0x40;

/// How many bytes so many units at the beginning of a text are.
fn bytes_of(text: &str, units: usize) -> usize {
    let mut left = units;
    let behind = text.bytes().position(|byte| {
        let is_behind = left == 0 && units_at(byte) > 0;
        left = left.saturating_sub(units_at(byte));
        is_behind
    });
    behind.unwrap_or(text.len())
}

/// The UTF-16 units of the character that begins at this byte; none where none begins.
fn units_at(byte: u8) -> usize {
    match byte {
        0x80..=0xbf => 0,
        0xf0.. => 2,
        _ => 1,
    }
}

/// Most launches have fewer, so that the list never has to grow.
const USUAL_PAIRS: usize = 8;

/// The record of the texts that `write` pushes.
pub(crate) fn record(write: &dyn Fn(&mut Record)) -> String {
    let mut record = Record { text: String::with_capacity(USUAL_LENGTH) };
    write(&mut record);
    record.text
}

/// A record that is being written.
pub(crate) struct Record {
    text: String,
}

/// Most answers fit, so that the buffer never has to grow.
const USUAL_LENGTH: usize = 1024;

impl Record {
    pub(crate) fn push(&mut self, text: &str) {
        self.push_length(text.bytes().map(units_at).sum(), 0);
        self.text.push_str(text);
    }

    /// `1` for true, nothing for false.
    pub(crate) fn push_mark(&mut self, mark: bool) {
        self.push(if mark { "1" } else { "" });
    }

    /// In decimal, by hand: the formatting machinery would be a tenth of the wasm.
    pub(crate) fn push_number(&mut self, number: u64) {
        let mut digits = String::new();
        push_digits(&mut digits, number);
        self.push(&digits);
    }

    /// Nothing when there is none.
    pub(crate) fn push_optional_number(&mut self, number: Option<u64>) {
        match number {
            Some(number) => self.push_number(number),
            None => self.push(""),
        }
    }

    fn push_length(&mut self, units: usize, more: u8) {
        if units > usize::from(SIX_BITS) {
            self.push_length(units >> 6, MORE);
        }
        self.text.push(char::from(u8::try_from(units & 0x3f).unwrap_or_default() | more));
    }
}

fn push_digits(digits: &mut String, number: u64) {
    if number > 9 {
        push_digits(digits, number / 10);
    }
    digits.push(u32::try_from(number % 10).ok().and_then(|digit| char::from_digit(digit, 10)).unwrap_or('0'));
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::{Texts, record};

    fn written(given: &[&str]) -> String {
        record(&|record| given.iter().for_each(|text| record.push(text)))
    }

    #[test]
    fn a_record_gives_its_texts_back() {
        for (record, expected) in [
            ("", vec![]),
            ("\0", vec![""]),
            ("\x01a\0\x01b", vec!["a", "", "b"]),
            ("\x03a\0b\x01茶\x02🍵\x01c", vec!["a\0b", "茶", "🍵", "c"]),
        ] {
            assert_eq!(Texts::of(record).collect::<Vec<_>>(), expected, "{record:?}");
            assert_eq!(written(&expected), record);
        }
    }

    #[test]
    fn a_length_of_more_than_six_bits_takes_more_characters() {
        for (length, written_length) in [
            (63, "\x3f"),
            (64, "\x41\0"),
            (4095, "\x7f\x3f"),
            (4096, "\x41\x40\0"),
            (262_144, "\x41\x40\x40\0"),
        ] {
            let text = "a".repeat(length);
            let record = written(&[&text, "b"]);
            assert!(record.starts_with(&[written_length, "a"].concat()), "{length}");
            assert_eq!(Texts::of(&record).collect::<Vec<_>>(), [text.as_str(), "b"]);
        }
    }

    #[test]
    fn a_record_of_many_different_characters_is_read_in_one_walk() {
        let all: String = ('\0'..='\u{10ffff}').collect();
        assert_eq!(Texts::of(&written(&[&all, "b"])).collect::<Vec<_>>(), [all.as_str(), "b"]);
    }

    #[test]
    fn numbers_and_marks_are_texts() {
        let record = record(&|record| {
            record.push_number(0);
            record.push_number(1_638_342_000);
            record.push_mark(true);
            record.push_mark(false);
            record.push_optional_number(Some(7));
            record.push_optional_number(None);
        });
        assert_eq!(Texts::of(&record).collect::<Vec<_>>(), ["0", "1638342000", "1", "", "7", ""]);
    }

    #[test]
    fn a_key_without_a_value_is_dropped() {
        assert_eq!(Texts::of("\x01a\x011\x01b").pairs(), [("a", "1")]);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(texts in prop::collection::vec(".{0,90}", 0..9)) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let record = written(&texts);
            prop_assert_eq!(Texts::of(&record).collect::<Vec<_>>(), texts);
        }

        #[test]
        fn no_record_breaks_the_reader(record in "[\\x00-\\x7f茶🍵]{0,90}") {
            prop_assert!(Texts::of(&record).map(str::len).sum::<usize>() <= record.len());
        }
    }
}
