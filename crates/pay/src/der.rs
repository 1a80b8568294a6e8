//! As much of DER as keys and certificates need: tags and lengths. The `der` crate reads more, and takes fifteen kilobytes of
//! the Worker for it. Source: ITU-T X.690.

/// The value of a SEQUENCE, a BIT STRING and so on, by its tag.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Item<'a> {
    pub(crate) tag: u8,
    pub(crate) value: &'a [u8],
    /// Tag and length with it.
    pub(crate) whole: &'a [u8],
}

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
/// Explicit, number 0.
pub(crate) const CONTEXT_0: u8 = 0xa0;

/// The longest length that is read takes three bytes: no key or certificate has 16 MB.
const LONGEST_LENGTH: u8 = 3;

/// Items one after the other, as far as they can be read.
#[derive(Clone)]
pub(crate) struct Items<'a>(pub(crate) &'a [u8]);

impl<'a> Items<'a> {
    /// The next one, if it has this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|item| item.tag == tag).map(|item| item.value)
    }

    /// What is inside a SEQUENCE that is all there is.
    pub(crate) fn only_sequence(der: &'a [u8]) -> Option<Self> {
        let mut outer = Self(der);
        let inside = outer.expect(SEQUENCE)?;
        outer.0.is_empty().then_some(Self(inside))
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        let (tag, after_tag) = self.0.split_first()?;
        let (first, mut rest) = after_tag.split_first()?;
        let mut length = usize::from(*first);
        if let Some(count) = first.checked_sub(0x80) {
            let (bytes, after) = rest.split_at_checked(usize::from(count))?;
            rest = after;
            length = (1..=LONGEST_LENGTH)
                .contains(&count)
                .then(|| bytes.iter().fold(0, |length: usize, byte| (length << 8) | usize::from(*byte)))?;
        }
        let (value, after) = rest.split_at_checked(length)?;
        let whole = self.0.get(..self.0.len().saturating_sub(after.len()))?;
        self.0 = after;
        Some(Item { tag: *tag, value, whole })
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{INTEGER, Items, SEQUENCE};
    use proptest::prelude::{any, proptest};

    #[test]
    fn items_are_read_with_lengths_of_every_form() {
        for (der, value) in [
            (&[0x02, 0x01, 0x07][..], &[0x07][..]),
            (&[0x02, 0x81, 0x01, 0x07], &[0x07]),
            (&[0x02, 0x83, 0, 0, 0x01, 0x07], &[0x07]),
            (&[0x02, 0x00], &[]),
        ] {
            assert_eq!(Items(der).expect(INTEGER), Some(value));
            assert_eq!(Items(der).expect(SEQUENCE), None);
        }
        for der in [
            &[][..],
            &[0x02],
            &[0x02, 0x02, 0x07],
            &[0x02, 0x80, 0x07],
            &[0x02, 0x84, 0, 0, 0, 1, 7],
            &[0x02, 0x82, 0x01],
        ] {
            let mut long = [0; 300];
            long.iter_mut().zip(der).for_each(|(byte, given)| *byte = *given);
            let is_cut = der.len() < 3 || der.get(1).is_some_and(|length| *length < 0x80 || *length == 0x82);
            assert!(Items(if is_cut { der } else { &long }).next().is_none(), "{der:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_fail_or_go_on_for_ever(bytes in any::<Vec<u8>>()) {
            assert!(Items(&bytes).count() <= bytes.len());
            let _ = Items::only_sequence(&bytes);
        }
    }
}
