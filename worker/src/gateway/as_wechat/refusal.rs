//! Errors as WeChat writes them.

use edge::{Body, Method};
use wxedge_contract::{Code, Problem, to_json};

use crate::http::{Reply, Request};
use crate::log;

/// The codes by which SDKs take it that what they showed is wrong. Where it is our own token or secret that WeChat refused,
/// they say something else.
const OF_CREDENTIALS: [i64; 7] = [40001, 40013, 40014, 40125, 41002, 41004, 42001];

/// A refusal with that code of WeChat's.
pub(super) fn refuse(code: Code, errcode: i64, errmsg: &'static str) -> Problem {
    let mut problem = Problem::new(code, errmsg);
    problem.errcode = Some(errcode);
    problem
}

/// What an SDK hears of a problem: 200 with `{errcode, errmsg}`, and in the errmsg the id under which the log has it. A lost
/// answer is 504 without a body, since SDKs send again on -1, and it may have been done.
///
/// The log has the path of what is our fault or WeChat's, and else that of the route: strangers choose paths.
pub(crate) fn refusal(request: &Request, problem: &Problem, route: &str) -> Reply {
    if is_lost(problem) {
        log::problem(request.path(), problem);
        return lost();
    }
    let path = if problem.code.status() >= 500 { request.path() } else { route };
    let id = log::refused(path, problem);
    let hint = problem.hint.as_deref().unwrap_or_default();
    let between = if hint.is_empty() { "" } else { " " };
    let errmsg = format!("{}{between}{hint} id: {id}", problem.detail);
    let errmsg = to_json(&errmsg);
    Reply::text(
        "application/json",
        format!(r#"{{"errcode":{},"errmsg":{errmsg}}}"#, errcode(problem, request.method())),
    )
}

/// The reply to a call whose outcome nobody knows.
pub(crate) const fn lost() -> Reply {
    Reply { status: 504, content_type: None, headers: Vec::new(), body: Body::Empty }
}

fn is_lost(problem: &Problem) -> bool {
    match problem.code {
        Code::UpstreamTimeout | Code::UpstreamMalformed => true,
        Code::Internal => !problem.is_retryable(),
        _ => false,
    }
}

/// WeChat's own, where it has said one of ours or of the call's; else the one that says the same.
fn errcode(problem: &Problem, method: Method) -> i64 {
    let is_callers = problem.code.status() < 500;
    match problem.errcode {
        Some(errcode) if is_callers || !OF_CREDENTIALS.contains(&errcode) => errcode,
        _ => match problem.code {
            Code::InvalidRequest => 40035,
            Code::Unauthenticated => 40001,
            Code::Forbidden => 48001,
            Code::NotFound => 40066,
            Code::MethodNotAllowed if method == Method::Get => 43002,
            Code::MethodNotAllowed => 43001,
            Code::SessionKeyStale => 87009,
            Code::TooLarge => 45002,
            Code::UnsupportedMediaType => 41005,
            Code::RateLimited => 45011,
            Code::QuotaExhausted => 45009,
            _ => -1,
        },
    }
}

#[cfg(test)]
mod tests {
    use edge::Method;
    use wxedge_contract::{Code, Problem};

    use super::{is_lost, refuse};

    fn errcode(problem: &Problem) -> i64 {
        super::errcode(problem, Method::Get)
    }

    #[test]
    fn a_fault_of_ours_never_looks_as_one_of_the_sdks_credentials() {
        for code in [40001, 40013, 40014, 40125, 41002, 41004, 42001] {
            assert_eq!(errcode(&refuse(Code::TokenUnavailable, code, "")), -1, "{code}");
            assert_eq!(errcode(&refuse(Code::Misconfigured, code, "")), -1, "{code}");
            assert_eq!(errcode(&refuse(Code::Unauthenticated, code, "")), code);
        }
        assert_eq!(
            errcode(&refuse(Code::Misconfigured, 40164, "")),
            40164,
            "an address to put on the whitelist"
        );
        assert_eq!(errcode(&Problem::new(Code::Misconfigured, "")), -1);
    }

    #[test]
    fn what_may_have_been_done_is_lost() {
        for (problem, is) in [
            (Problem::new(Code::UpstreamTimeout, ""), true),
            (Problem::new(Code::UpstreamMalformed, "").non_retryable(), true),
            (Problem::new(Code::Internal, "").non_retryable(), true),
            (Problem::new(Code::Internal, ""), false),
            (Problem::new(Code::TokenUnavailable, ""), false),
        ] {
            assert_eq!(is_lost(&problem), is, "{problem:?}");
        }
    }
}
