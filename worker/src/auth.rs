//! Who calls: somebody with a session, or a service with an API key.

use std::rc::Rc;

use wxedge_contract::{Code, Problem};
use wxedge_crypto::{Claims, Secret, SigningKey, TokenError, verify};

use crate::App;
use crate::config::{ApiKey, LONGEST_KEY, Scope};
use crate::http::Request;
use crate::platform::Asked;
use crate::session::object;

/// The longest credential that is looked at, in bytes: no session token is longer than an API key may be.
const LONGEST_CREDENTIAL: usize = LONGEST_KEY;

/// The user behind a session token that holds and has not been deleted.
///
/// # Errors
/// `unauthenticated`, `session_expired`.
pub(crate) async fn session(app: &App, request: &Request) -> Result<Box<Claims>, Problem> {
    let claims = shown_session(app, request)?;
    object::require_alive(app, &claims).await?;
    Ok(claims)
}

/// Refuses a session token that was deleted.
///
/// # Errors
/// `session_expired`.
pub(crate) fn require_alive(app: &App, user: &Claims) -> Asked {
    object::require_alive(app, user)
}

/// The user behind a session token that holds. Whether it was deleted is found by whoever asks the session object next.
///
/// # Errors
/// As for [`session`].
pub(crate) fn shown_session(app: &App, request: &Request) -> Result<Box<Claims>, Problem> {
    claims(app, &bearer(request)?)
}

/// A service whose key has this scope.
///
/// # Errors
/// `forbidden` when there are no keys at all or the scope is missing, `unauthenticated` for another key.
pub(crate) fn service(app: &App, request: &Request, scope: Scope) -> Result<(), Problem> {
    let key = api_key(app, request)?;
    require_scope(&key, scope)
}

/// The API key that a service shows, whatever its scopes.
///
/// # Errors
/// `forbidden` when there are no keys at all, `unauthenticated` for another key.
pub(crate) fn api_key(app: &App, request: &Request) -> Result<Rc<ApiKey>, Problem> {
    if app.config.api_keys.as_ref()?.is_empty() {
        return Err(Problem::new(
            Code::Forbidden,
            "Routes for services are closed: no API key is configured.",
        )
        .hint("Set the secret API_KEYS to name:key, with a key of at least 32 characters."));
    }
    let shown = bearer(request)?;
    app.config.api_key(&shown)?.cloned().ok_or_else(|| {
        Problem::new(Code::Unauthenticated, "This is none of the API keys.")
            .hint("Send Authorization: Bearer and a key of API_KEYS.")
    })
}

/// Refuses a key that lacks this scope.
///
/// # Errors
/// `forbidden`.
pub(crate) fn require_scope(key: &ApiKey, scope: Scope) -> Result<(), Problem> {
    if key.allows(scope) {
        Ok(())
    } else {
        Err(Problem::new(Code::Forbidden, format!("The API key lacks the scope {}.", scope.name())))
    }
}

/// Whether the credential is an API key of ours: the way to tell one from a session token.
pub(crate) fn shows_api_key(app: &App, request: &Request) -> bool {
    bearer(request).is_ok_and(|shown| matches!(app.config.api_key(&shown), Ok(Some(_))))
}

fn bearer(request: &Request) -> Result<Secret, Problem> {
    let credential = request.header("authorization").and_then(|value| {
        let (scheme, credential) = value.split_once(' ')?;
        let credential = credential.trim();
        let usable = !credential.is_empty() && credential.len() <= LONGEST_CREDENTIAL;
        (scheme.eq_ignore_ascii_case("bearer") && usable).then(|| Secret::new(credential))
    });
    credential.ok_or_else(|| {
        Problem::new(Code::Unauthenticated, "There is no credential.")
            .hint("Send Authorization: Bearer and the token of POST /v1/login, or an API key for routes of services.")
    })
}

fn claims(app: &App, token: &Secret) -> Result<Box<Claims>, Problem> {
    let keys: Vec<&SigningKey> = app.config.session_keys.as_ref()?.iter().collect();
    verify(token.expose(), &keys, app.config.appid()?, app.platform.now()).map(Box::new).map_err(|error| {
        match error {
            TokenError::Expired => Problem::new(Code::SessionExpired, "The session has expired.")
                .hint("Log in again with POST /v1/login."),
            error => {
                Problem::new(Code::Unauthenticated, format!("The session token does not hold: {error}."))
                    .hint("Log in again with POST /v1/login.")
            }
        }
    })
}
