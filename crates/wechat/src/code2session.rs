use alloc::string::{String, ToString};

use wxedge_crypto::Secret;
use wxedge_operations::{Operation, ReplyError, known};

use crate::call::Call;

const CODE2SESSION: Operation = known("sns/jscode2session");

/// Exchanges the code of `wx.login` for the user's openid and `session_key`.
///
/// Never send it twice: the code is spent when WeChat has seen it, answer or not.
/// Source: 小程序登录凭证校验 (code2Session).
#[must_use]
pub fn code2session(appid: &str, secret: &Secret, code: &str) -> Call {
    Call::get(
        CODE2SESSION,
        &[
            ("appid", appid),
            ("secret", secret.expose()),
            ("js_code", code),
            ("grant_type", "authorization_code"),
        ],
    )
    .carrying(secret)
}

/// Who logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user, for this mini program.
    pub openid: String,
    /// The user, for all accounts of one Open Platform account; absent when the mini program belongs to none.
    pub unionid: Option<String>,
    /// The key of the user's encrypted data. It never leaves the server.
    pub session_key: Secret,
}

impl Login {
    /// Reads the reply of [`code2session`].
    ///
    /// # Errors
    /// The refusal, or `Malformed` when openid or `session_key` is missing or of the wrong type.
    pub fn parse(body: &[u8]) -> Result<Self, ReplyError> {
        let fields = CODE2SESSION.read(body)?;
        Ok(Self {
            openid: fields.text("openid").unwrap_or_default().to_string(),
            unionid: fields.text("unionid").map(ToString::to_string),
            session_key: Secret::new(fields.text("session_key").unwrap_or_default()),
        })
    }
}

#[cfg(test)]
mod tests {
    use wxedge_crypto::Secret;
    use wxedge_operations::ReplyError;

    use super::{Login, code2session};

    #[test]
    fn the_call_carries_all_four_parameters() {
        let call = code2session("wx1", &Secret::new("s"), "c/d");
        assert_eq!(
            call.url("https://h").expose(),
            "https://h/sns/jscode2session?appid=wx1&secret=s&js_code=c%2Fd&grant_type=authorization_code"
        );
    }

    #[test]
    fn every_shape_of_success_is_read() {
        for (body, unionid) in [
            (r#"{"session_key":"k","openid":"o"}"#, None),
            (r#"{"session_key":"k","openid":"o","unionid":"u","errcode":0,"errmsg":"ok"}"#, Some("u")),
            (r#"{"session_key":"k","openid":"o","unionid":"","errcode":"0"}"#, None),
            (r#"{"session_key":"k","openid":"o","unionid":null,"new":{"x":[1]}}"#, None),
        ] {
            let login = Login::parse(body.as_bytes()).unwrap();
            assert_eq!((login.openid.as_str(), login.unionid.as_deref()), ("o", unionid), "{body}");
            assert_eq!(login.session_key, Secret::new("k"));
        }
    }

    #[test]
    fn a_missing_or_mistyped_field_is_malformed() {
        for body in [
            "{}",
            r#"{"openid":"o"}"#,
            r#"{"session_key":"k"}"#,
            r#"{"openid":5,"session_key":"k"}"#,
            r#"{"openid":"o","session_key":5}"#,
            r#"{"openid":"","session_key":"k"}"#,
            r#"{"openid":"o","session_key":"k","unionid":7}"#,
        ] {
            assert!(matches!(Login::parse(body.as_bytes()), Err(ReplyError::Malformed(_))), "{body}");
        }
    }
}
