use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;
use wxedge_contract::{read_own_json, record, to_json};

use crate::Secret;
use crate::hex::lower_hex;
use crate::hmac_sha256::hmac_sha256;

/// The shortest key in bytes: as long as the tag, as RFC 7518 section 3.2 demands for HS256.
const MIN_KEY_BYTES: usize = 32;

/// The longest token that is looked at, in bytes. Ours have about 350; the limit bounds the work that a stranger
/// can cause before the signature is checked.
const MAX_TOKEN_BYTES: usize = 2048;

/// What the `kid` is a tag of. A signed text always holds a dot and this one does not, so the tag of this text can
/// never pass for a signature.
const KID_LABEL: &[u8] = b"wxedge kid";

/// How many bytes of the tag become the `kid`: enough to tell a few keys apart.
const KID_BYTES: usize = 4;

record! {
    /// What a session token says: the claims of RFC 7519 section 4.1 that this project uses, and two of its own.
    ///
    /// Times are unix seconds.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub struct Claims {
        /// The appid of the mini program.
        pub iss: String,
        /// The openid of the user.
        pub sub: String,
        /// The unionid, where `WeChat` gave one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub unionid: Option<String>,
        /// The id of this token, by which it can be revoked.
        pub sid: String,
        /// When the token was issued. It is information only: see [`verify`].
        pub iat: u64,
        /// The first second at which the token is dead.
        pub exp: u64,
    }
}

/// A key that signs and checks session tokens, prepared once from `SESSION_SECRET`.
///
/// It keeps the prepared state of the HMAC and not the text. `Debug` shows the `kid` alone.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    header: String,
    mac: Hmac<Sha256>,
}

impl SigningKey {
    /// Prepares the key. The bytes of the secret's text are the key, as JWT libraries take a secret given as text.
    ///
    /// # Errors
    ///
    /// [`KeyTooShort`] when the text has fewer than 32 bytes.
    pub fn new(secret: &Secret) -> Result<Self, KeyTooShort> {
        let key = secret.expose().as_bytes();
        if key.len() < MIN_KEY_BYTES {
            return Err(KeyTooShort);
        }
        let mac = hmac_sha256(key);
        let kid = derive_kid(&mac);
        let header =
            URL_SAFE_NO_PAD.encode([r#"{"alg":"HS256","typ":"JWT","kid":""#, &kid, r#""}"#].concat());
        Ok(Self { kid, header, mac })
    }

    /// The name of the key in the header of its tokens: 8 hex digits, derived from the secret one way.
    ///
    /// It lets a holder of a guess test the guess, as each signature does; no more.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The prepared state, for other texts than session tokens. They must have a space, which no session token has.
    pub(crate) fn mac(&self) -> Hmac<Sha256> {
        self.mac.clone()
    }

    fn sign(&self, signed: &str) -> [u8; 32] {
        self.mac.clone().chain_update(signed).finalize().into_bytes().into()
    }

    fn accepts(&self, signed: &str, signature: &[u8]) -> bool {
        self.mac.clone().chain_update(signed).verify_slice(signature).is_ok()
    }
}

fn derive_kid(mac: &Hmac<Sha256>) -> String {
    let tag = mac.clone().chain_update(KID_LABEL).finalize().into_bytes();
    lower_hex(tag.get(..KID_BYTES).unwrap_or_default())
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The session secret has fewer than 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyTooShort;

impl fmt::Display for KeyTooShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a signing key needs at least 32 bytes")
    }
}

impl core::error::Error for KeyTooShort {}

/// Why a session token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// Not three parts of base64url without padding, not the JSON that belongs in them, or over 2048 bytes.
    Malformed,
    /// `alg` is not `HS256`, or the header demands an extension by `crit`.
    UnsupportedAlgorithm,
    /// There is no `kid`, or none of the keys has it.
    UnknownKey,
    /// The signature is not that of the named key.
    BadSignature,
    /// The token was issued for another appid.
    WrongIssuer,
    /// The token has reached its `exp`.
    Expired,
}

impl TokenError {
    /// The stable word for this refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::WrongIssuer => "wrong_issuer",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the session token is malformed",
            Self::UnsupportedAlgorithm => "the session token is not signed with HS256",
            Self::UnknownKey => "the session token names no key that is in use: log in again",
            Self::BadSignature => "the signature of the session token is wrong",
            Self::WrongIssuer => "the session token was issued for another appid",
            Self::Expired => "the session token has expired: log in again",
        })
    }
}

impl core::error::Error for TokenError {}

/// Signs the claims: a JWT in compact form (RFC 7519), HS256, with the key's `kid` in its header.
///
/// It is a plain text because it goes to the user, whose credential it is: keep it out of logs all the same.
#[must_use]
pub fn issue(claims: &Claims, key: &SigningKey) -> String {
    // Texts and whole numbers always serialise; were that ever untrue, the token would be refused as malformed.
    let payload = to_json(claims);
    let mut token = key.header.clone();
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut token);
    let signature = key.sign(&token);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    token
}

/// Checks a token and gives its claims. `now` is in unix seconds.
///
/// `alg` is pinned to HS256, `typ` is not looked at, and `kid` chooses among `keys`, so that the old and the new
/// secret can be accepted side by side. Nothing of the payload is read before the signature holds. Unknown header
/// fields and claims are tolerated. `exp` has no leeway: the machine that issues is the one that checks. `iat` is not
/// judged: only the holder of the key can set it, nothing is decided by it, and refusing a later one would log users
/// out when a clock is stepped back.
///
/// # Errors
///
/// [`TokenError`], the first rule that is broken in the order: length, form, algorithm, key, signature, claims,
/// issuer, expiry.
pub fn verify(token: &str, keys: &[&SigningKey], issuer: &str, now: u64) -> Result<Claims, TokenError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenError::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
    if payload.contains('.') {
        return Err(TokenError::Malformed);
    }

    let kid = read_header(header)?;
    let signature = decode(signature)?;
    check_signature(signed, &signature, &kid, keys)?;

    let claims = read_part::<Claims>(payload)?;
    if claims.iss != issuer {
        return Err(TokenError::WrongIssuer);
    }
    if claims.exp <= now {
        return Err(TokenError::Expired);
    }
    Ok(claims)
}

record! {
    /// The header of a JWT (RFC 7515 section 4.1), as far as it decides anything.
    struct Header {
        alg: String,
        kid: Option<String>,
        crit: Option<Vec<String>>,
    }
}

fn read_header(header: &str) -> Result<String, TokenError> {
    let header = read_part::<Header>(header)?;
    if header.alg != "HS256" || header.crit.is_some() {
        return Err(TokenError::UnsupportedAlgorithm);
    }
    header.kid.ok_or(TokenError::UnknownKey)
}

/// Two keys can share a `kid`, so each one that has it is tried.
fn check_signature(
    signed: &str,
    signature: &[u8],
    kid: &str,
    keys: &[&SigningKey],
) -> Result<(), TokenError> {
    let mut named = keys.iter().filter(|key| key.kid == kid).peekable();
    if named.peek().is_none() {
        return Err(TokenError::UnknownKey);
    }
    if named.any(|key| key.accepts(signed, signature)) { Ok(()) } else { Err(TokenError::BadSignature) }
}

fn read_part<T: DeserializeOwned>(part: &str) -> Result<T, TokenError> {
    read_own_json(&decode(part)?).ok_or(TokenError::Malformed)
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::{String, ToString};
    use alloc::vec;
    use alloc::vec::Vec;

    use base64::Engine;
    use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::{Claims, KeyTooShort, SigningKey, TokenError, issue, verify};
    use crate::Secret;

    const APPID: &str = "wx0123456789abcdef";
    const IAT: u64 = 1_700_000_000;
    const EXP: u64 = 1_700_604_800;

    /// What [`claims`] under [`key`] must give, made with Python's hmac and base64.
    const PINNED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImZmNDdiZGZiIn0.eyJpc3MiOiJ3eDAxMjM0NTY3ODlhYmNkZWYiLCJzdWIiOiJvVXNlciIsInNpZCI6InMxIiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDA2MDQ4MDB9.fCNKhfxhDyzNlF9EbE1k_E41WcCImk0i2eHG8oT0TfU";

    /// The greatest number that is read.
    const LATEST: u64 = i64::MAX as u64;

    fn key() -> SigningKey {
        SigningKey::new(&Secret::new("0123456789abcdef0123456789abcdef")).unwrap()
    }

    fn other_key() -> SigningKey {
        SigningKey::new(&Secret::new("fedcba9876543210fedcba9876543210")).unwrap()
    }

    fn claims() -> Claims {
        Claims { iss: APPID.into(), sub: "oUser".into(), unionid: None, sid: "s1".into(), iat: IAT, exp: EXP }
    }

    /// A token of any header and payload, truly signed with [`key`].
    fn signed(header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature = URL_SAFE_NO_PAD.encode(key().sign(&signed));
        format!("{signed}.{signature}")
    }

    fn payload() -> String {
        serde_json::to_string(&claims()).unwrap()
    }

    fn header() -> String {
        format!(r#"{{"alg":"HS256","typ":"JWT","kid":"{}"}}"#, key().kid())
    }

    fn check(token: &str) -> Result<Claims, TokenError> {
        verify(token, &[&other_key(), &key()], APPID, IAT)
    }

    #[test]
    fn the_stored_form_is_pinned_byte_for_byte() {
        assert_eq!(key().kid(), "ff47bdfb");
        assert_eq!(issue(&claims(), &key()), PINNED);
        assert_eq!(check(PINNED), Ok(claims()));
    }

    #[test]
    fn a_unionid_survives() {
        let claims = Claims { unionid: Some("u1".into()), ..claims() };
        assert_eq!(check(&issue(&claims, &key())), Ok(claims));
    }

    #[test]
    fn a_key_has_at_least_32_bytes() {
        assert_eq!(SigningKey::new(&Secret::new("k".repeat(31))).unwrap_err(), KeyTooShort);
        assert!(SigningKey::new(&Secret::new("k".repeat(32))).is_ok());
        assert!(SigningKey::new(&Secret::new("\u{5bc6}".repeat(11))).is_ok(), "33 bytes in 11 characters");
    }

    #[test]
    fn a_key_shows_its_kid_and_nothing_else() {
        assert_eq!(format!("{:?}", key()), r#"SigningKey { kid: "ff47bdfb", .. }"#);
    }

    #[test]
    fn old_and_new_secret_are_accepted_side_by_side() {
        let (old, new) = (key(), other_key());
        for signer in [&old, &new] {
            let token = issue(&claims(), signer);
            assert_eq!(verify(&token, &[&new, &old], APPID, IAT), Ok(claims()));
        }
        let token = issue(&claims(), &old);
        assert_eq!(verify(&token, &[&new], APPID, IAT), Err(TokenError::UnknownKey));
        assert_eq!(verify(&token, &[], APPID, IAT), Err(TokenError::UnknownKey));
    }

    #[test]
    fn keys_that_share_a_kid_are_each_tried() {
        let mut namesake = other_key();
        namesake.kid = key().kid;
        assert_eq!(verify(PINNED, &[&namesake, &key()], APPID, IAT), Ok(claims()));
        assert_eq!(verify(PINNED, &[&namesake], APPID, IAT), Err(TokenError::BadSignature));
    }

    #[test]
    fn a_token_dies_at_its_exp() {
        assert_eq!(verify(PINNED, &[&key()], APPID, EXP - 1), Ok(claims()));
        assert_eq!(verify(PINNED, &[&key()], APPID, EXP), Err(TokenError::Expired));
        assert_eq!(verify(PINNED, &[&key()], APPID, u64::MAX), Err(TokenError::Expired));
    }

    #[test]
    fn an_iat_in_the_future_is_not_judged() {
        assert_eq!(verify(PINNED, &[&key()], APPID, 0), Ok(claims()));
    }

    #[test]
    fn the_appid_is_compared_before_the_time() {
        assert_eq!(verify(PINNED, &[&key()], "wxother", EXP), Err(TokenError::WrongIssuer));
        assert_eq!(verify(PINNED, &[&key()], "", IAT), Err(TokenError::WrongIssuer));
    }

    #[test]
    fn only_hs256_with_a_known_kid_is_taken() {
        let kid = key().kid().to_string();
        let cases = [
            (format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#), Ok(claims())),
            (format!(r#"{{"typ":5,"jku":"x","kid":"{kid}","alg":"HS256"}}"#), Ok(claims())),
            (format!(r#"{{"alg":"none","kid":"{kid}"}}"#), Err(TokenError::UnsupportedAlgorithm)),
            (format!(r#"{{"alg":"hs256","kid":"{kid}"}}"#), Err(TokenError::UnsupportedAlgorithm)),
            (format!(r#"{{"alg":"HS512","kid":"{kid}"}}"#), Err(TokenError::UnsupportedAlgorithm)),
            (format!(r#"{{"alg":"RS256","kid":"{kid}"}}"#), Err(TokenError::UnsupportedAlgorithm)),
            (
                format!(r#"{{"alg":"HS256","kid":"{kid}","crit":["b64"]}}"#),
                Err(TokenError::UnsupportedAlgorithm),
            ),
            (format!(r#"{{"kid":"{kid}"}}"#), Err(TokenError::Malformed)),
            (format!(r#"{{"alg":null,"kid":"{kid}"}}"#), Err(TokenError::Malformed)),
            (format!(r#"{{"alg":"HS256","alg":"none","kid":"{kid}"}}"#), Err(TokenError::Malformed)),
            (r#"{"alg":"HS256"}"#.into(), Err(TokenError::UnknownKey)),
            (r#"{"alg":"HS256","kid":null}"#.into(), Err(TokenError::UnknownKey)),
            (r#"{"alg":"HS256","kid":""}"#.into(), Err(TokenError::UnknownKey)),
            (r#"{"alg":"HS256","kid":7}"#.into(), Err(TokenError::Malformed)),
            ("{}".into(), Err(TokenError::Malformed)),
            ("null".into(), Err(TokenError::Malformed)),
            (String::new(), Err(TokenError::Malformed)),
        ];
        for (header, expected) in cases {
            assert_eq!(check(&signed(&header, &payload())), expected, "{header}");
        }
    }

    #[test]
    fn none_without_a_signature_is_refused() {
        for alg in ["none", "None", "NONE", ""] {
            let header = format!(r#"{{"alg":"{alg}","kid":"{}"}}"#, key().kid());
            let token = format!("{}.{}.", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload()));
            assert_eq!(check(&token), Err(TokenError::UnsupportedAlgorithm), "{alg}");
        }
    }

    #[test]
    fn claims_have_their_types_and_unknown_ones_are_tolerated() {
        let whole =
            r#"{"iss":"wx0123456789abcdef","sub":"oUser","sid":"s1","iat":1700000000,"exp":1700604800"#;
        let cases = [
            (format!("{whole}}}"), Ok(claims())),
            (format!(r#"{whole},"unionid":null,"role":["x"]}}"#), Ok(claims())),
            (format!(r#"{whole},"unionid":5}}"#), Err(TokenError::Malformed)),
            (format!(r#"{whole},"exp":1}}"#), Err(TokenError::Malformed)),
            (whole.replace("\"sub\":\"oUser\",", "") + "}", Err(TokenError::Malformed)),
            (whole.replace("\"oUser\"", "null") + "}", Err(TokenError::Malformed)),
            (whole.replace("\"s1\"", "1") + "}", Err(TokenError::Malformed)),
            (whole.replace("1700604800", "\"1700604800\"") + "}", Err(TokenError::Malformed)),
            (whole.replace("1700604800", "-1") + "}", Err(TokenError::Malformed)),
            (whole.replace("1700604800", "1e400") + "}", Err(TokenError::Malformed)),
            (whole.into(), Err(TokenError::Malformed)),
            ("[]".into(), Err(TokenError::Malformed)),
            (r#"["wx0123456789abcdef","oUser",null,"s1",1,1700604800]"#.into(), Err(TokenError::Malformed)),
            ("null".into(), Err(TokenError::Malformed)),
        ];
        for (payload, expected) in cases {
            assert_eq!(check(&signed(&header(), &payload)), expected, "{payload}");
        }
    }

    #[test]
    fn an_unsigned_payload_is_never_read() {
        let forged = payload().replace("oUser", "oAdmin");
        for payload in [forged.as_str(), "not json", ""] {
            let mut parts: Vec<&str> = PINNED.split('.').collect();
            let payload = URL_SAFE_NO_PAD.encode(payload);
            parts[1] = &payload;
            assert_eq!(check(&parts.join(".")), Err(TokenError::BadSignature), "{payload}");
        }
    }

    #[test]
    fn a_token_is_three_parts_of_strict_base64url() {
        let parts: Vec<&str> = PINNED.split('.').collect();
        let (header, payload, signature) = (parts[0], parts[1], parts[2]);
        let padded = URL_SAFE.encode(URL_SAFE_NO_PAD.decode(signature).unwrap());
        let cases = vec![
            String::new(),
            ".".into(),
            "..".into(),
            header.into(),
            format!("{header}.{payload}"),
            format!("{PINNED}."),
            format!(".{PINNED}"),
            format!("{PINNED}.{signature}"),
            format!("{header}..{payload}.{signature}"),
            format!("{header}.{payload}.{padded}"),
            format!("{header}.{payload}.{signature} "),
            format!("{header}.{payload}.{signature}\n"),
            format!("{header}.{payload}.+{}", &signature[1..]),
            format!("{header}.{payload}.\u{5bc6}"),
            format!("{header}= .{payload}.{signature}"),
        ];
        for token in cases {
            assert_eq!(check(&token), Err(TokenError::Malformed), "{token:?}");
        }
        for signature in ["", &signature[..42], "AAAA"] {
            let token = format!("{header}.{payload}.{signature}");
            assert!(
                matches!(check(&token), Err(TokenError::BadSignature | TokenError::Malformed)),
                "{token}"
            );
        }
    }

    #[test]
    fn a_token_has_at_most_2048_bytes() {
        let of = |length: usize| issue(&Claims { sub: "o".repeat(length), ..claims() }, &key());
        let (fits, over): (Vec<_>, Vec<_>) = (1300..1400).map(of).partition(|t| t.len() <= 2048);
        assert!(!fits.is_empty() && !over.is_empty());
        assert!(fits.iter().all(|token| check(token).is_ok()));
        assert!(over.iter().all(|token| check(token) == Err(TokenError::Malformed)));
        assert_eq!(check(&"a".repeat(1 << 20)), Err(TokenError::Malformed));
    }

    #[test]
    fn each_refusal_has_its_code() {
        let codes = [
            (TokenError::Malformed, "malformed"),
            (TokenError::UnsupportedAlgorithm, "unsupported_algorithm"),
            (TokenError::UnknownKey, "unknown_key"),
            (TokenError::BadSignature, "bad_signature"),
            (TokenError::WrongIssuer, "wrong_issuer"),
            (TokenError::Expired, "expired"),
        ];
        for (error, code) in codes {
            assert_eq!(error.code(), code);
            assert!(error.to_string().starts_with("the "), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_issued_verifies(
            iss: String, sub: String, unionid: Option<String>, sid: String, iat in 0..=LATEST, now in 0..LATEST,
        ) {
            let claims = Claims { iss, sub, unionid, sid, iat, exp: LATEST };
            let token = issue(&claims, &key());
            prop_assume!(token.len() <= super::MAX_TOKEN_BYTES);
            prop_assert_eq!(verify(&token, &[&key()], &claims.iss, now), Ok(claims.clone()));
        }

        #[test]
        fn one_changed_character_is_refused(at in 0..PINNED.len(), other in "[A-Za-z0-9_.-]") {
            let mut token = PINNED.to_string();
            token.replace_range(at..=at, &other);
            prop_assume!(token != PINNED);
            prop_assert!(check(&token).is_err());
        }

        #[test]
        fn no_text_panics(token in "\\PC*") {
            prop_assert!(check(&token).is_err());
        }
    }
}
