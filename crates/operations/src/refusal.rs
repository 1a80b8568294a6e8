use alloc::format;
use alloc::string::{String, ToString};

use wxedge_contract::{Code, Problem};
use wxedge_launch::delimiter::{split, split_once};

use crate::operation::Operation;

/// What each code means where, the first line that fits counts: `codes where code hint`. The file says more.
const TABLE: &str = include_str!(concat!(env!("OUT_DIR"), "/refusals.txt"));

/// How much of `WeChat`'s own words is kept, in characters.
const ERRMSG_LENGTH: usize = 200;

/// The shortest word of `WeChat`'s that is taken for a secret, in characters: a `session_key` has 24.
const SHORTEST_SECRET: usize = 24;

/// A refusal of `WeChat`'s: its code means different things at different endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    operation: Operation,
    errcode: i64,
    errmsg: String,
    rid: Option<String>,
}

impl Refusal {
    /// Takes `errmsg` apart: what `WeChat` says, and the id behind `rid:`.
    #[must_use]
    pub fn new(operation: Operation, errcode: i64, errmsg: &str) -> Self {
        let mark = errmsg.as_bytes().windows(4).rposition(|part| part == b"rid:");
        let (words, rid) = match mark.and_then(|mark| errmsg.split_at_checked(mark)) {
            Some((words, rid)) => (words, rid.get(4..).map(str::trim).filter(|rid| is_rid(rid))),
            None => (errmsg, None),
        };
        let rid = rid.map(ToString::to_string);
        Self { operation, errcode, errmsg: words.to_string(), rid }
    }

    /// `WeChat`'s code.
    #[must_use]
    pub const fn errcode(&self) -> i64 {
        self.errcode
    }

    /// Whether `WeChat` refused the `access_token` that the call carried.
    #[must_use]
    pub fn is_token_refused(&self) -> bool {
        self.operation.takes_token() && matches!(self.errcode, 40001 | 40014 | 42001)
    }

    /// What `WeChat` said, with `clean` applied to its words.
    #[must_use]
    pub fn cleaned(mut self, clean: impl Fn(&str) -> String) -> Self {
        self.errmsg = clean(&self.errmsg);
        self
    }

    /// The problem that the caller gets.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let meaning = meaning(self.operation, self.errcode);
        let words = printable(&without_long_words(&self.errmsg));
        let words = if words.is_empty() { "no reason given" } else { &words };
        let code = meaning.map_or(Code::UpstreamRefused, |meaning| meaning.code);
        let mut problem = Problem::new(code, format!("WeChat answered {}: {words}.", self.errcode));
        problem.errcode = Some(self.errcode);
        problem.rid.clone_from(&self.rid);
        problem.hint = meaning.and_then(|meaning| meaning.hint).map(Into::into);
        match meaning.and_then(|meaning| meaning.retry_after) {
            Some(seconds) => problem.retry_after(seconds),
            None => problem,
        }
    }
}

/// What to do about this code at this endpoint, where there is something to do.
#[must_use]
pub fn advice(operation: Operation, errcode: i64) -> Option<&'static str> {
    meaning(operation, errcode)?.hint
}

/// A line of the table.
#[derive(Debug, Clone, Copy)]
struct Meaning {
    code: Code,
    hint: Option<&'static str>,
    /// When a limit over seconds or a minute lets the next call through.
    retry_after: Option<u32>,
}

fn meaning(operation: Operation, errcode: i64) -> Option<Meaning> {
    split(TABLE, b'\n').find_map(|line| {
        let (codes, rest) = split_once(line, b' ')?;
        let (place, rest) = split_once(rest, b' ')?;
        let is_meant = split(codes, b',').any(|code| code.parse() == Ok(errcode)) && is_at(operation, place);
        if is_meant { read(rest) } else { None }
    })
}

/// `*` is everywhere, `+token` a call with an `access_token`, `@subject` what the row says, anything else a path.
fn is_at(operation: Operation, place: &str) -> bool {
    match place.strip_prefix('@') {
        Some(subject) => operation.subject() == Some(subject),
        None => place == "*" || place == operation.path() || place == "+token" && operation.takes_token(),
    }
}

/// `code` or `code+seconds`, and the hint after it.
fn read(rest: &'static str) -> Option<Meaning> {
    let (word, hint) = split_once(rest, b' ').map_or((rest, None), |(word, hint)| (word, Some(hint)));
    let (word, seconds) = split_once(word, b'+').unwrap_or((word, ""));
    let code = Code::ALL.iter().copied().find(|code| code.as_str() == word)?;
    Some(Meaning { code, hint, retry_after: seconds.parse().ok() })
}

/// Whether this is an id of `WeChat`'s: three groups of eight hex digits.
fn is_rid(text: &str) -> bool {
    let mut groups = text.split('-');
    let hex = |group: &str| group.len() == 8 && group.bytes().all(|byte| byte.is_ascii_hexdigit());
    groups.by_ref().take(3).filter(|group| hex(group)).count() == 3 && groups.next().is_none()
}

/// Replaces every word that could be a secret by `***`. Whatever stands between the Worker and `WeChat` may repeat a part
/// of the request, and the secrets in there are longer than any word of `WeChat`'s.
fn without_long_words(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-+/=.".contains(c);
    let mut clean = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c| !is_part(c)) {
        let word = piece.trim_end_matches(|c| !is_part(c));
        if word.len() >= SHORTEST_SECRET {
            clean.push_str("***");
            clean.extend(piece.chars().last().filter(|c| !is_part(*c)));
        } else {
            clean.push_str(piece);
        }
    }
    clean
}

fn printable(text: &str) -> String {
    text.trim().trim_end_matches(['.', ',']).chars().filter(|c| !c.is_control()).take(ERRMSG_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use wxedge_contract::Code;

    use super::{Refusal, TABLE, advice, read};
    use crate::operation::Operation;
    use crate::table::{all, find};

    const LOGIN: &str = "sns/jscode2session";
    const STABLE: &str = "cgi-bin/stable_token";
    const PHONE: &str = "wxa/business/getuserphonenumber";
    const SCHEME: &str = "wxa/generatescheme";
    const CODE: &str = "wxa/getwxacode";
    const UNLIMITED: &str = "wxa/getwxacodeunlimit";
    const TICKET: &str = "cgi-bin/ticket/getticket";
    const SEND: &str = "cgi-bin/message/subscribe/send";

    fn at(path: &str) -> Operation {
        find(path).unwrap()
    }

    fn code_of(path: &str, errcode: i64) -> Code {
        Refusal::new(at(path), errcode, "").problem().code
    }

    #[test]
    fn the_rid_is_what_follows_rid_in_errmsg() {
        let problem =
            Refusal::new(at(LOGIN), 40029, "invalid code, rid: 6512f0a0-1b2c3d4e-5f607182").problem();
        assert_eq!(problem.rid.as_deref(), Some("6512f0a0-1b2c3d4e-5f607182"));
        assert_eq!(problem.detail, "WeChat answered 40029: invalid code.");
        assert_eq!(problem.errcode, Some(40029));
    }

    #[test]
    fn a_code_means_what_it_means_at_its_endpoint() {
        for (path, errcode, code) in [
            ("cgi-bin/token", 40001, Code::Misconfigured),
            (STABLE, 40001, Code::Misconfigured),
            (STABLE, 40013, Code::Misconfigured),
            (STABLE, 40164, Code::Misconfigured),
            (STABLE, 45009, Code::QuotaExhausted),
            (STABLE, 45011, Code::RateLimited),
            (LOGIN, 40013, Code::Misconfigured),
            (LOGIN, 40029, Code::CodeInvalid),
            (LOGIN, 40163, Code::CodeUsed),
            (LOGIN, 40226, Code::UserBlocked),
            (LOGIN, 40001, Code::UpstreamRefused),
            (PHONE, 40001, Code::TokenUnavailable),
            (PHONE, 40003, Code::InvalidRequest),
            (PHONE, 40013, Code::WrongApp),
            (PHONE, 40029, Code::CodeInvalid),
            (CODE, 42001, Code::TokenUnavailable),
            (CODE, 45029, Code::QuotaExhausted),
            (UNLIMITED, 41030, Code::InvalidRequest),
            (UNLIMITED, 40129, Code::InvalidRequest),
            (SCHEME, 40014, Code::TokenUnavailable),
            (SCHEME, 40002, Code::NotPermitted),
            (SCHEME, 43104, Code::NotPermitted),
            (SCHEME, 40013, Code::NotPermitted),
            (SCHEME, 85406, Code::QuotaExhausted),
            (SCHEME, 85403, Code::NotFound),
            (SCHEME, 85405, Code::UpstreamRefused),
            (SCHEME, 123_456, Code::UpstreamRefused),
            (SCHEME, -1, Code::UpstreamBusy),
            (TICKET, 40125, Code::Misconfigured),
            (TICKET, 45063, Code::Misconfigured),
            (SEND, 40003, Code::InvalidRequest),
            (SEND, 40037, Code::InvalidRequest),
            (SEND, 40013, Code::UpstreamRefused),
            (SEND, 43101, Code::NotSubscribed),
        ] {
            assert_eq!(code_of(path, errcode), code, "{path} {errcode}");
        }
    }

    #[test]
    fn every_code_of_the_contract_has_its_word_everywhere() {
        let everywhere = at("wxa/getgrayreleaseplan");
        for (code, errcodes) in [
            (
                Code::InvalidRequest,
                &[
                    40003, 40033, 40037, 40097, 40129, 40159, 40165, 40169, 40212, 41030, 44002, 47001,
                    47003, 85079, 85096, 85401, 85402,
                ][..],
            ),
            (Code::CodeInvalid, &[40029]),
            (Code::CodeUsed, &[40163]),
            (Code::UserBlocked, &[40226]),
            (Code::NotSubscribed, &[43101]),
            (Code::NotPermitted, &[43107, 61010]),
            (Code::NotFound, &[85403]),
            (Code::SensitiveContent, &[45168]),
            (Code::SessionKeyStale, &[-15007, 268_490_009, 87007, 87009]),
            (Code::RateLimited, &[45011, 44990, 44991, 43108]),
            (Code::QuotaExhausted, &[45009, 45029, 44993, 48006, 85400, 85406]),
            (
                Code::Misconfigured,
                &[40125, 40164, 40243, 41002, 41004, 48001, 50004, 50007, 61004, 89503, 89506, 89507],
            ),
            (Code::UpstreamBusy, &[-1]),
            (Code::TokenUnavailable, &[40001, 40014, 42001]),
        ] {
            for errcode in errcodes {
                let problem = Refusal::new(everywhere, *errcode, "").problem();
                assert_eq!(problem.code, code, "{errcode}");
            }
        }
    }

    #[test]
    fn a_limit_over_a_moment_says_when_it_ends() {
        let after = |errcode| Refusal::new(at(SCHEME), errcode, "").problem().wait();
        for (errcode, seconds) in [
            (45011, Some(60)),
            (44991, Some(60)),
            (44990, Some(1)),
            (43108, Some(1)),
            (45009, None),
            (-1, None),
            (5, None),
        ] {
            assert_eq!(after(errcode), seconds, "{errcode}");
        }
    }

    #[test]
    fn no_other_refusal_names_a_time_that_does_not_help() {
        let codes = TABLE.lines().flat_map(|line| line.split(' ').next().unwrap_or_default().split(','));
        let codes: Vec<i64> = codes.map(|code| code.parse().unwrap()).chain([0, 99999]).collect();
        for operation in all().filter(|operation| operation.subject().is_some()) {
            for errcode in &codes {
                let problem = Refusal::new(operation, *errcode, "").problem();
                let limited = matches!(errcode, 43108 | 44990 | 44991 | 45011);
                assert_eq!(problem.wait().is_some(), limited, "{} {errcode}", operation.path());
                assert!(!limited || problem.is_retryable(), "{} {errcode}", operation.path());
            }
        }
    }

    #[test]
    fn every_misconfiguration_says_what_to_do() {
        for errcode in
            [40125, 40164, 40243, 41002, 41004, 48001, 50004, 50007, 61004, 89503, 89506, 89507, 40001, 40013]
        {
            let problem = Refusal::new(at(STABLE), errcode, "").problem();
            assert_eq!(problem.code, Code::Misconfigured, "{errcode}");
            assert!(problem.hint.is_some(), "{errcode}");
        }
        assert!(advice(at(TICKET), 40164).unwrap().contains("SERVICE_API_BASE"));
        assert!(advice(at(STABLE), 40164).unwrap().contains("WECHAT_API_BASE"));
    }

    #[test]
    fn words_that_could_be_secrets_are_masked() {
        for (errmsg, detail) in [
            ("bad secret=0123456789abcdef0123456789abcdef!", "bad ***!"),
            ("key tiihtNczf5v6AKRyjwEUhQ==", "key ***"),
            ("x rid: 0123456789abcdef0123456789abcdef", "x"),
            (
                "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist",
                "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist",
            ),
        ] {
            let problem = Refusal::new(at(PHONE), 1, errmsg).problem();
            assert_eq!(problem.detail, alloc::format!("WeChat answered 1: {detail}."));
            assert_eq!(problem.rid, None);
        }
    }

    #[test]
    fn words_are_bounded_and_printable() {
        let problem = Refusal::new(at(SCHEME), 1, &"a\r\nb".repeat(1000)).problem();
        assert!(problem.detail.len() < 300 && !problem.detail.contains(char::is_control));
    }

    #[test]
    fn every_line_of_the_table_can_be_read_and_reached() {
        let mut seen: Vec<(i64, &str)> = Vec::new();
        for line in TABLE.lines() {
            let (codes, rest) = line.split_once(' ').unwrap();
            let (place, rest) = rest.split_once(' ').unwrap();
            assert!(read(rest).is_some(), "{line}");
            let known = |subject| all().any(|operation| operation.subject() == Some(subject));
            assert!(
                ["*", "+token"].contains(&place)
                    || place.strip_prefix('@').is_some_and(known)
                    || find(place).is_some(),
                "{line}"
            );
            for code in codes.split(',') {
                let code = code.parse().unwrap();
                assert!(!seen.contains(&(code, place)) && !seen.contains(&(code, "*")), "{line}");
                seen.push((code, place));
            }
        }
    }
}
