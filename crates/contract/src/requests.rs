//! The requests that a client sends to a wxedge Worker, as plain values: whoever has a transport sends them.
//!
//! A client holds no secret, so no builder takes one: see [`RequestError::Credential`].

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use wxedge_launch::{InvalidArgument, Params, percent};

/// Exchanges the code of `wx.login` for a session token.
pub const LOGIN: &str = "/v1/login";
/// The session of a token: read with GET, ended with DELETE.
pub const SESSION: &str = "/v1/session";
/// Asks whether the platform still honours the session.
pub const SESSION_CHECK: &str = "/v1/session/check";
/// Exchanges the code of the phone button, or decrypts what it brought, for the number.
pub const PHONE: &str = "/v1/phone";
/// Verifies and decrypts user data.
pub const USER_DATA: &str = "/v1/userdata";
/// Named links; the name follows after a slash.
pub const LINKS: &str = "/v1/links";
/// Stored scenes; the scene follows after a slash.
pub const SCENES: &str = "/v1/scenes";
/// Orders; the number of one follows after a slash.
pub const ORDERS: &str = "/v1/pay/orders";

/// A code that the platform gave to the client: opaque, so only its length is judged.
pub const CODE: Limit = Limit { max: 512, rule: "must be a text of 1 to 512 characters" };
/// A session token: our own are a few hundred characters, and a header line should stay below 8 KB.
pub const TOKEN: Limit = Limit { max: 4096, rule: "must be a text of 1 to 4096 characters" };
/// Encrypted or raw user data: far above what the platform sends, far below the limit of a body.
pub const DATA: Limit = Limit { max: 16384, rule: "must be a text of 1 to 16384 characters" };
/// The name of a link.
pub const NAME: Limit = Limit { max: 64, rule: "must be a text of 1 to 64 characters" };
/// A scene.
pub const SCENE: Limit = Limit { max: 32, rule: "must be a text of 1 to 32 characters" };

/// The number of an order. Source: `WeChat` Pay, JSAPI orders, `out_trade_no`.
pub const OUT_TRADE_NO: Limit = Limit { max: 32, rule: "must be a text of 1 to 32 characters" };

/// How long a text may be. The rule stands in words beside the number, since writing numbers takes the formatting
/// machinery, which would be a tenth of the client's wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The most characters.
    pub max: usize,
    /// The rule, to be read after the name of an argument.
    pub rule: &'static str,
}

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Does something.
    Post,
    /// Removes.
    Delete,
}

impl Method {
    /// The method as HTTP writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// A request as a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The whole URL.
    pub url: String,
    /// The method.
    pub method: Method,
    /// Header names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The fields of the JSON object that is the body whose values are texts.
    pub body: Option<Vec<(&'static str, String)>>,
    /// Those whose values are numbers.
    pub numbers: Vec<(&'static str, u32)>,
}

/// Why a request was not built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// The base is no address of a Worker.
    Base,
    /// An argument is missing or against its rule.
    Argument {
        /// The argument.
        field: &'static str,
        /// The rule, to be read after the argument's name.
        rule: &'static str,
    },
    /// An argument is named like a credential. Case, `_` and `-` make no difference; the parameters of a link count
    /// too. What only the Worker may know must never be in a client, so this is refused even though it would not be
    /// sent.
    Credential {
        /// The name as it was given.
        field: String,
    },
}

impl RequestError {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Base | Self::Argument { .. } => "invalid_argument",
            Self::Credential { .. } => "credential_refused",
        }
    }

    /// The sentence for people.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Base => {
                "base must be an http or https address, or a path on the page's own host".to_string()
            }
            Self::Argument { field, rule } => join(field, " ", rule),
            Self::Credential { field } => join(
                field,
                " is named like a credential: ",
                "it belongs in the settings of the Worker, never in a client",
            ),
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl core::error::Error for RequestError {}

impl From<InvalidArgument> for RequestError {
    fn from(InvalidArgument { field, rule }: InvalidArgument) -> Self {
        Self::Argument { field, rule }
    }
}

/// The named arguments of one request.
#[derive(Clone, Debug, Default)]
pub struct Arguments<'a> {
    /// Names and values.
    pub fields: Params<'a>,
    /// The parameters of a link, for [`open_link`] and [`link_code`].
    pub params: Params<'a>,
}

/// `POST /v1/login` with `code`.
///
/// # Errors
/// When the base or the code is against its rule, or an argument is named like a credential.
pub fn login(base: &str, given: &Arguments<'_>) -> Result<Request, RequestError> {
    Shape { method: Method::Post, path: &[LOGIN], with_token: false, body: Some(WITH_CODE) }
        .build(base, given)
}

/// `GET /v1/session` with `token`.
///
/// # Errors
/// When the base or the token is against its rule, or an argument is named like a credential.
pub fn session(base: &str, given: &Arguments<'_>) -> Result<Request, RequestError> {
    Shape { method: Method::Get, path: &[SESSION], with_token: true, body: None }.build(base, given)
}

/// `POST /v1/session/check` with `token`.
///
/// # Errors
/// When the base or the token is against its rule, or an argument is named like a credential.
pub fn session_check(base: &str, given: &Arguments<'_>) -> Result<Request, RequestError> {
    Shape { method: Method::Post, path: &[SESSION_CHECK], with_token: true, body: None }.build(base, given)
}

/// `DELETE /v1/session` with `token`.
///
/// # Errors
/// When the base or the token is against its rule, or an argument is named like a credential.
pub fn logout(base: &str, given: &Arguments<'_>) -> Result<Request, RequestError> {
    Shape { method: Method::Delete, path: &[SESSION], with_token: true, body: None }.build(base, given)
}

/// `POST /v1/phone` with `token`, and either `code` or `encryptedData` and `iv`.
///
/// # Errors
/// When the base or an argument is against its rule, or an argument is named like a credential.
pub fn phone(base: &str, given: &Arguments<'_>) -> Result<Request, RequestError> {
    let encrypted = given.has("encryptedData");
    if encrypted && given.has("code") {
        return Err(argument("code", "and encryptedData exclude each other: give one of them"));
    }
    let body = Some(if encrypted { ENCRYPTED } else { WITH_CODE });
    Shape { method: Method::Post, path: &[PHONE], with_token: true, body }.build(base, given)
}

/// `POST /v1/userdata` with `token`, and `encryptedData` and `iv`, or `rawData` and `signature`, or all four.
///
/// # Errors
/// When the base or an argument is against its rule, or an argument is named like a credential.
pub fn user_data(base: &str, given: &Arguments<'_>) -> Result<Request, RequestError> {
    let encrypted = given.has("encryptedData") || given.has("iv");
    let signed = given.has("rawData") || given.has("signature");
    let body = Some(match (encrypted, signed) {
        (true, true) => ENCRYPTED_AND_SIGNED,
        (false, true) => SIGNED,
        (_, false) => ENCRYPTED,
    });
    Shape { method: Method::Post, path: &[USER_DATA], with_token: true, body }.build(base, given)
}

/// `GET /v1/links/{name}/open` with `name` and the link's parameters.
///
/// # Errors
/// When the base or the name is against its rule, or an argument or a parameter is named like a credential.
pub fn open_link(base: &str, given: &Arguments<'_>) -> Result<Request, RequestError> {
    link(base, given, "/open", false)
}

/// `GET /v1/links/{name}/code` with `token`, `name` and the link's parameters: the answer is an image.
///
/// # Errors
/// When the base or an argument is against its rule, or an argument or a parameter is named like a credential.
pub fn link_code(base: &str, given: &Arguments<'_>) -> Result<Request, RequestError> {
    link(base, given, "/code", true)
}

/// `GET /v1/scenes/{scene}` with `scene`.
///
/// # Errors
/// When the base or the scene is against its rule, or an argument is named like a credential.
pub fn resolve_scene(base: &str, given: &Arguments<'_>) -> Result<Request, RequestError> {
    let scene = percent::encode(given.text("scene", SCENE)?);
    Shape { method: Method::Get, path: &[SCENES, "/", &scene], with_token: false, body: None }
        .build(base, given)
}

/// `POST /v1/pay/orders` with `token`, `product` and, where there is one, `quantity`.
///
/// # Errors
/// When the base or an argument is against its rule, or an argument is named like a credential.
pub fn order(base: &str, given: &Arguments<'_>) -> Result<Request, RequestError> {
    let shape = Shape { method: Method::Post, path: &[ORDERS], with_token: true, body: Some(WITH_PRODUCT) };
    let mut request = shape.build(base, given)?;
    if let Some(quantity) = given.fields.get("quantity") {
        let quantity = quantity.parse().ok().filter(|quantity| *quantity > 0);
        let rule = argument("quantity", "must be a whole number from 1 to 4294967295");
        request.numbers.push(("quantity", quantity.ok_or(rule)?));
    }
    Ok(request)
}

/// `GET /v1/pay/orders/{out_trade_no}` with `token` and `out_trade_no`.
///
/// # Errors
/// When the base or an argument is against its rule, or an argument is named like a credential.
pub fn order_state(base: &str, given: &Arguments<'_>) -> Result<Request, RequestError> {
    let number = percent::encode(given.text("out_trade_no", OUT_TRADE_NO)?);
    Shape { method: Method::Get, path: &[ORDERS, "/", &number], with_token: true, body: None }
        .build(base, given)
}

fn link(base: &str, given: &Arguments<'_>, action: &str, with_token: bool) -> Result<Request, RequestError> {
    let name = given.text("name", NAME)?;
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err(argument("name", "may hold only lower-case letters, digits and -"));
    }
    let query = given.params.build();
    let mark = if query.is_empty() { "" } else { "?" };
    let path = &[LINKS, "/", name, action, mark, &query];
    Shape { method: Method::Get, path, with_token, body: None }.build(base, given)
}

/// As `concat` does, which would bring more into the wasm.
fn join(one: &str, two: &str, three: &str) -> String {
    let mut text = one.to_string();
    text.push_str(two);
    text.push_str(three);
    text
}

/// The fields of a body with their limits.
type Fields = &'static [(&'static str, Limit)];

const WITH_CODE: Fields = &[("code", CODE)];
const WITH_PRODUCT: Fields = &[("product", NAME)];
const ENCRYPTED: Fields = &[("encryptedData", DATA), ("iv", CODE)];
const SIGNED: Fields = &[("rawData", DATA), ("signature", CODE)];
const ENCRYPTED_AND_SIGNED: Fields =
    &[("encryptedData", DATA), ("iv", CODE), ("rawData", DATA), ("signature", CODE)];

/// Refuses parameters of which one is named like a credential: none may get into a link, a code or a request.
///
/// # Errors
/// Names that parameter.
pub fn refuse_credentials(params: &Params<'_>) -> Result<(), RequestError> {
    match params.iter().find(|(name, _)| is_credential(name)) {
        Some((name, _)) => Err(RequestError::Credential { field: name.to_string() }),
        None => Ok(()),
    }
}

impl Arguments<'_> {
    fn has(&self, field: &str) -> bool {
        self.fields.get(field).is_some()
    }

    fn text(&self, field: &'static str, limit: Limit) -> Result<&str, RequestError> {
        let text = self.fields.get(field).unwrap_or_default();
        if text.is_empty() || characters(text) > limit.max {
            return Err(argument(field, limit.rule));
        }
        Ok(text)
    }
}

/// What makes one request different from another.
struct Shape<'a> {
    method: Method,
    /// Joined as they are.
    path: &'a [&'a str],
    with_token: bool,
    body: Option<Fields>,
}

impl Shape<'_> {
    fn build(&self, base: &str, given: &Arguments<'_>) -> Result<Request, RequestError> {
        refuse_credentials(&given.fields)?;
        refuse_credentials(&given.params)?;
        let mut url = address(base)?.to_string();
        for part in self.path {
            url.push_str(part);
        }
        let mut headers = Vec::with_capacity(2);
        if self.with_token {
            headers.push(("Authorization", join("Bearer ", token(given)?, "")));
        }
        let mut body = None;
        if let Some(fields) = self.body {
            headers.push(("Content-Type", "application/json".to_string()));
            let mut texts = Vec::with_capacity(fields.len());
            for &(field, limit) in fields {
                texts.push((field, given.text(field, limit)?.to_string()));
            }
            body = Some(texts);
        }
        Ok(Request { url, method: self.method, headers, body, numbers: Vec::new() })
    }
}

fn token<'a>(given: &'a Arguments<'_>) -> Result<&'a str, RequestError> {
    let token = given.text("token", TOKEN)?;
    if token.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(token)
    } else {
        Err(argument("token", "may hold only visible ASCII characters, as a header does"))
    }
}

/// The base without the slashes at its end. It may hold a path; one that is only a path, `/` included, means the page's
/// own host.
fn address(base: &str) -> Result<&str, RequestError> {
    let host = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://"));
    let well_formed = match host {
        Some(host) => !host.is_empty() && !host.starts_with('/'),
        None => base.starts_with('/') && !base.starts_with("//"),
    };
    let breaks_out = |byte: u8| matches!(byte, b'?' | b'#' | b'\\' | 0x7f) || byte <= b' ';
    if !well_formed || base.bytes().any(breaks_out) {
        return Err(RequestError::Base);
    }
    let mut address = base;
    while let Some(shorter) = address.strip_suffix('/') {
        address = shorter;
    }
    Ok(address)
}

fn is_credential(name: &str) -> bool {
    ["secret", "appsecret", "sessionkey", "accesstoken", "apikey"].iter().any(|word| {
        let plain = name.bytes().filter(|byte| !matches!(byte, b'_' | b'-'));
        plain.map(|byte| byte.to_ascii_lowercase()).eq(word.bytes())
    })
}

fn characters(text: &str) -> usize {
    text.bytes().filter(|byte| byte & 0xc0 != 0x80).count()
}

fn argument(field: &'static str, rule: &'static str) -> RequestError {
    RequestError::Argument { field, rule }
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};
    use alloc::vec;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::{
        Arguments, CODE, Method, Request, RequestError, link_code, login, logout, open_link, order,
        order_state, phone, resolve_scene, session, session_check, user_data,
    };

    type Builder = fn(&str, &Arguments<'_>) -> Result<Request, RequestError>;
    type Fields<'a> = &'a [(&'a str, &'a str)];
    type Right<'a> = (Builder, Fields<'a>, Method, &'a str, Option<&'a [&'a str]>);
    type Wrong<'a> = (Builder, Fields<'a>, &'a str);

    const BASE: &str = "https://api.example.com";

    fn given<'a>(fields: &[(&'a str, &'a str)]) -> Arguments<'a> {
        Arguments { fields: fields.iter().copied().collect(), ..Arguments::default() }
    }

    #[test]
    fn each_request_is_as_the_contract_says() {
        let cases: [Right<'_>; 10] = [
            (login, &[("code", "c")], Method::Post, "/v1/login", Some(&["code"])),
            (session, &[("token", "t")], Method::Get, "/v1/session", None),
            (session_check, &[("token", "t")], Method::Post, "/v1/session/check", None),
            (logout, &[("token", "t")], Method::Delete, "/v1/session", None),
            (phone, &[("token", "t"), ("code", "c")], Method::Post, "/v1/phone", Some(&["code"])),
            (
                phone,
                &[("token", "t"), ("encryptedData", "e"), ("iv", "i")],
                Method::Post,
                "/v1/phone",
                Some(&["encryptedData", "iv"]),
            ),
            (
                user_data,
                &[("token", "t"), ("rawData", "{}"), ("signature", "s")],
                Method::Post,
                "/v1/userdata",
                Some(&["rawData", "signature"]),
            ),
            (resolve_scene, &[("scene", "~a/b")], Method::Get, "/v1/scenes/~a%2Fb", None),
            (
                order,
                &[("token", "t"), ("product", "tea")],
                Method::Post,
                "/v1/pay/orders",
                Some(&["product"]),
            ),
            (
                order_state,
                &[("token", "t"), ("out_trade_no", "a|*1")],
                Method::Get,
                "/v1/pay/orders/a%7C*1",
                None,
            ),
        ];
        for (build, fields, method, path, body) in cases {
            let request = build(BASE, &given(fields)).unwrap();
            assert_eq!((request.method, request.url.as_str()), (method, [BASE, path].concat().as_str()));
            let names: Option<Vec<&str>> =
                request.body.map(|body| body.iter().map(|field| field.0).collect());
            assert_eq!(names.as_deref(), body, "{path}");
            let authorized = request.headers.contains(&("Authorization", "Bearer t".to_string()));
            assert_eq!(authorized, fields.iter().any(|field| field.0 == "token"), "{path}");
        }
    }

    #[test]
    fn a_link_takes_its_parameters_encoded() {
        let mut arguments = given(&[("name", "spring-sale"), ("token", "t")]);
        arguments.params = [("from", "茶"), ("x", "1&2")].into_iter().collect();
        let opened = open_link(BASE, &arguments).unwrap();
        assert_eq!(opened.url, "https://api.example.com/v1/links/spring-sale/open?from=%E8%8C%B6&x=1%262");
        assert_eq!(opened.headers, vec![]);
        let code = link_code(BASE, &arguments).unwrap();
        assert_eq!(code.url, "https://api.example.com/v1/links/spring-sale/code?from=%E8%8C%B6&x=1%262");
    }

    #[test]
    fn a_base_may_end_in_slashes_and_hold_a_path() {
        for (base, url) in [
            ("https://a.cn", Some("https://a.cn/v1/session")),
            ("https://a.cn/", Some("https://a.cn/v1/session")),
            ("http://127.0.0.1:8787//", Some("http://127.0.0.1:8787/v1/session")),
            ("https://a.cn/wx/", Some("https://a.cn/wx/v1/session")),
            ("/wx", Some("/wx/v1/session")),
            ("/", Some("/v1/session")),
            ("", None),
            ("a.cn", None),
            ("//a.cn", None),
            ("https://", None),
            ("https:///x", None),
            ("https://a.cn/?x=1", None),
            ("https://a.cn/#x", None),
            ("https://a .cn", None),
            ("ftp://a.cn", None),
        ] {
            let built = session(base, &given(&[("token", "t")]));
            assert_eq!(built.map(|request| request.url).ok().as_deref(), url, "{base}");
        }
    }

    #[test]
    fn an_argument_named_like_a_credential_is_refused() {
        for name in [
            "secret",
            "SECRET",
            "appSecret",
            "app_secret",
            "app-secret",
            "session_key",
            "sessionKey",
            "access_token",
        ]
        .into_iter()
        .chain(["accessToken", "api_key", "apiKey", "API-KEY"])
        {
            let refused = login(BASE, &given(&[("code", "c"), (name, "x")])).unwrap_err();
            assert_eq!(refused, RequestError::Credential { field: name.to_string() });
            assert_eq!(refused.code(), "credential_refused");
            let mut arguments = given(&[("name", "a")]);
            arguments.params.set(name, "x");
            assert!(matches!(open_link(BASE, &arguments), Err(RequestError::Credential { .. })), "{name}");
        }
        assert!(login(BASE, &given(&[("code", "c"), ("token", "t"), ("key", "k")])).is_ok());
    }

    #[test]
    fn a_wrong_argument_is_named_with_its_rule() {
        let long = "x".repeat(CODE.max + 1);
        let cases: [Wrong<'_>; 8] = [
            (login, &[], "code must be a text of 1 to 512 characters"),
            (login, &[("code", &long)], "code must be a text of 1 to 512 characters"),
            (session, &[("token", "")], "token must be a text of 1 to 4096 characters"),
            (session, &[("token", "a\nb")], "token may hold only visible ASCII characters, as a header does"),
            (phone, &[("token", "t")], "code must be a text of 1 to 512 characters"),
            (
                phone,
                &[("token", "t"), ("code", "c"), ("encryptedData", "e")],
                "code and encryptedData exclude each other: give one of them",
            ),
            (user_data, &[("token", "t")], "encryptedData must be a text of 1 to 16384 characters"),
            (open_link, &[("name", "Sale")], "name may hold only lower-case letters, digits and -"),
        ];
        for (build, fields, message) in cases {
            let refused = build(BASE, &given(fields)).unwrap_err();
            assert_eq!((refused.to_string().as_str(), refused.code()), (message, "invalid_argument"));
        }
    }

    #[test]
    fn a_code_of_the_longest_length_is_taken_whatever_its_characters() {
        let code = "茶".repeat(CODE.max);
        assert!(login(BASE, &given(&[("code", &code)])).is_ok());
    }

    proptest! {
        #[test]
        fn no_argument_breaks_a_builder(base in ".{0,20}", name in any::<String>(), value in any::<String>()) {
            let arguments = given(&[("token", "t"), ("name", "a"), ("scene", "s"), (&name, &value)]);
            for build in [login, session, session_check, logout, phone, user_data, open_link, link_code, resolve_scene] {
                if let Ok(request) = build(&base, &arguments) {
                    prop_assert!(request.url.contains("/v1/"));
                }
            }
        }
    }
}
