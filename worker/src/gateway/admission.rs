//! Which endpoint a call is for, and whether the API key may make it.

use edge::Method;
use wxedge_contract::{Code, Problem};
use wxedge_operations::{Flag, Operation, find, nearest};

use crate::auth::require_scope;
use crate::config::{ApiKey, Scope};
use crate::http::Reply;

/// The scopes that some endpoints want beside `api`. Source: the contract, section 6.
const BESIDE: [(Flag, Scope); 3] =
    [(Flag::Pay, Scope::Pay), (Flag::Admin, Scope::Admin), (Flag::Credentials, Scope::Credentials)];

/// What is said of a path that is none of WeChat's.
pub(super) const NO_ENDPOINT: &str = "WeChat documents no endpoint of this path.";

/// What is said of an endpoint that no scope opens.
pub(super) const FOR_NOBODY: &str = "This endpoint takes or gives the AppSecret, and is for nobody.";

/// The documented endpoint of this path, exactly as it came.
///
/// # Errors
/// `forbidden` for a key that opens none, before anything is said of the path; `not_found`, with the nearest one.
pub(super) fn endpoint(key: &ApiKey, path: &str) -> Result<Operation, Problem> {
    if !key.has_endpoints() {
        return require_scope(key, Scope::Api).and(Err(unknown(path)));
    }
    find(path).filter(|operation| !operation.is(Flag::Internal)).ok_or_else(|| unknown(path))
}

fn unknown(path: &str) -> Problem {
    let problem = Problem::new(Code::NotFound, NO_ENDPOINT);
    match nearest(path) {
        Some(near) => {
            problem.hint(format!("The nearest one is /v1/wechat/{near}. Paths count exactly, case included."))
        }
        None => problem.hint(
            "The path is WeChat's own, as in /v1/wechat/wxa/getwxacode; GET /openapi.json lists them all.",
        ),
    }
}

/// The reply to a method that the endpoint does not know; the type of its problem begins with `types`.
pub(super) fn wrong_method(operation: Operation, method: Method, types: &str) -> Option<Reply> {
    let methods = operation.methods();
    let (is_known, allowed) = match method {
        Method::Get => (methods.has_get(), "POST"),
        _ => (methods.has_post(), "GET, HEAD"),
    };
    let problem = || Problem::new(Code::MethodNotAllowed, format!("This endpoint knows {allowed}."));
    (!is_known).then(|| Reply::problem(&problem(), types).with("Allow", allowed))
}

/// Lets a key call an endpoint.
///
/// # Errors
/// `forbidden`.
pub(super) fn admit(key: &ApiKey, operation: Operation) -> Result<(), Problem> {
    if operation.is(Flag::Forbidden) {
        return Err(Problem::new(Code::Forbidden, FOR_NOBODY)
            .hint("Log users in by POST /v1/login, and read the token by GET /v1/token."));
    }
    if !key.allows_endpoint(operation.path()) {
        return Err(Problem::new(
            Code::Forbidden,
            format!("The API key lacks the scope api, or api:{}.", operation.path()),
        ));
    }
    BESIDE
        .iter()
        .filter(|(flag, _)| operation.is(*flag))
        .try_for_each(|(_, scope)| require_scope(key, *scope))
}

#[cfg(test)]
mod tests {
    use wxedge_operations::{Flag, all};

    use super::BESIDE;
    use crate::config::Scope;

    /// The contract, section 6.
    #[test]
    fn what_the_contract_names_wants_a_scope_beside_api() {
        let beside = |path: &str| {
            let operation = wxedge_operations::find(path).unwrap();
            BESIDE.iter().filter(|(flag, _)| operation.is(*flag)).map(|(_, scope)| *scope).collect::<Vec<_>>()
        };
        for path in [
            "wxa/resetusersessionkey",
            "wxa/business/getuserencryptkey",
            "tcb/getqcloudtoken",
            "tcb/uploadfile",
        ] {
            assert_eq!(beside(path), [Scope::Credentials], "{path}");
        }
        for path in ["retail/B2b/getappkey", "xpay/get_upload_file_sign"] {
            assert_eq!(beside(path), [Scope::Pay, Scope::Credentials], "{path}");
        }
        for path in ["cgi-bin/clear_quota", "cgi-bin/openapi/rid/get"] {
            assert_eq!(beside(path), [Scope::Admin], "{path}");
        }
        for operation in all() {
            let path = operation.path();
            let is_paid = path.starts_with("xpay/") || path.starts_with("retail/");
            assert_eq!(operation.is(Flag::Pay), is_paid, "{path}");
        }
        let forbidden: Vec<_> = all()
            .filter(|operation| operation.is(Flag::Forbidden))
            .map(|operation| operation.path())
            .collect();
        assert_eq!(
            forbidden,
            [
                "cgi-bin/clear_quota/v2",
                "cgi-bin/stable_token",
                "cgi-bin/token",
                "donut/code2verifyinfo",
                "sns/jscode2session"
            ]
        );
    }

    #[test]
    fn whatever_carries_no_token_is_for_nobody() {
        assert!(all().all(|operation| operation.takes_token() || operation.is(Flag::Forbidden)));
    }
}
