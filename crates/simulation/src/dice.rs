use std::ops::RangeInclusive;

/// The one source of chance in a schedule: `SplitMix64`, so that a seed replays a schedule anywhere.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Those of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number of a range.
    pub fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.roll() % (range.end() - range.start() + 1)
    }

    /// Whether something of this chance happens.
    pub fn percent(&mut self, chance: u64) -> bool {
        self.within(0..=99) < chance
    }

    /// One of several, by their weights.
    pub fn pick(&mut self, weights: &[u64]) -> usize {
        let mut left = self.within(1..=weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if left <= *weight {
                return index;
            }
            left -= weight;
        }
        0
    }

    /// A number below the limit; 0 when the limit is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        usize::try_from(self.roll().checked_rem(limit).unwrap_or_default()).unwrap_or_default()
    }

    /// Any byte.
    pub fn byte(&mut self) -> u8 {
        let [byte, ..] = self.roll().to_le_bytes();
        byte
    }

    /// So many of them.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.byte()).collect()
    }
}
