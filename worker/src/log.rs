//! Structured log lines: one JSON object each, never with a secret in it.

use std::cell::RefCell;

use edge::Date;
use serde::Serialize;
use wxedge_contract::{Problem, to_json};
use wxedge_crypto::{OpenError, lower_hex};
use wxedge_pay::{PayRefusal, Refusal};

/// A setting is wrong; said once in the life of an isolate.
pub(crate) fn misconfigured(reason: &str) {
    error(&Event { event: "misconfigured", reason });
}

/// WeChat refused the token of a call, which will be made once more with a fresh one.
pub(crate) fn token_refused(path: &str, problem: &Problem) {
    info(&Line::of("token_refused", path, problem));
}

/// Data of a user's did not open; the reason is for the operator only, see `docs/security.md`.
pub(crate) fn decryption_failed(error: OpenError) {
    info(&Event { event: "decryption_failed", reason: error_name(error) });
}

const fn error_name(error: OpenError) -> &'static str {
    match error {
        OpenError::Stale => "no valid watermark",
        OpenError::WrongApp => "watermark of another app",
        OpenError::TooOld => "watermark too old",
        OpenError::FromFuture => "watermark from the future",
    }
}

#[derive(Serialize)]
struct Event<'a> {
    event: &'a str,
    reason: &'a str,
}

/// A copy could not be written to KV; whoever looks for it asks its owner instead.
pub(crate) fn copy_failed(what: &str) {
    error(&Event { event: "copy_failed", reason: what });
}

/// A door of a named link could not be made; its visitors get the best one that is left.
pub(crate) fn door_failed(problem: &Problem) {
    error(&Line::of("door_failed", "maker", problem));
}

/// Most limited codes of the account are made.
pub(crate) fn limited_codes(used: u64, limit: u64) {
    let reason = format!("{used} of {limit} limited codes are made");
    error(&Event { event: "limited_codes", reason: &reason });
}

/// How many different problems an isolate remembers to have said; the oldest goes.
const MOST_SAID: usize = 64;
/// For how long an isolate does not say the same again, in seconds.
const SAID_FOR: u64 = 60;

thread_local! {
    static SAID: RefCell<Vec<Said>> = const { RefCell::new(Vec::new()) };
}

/// What was said.
struct Said {
    words: String,
    /// In Unix seconds.
    at: u64,
    /// By which it is found in the log, where it has one.
    id: String,
}

/// A problem that an operator should hear of: ours or WeChat's, not the caller's. Anybody may cause one as often as he
/// likes, so the same one is said once a minute.
pub(crate) fn problem(path: &str, problem: &Problem) {
    let line = Line::of("problem", path, problem);
    if problem.code.status() >= 500 && is_news(&line, Date::now().as_secs()) {
        error(&line);
    }
}

/// An SDK was refused, as WeChat does it. Gives the id of the line that says so: the same problem is said once a minute, and
/// has the id of its line until then.
pub(crate) fn refused(path: &str, problem: &Problem) -> String {
    let id = lower_hex(&edge::random::<8>().unwrap_or_default());
    let line = Line { id: Some(&id), ..Line::of("refused", path, problem) };
    if let Some(earlier) = said_before(&line, Date::now().as_secs()) {
        return earlier;
    }
    if problem.code.status() >= 500 {
        error(&line);
    } else {
        info(&line);
    }
    id
}

/// A push was refused: somebody guesses, or Token and key of the console are others than those here. Said once a minute, as
/// [`problem`] is.
pub(crate) fn push_refused(code: &str) {
    let line = Line {
        event: "push_refused",
        path: "/v1/push",
        code,
        detail: "",
        errcode: None,
        rid: None,
        id: None,
    };
    if is_news(&line, Date::now().as_secs()) {
        info(&line);
    }
}

/// What WeChat Pay said cannot be verified: a probe, most often.
pub(crate) fn unverified(path: &str, refusal: &Refusal) {
    let event = if refusal.probe { "pay_probe" } else { "pay_unverified" };
    info(&Line {
        event,
        path,
        code: refusal.why.code(),
        detail: &refusal.to_string(),
        errcode: None,
        rid: None,
        id: None,
    });
}

/// WeChat Pay gave certificates that do not hold.
pub(crate) fn unverified_certificates(path: &str) {
    let detail = "the APIv3 key does not open the certificates, or they do not verify their own answer";
    error(&Line {
        event: "pay_unverified",
        path,
        code: "certificates",
        detail,
        errcode: None,
        rid: None,
        id: None,
    });
}

/// WeChat Pay refused a call. `rid` is its Request-ID, which its support asks for.
pub(crate) fn pay_refused(path: &str, refusal: &PayRefusal, hint: &str, rid: Option<&str>) {
    let detail = [&refusal.message, hint].join(" ");
    info(&Line {
        event: "pay_refused",
        path,
        code: &refusal.code,
        detail: &detail,
        errcode: None,
        rid,
        id: None,
    });
}

/// A notification was refused. Said once a minute, as [`problem`] is.
pub(crate) fn notification_refused(refusal: &Refusal) {
    let event = if refusal.probe { "pay_probe" } else { "notification_refused" };
    let detail = refusal.to_string();
    let code = refusal.why.code();
    let line =
        Line { event, path: "/v1/pay/notify", code, detail: &detail, errcode: None, rid: None, id: None };
    if is_news(&line, Date::now().as_secs()) {
        info(&line);
    }
}

/// WeChat Pay told of something that is no business of ours.
pub(crate) fn pay_notice(event_type: &str) {
    info(&Event { event: "pay_notice", reason: event_type });
}

fn is_news(line: &Line<'_>, now: u64) -> bool {
    said_before(line, now).is_none()
}

/// The id of the same line within the last minute, else nothing; then this one is remembered.
fn said_before(line: &Line<'_>, now: u64) -> Option<String> {
    let words = [line.event, line.path, line.code, line.detail].join(" ");
    SAID.with_borrow_mut(|all| {
        all.retain(|said| now.checked_sub(said.at).is_some_and(|age| age < SAID_FOR));
        if let Some(said) = all.iter().find(|said| said.words == words) {
            return Some(said.id.clone());
        }
        if all.len() == MOST_SAID {
            all.remove(0);
        }
        all.push(Said { words, at: now, id: line.id.unwrap_or_default().to_owned() });
        None
    })
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
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
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
            id: None,
        }
    }
}

/// Writes a structured line to the log.
pub(crate) fn info(line: &impl Serialize) {
    edge::console_log(&to_json(line));
}

/// Writes a structured line about something that went wrong to the log.
fn error(line: &impl Serialize) {
    edge::console_error(&to_json(line));
}

#[cfg(test)]
mod tests {
    use wxedge_contract::{Code, Problem};

    use super::{Line, MOST_SAID, is_news};

    #[test]
    fn the_same_problem_is_said_once_a_minute() {
        let problem = Problem::new(Code::Misconfigured, "x");
        let said = |path: &str, now| is_news(&Line::of("problem", path, &problem), now);
        assert!(said("/a", 1000) && said("/b", 1000));
        assert!(!said("/a", 1000) && !said("/a", 1059));
        assert!(said("/a", 1060) && !said("/a", 1061));
        assert!(said("/a", 900), "a clock that jumped back silences nothing");
        for number in 0..MOST_SAID {
            assert!(said(&format!("/{number}"), 900));
        }
        assert!(said("/a", 900), "the oldest of too many is forgotten");
    }
}
