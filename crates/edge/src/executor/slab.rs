//! Things under numbers that the host holds.

/// An index, and how often it was used before: a key that comes too late fits nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    index: usize,
    generation: u32,
}

/// An index has so many bits: a million at once, where an isolate's memory holds some ten thousand tasks. With the 32 bits
/// of the generation a number of JavaScript holds both exactly.
const INDEX_BITS: u32 = 20;

impl Key {
    #[expect(clippy::cast_precision_loss, reason = "52 bits fit")]
    pub(crate) fn to_f64(self) -> f64 {
        (u64::from(self.generation) << INDEX_BITS | self.index as u64) as f64
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the host gives back what it got"
    )]
    pub(crate) fn from_f64(number: f64) -> Self {
        let bits = number as u64;
        Self { index: (bits & ((1 << INDEX_BITS) - 1)) as usize, generation: (bits >> INDEX_BITS) as u32 }
    }
}

pub(crate) struct Slab<T> {
    entries: Vec<Entry<T>>,
    vacant: Vec<usize>,
}

struct Entry<T> {
    generation: u32,
    value: Option<T>,
}

impl<T> Slab<T> {
    pub(crate) const fn new() -> Self {
        Self { entries: Vec::new(), vacant: Vec::new() }
    }

    /// Puts in what `make` makes, which learns its key.
    pub(crate) fn insert_with(&mut self, make: impl FnOnce(Key) -> T) -> Key {
        let index = self.vacant.pop().unwrap_or_else(|| {
            self.entries.push(Entry { generation: 0, value: None });
            self.entries.len().saturating_sub(1)
        });
        let generation = self.entries.get(index).map_or(0, |entry| entry.generation);
        let key = Key { index, generation };
        let value = make(key);
        if let Some(entry) = self.entries.get_mut(index) {
            entry.value = Some(value);
        }
        key
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let entry = self.entries.get_mut(key.index)?;
        entry.value.as_mut().filter(|_| entry.generation == key.generation)
    }

    pub(crate) fn remove(&mut self, key: Key) -> Option<T> {
        let entry = self.entries.get_mut(key.index).filter(|entry| entry.generation == key.generation)?;
        let value = entry.value.take()?;
        entry.generation = entry.generation.wrapping_add(1);
        self.vacant.push(key.index);
        Some(value)
    }

    /// The keys of all values that `is_wanted`.
    pub(crate) fn keys(&self, is_wanted: impl Fn(&T) -> bool) -> Vec<Key> {
        let indexed = self.entries.iter().enumerate();
        indexed
            .filter(|(_, entry)| entry.value.as_ref().is_some_and(&is_wanted))
            .map(|(index, entry)| Key { index, generation: entry.generation })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::{Key, Slab};

    proptest! {
        #[test]
        fn a_slab_is_a_map_whose_keys_never_come_back(steps in vec(any::<(bool, Index)>(), 0..60)) {
            let mut slab = Slab::new();
            let mut model = HashMap::new();
            let mut keys = Vec::new();
            for (number, (is_insertion, which)) in steps.into_iter().enumerate() {
                if is_insertion || keys.is_empty() {
                    let key = slab.insert_with(|_| number);
                    prop_assert!(!keys.contains(&key));
                    keys.push(key);
                    model.insert(key, number);
                } else {
                    // Keys that were removed before are among them.
                    let key = *which.get(&keys);
                    prop_assert_eq!(slab.remove(key), model.remove(&key));
                }
                for &key in &keys {
                    prop_assert_eq!(slab.get_mut(key).copied(), model.get(&key).copied());
                }
                let mut odd: Vec<Key> = model.iter().filter(|(_, value)| *value % 2 == 1).map(|(key, _)| *key).collect();
                odd.sort_by_key(|key| key.index);
                prop_assert_eq!(slab.keys(|value| value % 2 == 1), odd);
            }
        }

        #[test]
        fn a_key_survives_javascript(index in 0_usize..1 << 20, generation: u32) {
            let key = Key { index, generation };
            prop_assert_eq!(Key::from_f64(key.to_f64()), key);
        }
    }
}
