//! The settings: read once in the life of an isolate, checked before anything uses them.

mod api_keys;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;
use std::ops::RangeInclusive;
use std::rc::Rc;

use wxedge_contract::{Code, Problem};
use wxedge_crypto::{Secret, SigningKey, fingerprint};

use self::api_keys::{ApiKey, parse_api_keys};
pub(crate) use self::api_keys::{LONGEST_KEY, Scope};
use crate::border::Platform;
use crate::log;

/// The longest life of a session, in seconds: a year.
const LONGEST_SESSION: u64 = 366 * 86_400;
/// The longest grace of a replaced `session_key`, in seconds: an hour. It is for data on its way, not for old data.
const LONGEST_GRACE: u64 = 3600;

/// A setting, or what is wrong with it. Routes that need a wrong one answer `misconfigured`; the others work.
pub(crate) type Setting<T> = Result<T, SettingError>;

/// What is wrong with a setting. It never holds the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SettingError {
    pub(crate) name: &'static str,
    rule: Cow<'static, str>,
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.rule)
    }
}

impl From<SettingError> for Problem {
    fn from(error: SettingError) -> Self {
        Self::new(Code::Misconfigured, format!("{error}."))
            .hint("Set it in wrangler.toml, a secret with `wrangler secret put`; GET /v1/health lists every setting that is wrong.")
    }
}

impl From<&SettingError> for Problem {
    fn from(error: &SettingError) -> Self {
        error.clone().into()
    }
}

/// Where the `access_token` comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenMode {
    Stable,
    Classic,
    Remote,
}

/// The deployment that owns the token, with `TOKEN_MODE=remote`.
pub(crate) struct TokenOwner {
    /// Without a slash at the end. Behind the binding `TOKEN_OWNER` any address will do.
    pub(crate) url: String,
    pub(crate) key: Secret,
}

/// The service account behind the open tag: its `jsapi_ticket` signs H5 pages.
pub(crate) struct ServiceAccount {
    pub(crate) appid: String,
    pub(crate) secret: Secret,
    /// Without a slash at the end; that of the mini program when it has none of its own. Its calls need a fixed address,
    /// so usually a relay.
    pub(crate) api_base: String,
}

/// All settings, by the contract's section 1.
pub(crate) struct Config {
    pub(crate) appid: Setting<String>,
    /// Absent only with `TOKEN_MODE=remote`.
    pub(crate) secret: Setting<Option<Secret>>,
    /// The first signs; every one is accepted.
    pub(crate) session_keys: Setting<Vec<SigningKey>>,
    pub(crate) api_keys: Setting<Vec<ApiKey>>,
    /// Without a slash at the end.
    pub(crate) api_base: Setting<String>,
    pub(crate) token_mode: Setting<TokenMode>,
    /// Present only with `TOKEN_MODE=remote`.
    pub(crate) token_owner: Setting<Option<TokenOwner>>,
    /// Seconds.
    pub(crate) session_ttl: Setting<u64>,
    /// For how many seconds a replaced `session_key` still decrypts.
    pub(crate) session_key_grace: Setting<u64>,
    /// The greatest age of user data, in seconds; 0: any.
    pub(crate) watermark_max_age: Setting<u64>,
    pub(crate) allowed_origins: Setting<Vec<String>>,
    /// Hosts whose pages may be signed for the JS-SDK, with their port where they have one.
    pub(crate) public_hosts: Setting<Vec<String>>,
    pub(crate) service_account: Setting<Option<ServiceAccount>>,
    pub(crate) do_location: Setting<String>,
    /// Changes with everything that a fetch of the token depends on.
    pub(crate) token_settings: String,
}

thread_local! {
    static OF_THIS_ISOLATE: OnceCell<Rc<Config>> = const { OnceCell::new() };
}

impl Config {
    /// The settings are the same for the whole life of an isolate.
    pub(crate) fn of_this_isolate(platform: &Platform) -> Rc<Self> {
        let parse = || {
            let config = Self::parse(|name| platform.variable(name), platform.is_bound("TOKEN_OWNER"));
            for error in config.errors() {
                log::misconfigured(&error.to_string());
            }
            Rc::new(config)
        };
        OF_THIS_ISOLATE.with(|config| config.get_or_init(parse).clone())
    }

    fn parse(variable: impl Fn(&str) -> Option<String>, has_owner_binding: bool) -> Self {
        let read = Settings(&variable);
        let token_mode = read.token_mode();
        Self {
            appid: read.appid(),
            secret: read.secret(token_mode.as_ref().copied().unwrap_or(TokenMode::Stable)),
            session_keys: read.session_keys(),
            api_keys: read.api_keys(),
            api_base: read.base("WECHAT_API_BASE", WECHAT_API),
            token_owner: match token_mode {
                Ok(TokenMode::Remote) => read.token_owner(has_owner_binding).map(Some),
                _ => Ok(None),
            },
            token_mode,
            session_ttl: read.seconds("SESSION_TTL", 604_800, 1..=LONGEST_SESSION),
            session_key_grace: read.seconds("SESSION_KEY_GRACE", 300, 0..=LONGEST_GRACE),
            watermark_max_age: read.seconds("WATERMARK_MAX_AGE", 0, 0..=LONGEST_SESSION),
            allowed_origins: read.origins(),
            public_hosts: read.hosts(),
            service_account: read.service_account(),
            do_location: read.location(),
            token_settings: read.token_settings(),
        }
    }

    /// Every setting that is wrong.
    pub(crate) fn errors(&self) -> Vec<&SettingError> {
        fn error<T>(setting: &Setting<T>) -> Option<&SettingError> {
            setting.as_ref().err()
        }
        [
            error(&self.appid),
            error(&self.secret),
            error(&self.session_keys),
            error(&self.api_keys),
            error(&self.api_base),
            error(&self.token_mode),
            error(&self.token_owner),
            error(&self.session_ttl),
            error(&self.session_key_grace),
            error(&self.watermark_max_age),
            error(&self.allowed_origins),
            error(&self.public_hosts),
            error(&self.service_account),
            error(&self.do_location),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    pub(crate) fn appid(&self) -> Result<&str, Problem> {
        Ok(self.appid.as_deref()?)
    }

    /// The `AppSecret`, for the calls that carry it.
    pub(crate) fn secret(&self) -> Result<&Secret, Problem> {
        self.secret
            .as_ref()?
            .as_ref()
            .ok_or_else(|| absent("WECHAT_SECRET", "is needed to log users in").into())
    }

    /// The deployment to ask for the token, with `TOKEN_MODE=remote`.
    pub(crate) fn owner(&self) -> Result<&TokenOwner, Problem> {
        self.token_owner.as_ref()?.as_ref().ok_or_else(|| absent("TOKEN_REMOTE_URL", OWNER_RULE).into())
    }

    /// The account in whose name H5 pages are signed.
    pub(crate) fn service_account(&self) -> Result<&ServiceAccount, Problem> {
        let rule = "is needed for the JS-SDK: the appid of a verified service account, beside SERVICE_SECRET";
        self.service_account.as_ref()?.as_ref().ok_or_else(|| absent("SERVICE_APPID", rule).into())
    }

    /// The key that signs session tokens.
    pub(crate) fn signing_key(&self) -> Result<&SigningKey, Problem> {
        self.session_keys
            .as_ref()?
            .first()
            .ok_or_else(|| absent("SESSION_SECRET", SESSION_SECRET_RULE).into())
    }

    /// The API key that the caller shows. Every key is compared, in constant time.
    pub(crate) fn api_key(&self, shown: &Secret) -> Result<Option<&ApiKey>, Problem> {
        let keys = self.api_keys.as_ref()?;
        Ok(keys.iter().fold(None, |found, key| if key.is(shown) { Some(key) } else { found }))
    }
}

/// Where `WeChat` answers.
const WECHAT_API: &str = "https://api.weixin.qq.com";
const APPID_RULE: &str =
    "must be wx and 16 lower-case hex digits (console: Development > Development settings)";
const APP_SECRET_RULE: &str = "must be the 32 hex digits of the AppSecret";
const OWNER_RULE: &str = "is needed with TOKEN_MODE=remote, unless the service binding TOKEN_OWNER is there: the address of the wxedge that owns the token";
const SESSION_SECRET_RULE: &str =
    "must be a random text of at least 32 bytes, for example from `openssl rand -base64 32`";

const fn absent(name: &'static str, rule: &'static str) -> SettingError {
    SettingError { name, rule: Cow::Borrowed(rule) }
}

/// The variables as texts. An empty one counts as absent: a dashboard cannot hold nothing.
struct Settings<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Settings<'_> {
    fn text(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn appid(&self) -> Setting<String> {
        let appid = self.text("WECHAT_APPID").filter(|appid| is_appid(appid));
        appid.ok_or(absent("WECHAT_APPID", APPID_RULE))
    }

    fn secret(&self, mode: TokenMode) -> Setting<Option<Secret>> {
        match self.text("WECHAT_SECRET") {
            None if mode == TokenMode::Remote => Ok(None),
            Some(text) if is_app_secret(&text) => Ok(Some(Secret::new(text))),
            _ => Err(absent("WECHAT_SECRET", APP_SECRET_RULE)),
        }
    }

    fn service_account(&self) -> Setting<Option<ServiceAccount>> {
        let Some(appid) = self.text("SERVICE_APPID") else { return Ok(None) };
        if !is_appid(&appid) {
            return Err(absent("SERVICE_APPID", APPID_RULE));
        }
        let secret = self.text("SERVICE_SECRET").filter(|text| is_app_secret(text));
        let secret = secret.ok_or(absent("SERVICE_SECRET", APP_SECRET_RULE))?;
        let mini_programs = self.text("WECHAT_API_BASE").unwrap_or_else(|| WECHAT_API.to_owned());
        let api_base = self.base("SERVICE_API_BASE", &mini_programs)?;
        Ok(Some(ServiceAccount { appid, secret: Secret::new(secret), api_base }))
    }

    fn hosts(&self) -> Setting<Vec<String>> {
        let text = self.text("PUBLIC_HOSTS").unwrap_or_default();
        let hosts: Vec<_> = text.split(',').map(str::trim).filter(|host| !host.is_empty()).collect();
        if hosts.iter().all(|host| is_authority(host)) {
            Ok(hosts.into_iter().map(str::to_owned).collect())
        } else {
            Err(absent(
                "PUBLIC_HOSTS",
                "must be hosts such as h5.example.com, separated by commas, without https://",
            ))
        }
    }

    fn session_keys(&self) -> Setting<Vec<SigningKey>> {
        let key = |name| self.text(name).map(|text| signing_key(name, text)).transpose();
        let current = key("SESSION_SECRET")?.ok_or(absent("SESSION_SECRET", SESSION_SECRET_RULE))?;
        let mut keys = vec![current];
        keys.extend(key("SESSION_SECRET_PREVIOUS")?);
        Ok(keys)
    }

    fn api_keys(&self) -> Setting<Vec<ApiKey>> {
        let text = self.text("API_KEYS").unwrap_or_default();
        parse_api_keys(&text).map_err(|rule| SettingError { name: "API_KEYS", rule: rule.into() })
    }

    fn base(&self, name: &'static str, default: &str) -> Setting<String> {
        let base = self.text(name).unwrap_or_else(|| default.to_owned());
        let base = base.trim_end_matches('/');
        if is_base(base) {
            Ok(base.to_owned())
        } else {
            Err(absent(
                name,
                "must be an https address without query, http only on loopback, such as https://api.weixin.qq.com",
            ))
        }
    }

    fn token_mode(&self) -> Setting<TokenMode> {
        match self.text("TOKEN_MODE").as_deref() {
            None | Some("stable") => Ok(TokenMode::Stable),
            Some("classic") => Ok(TokenMode::Classic),
            Some("remote") => Ok(TokenMode::Remote),
            Some(_) => Err(absent("TOKEN_MODE", "must be stable, classic or remote")),
        }
    }

    fn token_owner(&self, has_binding: bool) -> Setting<TokenOwner> {
        let key = self.text("TOKEN_REMOTE_KEY").ok_or(absent(
            "TOKEN_REMOTE_KEY",
            "is needed with TOKEN_MODE=remote: a key of the owner's API_KEYS that has the scope token",
        ))?;
        if !has_binding && self.text("TOKEN_REMOTE_URL").is_none() {
            return Err(absent("TOKEN_REMOTE_URL", OWNER_RULE));
        }
        Ok(TokenOwner {
            url: self.base("TOKEN_REMOTE_URL", "https://token-owner.internal")?,
            key: Secret::new(key),
        })
    }

    fn seconds(&self, name: &'static str, default: u64, range: RangeInclusive<u64>) -> Setting<u64> {
        let Some(text) = self.text(name) else { return Ok(default) };
        let rule = || format!("must be whole seconds, {} to {}", range.start(), range.end());
        text.parse()
            .ok()
            .filter(|seconds| range.contains(seconds))
            .ok_or_else(|| SettingError { name, rule: rule().into() })
    }

    fn origins(&self) -> Setting<Vec<String>> {
        let text = self.text("ALLOWED_ORIGINS").unwrap_or_default();
        let origins: Vec<_> = text.split(',').map(str::trim).filter(|origin| !origin.is_empty()).collect();
        if origins.iter().all(|origin| is_origin(origin)) {
            Ok(origins.into_iter().map(str::to_owned).collect())
        } else {
            Err(absent(
                "ALLOWED_ORIGINS",
                "must be origins such as https://h5.example.com, separated by commas, without a path",
            ))
        }
    }

    fn location(&self) -> Setting<String> {
        const KNOWN: [&str; 9] = ["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"];
        let location = self.text("DO_LOCATION").unwrap_or_else(|| "apac".to_owned());
        if KNOWN.contains(&location.as_str()) {
            Ok(location)
        } else {
            Err(absent("DO_LOCATION", "must be one of wnam, enam, sam, weur, eeur, apac, oc, afr, me"))
        }
    }

    fn token_settings(&self) -> String {
        let names = [
            "WECHAT_APPID",
            "WECHAT_SECRET",
            "WECHAT_API_BASE",
            "TOKEN_MODE",
            "TOKEN_REMOTE_URL",
            "TOKEN_REMOTE_KEY",
        ];
        let texts: Vec<_> = names.iter().map(|name| self.text(name).unwrap_or_default()).collect();
        fingerprint(&Secret::new(texts.join("\n")))
    }
}

fn signing_key(name: &'static str, text: String) -> Setting<SigningKey> {
    SigningKey::new(&Secret::new(text)).map_err(|_| absent(name, SESSION_SECRET_RULE))
}

fn is_appid(text: &str) -> bool {
    let digits = text.strip_prefix("wx").unwrap_or_default();
    digits.len() == 16 && digits.bytes().all(is_lower_hex)
}

fn is_app_secret(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

const fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// Whether the text is an https address without query and fragment; http is allowed on loopback.
fn is_base(text: &str) -> bool {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let (authority, _) = rest.split_once('/').unwrap_or((rest, ""));
    let sound = !authority.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && !text.contains(['?', '#', '@', '\\']);
    sound && (scheme == "https" || scheme == "http" && is_loopback(authority))
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

fn is_origin(text: &str) -> bool {
    let (scheme, authority) = text.split_once("://").unwrap_or_default();
    matches!(scheme, "https" | "http") && is_authority(authority)
}

/// Whether the text is a host as a browser writes it, with or without a port.
fn is_authority(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::{Config, TokenMode};

    const GOOD: [(&str, &str); 3] = [
        ("WECHAT_APPID", "wx0123456789abcdef"),
        ("WECHAT_SECRET", "0123456789abcdef0123456789abcdef"),
        ("SESSION_SECRET", "a session secret of 32 characters"),
    ];

    fn config(more: &[(&str, &str)]) -> Config {
        Config::parse(
            |name| {
                let all = more.iter().chain(GOOD.iter());
                all.copied().find(|(other, _)| *other == name).map(|(_, value)| value.to_owned())
            },
            false,
        )
    }

    fn wrong(more: &[(&str, &str)]) -> Vec<&'static str> {
        config(more).errors().iter().map(|error| error.name).collect()
    }

    #[test]
    fn the_required_settings_are_enough() {
        let config = config(&[]);
        assert!(config.errors().is_empty());
        assert_eq!(config.api_base.as_deref(), Ok("https://api.weixin.qq.com"));
        assert_eq!(config.token_mode, Ok(TokenMode::Stable));
        assert_eq!(config.session_ttl, Ok(604_800));
        assert_eq!(config.do_location.as_deref(), Ok("apac"));
    }

    #[test]
    fn a_wrong_setting_is_named() {
        for (name, value) in [
            ("WECHAT_APPID", ""),
            ("WECHAT_APPID", "wx0123456789ABCDEF"),
            ("WECHAT_APPID", "wx0123"),
            ("WECHAT_SECRET", ""),
            ("WECHAT_SECRET", "short"),
            ("WECHAT_SECRET", "0123456789abcdef0123456789abcdeg"),
            ("SESSION_SECRET", ""),
            ("SESSION_SECRET", "of 31 characters, not enough..."),
            ("API_KEYS", "app:short"),
            ("WECHAT_API_BASE", "http://relay.example.com"),
            ("WECHAT_API_BASE", "https://"),
            ("WECHAT_API_BASE", "https://user@relay.example.com"),
            ("WECHAT_API_BASE", "https://relay.example.com?x=1"),
            ("WECHAT_API_BASE", "http://127.0.0.1.example.com"),
            ("TOKEN_MODE", "steady"),
            ("SESSION_TTL", "0"),
            ("SESSION_TTL", "a week"),
            ("SESSION_KEY_GRACE", "-1"),
            ("SESSION_KEY_GRACE", "3601"),
            ("WATERMARK_MAX_AGE", "5m"),
            ("ALLOWED_ORIGINS", "*"),
            ("ALLOWED_ORIGINS", "https://h5.example.com/"),
            ("PUBLIC_HOSTS", "https://h5.example.com"),
            ("PUBLIC_HOSTS", "h5.example.com/path"),
            ("SERVICE_APPID", "gh_0123456789ab"),
            ("DO_LOCATION", "moon"),
        ] {
            assert_eq!(wrong(&[(name, value)]), [name], "{value}");
        }
        assert_eq!(wrong(&[("SESSION_SECRET_PREVIOUS", "short")]), ["SESSION_SECRET_PREVIOUS"]);
    }

    #[test]
    fn a_service_account_is_whole_or_absent() {
        assert!(config(&[]).service_account().is_err());
        let account = [
            ("SERVICE_APPID", "wxfedcba9876543210"),
            ("SERVICE_SECRET", "fedcba9876543210fedcba9876543210"),
            ("SERVICE_API_BASE", "https://relay.example.com/"),
        ];
        assert_eq!(wrong(&account[..1]), ["SERVICE_SECRET"]);
        let whole = config(&account);
        assert_eq!(whole.service_account().unwrap().api_base, "https://relay.example.com");
        assert_eq!(wrong(&[account[0], account[1], ("SERVICE_API_BASE", "relay")]), ["SERVICE_API_BASE"]);
    }

    #[test]
    fn no_error_shows_the_value() {
        let secret = "5ecre7-value-that-is-wrong-and-secret";
        for name in ["WECHAT_SECRET", "API_KEYS", "WECHAT_APPID"] {
            let config = config(&[(name, secret)]);
            assert!(config.errors().iter().all(|error| !error.to_string().contains(secret)), "{name}");
        }
    }

    #[test]
    fn the_app_secret_may_be_absent_in_remote_mode() {
        let remote = [("TOKEN_MODE", "remote"), ("WECHAT_SECRET", ""), ("TOKEN_REMOTE_KEY", "a key")];
        assert_eq!(wrong(&remote), ["TOKEN_REMOTE_URL"]);
        let mut with_url = remote.to_vec();
        with_url.push(("TOKEN_REMOTE_URL", "https://owner.example.com"));
        assert!(wrong(&with_url).is_empty());
    }

    #[test]
    fn loopback_may_be_plain_http() {
        for base in [
            "http://localhost:8788",
            "http://127.0.0.1:1",
            "http://[::1]:8788",
            "https://relay.example.com/wechat/",
        ] {
            assert!(wrong(&[("WECHAT_API_BASE", base)]).is_empty(), "{base}");
        }
    }
}
