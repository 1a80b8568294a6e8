//! Things under numbers that JavaScript holds.

/// A place, and how often it was taken before: a number that comes too late fits nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    place: usize,
    turn: u32,
}

/// Places have so many bits: a million at once, where an isolate's memory holds some ten thousand. With the 32 bits of
/// the turn a number of JavaScript holds both exactly.
const PLACE_BITS: u32 = 20;

impl Number {
    #[expect(clippy::cast_precision_loss, reason = "52 bits fit")]
    pub(super) fn to_js(self) -> f64 {
        (u64::from(self.turn) << PLACE_BITS | self.place as u64) as f64
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "JavaScript gives back what it got"
    )]
    pub(super) fn from_js(number: f64) -> Self {
        let bits = number as u64;
        Self { place: (bits & ((1 << PLACE_BITS) - 1)) as usize, turn: (bits >> PLACE_BITS) as u32 }
    }
}

pub(super) struct Slots<T> {
    slots: Vec<Slot<T>>,
    free: Vec<usize>,
}

struct Slot<T> {
    turn: u32,
    content: Option<T>,
}

impl<T> Slots<T> {
    pub(super) const fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }

    /// How many things there are.
    pub(super) fn len(&self) -> usize {
        self.slots.len().saturating_sub(self.free.len())
    }

    /// Puts in what `make` makes, which learns its number.
    pub(super) fn insert_with(&mut self, make: impl FnOnce(Number) -> T) -> Number {
        let place = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { turn: 0, content: None });
            self.slots.len().saturating_sub(1)
        });
        let turn = self.slots.get(place).map_or(0, |slot| slot.turn);
        let number = Number { place, turn };
        let content = make(number);
        if let Some(slot) = self.slots.get_mut(place) {
            slot.content = Some(content);
        }
        number
    }

    pub(super) fn get_mut(&mut self, number: Number) -> Option<&mut T> {
        let slot = self.slots.get_mut(number.place)?;
        slot.content.as_mut().filter(|_| slot.turn == number.turn)
    }

    pub(super) fn remove(&mut self, number: Number) -> Option<T> {
        let slot = self.slots.get_mut(number.place).filter(|slot| slot.turn == number.turn)?;
        let content = slot.content.take()?;
        slot.turn = slot.turn.wrapping_add(1);
        self.free.push(number.place);
        Some(content)
    }

    /// The numbers of all things that `is_wanted`.
    pub(super) fn numbers(&self, is_wanted: impl Fn(&T) -> bool) -> Vec<Number> {
        let numbered = self.slots.iter().enumerate();
        numbered
            .filter(|(_, slot)| slot.content.as_ref().is_some_and(&is_wanted))
            .map(|(place, slot)| Number { place, turn: slot.turn })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Number, Slots};

    #[test]
    fn a_place_is_used_again_under_another_number() {
        let mut slots = Slots::new();
        let first = slots.insert_with(|_| 'a');
        let second = slots.insert_with(|_| 'b');
        assert_eq!(slots.remove(first), Some('a'));
        assert_eq!(slots.remove(first), None);
        let third = slots.insert_with(|_| 'c');
        assert_eq!(slots.len(), 2);
        assert_ne!(first, third);
        assert_eq!(slots.get_mut(first), None);
        assert_eq!((slots.get_mut(second).copied(), slots.get_mut(third).copied()), (Some('b'), Some('c')));
        assert_eq!(slots.numbers(|content| *content == 'c'), [third]);
    }

    #[test]
    fn a_number_survives_javascript() {
        for (place, turn) in [(0, 0), (1, 0), (0, 1), ((1 << 20) - 1, u32::MAX)] {
            let number = Number { place, turn };
            assert_eq!(Number::from_js(number.to_js()), number);
        }
    }
}
