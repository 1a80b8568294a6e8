//! What the texts of settings may be.

/// Whether the text is an appid: `wx` and 16 lower-case hex digits.
pub(super) fn is_appid(text: &str) -> bool {
    let digits = text.strip_prefix("wx").unwrap_or_default();
    digits.len() == 16 && digits.bytes().all(is_lower_hex)
}

/// Whether the text is an `AppSecret`: 32 hex digits.
pub(super) fn is_app_secret(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

const fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// Whether the text is an https address without query and fragment; http is allowed on loopback.
pub(super) fn is_base(text: &str) -> bool {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let (authority, _) = rest.split_once('/').unwrap_or((rest, ""));
    let sound = !authority.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && !text.contains(['?', '#', '@', '\\']);
    sound && (scheme == "https" || scheme == "http" && is_loopback(authority))
}

/// Whether the text is an https address without a fragment; http is allowed on loopback.
pub(super) fn is_address(text: &str) -> bool {
    let (before, query) = text.split_once('?').unwrap_or((text, ""));
    is_base(before) && query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Whether the text is an origin as a browser writes it.
pub(super) fn is_origin(text: &str) -> bool {
    let (scheme, authority) = text.split_once("://").unwrap_or_default();
    matches!(scheme, "https" | "http") && is_authority(authority)
}

/// Whether the text is a host as a browser writes it, with or without a port.
pub(super) fn is_authority(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}
