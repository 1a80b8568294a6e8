//! The settings: read once in the life of an isolate, checked before anything uses them.

mod api_keys;
mod rules;
mod setting;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;

use wxedge_contract::{Problem, URN};
use wxedge_crypto::{Secret, SigningKey, fingerprint};

use wxedge_outbox::WebhookSecrets;
use wxedge_push::PushKeys;

use self::api_keys::parse_api_keys;
pub(crate) use self::api_keys::{ApiKey, LONGEST_KEY, Scope};
use self::rules::{is_address, is_app_secret, is_appid, is_authority, is_origin};
pub(crate) use self::setting::SettingError;
use self::setting::{Setting, Variables};
use crate::log;
use crate::platform::Platform;

/// The longest life of a session, in seconds: a year.
const LONGEST_SESSION: u64 = 366 * 86_400;
/// The longest grace of a replaced `session_key`, in seconds: an hour. It is for data on its way, not for old data.
const LONGEST_GRACE: u64 = 3600;
/// Where `WeChat` answers.
const WECHAT_API: &str = "https://api.weixin.qq.com";

/// Declares the settings, a row each: what it is, and how it is read.
macro_rules! settings {
    ($($(#[$doc:meta])* $field:ident: $type:ty = $read:expr;)+) => {
        /// All settings, by the contract's section 1.
        pub(crate) struct Config {
            $($(#[$doc])* pub(crate) $field: Setting<$type>,)+
            /// Changes with everything that a fetch of the token depends on.
            pub(crate) token_settings: String,
        }

        impl Config {
            fn parse(variables: Variables<'_>) -> Self {
                Self {
                    $($field: ($read)(variables),)+
                    token_settings: token_settings(variables),
                }
            }

            /// Every setting that is wrong.
            pub(crate) fn errors(&self) -> Vec<&SettingError> {
                let errors = [$(self.$field.as_ref().err()),+];
                errors.into_iter().flatten().collect()
            }
        }
    };
}

settings! {
    /// `wx` and 16 lower-case hex digits.
    appid: String = |from: Variables<'_>| from.required("WECHAT_APPID", is_appid, APPID_RULE);
    /// The `AppSecret`. Absent only with `TOKEN_MODE=remote`.
    secret: Option<Secret> = app_secret;
    /// The first signs session tokens; every one is accepted.
    session_keys: Vec<SigningKey> = session_keys;
    /// What services show, and what each may do.
    api_keys: Vec<Rc<ApiKey>> = api_keys;
    /// Where `WeChat` answers, without a slash at the end.
    api_base: String = |from: Variables<'_>| from.base("WECHAT_API_BASE", WECHAT_API);
    /// Where the `access_token` comes from.
    token_mode: TokenMode = token_mode;
    /// Present only with `TOKEN_MODE=remote`.
    token_owner: Option<TokenOwner> = token_owner;
    /// The life of a session, in seconds.
    session_ttl: u64 = |from: Variables<'_>| from.seconds("SESSION_TTL", 604_800, 1..=LONGEST_SESSION);
    /// For how many seconds a replaced `session_key` still decrypts.
    session_key_grace: u64 = |from: Variables<'_>| from.seconds("SESSION_KEY_GRACE", 300, 0..=LONGEST_GRACE);
    /// The greatest age of user data, in seconds; 0: any.
    watermark_max_age: u64 = |from: Variables<'_>| from.seconds("WATERMARK_MAX_AGE", 0, 0..=LONGEST_SESSION);
    /// The origins of H5 pages that may call.
    allowed_origins: Vec<String> = |from: Variables<'_>| from.list("ALLOWED_ORIGINS", is_origin, ORIGINS_RULE);
    /// Hosts whose pages may be signed for the JS-SDK, with their port where they have one.
    public_hosts: Vec<String> = |from: Variables<'_>| from.list("PUBLIC_HOSTS", is_authority, HOSTS_RULE);
    /// The service account behind the open tag.
    service_account: Option<ServiceAccount> = service_account;
    /// Our own address from outside, without a slash at the end.
    public_url: Option<String> = public_url;
    /// What signs calls of virtual payment in the live environment.
    xpay_app_key: Option<Secret> = |from: Variables<'_>| Ok(from.text("XPAY_APP_KEY").map(Secret::new));
    /// … and in its sandbox.
    xpay_sandbox_app_key: Option<Secret> =
        |from: Variables<'_>| Ok(from.text("XPAY_SANDBOX_APP_KEY").map(Secret::new));
    /// Which of both environments calls of virtual payment are signed for.
    xpay_env: XpayEnv = |from: Variables<'_>| from.word("XPAY_ENV", &XPAY_ENVS, "must be live or sandbox");
    /// What opens and answers pushes; none where no message push is set up.
    push_keys: Option<PushKeys> = push_keys;
    /// Where events are delivered; none where they wait to be read.
    receiver: Option<Receiver> = receiver;
    /// Near which place Durable Objects are put.
    do_location: &'static str = |from: Variables<'_>| from.word("DO_LOCATION", &LOCATIONS, LOCATION_RULE);
}

const APPID_RULE: &str =
    "must be wx and 16 lower-case hex digits (console: Development > Development settings)";
const APP_SECRET_RULE: &str = "must be the 32 hex digits of the AppSecret";
const OWNER_RULE: &str = "is needed with TOKEN_MODE=remote, unless the service binding TOKEN_OWNER is there: the address of the wxedge that owns the token";
const SESSION_SECRET_RULE: &str =
    "must be a random text of at least 32 bytes, for example from `openssl rand -base64 32`";
const WEBHOOK_SECRET_RULE: &str = "must be whsec_ and the base64 of 24 to 64 random bytes, for example from `echo whsec_$(openssl rand -base64 32)`; two, separated by a space, during a rotation";
const ORIGINS_RULE: &str =
    "must be origins such as https://h5.example.com, separated by commas, without a path";
const HOSTS_RULE: &str = "must be hosts such as h5.example.com, separated by commas, without https://";
const LOCATION_RULE: &str = "must be one of wnam, enam, sam, weur, eeur, apac, oc, afr, me";
/// The location hints of Durable Objects, the default first.
const LOCATIONS: [(&str, &str); 9] = [
    ("apac", "apac"),
    ("wnam", "wnam"),
    ("enam", "enam"),
    ("sam", "sam"),
    ("weur", "weur"),
    ("eeur", "eeur"),
    ("oc", "oc"),
    ("afr", "afr"),
    ("me", "me"),
];

/// The environments of virtual payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum XpayEnv {
    Live,
    Sandbox,
}

const XPAY_ENVS: [(&str, XpayEnv); 2] = [("live", XpayEnv::Live), ("sandbox", XpayEnv::Sandbox)];

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

/// Who gets the events. Behind the binding `EVENTS_TARGET` any address will do.
pub(crate) struct Receiver {
    pub(crate) url: String,
    pub(crate) secrets: WebhookSecrets,
}

/// The service account behind the open tag: its `jsapi_ticket` signs H5 pages.
pub(crate) struct ServiceAccount {
    pub(crate) appid: String,
    pub(crate) secret: Secret,
    /// Without a slash at the end; that of the mini program when it has none of its own. Its calls need a fixed address,
    /// so usually a relay.
    pub(crate) api_base: String,
}

thread_local! {
    static OF_THIS_ISOLATE: OnceCell<&'static Config> = const { OnceCell::new() };
}

impl Config {
    /// The settings are the same for the whole life of an isolate, and never given back.
    pub(crate) fn of_this_isolate(platform: &Platform) -> &'static Self {
        let parse = || {
            let text = |name: &str| platform.env().var(name);
            let is_bound = |name: &str| platform.is_bound(name);
            let config = Self::parse(Variables::new(&text, &is_bound));
            for error in config.errors() {
                log::misconfigured(&error.to_string());
            }
            &*Box::leak(Box::new(config))
        };
        OF_THIS_ISOLATE.with(|config| *config.get_or_init(parse))
    }

    pub(crate) fn appid(&self) -> Result<&str, Problem> {
        Ok(self.appid.as_deref()?)
    }

    /// The `AppSecret`, for the calls that carry it.
    pub(crate) fn secret(&self) -> Result<&Secret, Problem> {
        let secret = self.secret.as_ref()?.as_ref();
        secret.ok_or_else(|| SettingError::new("WECHAT_SECRET", "is needed to log users in").into())
    }

    /// The deployment to ask for the token, with `TOKEN_MODE=remote`.
    pub(crate) fn owner(&self) -> Result<&TokenOwner, Problem> {
        let owner = self.token_owner.as_ref()?.as_ref();
        owner.ok_or_else(|| SettingError::new("TOKEN_REMOTE_URL", OWNER_RULE).into())
    }

    /// The account in whose name H5 pages are signed.
    pub(crate) fn service_account(&self) -> Result<&ServiceAccount, Problem> {
        let rule = "is needed for the JS-SDK: the appid of a verified service account, beside SERVICE_SECRET";
        let account = self.service_account.as_ref()?.as_ref();
        account.ok_or_else(|| SettingError::new("SERVICE_APPID", rule).into())
    }

    /// What the type of every problem begins with: where it is explained, if our own address is known.
    pub(crate) fn problem_types(&self) -> Cow<'static, str> {
        match &self.public_url {
            Ok(Some(url)) => Cow::Owned(format!("{url}/v1/errors/")),
            _ => Cow::Borrowed(URN),
        }
    }

    /// The key that signs calls of virtual payment.
    pub(crate) fn xpay_key(&self) -> Result<&Secret, Problem> {
        let (name, key) = match self.xpay_env.as_ref()? {
            XpayEnv::Live => ("XPAY_APP_KEY", &self.xpay_app_key),
            XpayEnv::Sandbox => ("XPAY_SANDBOX_APP_KEY", &self.xpay_sandbox_app_key),
        };
        let rule =
            "is needed to sign calls of virtual payment: the AppKey of the environment that XPAY_ENV names";
        key.as_ref()?.as_ref().ok_or_else(|| SettingError::new(name, rule).into())
    }

    /// The key that signs session tokens.
    pub(crate) fn signing_key(&self) -> Result<&SigningKey, Problem> {
        let key = self.session_keys.as_ref()?.first();
        key.ok_or_else(|| SettingError::new("SESSION_SECRET", SESSION_SECRET_RULE).into())
    }

    /// The API key that the caller shows. Every key is compared, in constant time.
    pub(crate) fn api_key(&self, shown: &Secret) -> Result<Option<&Rc<ApiKey>>, Problem> {
        let keys = self.api_keys.as_ref()?;
        Ok(keys.iter().fold(None, |found, key| if key.is(shown) { Some(key) } else { found }))
    }
}

fn app_secret(from: Variables<'_>) -> Setting<Option<Secret>> {
    match from.text("WECHAT_SECRET") {
        None if token_mode(from) == Ok(TokenMode::Remote) => Ok(None),
        Some(text) if is_app_secret(&text) => Ok(Some(Secret::new(text))),
        _ => Err(SettingError::new("WECHAT_SECRET", APP_SECRET_RULE)),
    }
}

fn session_keys(from: Variables<'_>) -> Setting<Vec<SigningKey>> {
    let key = |name| from.text(name).map(|text| signing_key(name, text)).transpose();
    let absent = || SettingError::new("SESSION_SECRET", SESSION_SECRET_RULE);
    let mut keys = vec![key("SESSION_SECRET")?.ok_or_else(absent)?];
    keys.extend(key("SESSION_SECRET_PREVIOUS")?);
    Ok(keys)
}

fn signing_key(name: &'static str, text: String) -> Setting<SigningKey> {
    SigningKey::new(&Secret::new(text)).map_err(|_| SettingError::new(name, SESSION_SECRET_RULE))
}

fn api_keys(from: Variables<'_>) -> Setting<Vec<Rc<ApiKey>>> {
    let text = from.text("API_KEYS").unwrap_or_default();
    let keys = parse_api_keys(&text).map(|keys| keys.into_iter().map(Rc::new).collect());
    keys.map_err(|rule| SettingError::new("API_KEYS", rule))
}

fn token_mode(from: Variables<'_>) -> Setting<TokenMode> {
    let modes =
        [("stable", TokenMode::Stable), ("classic", TokenMode::Classic), ("remote", TokenMode::Remote)];
    from.word("TOKEN_MODE", &modes, "must be stable, classic or remote")
}

fn token_owner(from: Variables<'_>) -> Setting<Option<TokenOwner>> {
    if token_mode(from) != Ok(TokenMode::Remote) {
        return Ok(None);
    }
    let rule = "is needed with TOKEN_MODE=remote: a key of the owner's API_KEYS that has the scope token";
    let key = from.text("TOKEN_REMOTE_KEY").ok_or_else(|| SettingError::new("TOKEN_REMOTE_KEY", rule))?;
    if !from.is_bound("TOKEN_OWNER") && from.text("TOKEN_REMOTE_URL").is_none() {
        return Err(SettingError::new("TOKEN_REMOTE_URL", OWNER_RULE));
    }
    let url = from.base("TOKEN_REMOTE_URL", "https://token-owner.internal")?;
    Ok(Some(TokenOwner { url, key: Secret::new(key) }))
}

fn service_account(from: Variables<'_>) -> Setting<Option<ServiceAccount>> {
    if from.text("SERVICE_APPID").is_none() {
        return Ok(None);
    }
    let appid = from.required("SERVICE_APPID", is_appid, APPID_RULE)?;
    let secret = Secret::new(from.required("SERVICE_SECRET", is_app_secret, APP_SECRET_RULE)?);
    let mini_programs = from.text("WECHAT_API_BASE").unwrap_or_else(|| WECHAT_API.to_owned());
    let api_base = from.base("SERVICE_API_BASE", &mini_programs)?;
    Ok(Some(ServiceAccount { appid, secret, api_base }))
}

fn public_url(from: Variables<'_>) -> Setting<Option<String>> {
    from.text("PUBLIC_URL").map(|_| from.base("PUBLIC_URL", "")).transpose()
}

fn push_keys(from: Variables<'_>) -> Setting<Option<PushKeys>> {
    let aes_key = from.text("PUSH_AES_KEY").map(Secret::new);
    let token = match from.text("PUSH_TOKEN") {
        Some(token) => Secret::new(token),
        None if aes_key.is_none() => return Ok(None),
        None => {
            return Err(SettingError::new(
                "PUSH_TOKEN",
                "is needed beside PUSH_AES_KEY: the Token of the console's message push",
            ));
        }
    };
    let appid = from.required("WECHAT_APPID", is_appid, APPID_RULE)?;
    let keys = PushKeys::new(&appid, token, aes_key.as_ref());
    keys.map(Some).map_err(|wrong| SettingError::new(wrong.setting, wrong.rule))
}

fn receiver(from: Variables<'_>) -> Setting<Option<Receiver>> {
    let secrets = from.text("WEBHOOK_SECRET").map(Secret::new);
    let secrets = secrets.map(|secret| WebhookSecrets::parse(&secret)).transpose();
    let secrets = secrets.map_err(|_| SettingError::new("WEBHOOK_SECRET", WEBHOOK_SECRET_RULE))?;
    let url = match from.text("WEBHOOK_URL") {
        Some(url) if is_address(&url) => url,
        Some(_) => {
            let rule = "must be an https address without a fragment, http only on loopback";
            return Err(SettingError::new("WEBHOOK_URL", rule));
        }
        None if from.is_bound("EVENTS_TARGET") => "https://events-target.internal/".to_owned(),
        None => return Ok(None),
    };
    let secrets = secrets.ok_or_else(|| SettingError::new("WEBHOOK_SECRET", WEBHOOK_SECRET_RULE))?;
    Ok(Some(Receiver { url, secrets }))
}

fn token_settings(from: Variables<'_>) -> String {
    let names = [
        "WECHAT_APPID",
        "WECHAT_SECRET",
        "WECHAT_API_BASE",
        "TOKEN_MODE",
        "TOKEN_REMOTE_URL",
        "TOKEN_REMOTE_KEY",
    ];
    let texts: Vec<_> = names.iter().map(|name| from.text(name).unwrap_or_default()).collect();
    fingerprint(&Secret::new(texts.join("\n")))
}

/// The names of all settings that are read, each once, in the order in which they are read.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn names() -> Vec<String> {
    let asked = std::cell::RefCell::new(Vec::new());
    let text = |name: &str| {
        let mut asked = asked.borrow_mut();
        if !asked.iter().any(|known| known == name) {
            asked.push(name.to_owned());
        }
        // Some settings are read only where others are set, and sound.
        let text = match name {
            "TOKEN_MODE" => "remote",
            "WEBHOOK_SECRET" => "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            name if name.ends_with("SECRET") => "0123456789abcdef0123456789abcdef",
            _ => "wx0123456789abcdef",
        };
        Some(text.to_owned())
    };
    Config::parse(Variables::new(&text, &|_| false));
    asked.into_inner()
}

#[cfg(test)]
mod tests {
    use super::{Config, TokenMode, Variables};

    const GOOD: [(&str, &str); 3] = [
        ("WECHAT_APPID", "wx0123456789abcdef"),
        ("WECHAT_SECRET", "0123456789abcdef0123456789abcdef"),
        ("SESSION_SECRET", "a session secret of 32 characters"),
    ];

    fn config(more: &[(&str, &str)]) -> Config {
        let text = |name: &str| {
            let all = more.iter().chain(GOOD.iter());
            all.copied().find(|(other, _)| *other == name).map(|(_, value)| value.to_owned())
        };
        Config::parse(Variables::new(&text, &|_| false))
    }

    fn wrong(more: &[(&str, &str)]) -> Vec<&'static str> {
        config(more).errors().iter().map(|error| error.name()).collect()
    }

    #[test]
    fn the_required_settings_are_enough() {
        let config = config(&[]);
        assert!(config.errors().is_empty());
        assert_eq!(config.api_base.as_deref(), Ok("https://api.weixin.qq.com"));
        assert_eq!(config.token_mode, Ok(TokenMode::Stable));
        assert_eq!(config.session_ttl, Ok(604_800));
        assert_eq!(config.do_location, Ok("apac"));
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
            ("PUBLIC_URL", "api.example.com"),
            ("PUBLIC_URL", "http://api.example.com"),
            ("DO_LOCATION", "moon"),
            ("XPAY_ENV", "test"),
            ("PUSH_TOKEN", "to"),
            ("PUSH_TOKEN", "with-a-dash"),
            ("WEBHOOK_URL", "http://receiver.example.com"),
            ("WEBHOOK_URL", "https://receiver.example.com/#a"),
            ("WEBHOOK_SECRET", "whsec_c2hvcnQ="),
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
    fn push_and_receiver_are_whole_or_absent() {
        const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
        const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        assert!(config(&[]).push_keys.unwrap().is_none());
        assert_eq!(wrong(&[("PUSH_AES_KEY", AES_KEY)]), ["PUSH_TOKEN"]);
        let keys = [("PUSH_TOKEN", "token"), ("PUSH_AES_KEY", "short")];
        assert_eq!(wrong(&keys), ["PUSH_AES_KEY"]);
        assert!(config(&keys[..1]).push_keys.unwrap().is_some());
        let receiver =
            [("WEBHOOK_URL", "https://receiver.example.com/hook/?a=b"), ("WEBHOOK_SECRET", SECRET)];
        assert_eq!(wrong(&receiver[..1]), ["WEBHOOK_SECRET"]);
        assert!(config(&receiver[1..]).receiver.unwrap().is_none());
        assert_eq!(
            config(&receiver).receiver.unwrap().unwrap().url,
            "https://receiver.example.com/hook/?a=b"
        );
    }

    #[test]
    fn no_error_shows_the_value() {
        let secret = "5ecre7-value-that-is-wrong-and-secret";
        for name in
            ["WECHAT_SECRET", "API_KEYS", "WECHAT_APPID", "PUSH_TOKEN", "WEBHOOK_URL", "WEBHOOK_SECRET"]
        {
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
    fn problems_are_explained_at_our_own_address() {
        for (url, types) in [
            ("", "urn:wxedge:problem:"),
            ("nowhere", "urn:wxedge:problem:"),
            ("https://api.example.com/", "https://api.example.com/v1/errors/"),
            ("http://localhost:8787", "http://localhost:8787/v1/errors/"),
        ] {
            assert_eq!(config(&[("PUBLIC_URL", url)]).problem_types(), types);
        }
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
