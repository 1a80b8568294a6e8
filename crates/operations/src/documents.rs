//! The whole text of the rows, titles, replies, meanings of errors and notes among it: for what writes documents, types and
//! the sandbox's answers. It is read strictly, so that a line that nothing understands fails the build of those.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::field::{Field, FieldLines, Place};
use crate::kind::Kind;
use crate::operation::{Flag, Operation};
use crate::rules;

/// All chapters, each with an empty line before the next.
const CHAPTERS: &str = include_str!(concat!(env!("OUT_DIR"), "/documents.txt"));

/// What each code means, wherever it comes.
const ERROR_CODES: &str = include_str!("../errcodes.txt");

/// A chapter of `WeChat`'s documentation.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// Its title in English, our own.
    pub title: &'static str,
    /// Its title as `WeChat` says it.
    pub title_zh: &'static str,
    /// Its calls, in the order of the documentation.
    pub operations: Vec<Document>,
}

/// All that is known of a call.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its name on `WeChat`'s page; not unique.
    pub name: &'static str,
    /// Its title on `WeChat`'s page.
    pub title_zh: &'static str,
    /// The section of the chapter, where there is one.
    pub section: Option<&'static str>,
    /// The row itself.
    pub operation: Operation,
    /// The parameters beside `access_token`, `pay_sig` and `signature`.
    pub query: Vec<FieldDocument>,
    /// The fields of the body, or the parts of an upload.
    pub body: Vec<FieldDocument>,
    /// The fields of the reply beside `errcode` and `errmsg`.
    pub reply: Vec<FieldDocument>,
    /// What the page says that the call is refused with.
    pub errors: Vec<ErrorDocument>,
    /// Limits by name: `per_second`, `per_minute`, `per_hour`, `per_day`, `per_month`, `lifetime_total`, `max_bytes`.
    pub limits: Vec<(&'static str, u64)>,
    /// Notes.
    pub notes: Vec<&'static str>,
    /// The permission sets by which a third-party platform may make the call.
    pub permission_sets: Vec<u32>,
    /// The kinds of account that may make the call, and whether they must be verified.
    pub accounts: Vec<(&'static str, bool)>,
    /// The name of the call in cloud functions.
    pub cloud: Option<&'static str>,
    /// Whether it is out of the documentation, or said to be old.
    pub deprecated: bool,
}

/// A field with what is inside it.
#[derive(Debug, Clone)]
pub struct FieldDocument {
    /// The field itself.
    pub field: Field,
    /// The fields inside.
    pub fields: Vec<FieldDocument>,
}

/// A code at one call.
#[derive(Debug, Clone)]
pub struct ErrorDocument {
    /// The code.
    pub code: i64,
    /// `WeChat`'s own word for it, where there is one.
    pub name: Option<&'static str>,
    /// What it means at this call, where that is known.
    pub meaning: Option<&'static str>,
}

/// A code wherever it comes.
#[derive(Debug, Clone)]
pub struct ErrorCode {
    /// The code.
    pub code: i64,
    /// `WeChat`'s own word for it, where there is one.
    pub name: Option<&'static str>,
    /// What it means, in English.
    pub meaning: &'static str,
    /// What it means, in Chinese.
    pub meaning_zh: &'static str,
    /// What to do, in English and Chinese, where something can be said.
    pub remedy: Option<(&'static str, &'static str)>,
}

/// Reads all chapters.
///
/// # Errors
/// The line that cannot be read, and why.
pub fn chapters() -> Result<Vec<Chapter>, String> {
    chapters_of(CHAPTERS)
}

/// Reads chapters out of a text in the grammar of `rows/`.
///
/// # Errors
/// The line that cannot be read, and why.
pub fn chapters_of(text: &'static str) -> Result<Vec<Chapter>, String> {
    let mut chapters: Vec<Chapter> = Vec::new();
    let mut section = None;
    for paragraph in text.split("\n\n").map(|paragraph| paragraph.trim_end_matches('\n')) {
        if let Some(titles) = paragraph.strip_prefix("# ") {
            let (title, title_zh) =
                titles.rsplit_once(' ').ok_or_else(|| said("a chapter has two titles", titles))?;
            chapters.push(Chapter { title, title_zh, operations: Vec::new() });
            section = None;
        } else if let Some(title) = paragraph.strip_prefix("## ") {
            section = Some(title);
        } else {
            let chapter =
                chapters.last_mut().ok_or_else(|| said("a row before the first chapter", paragraph))?;
            chapter.operations.push(document(paragraph, section)?);
        }
    }
    Ok(chapters)
}

/// Reads the table of error codes.
///
/// # Errors
/// The block that cannot be read.
pub fn error_codes() -> Result<Vec<ErrorCode>, String> {
    let blocks = ERROR_CODES.split("\n\n").filter(|block| !block.starts_with('#'));
    blocks.map(|block| error_code(block).ok_or_else(|| said("a block of an error code", block))).collect()
}

fn error_code(block: &'static str) -> Option<ErrorCode> {
    let mut lines = block.trim_end_matches('\n').split('\n');
    let (code, name) = code_and_rest(lines.next()?)?;
    let meaning = lines.next()?.strip_prefix("en ")?;
    let meaning_zh = lines.next()?.strip_prefix("zh ")?;
    let remedy = match (lines.next(), lines.next()) {
        (None, _) => None,
        (Some(en), zh) => Some((en.strip_prefix("do-en ")?, zh?.strip_prefix("do-zh ")?)),
    };
    lines.next().is_none().then_some(ErrorCode { code, name, meaning, meaning_zh, remedy })
}

fn document(paragraph: &'static str, section: Option<&'static str>) -> Result<Document, String> {
    let unreadable = || said("a row begins with ### name and title, then methods and path", paragraph);
    let (titles, row) =
        paragraph.strip_prefix("### ").and_then(|text| text.split_once('\n')).ok_or_else(unreadable)?;
    let (name, title_zh) = titles.split_once(' ').ok_or_else(unreadable)?;
    let operation = Operation::parse(row).ok_or_else(unreadable)?;
    check_words(&operation)?;
    let mut document = Document {
        name,
        title_zh,
        section,
        operation,
        query: fields(operation.fields(Place::Query))?,
        body: fields(operation.fields(Place::Body))?,
        reply: fields(operation.fields(Place::Reply))?,
        errors: Vec::new(),
        limits: Vec::new(),
        notes: Vec::new(),
        permission_sets: Vec::new(),
        accounts: Vec::new(),
        cloud: None,
        deprecated: false,
    };
    let mut told = 0_usize;
    for line in row.split('\n').skip(1) {
        let (marker, rest) = line.split_once(' ').ok_or_else(|| said("a line without a marker", line))?;
        match marker {
            "?" | ">" | "<" | "<<" => told = told.saturating_add(1),
            "x" => {}
            "!" => document.errors.push(error(rest).ok_or_else(|| said("an error", line))?),
            "-" => fact(&mut document, rest).ok_or_else(|| said("a fact", line))?,
            _ => return Err(said("an unknown marker", line)),
        }
    }
    let kept: usize =
        [&document.query, &document.body, &document.reply].into_iter().map(|fields| count(fields)).sum();
    if told == kept { Ok(document) } else { Err(said("a field stands too deep", row)) }
}

fn count(fields: &[FieldDocument]) -> usize {
    fields.iter().map(|field| count(&field.fields).saturating_add(1)).sum()
}

fn error(text: &'static str) -> Option<ErrorDocument> {
    let (text, meaning) =
        text.split_once(" | ").map_or((text, None), |(text, meaning)| (text, Some(meaning)));
    let (code, name) = code_and_rest(text)?;
    Some(ErrorDocument { code, name, meaning })
}

fn code_and_rest(text: &'static str) -> Option<(i64, Option<&'static str>)> {
    let (code, name) = text.split_once(' ').map_or((text, None), |(code, name)| (code, Some(name)));
    Some((code.parse().ok()?, name))
}

fn fact(document: &mut Document, text: &'static str) -> Option<()> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    match word {
        "limits" => {
            for limit in rest.split(' ') {
                let (name, number) = limit.split_once('=')?;
                document.limits.push((name, number.parse().ok()?));
            }
        }
        "note" => document.notes.push(rest),
        "permission_sets" => {
            document.permission_sets = rest.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
        }
        "accounts" => {
            let account =
                |word: &'static str| word.split_once('=').map_or((word, false), |(kind, _)| (kind, true));
            document.accounts = rest.split(' ').map(account).collect();
        }
        "cloud" => document.cloud = Some(rest),
        "deprecated" if rest.is_empty() => document.deprecated = true,
        _ => return None,
    }
    Some(())
}

/// Reads the fields of one level, with what is inside them.
///
/// # Errors
/// The word that is unknown.
pub fn fields(lines: FieldLines) -> Result<Vec<FieldDocument>, String> {
    lines
        .iter()
        .map(|field| {
            check_field(&field)?;
            Ok(FieldDocument { field, fields: fields(field.fields)? })
        })
        .collect()
}

/// Whether every word after the path is one that is known.
fn check_words(operation: &Operation) -> Result<(), String> {
    for word in operation.words() {
        let is_flag = Flag::ALL.iter().any(|flag| flag.as_str() == word);
        let rule = word.strip_prefix(':').map(|rule| rule.split('=').next().unwrap_or(rule));
        let is_rule = rule.is_some_and(|rule| rules::JOINING_RULES.contains(&rule));
        if !is_flag && !is_rule && !word.starts_with('@') {
            return Err(said("an unknown word", word));
        }
    }
    Ok(())
}

/// Whether every word of a field is one that is known.
fn check_field(field: &Field) -> Result<(), String> {
    let (kinds, rules) = field.spelled();
    if kinds.split('|').any(|word| Kind::of(word.strip_suffix("[]").unwrap_or(word)).is_none()) {
        return Err(said("an unknown kind", field.name));
    }
    for word in rules.split(' ').filter(|word| !word.is_empty()) {
        let rule = word.strip_prefix(':').map(|rule| rule.split('=').next().unwrap_or(rule));
        let is_known = match word.as_bytes().first() {
            Some(b'{') => word.ends_with('}') && word.len() > 2,
            Some(b'=') => word.len() > 1,
            Some(b':') => rule.is_some_and(|rule| rules::FIELD_RULES.contains(&rule)),
            _ => field.range().is_some(),
        };
        if !is_known {
            return Err(said("an unknown rule", &format!("{} {word}", field.name)));
        }
    }
    let is_wrong =
        |default: &str| field.values().is_some_and(|values| values.closed && !values.holds(default));
    if field.default().is_some_and(is_wrong) {
        return Err(said("a default that is none of the values", field.name));
    }
    Ok(())
}

fn said(what: &str, line: &str) -> String {
    format!("{what}: {}", line.to_string().lines().next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use wxedge_contract::Code;

    use super::{Document, chapters, error_codes};
    use crate::field::Place;
    use crate::operation::{Flag, Operation};
    use crate::refusal::Refusal;
    use crate::table::{all, find};

    fn documents() -> Vec<Document> {
        chapters().unwrap().into_iter().flat_map(|chapter| chapter.operations).collect()
    }

    fn paths_with(flag: Flag) -> Vec<&'static str> {
        all().filter(|operation| operation.is(flag)).map(|operation| operation.path()).collect()
    }

    #[test]
    fn every_row_can_be_read_and_says_what_the_worker_reads() {
        let documents = documents();
        assert_eq!(documents.len(), all().count());
        assert_eq!(chapters().unwrap().len(), 39);
        for document in documents {
            let told = document.operation;
            let row = find(told.path()).unwrap();
            assert_eq!(row.methods(), told.methods(), "{}", told.path());
            assert!(row.words().eq(told.words()), "{}", told.path());
            for place in [Place::Query, Place::Body] {
                let names = |operation: Operation| {
                    operation.fields(place).iter().map(|field| (field.name, field.spelled()))
                };
                assert!(names(row).eq(names(told)), "{}", told.path());
            }
            assert!(row.strangers().eq(told.strangers()), "{}", told.path());
            let is_known = |name| document.reply.iter().any(|field| field.field.name == name);
            assert!(row.fields(Place::Reply).iter().all(|field| is_known(field.name)), "{}", told.path());
        }
    }

    #[test]
    fn a_document_says_all_that_is_known() {
        let documents = documents();
        let code = documents.iter().find(|one| one.operation.path() == "wxa/getwxacodeunlimit").unwrap();
        assert_eq!(
            (code.name, code.title_zh, code.section),
            ("getUnlimitedQRCode", "获取不限制的小程序码", Some("小程序码"))
        );
        assert_eq!(code.limits, [("per_minute", 5000)]);
        assert_eq!(code.permission_sets, [17]);
        assert_eq!(code.accounts, [("mini_program", false), ("mini_game", false)]);
        assert_eq!(code.cloud, Some("wxacode.getUnlimited"));
        let color = code.body.iter().find(|field| field.field.name == "line_color").unwrap();
        assert_eq!(color.fields.iter().map(|field| field.field.name).collect::<Vec<_>>(), ["r", "g", "b"]);
        let error = code.errors.iter().find(|error| error.code == 40129).unwrap();
        assert_eq!(
            (error.name, error.meaning),
            (Some("invalid scene"), Some("scene text not allowed, at most 32 characters"))
        );
    }

    #[test]
    fn what_the_gateway_treats_specially_is_flagged() {
        assert_eq!(
            paths_with(Flag::Forbidden),
            [
                "cgi-bin/clear_quota/v2",
                "cgi-bin/stable_token",
                "cgi-bin/token",
                "donut/code2verifyinfo",
                "sns/jscode2session"
            ]
        );
        assert_eq!(
            paths_with(Flag::NoToken),
            ["cgi-bin/clear_quota/v2", "cgi-bin/stable_token", "cgi-bin/token", "sns/jscode2session"]
        );
        assert_eq!(
            paths_with(Flag::Credentials),
            [
                "retail/B2b/getappkey",
                "tcb/getqcloudtoken",
                "tcb/uploadfile",
                "wxa/business/getuserencryptkey",
                "wxa/resetusersessionkey",
                "xpay/get_upload_file_sign"
            ]
        );
        assert_eq!(paths_with(Flag::Admin), ["cgi-bin/clear_quota", "cgi-bin/openapi/rid/get"]);
        assert_eq!(paths_with(Flag::Redacted), ["cgi-bin/openapi/rid/get"]);
        assert_eq!(paths_with(Flag::SessionKey), ["wxa/resetusersessionkey"]);
        assert_eq!(paths_with(Flag::Free), ["tcb/invokecloudfunction"]);
        assert_eq!(paths_with(Flag::Internal), ["cgi-bin/ticket/getticket"]);
        assert_eq!(paths_with(Flag::Binary), ["cgi-bin/media/get"]);
        assert_eq!(
            paths_with(Flag::Image),
            [
                "cgi-bin/media/getfeedbackmedia",
                "cgi-bin/wxaapp/createwxaqrcode",
                "wxa/getwxacode",
                "wxa/getwxacodeunlimit"
            ]
        );
        assert_eq!(
            paths_with(Flag::Multipart),
            [
                "cgi-bin/media/upload",
                "cv/img/aicrop",
                "cv/img/qrcode",
                "cv/img/superresolution",
                "cv/ocr/bankcard",
                "cv/ocr/bizlicense",
                "cv/ocr/comm",
                "cv/ocr/driving",
                "cv/ocr/drivinglicense",
                "cv/ocr/idcard",
                "wxa/img_sec_check",
                "wxa/sec/vod/singlefileupload",
                "wxa/sec/vod/uploadpart"
            ]
        );
        let signed = |flag| paths_with(flag);
        assert_eq!((signed(Flag::PaySig).len(), signed(Flag::Signature).len()), (55, 6));
        assert_eq!(paths_with(Flag::Encryptable).len(), 35);
        for operation in all() {
            let is_pay = ["xpay/", "retail/"].iter().any(|prefix| operation.path().starts_with(prefix));
            assert_eq!(operation.is(Flag::Pay), is_pay, "{}", operation.path());
            let has_file = operation.fields(Place::Body).iter().any(|field| field.takes(crate::Kind::File));
            assert_eq!(operation.is(Flag::Multipart), has_file, "{}", operation.path());
            assert!(operation.methods().has_post() || operation.fields(Place::Body).is_empty());
        }
    }

    #[test]
    fn methods_are_those_of_the_page_and_of_the_sdk() {
        let both: Vec<_> = all()
            .filter(|operation| operation.methods().has_get() && operation.methods().has_post())
            .map(|operation| operation.path())
            .collect();
        assert_eq!(
            both,
            [
                "cgi-bin/message/wxopen/activityid/create",
                "cgi-bin/token",
                "customservice/work/get",
                "wxa/business/getuserencryptkey",
                "wxa/business/insurance_freight/open",
                "wxa/business/insurance_freight/query_open",
                "wxa/getnearbypoilist",
                "wxa/getwxadevinfo",
                "wxa/sec/vod/getauthorizeapps"
            ]
        );
        assert!(!find("wxa/sec/vod/authorizedrama").unwrap().methods().has_get());
    }

    /// What spends a code, makes a token, a ticket or a key, or moves money must not be sent again on its own.
    #[test]
    fn nothing_that_does_something_is_repeated() {
        const DOING: &[&str] = &[
            "add", "apply", "create", "update", "delete", "del", "send", "refund", "cancel", "bind",
            "unbind", "upload", "set", "reset", "clear", "audit", "submit", "withdraw", "push", "start",
            "present",
        ];
        for operation in all().filter(|operation| operation.is(Flag::Repeatable)) {
            let last = operation.path().rsplit('/').next().unwrap();
            assert!(!DOING.iter().any(|word| last.starts_with(word)), "{}", operation.path());
        }
        for path in [
            "sns/jscode2session",
            "wxa/resetusersessionkey",
            "cgi-bin/token",
            "wxa/business/getuserphonenumber",
            "wxa/getwxacode",
            "xpay/currency_pay",
            "cgi-bin/message/subscribe/send",
            "wxa/business/insurance_freight/open",
        ] {
            assert!(!find(path).unwrap().is(Flag::Repeatable), "{path}");
        }
    }

    #[test]
    fn error_codes_are_unique_ascending_and_in_both_languages() {
        let codes = error_codes().unwrap();
        assert!(codes.len() >= 757, "a code is lost: {} of 757", codes.len());
        assert!(codes.is_sorted_by(|one, next| one.code < next.code));
        for code in codes {
            assert!(code.meaning.is_ascii() && !code.meaning_zh.is_ascii(), "{}", code.code);
            if let Some((en, zh)) = code.remedy {
                assert!(en.ends_with('.') && zh.ends_with('。'), "{}", code.code);
            }
        }
    }

    #[test]
    fn what_a_problem_tells_is_explained_in_both_languages() {
        let told = find("wxa/getgrayreleaseplan").unwrap();
        for code in error_codes().unwrap() {
            let problem = Refusal::new(told, code.code, "x").problem();
            if problem.code != Code::UpstreamRefused {
                assert!(code.remedy.is_some(), "{}", code.code);
            }
        }
    }
}
