//! Splitting at one ASCII character, which is all that queries, links and paths need.
//!
//! The standard library's searches take any pattern, and with that several kilobytes of the client's wasm.

/// What stands before and behind the first `delimiter`.
#[must_use]
pub const fn split_once(text: &str, delimiter: u8) -> Option<(&str, &str)> {
    let mut rest = text.as_bytes();
    while let [byte, behind @ ..] = rest {
        if *byte == delimiter {
            return around(text, text.len().saturating_sub(rest.len()));
        }
        rest = behind;
    }
    None
}

/// What stands before and behind the last `delimiter`.
#[must_use]
pub const fn rsplit_once(text: &str, delimiter: u8) -> Option<(&str, &str)> {
    let mut rest = text.as_bytes();
    while let [before @ .., byte] = rest {
        if *byte == delimiter {
            return around(text, before.len());
        }
        rest = before;
    }
    None
}

/// What stands before and behind the one byte at `at`.
const fn around(text: &str, at: usize) -> Option<(&str, &str)> {
    let Some((before, from_delimiter)) = text.split_at_checked(at) else { return None };
    let Some((_, behind)) = from_delimiter.split_at_checked(1) else { return None };
    Some((before, behind))
}

/// What stands before the first `delimiter`, or all.
#[must_use]
pub fn before(text: &str, delimiter: u8) -> &str {
    split_once(text, delimiter).map_or(text, |(before, _)| before)
}

/// The parts between the delimiters.
pub fn split(text: &str, delimiter: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    core::iter::from_fn(move || {
        let text = rest?;
        let (part, behind) =
            split_once(text, delimiter).map_or((text, None), |(part, behind)| (part, Some(behind)));
        rest = behind;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::{before, rsplit_once, split, split_once};

    proptest! {
        #[test]
        fn texts_split_as_the_standard_library_does(text in "[a/茶🍵]{0,9}|.{0,9}", delimiter in "[/a ]") {
            let (character, byte) = (delimiter.chars().next().unwrap(), delimiter.as_bytes()[0]);
            prop_assert_eq!(split_once(&text, byte), text.split_once(character));
            prop_assert_eq!(rsplit_once(&text, byte), text.rsplit_once(character));
            prop_assert_eq!(before(&text, byte), text.split(character).next().unwrap());
            prop_assert_eq!(split(&text, byte).collect::<Vec<_>>(), text.split(character).collect::<Vec<_>>());
            prop_assert_eq!(split(&text, byte).map(String::from).collect::<Vec<_>>().join(&delimiter), text);
        }
    }
}
