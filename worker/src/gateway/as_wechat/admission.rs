//! Who is let in as at WeChat.

use std::rc::Rc;

use edge::Method;
use wxedge_contract::{Code, Problem};
use wxedge_crypto::AccessToken;
use wxedge_launch::percent;
use wxedge_operations::{Flag, Operation};

use super::parameters::Parameters;
use super::refusal::refuse;
use crate::App;
use crate::auth::require_scope;
use crate::config::{ApiKey, Scope};
use crate::gateway::admission::{FOR_NOBODY, admit};

/// The beginning of the parameter that a token stands in.
const ACCESS_TOKEN: &str = "access_token=";

/// The API key that stands as the `AppSecret`.
///
/// # Errors
/// 41002 and 40013, 41004 and 40125, and 48001 for a key without `sdk`.
pub(super) fn key_as_secret(app: &App, parameters: &Parameters) -> Result<Rc<ApiKey>, Problem> {
    if parameters.get("appid").is_none() {
        return Err(refuse(Code::InvalidRequest, 41002, "appid missing"));
    }
    if !parameters.says("appid", app.config.appid()?) {
        return Err(refuse(Code::WrongApp, 40013, "invalid appid: this wxedge has another"));
    }
    let Some(secret) = parameters.get("secret") else {
        return Err(refuse(Code::Unauthenticated, 41004, "appsecret missing"));
    };
    let Some(key) = app.config.api_key(secret)? else {
        return Err(refuse(
            Code::Unauthenticated,
            40125,
            "invalid appsecret: it must be an API key of wxedge",
        ));
    };
    require_scope(key, Scope::Sdk)?;
    Ok(key.clone())
}

/// Refuses a method that the endpoint does not know.
///
/// # Errors
/// 43001, 43002.
pub(super) fn require_method(operation: Operation, method: Method) -> Result<(), Problem> {
    let (is_known, errmsg) = match method {
        Method::Get => (operation.methods().has_get(), "require POST method"),
        _ => (operation.methods().has_post(), "require GET method"),
    };
    if is_known { Ok(()) } else { Err(Problem::new(Code::MethodNotAllowed, errmsg)) }
}

/// The API key behind the token of ours in the query, which may call the endpoint; and the query without the token.
///
/// # Errors
/// 48001 for what is for nobody, 41001 without a token, 40001 and 42001 for one that does not hold, 48001 for a key that lacks a
/// scope now.
pub(super) fn key_of_token(
    app: &App,
    operation: Operation,
    query: &str,
) -> Result<(Rc<ApiKey>, String), Problem> {
    if operation.is(Flag::Forbidden) {
        return Err(Problem::new(Code::Forbidden, FOR_NOBODY));
    }
    let (token, rest) = split_token(query);
    if token.is_empty() {
        return Err(refuse(Code::Unauthenticated, 41001, "access_token missing"));
    }
    let key = holder(app, &percent::decode(token))?;
    require_scope(&key, Scope::Sdk)?;
    admit(&key, operation)?;
    Ok((key, rest))
}

/// Whose token it is, as long as it holds.
fn holder(app: &App, token: &str) -> Result<Rc<ApiKey>, Problem> {
    let unknown = |errmsg| refuse(Code::Unauthenticated, 40001, errmsg);
    let appid = app.config.appid()?;
    let Some(token) = AccessToken::parse(token).filter(|token| token.appid == appid) else {
        return Err(unknown("invalid credential: the access_token is none of this wxedge's"));
    };
    let (keys, secrets) = (app.config.api_keys.as_ref()?, app.config.session_keys.as_ref()?);
    let mut named = keys.iter().filter(|key| key.name() == token.name).peekable();
    if named.peek().is_none() {
        return Err(unknown("invalid credential: the API key of this access_token was removed"));
    }
    let signed = |key: &&Rc<ApiKey>| secrets.iter().any(|secret| token.is_signed_with(secret, key.secret()));
    let Some(key) = named.find(signed) else {
        return Err(unknown("invalid credential: forged, or the API key of this access_token was replaced"));
    };
    if token.end <= app.platform.now() {
        return Err(refuse(Code::SessionExpired, 42001, "access_token expired"));
    }
    Ok(key.clone())
}

/// The first `access_token` of a query as it came, and the query without it. What else may be taken for one is refused later.
fn split_token(query: &str) -> (&str, String) {
    let mut token = "";
    let mut rest = String::with_capacity(query.len());
    for part in query.split('&') {
        match part.strip_prefix(ACCESS_TOKEN) {
            Some(value) if token.is_empty() => token = value,
            _ => {
                rest.push_str(if rest.is_empty() { "" } else { "&" });
                rest.push_str(part);
            }
        }
    }
    (token, rest)
}

#[cfg(test)]
mod tests {
    use super::split_token;

    #[test]
    fn the_token_is_taken_out_of_the_query_and_the_rest_stays() {
        for (query, token, rest) in [
            ("access_token=a", "a", ""),
            ("type=image&access_token=a&x=%2f+", "a", "type=image&x=%2f+"),
            ("access_token=a&x=1", "a", "x=1"),
            ("access_token=a&access_token=b", "a", "access_token=b"),
            ("access_token=&access_token=b", "b", ""),
            ("x=1&&y", "", "x=1&&y"),
            ("access_token&a=1", "", "access_token&a=1"),
            ("ACCESS_TOKEN=a", "", "ACCESS_TOKEN=a"),
            ("", "", ""),
        ] {
            assert_eq!(split_token(query), (token, rest.to_owned()), "{query}");
        }
    }
}
