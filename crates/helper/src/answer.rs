//! Results as records. What is optional begins with a mark, and parameters begin with their number.

use alloc::string::String;

use wxedge_contract::requests::{Request, RequestError};
use wxedge_launch::{Launch, Link, Params, SceneCode, SceneInfo};

use crate::record::{Record, record};

/// Path, query, mark and scene code, mark and link.
pub(crate) fn launch(launch: &Launch<'_>) -> String {
    record(|record| {
        record.push(launch.path);
        push_params(record, &launch.query);
        record.push_mark(launch.code.is_some());
        if let Some(code) = &launch.code {
            push_scene_code(record, code);
        }
        record.push_mark(launch.link.is_some());
        if let Some(link) = &launch.link {
            push_link(record, link);
        }
    })
}

/// Decoded text, mark for a stored scene, parameters.
pub(crate) fn scene_code(code: &SceneCode<'_>) -> String {
    record(|record| push_scene_code(record, code))
}

/// URL, mark and seconds, parameters.
pub(crate) fn link(link: &Link<'_>) -> String {
    record(|record| push_link(record, link))
}

/// Parameters.
pub(crate) fn params(params: &Params<'_>) -> String {
    record(|record| push_params(record, params))
}

/// English name, Chinese name, where the parameters are; marks for known, single page, app, official account.
pub(crate) fn scene_info(info: &SceneInfo) -> String {
    record(|record| {
        record.push(info.name);
        record.push(info.name_zh);
        record.push(info.carries.as_str());
        record.push_mark(info.known);
        record.push_mark(info.single_page());
        record.push_mark(info.can_launch_app());
        record.push_mark(info.official_account());
    })
}

/// Mark and code and message of a refusal; or URL, method, headers, mark and body.
pub(crate) fn request(built: &Result<Request, RequestError>) -> String {
    record(|record| match built {
        Ok(request) => {
            record.push_mark(false);
            push_request(record, request);
        }
        Err(error) => {
            record.push_mark(true);
            record.push(error.code());
            record.push(&error.message());
        }
    })
}

fn push_scene_code(record: &mut Record, code: &SceneCode<'_>) {
    record.push(code.raw());
    record.push_mark(code.is_stored());
    push_params(record, &code.params());
}

fn push_link(record: &mut Record, link: &Link<'_>) {
    record.push(link.url());
    record.push_mark(link.scancode_time().is_some());
    if let Some(time) = link.scancode_time() {
        record.push_number(time);
    }
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
