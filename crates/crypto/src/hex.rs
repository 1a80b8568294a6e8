use alloc::string::String;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Writes bytes as lower-case hex, two digits each.
#[must_use]
pub fn lower_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 0x0f));
    }
    text
}

fn digit(nibble: u8) -> char {
    DIGITS.get(usize::from(nibble)).copied().map_or('0', char::from)
}

#[cfg(test)]
mod tests {
    use super::lower_hex;

    #[test]
    fn every_byte_is_two_lower_case_digits() {
        assert_eq!(lower_hex(&[]), "");
        assert_eq!(lower_hex(&[0x00, 0x0f, 0x9a, 0xbc, 0xde, 0xff]), "000f9abcdeff");
    }
}
