use serde::Serialize;
use wxedge_contract::to_json;
use wxedge_crypto::Secret;
use wxedge_operations::{Operation, ReplyError, known};

use crate::call::Call;

/// `getAccessToken`: each call kills the previous token.
pub const ACCESS_TOKEN: Operation = known("cgi-bin/token");
/// `getStableAccessToken`: the same token until it is renewed.
pub const STABLE_ACCESS_TOKEN: Operation = known("cgi-bin/stable_token");

/// The longest life of a token, in seconds, by WeChat's documentation.
const LONGEST_LIFE: u32 = 7200;

/// Fetches an `access_token` the classic way: each call makes a new one and kills the one before.
///
/// Source: 获取接口调用凭据 (getAccessToken).
#[must_use]
pub fn access_token(appid: &str, secret: &Secret) -> Call {
    Call::get(
        ACCESS_TOKEN,
        &[("grant_type", "client_credential"), ("appid", appid), ("secret", secret.expose())],
    )
    .carrying(secret)
}

/// Fetches the stable `access_token`: the same one until WeChat renews it, five minutes before it expires.
///
/// Always in normal mode: forcing a refresh kills the token that everybody else holds.
/// Source: 获取稳定版接口调用凭据 (getStableAccessToken).
#[must_use]
pub fn stable_access_token(appid: &str, secret: &Secret) -> Call {
    let body =
        StableBody { grant_type: "client_credential", appid, secret: secret.expose(), force_refresh: false };
    // Texts and a boolean always have a JSON form.
    Call::post(STABLE_ACCESS_TOKEN, to_json(&body)).carrying(secret)
}

#[derive(Serialize)]
struct StableBody<'a> {
    grant_type: &'a str,
    appid: &'a str,
    secret: &'a str,
    force_refresh: bool,
}

/// A token as WeChat gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The token, up to 2048 characters.
    pub token: Secret,
    /// For how many seconds from now it is good, 0 to 7200.
    pub expires_in: u32,
}

impl AccessToken {
    /// Reads the reply of either way.
    ///
    /// # Errors
    /// The refusal, or `Malformed` when a field is missing, of the wrong type, or no token can look like that.
    pub fn parse(operation: Operation, body: &[u8]) -> Result<Self, ReplyError> {
        let fields = operation.read(body)?;
        let expires_in = fields.integer("expires_in").and_then(|seconds| u32::try_from(seconds).ok());
        Ok(Self {
            token: Secret::new(fields.text("access_token").unwrap_or_default()),
            expires_in: expires_in.unwrap_or_default().min(LONGEST_LIFE),
        })
    }
}

#[cfg(test)]
mod tests {
    use wxedge_crypto::Secret;
    use wxedge_operations::ReplyError;

    use super::{AccessToken, STABLE_ACCESS_TOKEN, access_token, stable_access_token};

    fn parse(body: &str) -> Result<AccessToken, ReplyError> {
        AccessToken::parse(STABLE_ACCESS_TOKEN, body.as_bytes())
    }

    #[test]
    fn the_calls_follow_their_documentation() {
        let secret = Secret::new("s");
        assert_eq!(
            access_token("wx1", &secret).url("https://h").expose(),
            "https://h/cgi-bin/token?grant_type=client_credential&appid=wx1&secret=s"
        );
        let stable = stable_access_token("wx1", &secret);
        assert_eq!(stable.url("https://h").expose(), "https://h/cgi-bin/stable_token");
        assert_eq!(
            stable.body().unwrap().expose(),
            r#"{"grant_type":"client_credential","appid":"wx1","secret":"s","force_refresh":false}"#
        );
    }

    #[test]
    fn the_life_is_capped_and_may_be_a_text() {
        for (body, expires_in) in [
            (r#"{"access_token":"T","expires_in":345}"#, 345),
            (r#"{"access_token":"T","expires_in":0}"#, 0),
            (r#"{"access_token":"T","expires_in":"7200"}"#, 7200),
            (r#"{"access_token":"T","expires_in":999999}"#, 7200),
        ] {
            assert_eq!(parse(body).unwrap().expires_in, expires_in, "{body}");
        }
    }

    #[test]
    fn a_missing_or_mistyped_field_is_malformed_and_not_shown() {
        for body in [
            r#"{"expires_in":7200}"#,
            r#"{"access_token":"T"}"#,
            r#"{"access_token":"","expires_in":7200}"#,
            r#"{"access_token":12345,"expires_in":7200}"#,
            r#"{"access_token":"T\n12345","expires_in":7200}"#,
            r#"{"access_token":"T12345","expires_in":-1}"#,
            r#"{"access_token":"T12345","expires_in":true}"#,
            r#"{"access_token":"T12345","expires_in":"soon"}"#,
        ] {
            let error = parse(body).unwrap_err();
            assert!(
                matches!(&error, ReplyError::Malformed(text) if !text.contains("12345")),
                "{body}: {error:?}"
            );
        }
    }
}
