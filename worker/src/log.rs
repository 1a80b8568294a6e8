//! Structured log lines: one JSON object each, never with a secret in it.

use serde::Serialize;
use wxedge_contract::Problem;

use crate::border;

/// WeChat refused the token of a call, which will be made once more with a fresh one.
pub(crate) fn token_refused(path: &str, problem: &Problem) {
    border::log_info(&Line::of("token_refused", path, problem));
}

/// A problem that an operator should hear of: ours or WeChat's, not the caller's.
pub(crate) fn problem(path: &str, problem: &Problem) {
    if problem.code.status() >= 500 {
        border::log_error(&Line::of("problem", path, problem));
    }
}

#[derive(Serialize)]
struct Line<'a> {
    event: &'a str,
    path: &'a str,
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    errcode: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rid: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn of(event: &'a str, path: &'a str, problem: &'a Problem) -> Self {
        Self {
            event,
            path,
            code: problem.code.as_str(),
            detail: &problem.detail,
            errcode: problem.errcode,
            rid: problem.rid.as_deref(),
        }
    }
}
