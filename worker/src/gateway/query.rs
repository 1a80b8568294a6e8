//! The query of a call: the caller's own, with what we add.

use wxedge_contract::{Code, Problem};
use wxedge_crypto::Secret;
use wxedge_launch::Params;

/// The longest query of a caller's, in bytes: the longest parameters are addresses of images, which servers cut at this
/// length.
const LONGEST_QUERY: usize = 8 * 1024;

/// The query of a call. It may hold signatures, so it does not print.
#[derive(Default)]
pub(super) struct Query {
    /// As the caller sent it.
    given: String,
    /// What we add, of unreserved characters only.
    added: Vec<(&'static str, String)>,
}

impl Query {
    /// Takes the caller's query, byte for byte.
    ///
    /// # Errors
    /// `invalid_request` when it holds an `access_token`, or is too long.
    pub(super) fn parse(given: &str) -> Result<Self, Problem> {
        if given.len() > LONGEST_QUERY {
            return Err(Problem::new(
                Code::InvalidRequest,
                format!("The query may have up to {LONGEST_QUERY} bytes."),
            ));
        }
        if names(given).any(|name| is_token(&name)) {
            return Err(Problem::new(Code::InvalidRequest, "access_token: must not be given in the query.")
                .hint("Leave it out: the Worker adds its own, and mends it when WeChat refuses it."));
        }
        Ok(Self { given: given.to_owned(), added: Vec::new() })
    }

    /// What is explained after a refusal: the caller's query, and what we added to it.
    pub(super) fn explained(&self) -> String {
        let added = self.added.iter().map(|(name, value)| format!("&{name}={value}"));
        [self.given.clone()].into_iter().chain(added).collect()
    }

    /// The value of a parameter that the caller gave.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        Params::parse(&self.given).get(name).map(str::to_owned)
    }

    /// Adds a parameter whose value is letters, digits, `-`, `.`, `_` or `~`.
    pub(super) fn add(&mut self, name: &'static str, value: String) {
        self.added.push((name, value));
    }

    /// What we added under that name.
    pub(super) fn added(&self, name: &str) -> Option<&str> {
        self.added.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The text of it, the token first.
    pub(super) fn with_token(&self, token: &Secret) -> Secret {
        let mut query = String::from("access_token=");
        wxedge_launch::percent::encode_into(token.expose(), &mut query);
        for (name, value) in &self.added {
            query.extend(["&", name, "=", value]);
        }
        if !self.given.is_empty() {
            query.extend(["&", &self.given]);
        }
        Secret::new(query)
    }
}

/// The names of the parameters, decoded, whatever sign a server may part them by.
fn names(query: &str) -> impl Iterator<Item = Vec<u8>> + '_ {
    query.split(['&', ';']).map(|part| decoded(part.split('=').next().unwrap_or_default()))
}

/// Whether a server may take this name for `access_token`: letters count in any case, what stands between them does not.
fn is_token(name: &[u8]) -> bool {
    let letters = name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase);
    letters.eq(b"accesstoken".iter().copied())
}

/// Decodes what can be decoded: a name that is damaged elsewhere may still be read by a server.
fn decoded(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut bytes = Vec::with_capacity(rest.len());
    while let Some((first, after)) = rest.split_first() {
        let digits =
            after.get(..2).filter(|_| *first == b'%').and_then(|digits| core::str::from_utf8(digits).ok());
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wxedge_crypto::Secret;

    use super::Query;

    #[test]
    fn no_token_of_the_callers_passes_in_any_dress() {
        for query in [
            "access_token=x",
            "access_token",
            "ACCESS_TOKEN=x",
            "Access_Token=x&a=1",
            "a=1&access_token=x&access_token=y",
            "access%5ftoken=x",
            "%61ccess_token=x",
            "access_token%00=x",
            "access_token%ff=x",
            "access_token[]=x",
            "%20access_token=x",
            "+access_token=x",
            "a=1;access_token=x",
            "access-token=x",
            "%zzaccess_token%41%=x&access_toke%6E=x",
        ] {
            assert!(Query::parse(query).is_err(), "{query}");
        }
    }

    #[test]
    fn any_other_query_goes_on_byte_for_byte_behind_the_token() {
        for query in
            ["a=1&b=%E4%BA%ac&c=%2F+x&&d", "component_access_token=x", "a=access_token", "token=1", "x%2"]
        {
            let parsed = Query::parse(query).unwrap();
            assert_eq!(
                parsed.with_token(&Secret::new("a+b")).expose(),
                format!("access_token=a%2Bb&{query}")
            );
        }
        let mut query = Query::parse("").unwrap();
        query.add("pay_sig", "00".to_owned());
        assert_eq!(query.with_token(&Secret::new("T")).expose(), "access_token=T&pay_sig=00");
        assert!(Query::parse(&"x".repeat(8193)).is_err());
    }

    proptest! {
        #[test]
        fn no_query_panics_or_brings_a_second_token(query in "[aAcCeEsStToOkKnN_%0-9&;=]{0,40}") {
            if let Ok(parsed) = Query::parse(&query) {
                let text = parsed.with_token(&Secret::new("T")).expose().to_ascii_lowercase();
                let seconds = text.split(['&', ';']).skip(1).filter(|part| part.split('=').next() == Some("access_token"));
                prop_assert_eq!(seconds.count(), 0);
            }
        }
    }
}
