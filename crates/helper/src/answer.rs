//! Results as records. What is optional begins with a mark, and parameters begin with their number.

use alloc::string::String;
use alloc::vec::Vec;

use wxedge_contract::requests::{Request, RequestError};
use wxedge_launch::{Launch, Link, Params, PaymentResult, PhoneResult, Scan, SceneCode, SceneInfo};

use crate::record::{Record, record};

/// Scene value or nothing, path, query, mark and scene code, mark and link. Of these two the text is left out: it is
/// what the query has as `scene` and `q`.
pub(crate) fn launch(launch: &Launch<'_>) -> String {
    record(&|record| {
        record.push_optional_number(launch.scene.map(u64::from));
        record.push(launch.path);
        push_params(record, &launch.query);
        record.push_mark(launch.code.is_some());
        if let Some(code) = &launch.code {
            push_carried_by_code(record, code);
        }
        record.push_mark(launch.link.is_some());
        if let Some(link) = &launch.link {
            push_carried_by_link(record, link);
        }
    })
}

/// Decoded text, mark for a stored scene, parameters.
pub(crate) fn scene_code(code: &SceneCode<'_>) -> String {
    record(&|record| push_scene_code(record, code))
}

/// URL, seconds or nothing, parameters.
pub(crate) fn link(link: &Link<'_>) -> String {
    record(&|record| push_link(record, link))
}

/// What it is, then a scene code, a link or a text.
pub(crate) fn scan(scan: &Scan<'_>) -> String {
    record(&|record| match scan {
        Scan::Scene(code) => {
            record.push("scene");
            push_scene_code(record, code);
        }
        Scan::Link(link) => {
            record.push("link");
            push_link(record, link);
        }
        Scan::Text(text) => {
            record.push("text");
            record.push(text);
        }
    })
}

/// What it is, then a code or a reason.
pub(crate) fn phone_result(result: &PhoneResult<'_>) -> String {
    let (kind, text) = match *result {
        PhoneResult::Code(code) => ("code", code),
        PhoneResult::Refused => ("refused", ""),
        PhoneResult::OutOfQuota => ("out_of_quota", ""),
        PhoneResult::Failed(reason) => ("failed", reason),
    };
    record(&|record| {
        record.push(kind);
        record.push(text);
    })
}

/// What it is, then a reason or nothing.
pub(crate) fn payment_result(result: &PaymentResult<'_>) -> String {
    let (kind, text) = match *result {
        PaymentResult::AskServer => ("ask_server", ""),
        PaymentResult::Cancelled => ("cancelled", ""),
        PaymentResult::Failed(reason) => ("failed", reason),
    };
    record(&|record| {
        record.push(kind);
        record.push(text);
    })
}

/// Path and problem in turn.
pub(crate) fn problems<'a>(problems: impl Iterator<Item = (&'a str, String)>) -> String {
    let problems: Vec<_> = problems.collect();
    record(&|record| {
        push_count(record, problems.len());
        for (path, problem) in &problems {
            record.push(path);
            record.push(problem);
        }
    })
}

/// Parameters.
pub(crate) fn params(params: &Params<'_>) -> String {
    record(&|record| push_params(record, params))
}

/// One mark.
pub(crate) fn mark(mark: bool) -> String {
    record(&|record| record.push_mark(mark))
}

/// One word.
pub(crate) fn word(word: &str) -> String {
    record(&|record| record.push(word))
}

/// Mark and code and message of a refusal; or a text.
pub(crate) fn text(built: &Result<String, RequestError>) -> String {
    record(&|record| match built {
        Ok(text) => {
            record.push_mark(false);
            record.push(text);
        }
        Err(error) => push_refusal(record, error),
    })
}

/// Value, English name, Chinese name, where the parameters are; marks for known, single page, app, official account.
pub(crate) fn scene_info(info: &SceneInfo) -> String {
    record(&|record| {
        record.push_number(info.value.into());
        record.push(info.name);
        record.push(info.name_zh);
        record.push(info.carries.as_str());
        record.push_mark(info.known);
        record.push_mark(info.single_page());
        record.push_mark(info.can_launch_app());
        record.push_mark(info.official_account());
    })
}

/// Mark and code and message of a refusal; or URL, method, headers, mark and body: its texts, then its numbers.
pub(crate) fn request(built: &Result<Request, RequestError>) -> String {
    record(&|record| match built {
        Ok(request) => {
            record.push_mark(false);
            push_request(record, request);
        }
        Err(error) => push_refusal(record, error),
    })
}

fn push_refusal(record: &mut Record, error: &RequestError) {
    record.push_mark(true);
    record.push(error.code());
    record.push(&error.message());
}

fn push_scene_code(record: &mut Record, code: &SceneCode<'_>) {
    record.push(code.raw());
    push_carried_by_code(record, code);
}

fn push_carried_by_code(record: &mut Record, code: &SceneCode<'_>) {
    record.push_mark(code.is_stored());
    push_params(record, &code.params());
}

fn push_link(record: &mut Record, link: &Link<'_>) {
    record.push(link.url());
    push_carried_by_link(record, link);
}

fn push_carried_by_link(record: &mut Record, link: &Link<'_>) {
    record.push_optional_number(link.scancode_time());
    push_params(record, &link.params());
}

fn push_params(record: &mut Record, params: &Params<'_>) {
    push_count(record, params.iter().count());
    for (key, value) in params.iter() {
        record.push(key);
        record.push(value);
    }
}

fn push_request(record: &mut Record, request: &Request) {
    record.push(&request.url);
    record.push(request.method.as_str());
    push_texts(record, &request.headers);
    record.push_mark(request.body.is_some());
    if let Some(body) = &request.body {
        push_texts(record, body);
        push_count(record, request.numbers.len());
        for &(name, number) in &request.numbers {
            record.push(name);
            record.push_number(number.into());
        }
    }
}

fn push_texts(record: &mut Record, texts: &[(&str, String)]) {
    push_count(record, texts.len());
    for (name, text) in texts {
        record.push(name);
        record.push(text);
    }
}

fn push_count(record: &mut Record, count: usize) {
    record.push_number(u64::try_from(count).unwrap_or_default());
}
