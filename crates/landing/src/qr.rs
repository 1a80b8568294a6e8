use alloc::string::String;
use alloc::vec;
use core::fmt::Write;

use qrcodegen_no_heap::{QrCode, QrCodeEcc, Version};

/// The longest address, in bytes, that is drawn as a QR. A longer one would make a code too dense for a phone that
/// looks at a screen.
pub const MAX_QR_ADDRESS: usize = 1000;

/// The version that holds [`MAX_QR_ADDRESS`] bytes at the lowest level of correction.
const LARGEST: Version = Version::new(22);
/// The light border that a reader needs, in modules.
const QUIET_ZONE: i32 = 4;

/// A QR as the outline of its dark modules.
pub(crate) struct Qr {
    /// Width and height in modules, quiet zone included.
    pub(crate) side: i32,
    /// The `d` of one path, to be stroked one module wide: each row is a line, each run of dark modules a dash.
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
        let (lowest, smallest) = (QrCodeEcc::Low, Version::MIN);
        let code =
            QrCode::encode_text(address, &mut scratch, &mut modules, lowest, smallest, LARGEST, None, true)
                .ok()?;
        let border = QUIET_ZONE.saturating_mul(2);
        Some(Self { side: code.size().saturating_add(border), path: outline(&code) })
    }
}

/// Moves within a row are relative, so that most runs take six characters.
fn outline(code: &QrCode<'_>) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut pen = None;
        for (x, length) in runs(code, y) {
            // Writing to a String does not fail.
            let _ = match pen {
                None => {
                    write!(
                        path,
                        "M{} {}.5h{length}",
                        x.saturating_add(QUIET_ZONE),
                        y.saturating_add(QUIET_ZONE)
                    )
                }
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
