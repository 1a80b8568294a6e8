use alloc::string::String;

use hmac::Mac;

use crate::Secret;
use crate::hex::lower_hex;
use crate::hmac_sha256::hmac_sha256;

/// The `pay_sig` of a call of virtual payment: lower-case hex of HMAC-SHA256 over its path, `&` and the body as it is sent.
/// `path` has no slash before it.
///
/// Source: 虚拟支付 (virtual payment), 签名详解 (signatures).
#[must_use]
pub fn pay_sig(app_key: &Secret, path: &str, body: &str) -> String {
    let tag = hmac_sha256(app_key.expose().as_bytes())
        .chain_update("/")
        .chain_update(path)
        .chain_update("&")
        .chain_update(body)
        .finalize()
        .into_bytes();
    lower_hex(&tag)
}

#[cfg(test)]
mod tests {
    use super::pay_sig;
    use crate::Secret;

    /// Checked with Python's hmac.
    #[test]
    fn path_and_body_are_signed_as_they_are() {
        let body = r#"{"openid": "xxx", "user_ip": "127.0.0.1", "env": 0}"#;
        assert_eq!(
            pay_sig(&Secret::new("12345"), "xpay/query_user_balance", body),
            "c37809f27c6d7fd1837ad2500a04512b66b34fd793a39a385fade56dca89a4b5"
        );
    }
}
