//! Numbers of the platform, written in digits.

/// Reads digits, at most 15 of them, so that the number is exact in JS too.
#[must_use]
pub fn parse(text: &str) -> Option<u64> {
    if text.is_empty() || text.len() > 15 {
        return None;
    }
    text.bytes().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then_some(u64::from(byte & 0x0f))?;
        Some(number.wrapping_mul(10).wrapping_add(digit))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parse;

    #[test]
    fn only_up_to_15_digits_are_a_number() {
        for (text, expected) in [
            ("1638342000", Some(1_638_342_000)),
            ("0", Some(0)),
            ("007", Some(7)),
            ("999999999999999", Some(999_999_999_999_999)),
            ("9999999999999999", None),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("\u{ff11}", None),
            (":", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_reads_back(number in 0..1_000_000_000_000_000_u64) {
            prop_assert_eq!(parse(&alloc::format!("{number}")), Some(number));
        }
    }
}
