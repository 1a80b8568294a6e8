//! Randomness.

/// Random bytes from the runtime's generator.
///
/// The runtime always has one; should it fail, there are none.
#[must_use]
pub fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_two_are_alike() {
        assert_ne!(super::random::<16>().unwrap(), super::random::<16>().unwrap());
    }
}
