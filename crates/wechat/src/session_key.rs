use wxedge_crypto::{Secret, session_signature};
use wxedge_operations::{Operation, ReplyError, known};

use crate::call::Call;

const CHECK_SESSION_KEY: Operation = known("wxa/checksession");
const RESET_SESSION_KEY: Operation = known("wxa/resetusersessionkey");

/// Asks whether a `session_key` is still the user's current one.
///
/// The signature is the HMAC of the empty text under the text of the key. Everything is in the query: the method is
/// `GET`, whatever the table of the documentation says. Source: 检验登录态 (checkSessionKey).
#[must_use]
pub fn check_session_key(openid: &str, session_key: &Secret) -> Call {
    signed(CHECK_SESSION_KEY, openid, session_key)
}

/// Replaces the user's `session_key` by a new one, which inherits its expiry; the old one is dead at once.
/// Source: 重置登录态 (resetUserSessionKey).
#[must_use]
pub fn reset_session_key(openid: &str, session_key: &Secret) -> Call {
    signed(RESET_SESSION_KEY, openid, session_key)
}

fn signed(operation: Operation, openid: &str, session_key: &Secret) -> Call {
    let signature = session_signature(session_key, "");
    Call::get(operation, &[("openid", openid), ("signature", &signature), ("sig_method", "hmac_sha256")])
}

/// Reads the reply of [`check_session_key`]: whether the key is valid.
///
/// # Errors
/// Any refusal but the two that say no: 87009 (not the current key) and 87007 (no key).
pub fn read_check(body: &[u8]) -> Result<bool, ReplyError> {
    match CHECK_SESSION_KEY.read(body) {
        Ok(_) => Ok(true),
        Err(ReplyError::Refused(refusal)) if matches!(refusal.errcode(), 87007 | 87009) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads the reply of [`reset_session_key`]: the new key of `openid`.
///
/// # Errors
/// The refusal, or `Malformed` when a field is missing, of the wrong type, or another user's.
pub fn read_reset(body: &[u8], openid: &str) -> Result<Secret, ReplyError> {
    let fields = RESET_SESSION_KEY.read(body)?;
    if fields.text("openid") != Some(openid) {
        return Err(ReplyError::Malformed("WeChat's reply is about another user.".into()));
    }
    Ok(Secret::new(fields.text("session_key").unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use wxedge_crypto::Secret;
    use wxedge_operations::ReplyError;

    use super::{check_session_key, read_check, read_reset, reset_session_key};

    #[test]
    fn the_signature_is_that_of_the_empty_text_under_the_text_of_the_key() {
        let key = Secret::new("o0q0otL8aEzpcZL/FT9WsQ==");
        let query = "openid=o&signature=46e043c5525c2d817c44be603d30837a808a1d930d038f6fdc3e62a201fed128&sig_method=hmac_sha256";
        let url = check_session_key("o", &key).url("https://h");
        assert_eq!(url.expose(), alloc::format!("https://h/wxa/checksession?{query}"));
        let url = reset_session_key("o", &key).url("https://h");
        assert_eq!(url.expose(), alloc::format!("https://h/wxa/resetusersessionkey?{query}"));
    }

    #[test]
    fn a_check_says_yes_or_no_or_fails() {
        assert_eq!(read_check(br#"{"errcode":0,"errmsg":"ok"}"#), Ok(true));
        assert_eq!(read_check(br#"{"errcode":87009,"errmsg":"invalid signature"}"#), Ok(false));
        assert_eq!(read_check(br#"{"errcode":87007}"#), Ok(false));
        assert!(matches!(read_check(br#"{"errcode":-1}"#), Err(ReplyError::Refused(_))));
        assert!(matches!(read_check(b"<html>"), Err(ReplyError::Malformed(_))));
    }

    #[test]
    fn a_reset_gives_the_new_key_of_that_user() {
        let read = |body: &str| read_reset(body.as_bytes(), "o");
        assert_eq!(read(r#"{"errcode":0,"openid":"o","session_key":"k"}"#), Ok(Secret::new("k")));
        for body in [
            "{}",
            r#"{"openid":"o"}"#,
            r#"{"openid":"p","session_key":"k"}"#,
            r#"{"openid":"o","session_key":5}"#,
        ] {
            assert!(matches!(read(body), Err(ReplyError::Malformed(_))), "{body}");
        }
        assert!(matches!(read(r#"{"errcode":87007}"#), Err(ReplyError::Refused(_))));
    }
}
