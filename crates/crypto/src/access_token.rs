use alloc::format;
use alloc::string::String;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::hmac_sha256::hmac_sha256;
use crate::{Secret, SigningKey};

/// The longest token that is looked at, in bytes: what WeChat asks others to keep room for. Source: getAccessToken.
const LONGEST_ACCESS_TOKEN: usize = 512;

/// What every token begins with, so that one of WeChat's is never taken for one.
const PREFIX: &str = "wxedge";

/// Before the API key in the text that gives its key. Its spaces keep the tag of that text from passing for one of a session
/// token, whose signed text has none.
const LABEL: &str = "wxedge access_token of ";

/// A token in the place of `WeChat`'s `access_token`, for whoever has shown an API key. It is stateless: it names the appid,
/// the API key and its end, and nothing of it is kept.
///
/// `wxedge.<appid>.<name of the key>.<end>.<tag>`, of unreserved characters only (RFC 3986, 2.3). The tag is HMAC-SHA256 of
/// what stands before its dot, under a key that is HMAC-SHA256 of the API key under `SESSION_SECRET`: it dies with either.
#[derive(Clone, Copy)]
pub struct AccessToken<'a> {
    /// The appid of the mini program.
    pub appid: &'a str,
    /// The name of the API key.
    pub name: &'a str,
    /// The first second at which it is dead, in Unix seconds.
    pub end: u64,
    signed: &'a str,
    tag: &'a str,
}

impl<'a> AccessToken<'a> {
    /// Takes a text apart; nothing when it is of another form. What it says is not known to be true before
    /// [`is_signed_with`](Self::is_signed_with) says so.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        if text.len() > LONGEST_ACCESS_TOKEN {
            return None;
        }
        let (signed, tag) = text.rsplit_once('.')?;
        let (rest, end) = signed.strip_prefix(PREFIX)?.strip_prefix('.')?.rsplit_once('.')?;
        let (appid, name) = rest.split_once('.')?;
        Some(Self { appid, name, end: end.parse().ok()?, signed, tag })
    }

    /// Whether it was issued for whoever had this API key, by this secret. Constant time.
    #[must_use]
    pub fn is_signed_with(&self, key: &SigningKey, api_key: &Secret) -> bool {
        let tag = URL_SAFE_NO_PAD.decode(self.tag).unwrap_or_default();
        signer(key, api_key).chain_update(self.signed).verify_slice(&tag).is_ok()
    }
}

/// Issues a token for whoever has shown this API key. `appid` and `name` have no dots.
#[must_use]
pub fn issue_access_token(key: &SigningKey, api_key: &Secret, appid: &str, name: &str, end: u64) -> String {
    let mut token = format!("{PREFIX}.{appid}.{name}.{end}");
    let tag: [u8; 32] = signer(key, api_key).chain_update(&token).finalize().into_bytes().into();
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(tag, &mut token);
    token
}

fn signer(key: &SigningKey, api_key: &Secret) -> Hmac<Sha256> {
    let text = key.mac().chain_update(LABEL).chain_update(api_key.expose());
    hmac_sha256(&text.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::{AccessToken, issue_access_token};
    use crate::{Secret, SigningKey};

    const APPID: &str = "wx0123456789abcdef";
    const END: u64 = 1_700_007_200;
    /// Made with Python's hmac and base64.
    const PINNED: &str =
        "wxedge.wx0123456789abcdef.php.1700007200.h4JeiuNEE5LcnnKoKiGPJ4_ZLLMjJzxkBssqnmtn4jI";

    fn key(text: &str) -> SigningKey {
        SigningKey::new(&Secret::new(text)).unwrap()
    }

    fn secret() -> SigningKey {
        key("0123456789abcdef0123456789abcdef")
    }

    fn api_key() -> Secret {
        Secret::new("fedcba9876543210fedcba9876543210")
    }

    fn holds(text: &str) -> bool {
        AccessToken::parse(text).is_some_and(|token| token.is_signed_with(&secret(), &api_key()))
    }

    #[test]
    fn the_form_is_pinned_byte_for_byte() {
        assert_eq!(issue_access_token(&secret(), &api_key(), APPID, "php", END), PINNED);
        let token = AccessToken::parse(PINNED).unwrap();
        assert_eq!((token.appid, token.name, token.end), (APPID, "php", END));
        assert!(holds(PINNED));
    }

    #[test]
    fn it_dies_with_the_secret_and_with_the_api_key() {
        let token = AccessToken::parse(PINNED).unwrap();
        assert!(!token.is_signed_with(&key("fedcba9876543210fedcba9876543210"), &api_key()));
        assert!(!token.is_signed_with(&secret(), &Secret::new("fedcba9876543210fedcba987654321x")));
    }

    #[test]
    fn no_character_of_it_can_be_changed() {
        for at in 0..PINNED.len() {
            for other in ["A", "0", "9", "."] {
                let (before, rest) = PINNED.split_at(at);
                let changed = [before, other, rest.get(1..).unwrap()].concat();
                // The last character of a tag has two bits that say nothing: base64 is read strictly, so they are 0.
                assert!(changed == PINNED || !holds(&changed), "{changed}");
            }
            assert!(!holds(PINNED.get(..at).unwrap()), "cut at {at}");
        }
        for text in [
            "",
            ".",
            "....",
            "wxedge....",
            "wxedge.a.b.c.d",
            &alloc::format!("{PINNED}="),
            &"wxedge.".repeat(100),
        ] {
            assert!(!holds(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_or_holds(text in "(wxedge|[.0-9a-zé=_-]){0,40}") {
            prop_assert!(!holds(&text));
        }

        #[test]
        fn what_is_issued_holds(name in "[A-Za-z0-9_-]{1,64}", end: u64) {
            let issued: String = issue_access_token(&secret(), &api_key(), APPID, &name, end);
            let token = AccessToken::parse(&issued).unwrap();
            prop_assert!(holds(&issued) && token.name == name && token.end == end);
        }
    }
}
