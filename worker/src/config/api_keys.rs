//! `API_KEYS`: which keys there are, and what each may be used for.
//!
//! Entries `name:key` or `name[scope,scope]:key`, separated by commas. What is wrong is said by the number of the entry,
//! and with nothing of its text: where an entry is wrong, any part of it may be the key.

use std::borrow::Cow;

use wxedge_crypto::{Secret, digest_eq};

/// The shortest key, in characters: 32 random ones are beyond guessing in any common alphabet.
const SHORTEST_KEY: usize = 32;
/// The longest key, in characters: far above any in use, and a header line should stay below 8 KB.
pub(crate) const LONGEST_KEY: usize = 4096;

/// The longest name of a key whose tokens hold it, in characters: a token has up to 512.
const LONGEST_NAME_OF_SDK: usize = 64;

/// What an API key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Codes,
    Links,
    Token,
    Phone,
    Admin,
    Messages,
    Security,
    Events,
    Pay,
    Transfers,
    /// Endpoints of WeChat's.
    Api,
    /// The key may stand as an `AppSecret`, and so travels in URLs.
    Sdk,
    SessionKey,
    Credentials,
}

impl Scope {
    const ALL: [(&'static str, Self); 14] = [
        ("codes", Self::Codes),
        ("links", Self::Links),
        ("token", Self::Token),
        ("phone", Self::Phone),
        ("admin", Self::Admin),
        ("messages", Self::Messages),
        ("security", Self::Security),
        ("events", Self::Events),
        ("pay", Self::Pay),
        ("transfers", Self::Transfers),
        ("api", Self::Api),
        ("sdk", Self::Sdk),
        ("session_key", Self::SessionKey),
        ("credentials", Self::Credentials),
    ];

    /// Those of a key that lists none: no scope that came later opens anything to a key of before.
    const UNLISTED: [Self; 5] = [Self::Codes, Self::Links, Self::Token, Self::Phone, Self::Admin];

    /// What no key may do that travels in URLs, where logs keep it.
    const NOT_IN_URLS: [Self; 5] = [Self::Admin, Self::Transfers, Self::Pay, Self::Token, Self::Credentials];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, scope)| *scope == self).map_or("", |(name, _)| name)
    }
}

/// One entry of `API_KEYS`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ApiKey {
    name: String,
    key: Secret,
    scopes: Scopes,
}

/// What a key may do: routes of ours, and endpoints of WeChat's.
#[derive(Debug, PartialEq, Eq, Default)]
struct Scopes {
    listed: Vec<Scope>,
    /// Of `api:PREFIX`, without a slash before them: all below those that end in one, and the others alone.
    endpoints: Vec<String>,
}

impl ApiKey {
    /// What the operator calls it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The key itself.
    pub(crate) const fn secret(&self) -> &Secret {
        &self.key
    }

    /// Whether it may call any endpoint of WeChat's.
    pub(crate) fn has_endpoints(&self) -> bool {
        self.allows(Scope::Api) || !self.scopes.endpoints.is_empty()
    }

    /// Whether it may call this endpoint of WeChat's, a path without a slash before it.
    pub(crate) fn allows_endpoint(&self, path: &str) -> bool {
        let covers = |prefix: &String| match prefix.strip_suffix('/') {
            Some(_) => path.starts_with(prefix.as_str()),
            None => path == prefix,
        };
        self.allows(Scope::Api) || self.scopes.endpoints.iter().any(covers)
    }

    pub(crate) fn allows(&self, scope: Scope) -> bool {
        self.scopes.listed.contains(&scope)
    }

    /// Whether this is the key that is shown. The time it takes says nothing of the key.
    pub(crate) fn is(&self, shown: &Secret) -> bool {
        digest_eq(&self.key, shown)
    }
}

/// Reads all entries; empty ones are passed over.
///
/// # Errors
/// What is wrong, to be read behind the name of the setting.
pub(crate) fn parse_api_keys(text: &str) -> Result<Vec<ApiKey>, String> {
    let mut keys = Vec::new();
    let mut rest = next_entry(text);
    while !rest.is_empty() {
        let (key, after) = parse_entry(rest).map_err(|wrong| {
            format!("is wrong in entry {} ({wrong}): entries are name:key or name[scope,scope]:key, separated by commas", keys.len().saturating_add(1))
        })?;
        keys.push(key);
        rest = next_entry(after);
    }
    Ok(keys)
}

fn next_entry(text: &str) -> &str {
    text.trim_start_matches(|character: char| character == ',' || character.is_whitespace())
}

type Wrong = Cow<'static, str>;

/// Reads the entry at the beginning; gives what stands behind it too.
fn parse_entry(text: &str) -> Result<(ApiKey, &str), Wrong> {
    let (name, rest) = split_before(text, &['[', ':', ',']);
    let name = name.trim_end();
    check_name(name)?;
    let (scopes, rest) = match rest.strip_prefix('[') {
        Some(listed) => {
            let (listed, rest) = listed.split_once(']').ok_or("the list of scopes has no end")?;
            (parse_scopes(listed)?, rest)
        }
        None => (Scopes { listed: Scope::UNLISTED.to_vec(), endpoints: Vec::new() }, rest),
    };
    if scopes.listed.contains(&Scope::Sdk) && name.len() > LONGEST_NAME_OF_SDK {
        return Err("a key with sdk has a name of up to 64 characters, since its tokens hold it".into());
    }
    let rest = rest.strip_prefix(':').ok_or("there is no colon with a key behind its name")?;
    let (key, rest) = split_before(rest, &[',']);
    Ok((ApiKey { name: name.to_owned(), key: parse_key(key.trim())?, scopes }, rest))
}

fn split_before<'a>(text: &'a str, ends: &[char]) -> (&'a str, &'a str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

fn check_name(name: &str) -> Result<(), Wrong> {
    let is_sound = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !name.is_empty() && name.bytes().all(is_sound) {
        Ok(())
    } else {
        Err("its name must be letters, digits, - and _".into())
    }
}

fn parse_key(key: &str) -> Result<Secret, Wrong> {
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("its key must be visible ASCII characters without spaces".into());
    }
    if (SHORTEST_KEY..=LONGEST_KEY).contains(&key.len()) {
        Ok(Secret::new(key))
    } else {
        Err(format!("its key has {} characters, and must have {SHORTEST_KEY} to {LONGEST_KEY}", key.len())
            .into())
    }
}

/// Reads the scopes in brackets. Empty brackets are refused: they look like none and would mean the usual ones.
fn parse_scopes(text: &str) -> Result<Scopes, Wrong> {
    let mut scopes = Scopes::default();
    for (index, name) in text.split(',').map(str::trim).enumerate() {
        let known = Scope::ALL.iter().find(|(known, _)| *known == name);
        match (known, name.strip_prefix("api:").filter(|path| is_path(path))) {
            (Some((_, scope)), _) => scopes.listed.push(*scope),
            (None, Some(path)) => scopes.endpoints.push(path.strip_prefix('/').unwrap_or(path).to_owned()),
            (None, None) => return Err(unknown_scope(index.saturating_add(1))),
        }
    }
    let forbidden = Scope::NOT_IN_URLS.iter().find(|scope| scopes.listed.contains(scope));
    match forbidden {
        Some(scope) if scopes.listed.contains(&Scope::Sdk) => {
            Err(format!("a key with sdk travels in URLs, so it may not have {}", scope.name()).into())
        }
        _ => Ok(scopes),
    }
}

fn unknown_scope(number: usize) -> Wrong {
    let known: Vec<_> = Scope::ALL.iter().map(|(name, _)| *name).collect();
    format!("its scope {number} is none of {} and api:PREFIX", known.join(", ")).into()
}

/// Whether this is a path of `WeChat`'s, or the beginning of one that ends in a slash.
fn is_path(text: &str) -> bool {
    let is_sound = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let path = text.strip_prefix('/').unwrap_or(text);
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').all(|segment| !segment.is_empty() && segment.bytes().all(is_sound))
}

#[cfg(test)]
mod tests {
    use super::{ApiKey, Scope, parse_api_keys};
    use wxedge_crypto::Secret;

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    fn scopes_of(keys: &[ApiKey], shown: &str) -> Vec<&'static str> {
        let key = keys.iter().find(|key| key.is(&Secret::new(shown)));
        let scopes = Scope::ALL.iter().filter(|(_, scope)| key.is_some_and(|key| key.allows(*scope)));
        scopes.map(|(name, _)| *name).collect()
    }

    #[test]
    fn a_key_has_the_scopes_in_its_brackets_or_the_five_of_before() {
        let keys = parse_api_keys(
            "all:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, so-me_1 [codes, links]:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb:b,\n,x:[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[,y:yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy,",
        )
        .unwrap();
        let usual = ["codes", "links", "token", "phone", "admin"];
        assert_eq!(scopes_of(&keys, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), usual);
        assert_eq!(scopes_of(&keys, "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb:b"), ["codes", "links"]);
        assert_eq!(scopes_of(&keys, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["), usual);
        assert_eq!(scopes_of(&keys, "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"), usual);
        assert!(scopes_of(&keys, "cccccccccccccccccccccccccccccccc").is_empty());
        assert_eq!(parse_api_keys(" , "), Ok(Vec::new()));
    }

    #[test]
    fn every_scope_of_the_contract_can_be_listed() {
        for (name, _) in Scope::ALL {
            let keys = parse_api_keys(&format!("app[{name}]:{KEY}")).unwrap();
            assert_eq!(scopes_of(&keys, KEY), [name]);
        }
    }

    #[test]
    fn a_scope_may_hold_colons_and_slashes() {
        for path in ["/wxa/", "wxa/", "cgi-bin/message/", "/cgi-bin/express/business/order/get", "xpay"] {
            let keys = parse_api_keys(&format!("app[api:{path},codes]:{KEY}")).unwrap();
            assert_eq!(scopes_of(&keys, KEY), ["codes"], "{path}");
            let only = parse_api_keys(&format!("app[api:{path}]:{KEY}")).unwrap();
            assert!(scopes_of(&only, KEY).is_empty(), "{path}: a list that is there is not the usual ones");
        }
    }

    #[test]
    fn a_prefix_opens_what_is_below_it_and_a_path_only_itself() {
        let keys = parse_api_keys(&format!("app[api:/wxa/sec/,api:cgi-bin/media/get]:{KEY},all[api]:{KEY}"))
            .unwrap();
        let [some, all] = keys.as_slice() else { panic!("two keys") };
        for (path, is_open) in [
            ("wxa/sec/vod/getmedia", true),
            ("cgi-bin/media/get", true),
            ("wxa/sec", false),
            ("wxa/secret", false),
            ("wxa/msg_sec_check", false),
            ("cgi-bin/media/getfeedbackmedia", false),
            ("cgi-bin/media/get/x", false),
            ("WXA/sec/vod/getmedia", false),
            ("x/wxa/sec/vod", false),
        ] {
            assert_eq!(some.allows_endpoint(path), is_open, "{path}");
            assert!(all.allows_endpoint(path), "{path}");
        }
        assert_eq!((some.name(), some.has_endpoints(), some.allows(Scope::Api)), ("app", true, false));
        assert!(!parse_api_keys(&format!("app:{KEY}")).unwrap().iter().any(ApiKey::has_endpoints));
    }

    #[test]
    fn what_is_wrong_is_said_by_the_number_of_the_entry_and_without_its_text() {
        for (entry, words) in [
            (KEY, "no colon"),
            (":0123456789abcdef0123456789abcdef", "its name must be"),
            ("the app:0123456789abcdef0123456789abcdef", "its name must be"),
            ("\u{5bc6}:0123456789abcdef0123456789abcdef", "its name must be"),
            ("app]:0123456789abcdef0123456789abcdef", "its name must be"),
            ("app:0123456789abcdef0123456789abcde", "its key has 31 characters"),
            ("app:", "its key has 0 characters"),
            ("app:0123456789abcdef 0123456789abcdef", "visible"),
            ("app:0123456789abcdef0123456789abcde\u{e9}", "visible"),
            ("app[]:0123456789abcdef0123456789abcdef", "its scope 1"),
            ("app[codes,]:0123456789abcdef0123456789abcdef", "its scope 2"),
            ("app[codes,planets]:0123456789abcdef0123456789abcdef", "its scope 2"),
            ("app[Codes]:0123456789abcdef0123456789abcdef", "its scope 1"),
            ("app[api:]:0123456789abcdef0123456789abcdef", "its scope 1"),
            ("app[api:/]:0123456789abcdef0123456789abcdef", "its scope 1"),
            ("app[api:wxa//x]:0123456789abcdef0123456789abcdef", "its scope 1"),
            ("app[api:wxa/?x]:0123456789abcdef0123456789abcdef", "its scope 1"),
            ("app[links:wxa/]:0123456789abcdef0123456789abcdef", "its scope 1"),
            ("app[codes:0123456789abcdef0123456789abcdef", "no end"),
            ("app[codes]0123456789abcdef0123456789abcdef", "no colon"),
            (&format!("{}[sdk]:{KEY}", "n".repeat(65)), "up to 64"),
        ] {
            let text = format!("first:{}, {entry}", "f".repeat(32));
            let wrong = parse_api_keys(&text).unwrap_err();
            assert!(wrong.starts_with("is wrong in entry 2 (") && wrong.contains(words), "{entry}: {wrong}");
            for secret in ["0123456789", "planets", "fff"] {
                assert!(!wrong.contains(secret), "{entry}: {wrong}");
            }
        }
        assert!(parse_api_keys(&format!("app:{}", "k".repeat(4096))).is_ok());
        assert!(parse_api_keys(&format!("app:{}", "k".repeat(4097))).unwrap_err().contains("4097"));
    }

    #[test]
    fn a_key_that_travels_in_urls_opens_nothing_that_no_log_may_open() {
        for (name, scope) in Scope::ALL {
            let text = format!("app[sdk,{name}]:{KEY}");
            if Scope::NOT_IN_URLS.contains(&scope) {
                let wrong = parse_api_keys(&text).unwrap_err();
                assert!(wrong.contains("sdk") && wrong.contains(name), "{wrong}");
            } else {
                assert!(parse_api_keys(&text).is_ok(), "{name}");
            }
        }
        let forbidden: Vec<_> = Scope::NOT_IN_URLS.iter().map(|scope| scope.name()).collect();
        assert_eq!(forbidden, ["admin", "transfers", "pay", "token", "credentials"]);
    }
}
