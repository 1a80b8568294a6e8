//! What the caller hears of WeChat's reply.

use std::borrow::Cow;

use edge::Headers;
use wxedge_contract::{Code, Problem};
use wxedge_operations::{Flag, Operation, Refusal, ReplyError, errcode_at_start, read_status};

use super::exchange::{CONTENT_TYPE, DISPOSITION, NUM_USED, Received, Reply as Upstream};
use super::outgoing::Outgoing;
use super::redaction::redacted;
use super::session_key;
use crate::App;
use crate::http::Reply;

/// The longest of WeChat's headers that is handed on, in characters.
const LONGEST_HEADER: usize = 512;

/// What is said of bytes that are none of WeChat's.
pub(super) const NO_FILE: &str = "WeChat's reply is no JSON object, and no file.";

/// The reply as it came, or the problem that WeChat's refusal becomes.
pub(super) async fn answer(app: &App, call: &Outgoing, received: Received) -> Result<Reply, Problem> {
    let operation = call.operation;
    let reply = match received.reply {
        Upstream::Json(ref json) => {
            let entries = read_status(operation, json).map_err(|error| refused(call, &received, error))?;
            if operation.is(Flag::SessionKey) {
                session_key::taken_over(app, call, &entries).await?
            } else if operation.is(Flag::Redacted) {
                Reply::text("application/json", redacted(json)?)
            } else {
                // It was read as JSON, so it is a text.
                Reply::text("application/json", String::from_utf8_lossy(json).into_owned())
            }
        }
        Upstream::LongJson(_, ref start) if let Some(errcode) = errcode_at_start(start) => {
            let refusal = Refusal::new(operation, errcode, "");
            return Err(refused(call, &received, ReplyError::Refused(refusal)));
        }
        Upstream::LongJson(..) if operation.is(Flag::SessionKey) || operation.is(Flag::Redacted) => {
            return Err(malformed("WeChat's reply is too long to be cleaned of credentials."));
        }
        Upstream::LongJson(body, _) => Reply::open("application/json", body),
        Upstream::Bytes(body) => {
            let content_type = received.headers.get(CONTENT_TYPE).unwrap_or("application/octet-stream");
            if !is_file(operation, received.status, content_type) {
                return Err(malformed(NO_FILE));
            }
            with_kept_headers(Reply::open(content_type.to_owned(), body), &received.headers)
        }
        Upstream::Empty => return Err(malformed("WeChat's reply is empty.")),
    };
    Ok(reply)
}

/// The reply with those of WeChat's headers that are handed on. Whoever opens it in a browser gets a file, never a page of
/// our origin.
pub(super) fn with_kept_headers(reply: Reply, headers: &Headers) -> Reply {
    let mut reply = reply.with("Content-Security-Policy", "default-src 'none'; sandbox");
    for name in [NUM_USED, DISPOSITION] {
        if let Some(value) = headers.get(name).filter(|value| value.len() <= LONGEST_HEADER) {
            reply = reply.with(name, value.to_owned());
        }
    }
    reply
}

/// Whether bytes are a file that the endpoint gives. They are not where none are to come, and where something between us and
/// WeChat says something in its place: pages and redirects.
pub(super) fn is_file(operation: Operation, status: u16, content_type: &str) -> bool {
    let gives_files = operation.is(Flag::Image) || operation.is(Flag::Binary);
    let is_page =
        content_type.trim_start().get(..9).is_some_and(|start| start.eq_ignore_ascii_case("text/html"));
    gives_files && (200..300).contains(&status) && !is_page && content_type.len() <= LONGEST_HEADER
}

pub(super) fn malformed(detail: &'static str) -> Problem {
    ReplyError::Malformed(Cow::Borrowed(detail)).problem()
}

/// What a refusal becomes: what the code means at this endpoint, and what looks wrong in the call.
fn refused(call: &Outgoing, received: &Received, error: ReplyError) -> Problem {
    let mut problem = error.cleaned(|words| received.cleaned(words)).problem();
    let Some(errcode) = problem.errcode else { return problem };
    let mut hints: Vec<Cow<'static, str>> = Vec::new();
    match problem.hint.take() {
        Some(hint) => hints.push(hint),
        None => hints.push(
            format!("GET /v1/errors/{errcode}?path={} says what it means here.", call.operation.path())
                .into(),
        ),
    }
    hints.extend(remarks(call, problem.code).map(Cow::Owned));
    problem.hint = Some(hints.join(" ").into());
    problem
}

/// What looks wrong in the call, where the refusal may be for that and not for a limit, a permission or a setting.
fn remarks(call: &Outgoing, code: Code) -> Option<String> {
    if !matches!(code, Code::InvalidRequest | Code::UpstreamRefused) {
        return None;
    }
    let is_short = call.body.json_length() <= wxedge_operations::LONGEST_EXPLAINED;
    let json = if is_short { call.body.json() } else { None };
    let query = call.query.explained();
    let remarks: Vec<_> = call
        .operation
        .explain(&query, json.as_deref())
        .iter()
        .map(|remark| format!("{} {}", remark.field, remark.rule))
        .collect();
    (!remarks.is_empty()).then(|| format!("In this call: {}.", remarks.join("; ")))
}
