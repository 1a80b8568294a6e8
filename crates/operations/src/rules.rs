//! The rules that a range or a list of values cannot say: a row names them.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use wxedge_contract::{FieldError, JsonValue};
use wxedge_launch::{Href, SceneCode};

use crate::expiry;
use crate::path::Path;

/// What is wrong with a text, to be read after the name of its field.
type Rule = Result<(), Cow<'static, str>>;

/// The names of the rules of single fields.
#[cfg(any(feature = "documents", test))]
pub(crate) const FIELD_RULES: &[&str] =
    &["scene", "page", "link_path", "link_query", "unreserved", "graphic", "scheme_link", "url_link"];

/// The names of the rules that join fields.
#[cfg(any(feature = "documents", test))]
pub(crate) const JOINING_RULES: &[&str] = &["expiry", "query_type"];

/// Checks the text of a field at `path` by the rule of that name.
pub(crate) fn check(rule: &str, argument: &str, text: &str, path: &Path<'_>) -> Rule {
    match rule {
        "scene" => SceneCode::check(text).map_err(Cow::Borrowed),
        "page" => page(text, argument, path),
        "link_path" => link_path(text, argument, path),
        "link_query" => link_query(text),
        "unreserved" => without_reserved_name(text),
        "graphic" => graphic(text),
        "scheme_link" => scheme_link(text),
        "url_link" => url_link(text),
        // The rows are checked for this by a test.
        _ => Ok(()),
    }
}

/// Checks and completes fields of a body that depend on each other. `now` is in Unix seconds.
pub(crate) fn join(
    rule: &str,
    argument: &'static str,
    entries: &mut alloc::vec::Vec<(String, JsonValue)>,
    now: u64,
) -> Result<(), FieldError> {
    match rule {
        "expiry" => expiry::complete(entries, now),
        "query_type" => query_type(entries, argument),
        _ => Ok(()),
    }
}

/// Checks the page of a link of ours, which serves codes too: its query is a field beside it, named `query`.
///
/// # Errors
/// The rule that it breaks, to be read after the name of the field.
pub fn check_page(text: &str) -> Result<(), Cow<'static, str>> {
    page(text, "query", &Path::TOP)
}

/// Checks the query of a link of ours.
///
/// # Errors
/// The rule that it breaks, to be read after the name of the field.
pub fn check_query(text: &str) -> Result<(), Cow<'static, str>> {
    link_query(text)
}

/// The page of a code: the query has a field of its own, and no leading slash may stand.
fn page(text: &str, query: &str, path: &Path<'_>) -> Rule {
    if text.starts_with('/') {
        return Err("must not start with a slash: write pages/index/index".into());
    }
    link_path(text, query, path)
}

/// The page of a link: the query has a field of its own.
fn link_path(text: &str, query: &str, path: &Path<'_>) -> Rule {
    if text.bytes().any(|byte| matches!(byte, b'?' | b'#')) {
        return Err(format!("must not have a query: put it into {}", path.beside(query)).into());
    }
    without_reserved_name(text)
}

/// The query of a link, of `WeChat`'s charset.
fn link_query(text: &str) -> Rule {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&'()*+,/:;=?@-._~%".contains(&byte);
    if !text.bytes().all(allowed) {
        return Err(
            "may hold only letters, digits and !#$&'()*+,/:;=?@-._~%: percent-encode the values".into()
        );
    }
    without_reserved_name(text)
}

/// Refuses the one name that `WeChat` keeps for itself in the query of a page.
fn without_reserved_name(text: &str) -> Rule {
    const NAME: &[u8] = b"scancode_time";
    if text.as_bytes().windows(NAME.len()).any(|part| part == NAME) {
        return Err("must not contain scancode_time, which WeChat adds itself: use another name".into());
    }
    Ok(())
}

fn graphic(text: &str) -> Rule {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err("holds characters that it cannot have".into())
}

fn scheme_link(text: &str) -> Rule {
    Href::scheme(text).map(drop).ok_or(Cow::Borrowed("is no weixin:// address"))
}

fn url_link(text: &str) -> Rule {
    Href::url_link(text).map(drop).ok_or(Cow::Borrowed("is no https address of a URL Link"))
}

/// A question about a link names the link, unless it asks for the opens that are left today.
/// Source: 查询scheme码 (queryScheme), 查询加密 URL Link (queryUrlLink).
fn query_type(entries: &[(String, JsonValue)], link: &'static str) -> Result<(), FieldError> {
    let given = |name: &str| entries.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    let about_link = matches!(given("query_type"), None | Some(JsonValue::Integer(0)));
    let has_link = given(link).is_some_and(|link| !matches!(link, JsonValue::Text(text) if text.is_empty()));
    if about_link && !has_link {
        return Err(FieldError::new(
            link,
            "is required with query_type 0; with query_type 1 the opens that are left today are told",
        ));
    }
    Ok(())
}
