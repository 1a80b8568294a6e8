use alloc::format;
use alloc::string::String;
use core::fmt;

use wxedge_contract::{FieldError, JsonValue};

/// The merchant's number of an order, for ever one order: 6 to 32 of `0-9A-Za-z_-|*`. Source: JSAPI 下单.
///
/// By default it is empty, which is no number.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutTradeNo(String);

/// The merchant's number of a refund, for ever one refund: 1 to 64 of `0-9A-Za-z_-|*@`. Source: 退款申请.
///
/// By default it is empty, which is no number.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutRefundNo(String);

impl OutTradeNo {
    /// Reads a number.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let good = (6..=32).contains(&text.len()) && text.bytes().all(is_of_order);
        good.then(|| Self(text.into()))
    }

    /// The number of a field that must be there.
    ///
    /// # Errors
    /// Names the field `out_trade_no`.
    pub fn parse(given: &JsonValue) -> Result<Self, FieldError> {
        text_of(given).and_then(Self::new).ok_or_else(|| {
            FieldError::new("out_trade_no", "must be 6 to 32 of the characters 0-9 A-Z a-z _ - | *")
        })
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as it stands in a path.
    pub(crate) fn encoded(&self) -> String {
        encode(&self.0)
    }
}

impl OutRefundNo {
    /// Reads a number.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let good =
            (1..=64).contains(&text.len()) && text.bytes().all(|byte| is_of_order(byte) || byte == b'@');
        good.then(|| Self(text.into()))
    }

    /// The number of a field that must be there.
    ///
    /// # Errors
    /// Names the field `out_refund_no`.
    pub fn parse(given: &JsonValue) -> Result<Self, FieldError> {
        text_of(given).and_then(Self::new).ok_or_else(|| {
            FieldError::new("out_refund_no", "must be 1 to 64 of the characters 0-9 A-Z a-z _ - | * @")
        })
    }

    /// The number under which a payment that came after the close is given back.
    pub(crate) fn of_late_payment(order: &OutTradeNo) -> Self {
        Self(format!("late@{order}"))
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as it stands in a path.
    pub(crate) fn encoded(&self) -> String {
        encode(&self.0)
    }
}

impl fmt::Display for OutTradeNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for OutRefundNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_of_order(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'|' | b'*')
}

fn text_of(given: &JsonValue) -> Option<&str> {
    match given {
        JsonValue::Text(text) => Some(text),
        _ => None,
    }
}

/// A URL keeps what is written here as it is, so that what is signed is what is sent.
fn encode(number: &str) -> String {
    let mut path = String::new();
    for character in number.chars() {
        match character {
            '|' => path.push_str("%7C"),
            '*' => path.push_str("%2A"),
            '@' => path.push_str("%40"),
            plain => path.push(plain),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::{OutRefundNo, OutTradeNo};
    use proptest::prelude::proptest;

    #[test]
    fn numbers_are_of_the_characters_and_lengths_of_the_documents() {
        for good in ["T20261124_0001", "A|B-1*2", "123456", &"a".repeat(32)] {
            assert_eq!(OutTradeNo::new(good).unwrap().to_string(), good);
        }
        for bad in [
            "",
            "12345",
            &"a".repeat(33),
            "A@B-1*2",
            "ab cdef",
            "1234５6",
            "abc/def",
            "abcde\n",
            "订单123456",
        ] {
            assert_eq!(OutTradeNo::new(bad), None, "{bad}");
        }
        for good in ["1", "late@T20261124_0001", &"a".repeat(64)] {
            assert!(OutRefundNo::new(good).is_some(), "{good}");
        }
        for bad in ["", &"a".repeat(65), "a%b", "a b"] {
            assert_eq!(OutRefundNo::new(bad), None, "{bad}");
        }
        let longest = OutTradeNo::new(&"a".repeat(32)).unwrap();
        assert!(OutRefundNo::new(OutRefundNo::of_late_payment(&longest).as_str()).is_some());
    }

    #[test]
    fn a_path_holds_numbers_in_one_spelling() {
        assert_eq!(OutTradeNo::new("A|B-1*2").unwrap().encoded(), "A%7CB-1%2A2");
        assert_eq!(OutRefundNo::new("a@_").unwrap().encoded(), "a%40_");
    }

    proptest! {
        #[test]
        fn a_number_in_a_path_is_nothing_but_a_segment(text in "[0-9A-Za-z_|*@-]{1,64}") {
            let path = OutRefundNo::new(&text).unwrap().encoded();
            assert!(path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-%".contains(&byte)));
        }
    }
}
