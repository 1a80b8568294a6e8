use alloc::format;
use alloc::string::String;
use alloc::vec;
use core::fmt::Write;

use qrcodegen_no_heap::{Mask, QrCode, QrCodeEcc, Version};

/// The longest address, in bytes, that is drawn as a QR. A longer one would make a code too dense for a phone that
/// looks at a screen.
pub const MAX_QR_ADDRESS: usize = 1000;

/// The version that holds [`MAX_QR_ADDRESS`] bytes at the lowest level of correction.
const LARGEST: Version = Version::new(22);
/// One pattern for all codes. A reader takes any; to weigh all eight against each other would cost every visit of a
/// desktop eight times the work, 8 ms instead of 0.6 for the longest address.
const MASK: Mask = Mask::new(3);
/// The light border that a reader needs, in modules.
const QUIET_ZONE: i32 = 4;

/// A QR as a picture of its dark modules.
pub(crate) struct Qr {
    /// Width and height in modules, quiet zone included.
    pub(crate) side: i32,
    /// The `d` of one path, to be stroked one module wide: each run of dark modules in a row is a line.
    pub(crate) path: String,
}

impl Qr {
    /// Draws an address, or nothing when it is longer than [`MAX_QR_ADDRESS`].
    pub(crate) fn of(address: &str) -> Option<Self> {
        if address.len() > MAX_QR_ADDRESS {
            return None;
        }
        let mut scratch = vec![0; LARGEST.buffer_len()];
        let mut modules = vec![0; LARGEST.buffer_len()];
        let code = encode(address, &mut scratch, &mut modules)?;
        let border = QUIET_ZONE.saturating_mul(2);
        Some(Self { side: code.size().saturating_add(border), path: lines(&code) })
    }

    /// The `viewBox` for the path: its lines run through the middle of a row, so it begins half a module higher.
    pub(crate) fn view_box(&self) -> String {
        format!("-{QUIET_ZONE} -{QUIET_ZONE}.5 {side} {side}", side = self.side)
    }
}

/// At the lowest level of correction that needs no larger code: a screen has no stains.
fn encode<'a>(address: &str, scratch: &mut [u8], modules: &'a mut [u8]) -> Option<QrCode<'a>> {
    let (level, smallest) = (QrCodeEcc::Low, Version::MIN);
    QrCode::encode_text(address, scratch, modules, level, smallest, LARGEST, Some(MASK), true).ok()
}

/// Moves within a row are relative, so that most runs take six characters.
fn lines(code: &QrCode<'_>) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut pen = None;
        for (x, length) in runs(code, y) {
            // Writing to a String does not fail.
            let _ = match pen {
                None => write!(path, "M{x} {y}h{length}"),
                Some(pen) => write!(path, "m{} 0h{length}", x.saturating_sub(pen)),
            };
            pen = Some(x.saturating_add(length));
        }
    }
    path
}

/// Where each run of dark modules of a row begins, and how long it is.
fn runs(code: &QrCode<'_>, y: i32) -> impl Iterator<Item = (i32, i32)> {
    let mut x = 0;
    core::iter::from_fn(move || {
        let start = (x..code.size()).find(|&x| code.get_module(x, y))?;
        x = (start..code.size()).find(|&x| !code.get_module(x, y)).unwrap_or(code.size());
        Some((start, x.saturating_sub(start)))
    })
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::{LARGEST, MAX_QR_ADDRESS, Qr, encode};

    /// The dark modules that a path draws, as columns and rows.
    fn drawn(path: &str) -> Vec<(i32, i32)> {
        let mut modules = Vec::new();
        let (mut x, mut y) = (0, 0);
        let mut rest = path;
        while let Some(command) = rest.chars().next() {
            let (numbers, after) =
                rest[1..].split_at(rest[1..].find(['M', 'm', 'h']).unwrap_or(rest[1..].len()));
            let numbers: Vec<i32> = numbers.split(' ').map(|number| number.parse().unwrap()).collect();
            match (command, &numbers[..]) {
                ('M', &[column, row]) => (x, y) = (column, row),
                ('m', &[gap, 0]) => x = x.saturating_add(gap),
                ('h', &[length]) => {
                    let end = x.saturating_add(length);
                    modules.extend((x..end).map(|x| (x, y)));
                    x = end;
                }
                other => panic!("{other:?}"),
            }
            rest = after;
        }
        modules
    }

    proptest! {
        #[test]
        fn the_path_draws_the_code(address in "https://[a-z]{1,20}\\.cn/[a-zA-Z0-9/?&=%._~-]{0,900}") {
            let qr = Qr::of(&address).unwrap();
            let (mut scratch, mut modules) = (vec![0; LARGEST.buffer_len()], vec![0; LARGEST.buffer_len()]);
            let code = encode(&address, &mut scratch, &mut modules).unwrap();
            let size = code.size();
            prop_assert_eq!(qr.side, size.saturating_add(8));
            let expected: Vec<_> = (0..size)
                .flat_map(|y| (0..size).map(move |x| (x, y)))
                .filter(|&(x, y)| code.get_module(x, y))
                .collect();
            prop_assert_eq!(drawn(&qr.path), expected);
        }

        #[test]
        fn no_address_breaks_the_drawing(address in any::<String>()) {
            prop_assert_eq!(Qr::of(&address).is_some(), address.len() <= MAX_QR_ADDRESS);
        }
    }

    #[test]
    fn addresses_are_drawn_up_to_the_limit() {
        for character in ["a", "A", "1", "%", "茶"] {
            let address: String = character.repeat(MAX_QR_ADDRESS);
            let limit = address.floor_char_boundary(MAX_QR_ADDRESS);
            assert!(Qr::of(&address[..limit]).is_some(), "{character}");
            assert!(Qr::of(&alloc::format!("{address}a")).is_none(), "{character}");
        }
    }
}
