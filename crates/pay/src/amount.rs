use core::fmt;

use wxedge_contract::{FieldError, JsonValue};

/// Money in whole fen. Sums are checked: what would not fit is no amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fen(u32);

impl Fen {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The largest amount: `WeChat` Pay's documents call it an int, and no account may pay 21 million yuan at once.
    pub const MAX: Self = Self(0x7fff_ffff);

    /// An amount of so many fen.
    #[must_use]
    pub const fn new(fen: u32) -> Option<Self> {
        if fen <= Self::MAX.0 { Some(Self(fen)) } else { None }
    }

    /// How many fen.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Both together, if that is an amount.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(Self::new)
    }

    /// What is left of this when the other is taken away, if it can be.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// All together, if that is an amount.
    #[must_use]
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// So many times this, if that is an amount.
    #[must_use]
    pub fn times(self, count: u32) -> Option<Self> {
        self.0.checked_mul(count).and_then(Self::new)
    }

    /// The amount of a field that a caller must give: one fen at least.
    ///
    /// # Errors
    /// Names `field` when it is missing or no whole number from 1 to [`Fen::MAX`].
    pub fn parse(given: &JsonValue, field: &'static str) -> Result<Self, FieldError> {
        match given {
            JsonValue::Integer(fen @ 1..) => Self::of_integer(*fen),
            _ => None,
        }
        .ok_or_else(|| FieldError::new(field, "must be a whole number of fen from 1 to 2147483647"))
    }

    /// An amount that `WeChat` Pay states.
    pub(crate) fn stated(given: &JsonValue) -> Option<Self> {
        match given {
            JsonValue::Integer(fen) => Self::of_integer(*fen),
            _ => None,
        }
    }

    fn of_integer(fen: i64) -> Option<Self> {
        u32::try_from(fen).ok().and_then(Self::new)
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Fen;
    use wxedge_contract::JsonValue;

    fn fen(fen: u32) -> Fen {
        Fen::new(fen).unwrap()
    }

    #[test]
    fn what_does_not_fit_is_no_amount() {
        assert_eq!(Fen::new(u32::MAX), None);
        assert_eq!(Fen::MAX.plus(fen(1)), None);
        assert_eq!(fen(1).minus(fen(2)), None);
        assert_eq!(fen(70_000).times(70_000), None);
        assert_eq!(Fen::sum([Fen::MAX, Fen::ZERO, fen(1)]), None);
        assert_eq!(Fen::sum([fen(1), fen(2)]), Some(fen(3)));
    }

    #[test]
    fn a_caller_gives_at_least_one_whole_fen() {
        for good in [1, 2_147_483_647] {
            assert_eq!(
                Fen::parse(&JsonValue::Integer(good), "amount").map(Fen::get).ok(),
                u32::try_from(good).ok()
            );
        }
        let bad = [0, -1, 2_147_483_648, 1 << 53].map(JsonValue::Integer);
        for bad in bad.into_iter().chain([
            JsonValue::Absent,
            JsonValue::Null,
            JsonValue::Number,
            JsonValue::Text("1".into()),
        ]) {
            assert_eq!(Fen::parse(&bad, "amount").unwrap_err().field, "amount");
        }
    }
}
