//! Results as records. What is optional begins with a mark, `1` or nothing, and parameters begin with their number.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use wxedge_contract::requests::{Request, RequestError};
use wxedge_launch::{Launch, Link, Params, SceneCode, SceneInfo};

use crate::record;

/// Path, query, mark and scene code, mark and link.
pub(crate) fn launch(launch: &Launch<'_>) -> String {
    let query_count = decimal(launch.query.iter().count());
    let code = launch.code.as_ref().map(|code| (code, CodeParts::of(code)));
    let link = launch.link.as_ref().map(|link| (link, LinkParts::of(link)));
    let mut texts = vec![launch.path];
    push_params(&mut texts, &launch.query, &query_count);
    texts.push(mark(code.is_some()));
    if let Some((code, parts)) = &code {
        parts.push(&mut texts, code);
    }
    texts.push(mark(link.is_some()));
    if let Some((link, parts)) = &link {
        parts.push(&mut texts, link);
    }
    record::of(&texts)
}

/// Decoded text, mark for a stored scene, parameters.
pub(crate) fn scene_code(code: &SceneCode<'_>) -> String {
    let mut texts = vec![];
    CodeParts::of(code).push(&mut texts, code);
    record::of(&texts)
}

/// URL, seconds or nothing, parameters.
pub(crate) fn link(link: &Link<'_>) -> String {
    let parts = LinkParts::of(link);
    let mut texts = vec![];
    parts.push(&mut texts, link);
    record::of(&texts)
}

/// Parameters.
pub(crate) fn params(params: &Params<'_>) -> String {
    let count = decimal(params.iter().count());
    let mut texts = vec![];
    push_params(&mut texts, params, &count);
    record::of(&texts)
}

/// English name, Chinese name, where the parameters are; marks for known, single page, app, official account.
pub(crate) fn scene_info(info: &SceneInfo) -> String {
    record::of(&[
        info.name,
        info.name_zh,
        info.carries.as_str(),
        mark(info.known),
        mark(info.single_page()),
        mark(info.can_launch_app()),
        mark(info.official_account()),
    ])
}

/// URL, method, headers, mark and body; or nothing in place of the URL, then code and message.
pub(crate) fn request(built: &Result<Request, RequestError>) -> String {
    match built {
        Ok(request) => request_of(request),
        Err(error) => record::of(&["", error.code(), &error.message()]),
    }
}
