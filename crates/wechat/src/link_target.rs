use alloc::string::String;

use serde::Serialize;
use wxedge_contract::{FieldError, JsonValue, Nested, fields};

use crate::code_style::{EnvVersion, without_query, without_reserved_name};

/// Which page a scheme or link opens, with which query, in which version.
/// Source: 获取加密scheme码 (generateScheme), 获取加密 URL Link (generateUrlLink).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinkTarget {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<String>,
    env_version: EnvVersion,
}

fields! {
    /// The fields of a target as the caller gives them.
    only pub(crate) struct TargetFields {
        pub(crate) path: JsonValue,
        pub(crate) query: JsonValue,
        pub(crate) env_version: JsonValue,
    }
}

/// What the fields of a target are called where they stand.
struct Names {
    path: &'static str,
    query: &'static str,
    env_version: &'static str,
}

const AT_THE_TOP: Names = Names { path: "path", query: "query", env_version: "env_version" };
const IN_JUMP_WXA: Names =
    Names { path: "jump_wxa.path", query: "jump_wxa.query", env_version: "jump_wxa.env_version" };

impl LinkTarget {
    /// The target of a link of ours: `path` and `query` as [`parse_page`] and [`parse_query`] gave them.
    #[must_use]
    pub const fn new(path: String, query: Option<String>, env_version: EnvVersion) -> Self {
        Self { path: Some(path), query, env_version }
    }

    /// Reads the fields of `jump_wxa`; without it a scheme opens the home page.
    pub(crate) fn in_jump_wxa(given: Nested<TargetFields>) -> Result<Option<Self>, FieldError> {
        given.optional("jump_wxa")?.map(|fields| Self::parse(fields, &IN_JUMP_WXA)).transpose()
    }

    /// Reads the fields that stand at the top of the body, as a URL Link has them.
    pub(crate) fn at_the_top(fields: TargetFields) -> Result<Self, FieldError> {
        Self::parse(fields, &AT_THE_TOP)
    }

    fn parse(fields: TargetFields, names: &Names) -> Result<Self, FieldError> {
        let path = fields.path.optional_line(names.path, 1..=1024)?;
        if let Some(path) = &path {
            without_query(path, names.path, names.query)?;
            without_reserved_name(path, names.path)?;
        }
        Ok(Self {
            path,
            query: link_query(fields.query, names.query)?,
            env_version: EnvVersion::parse(fields.env_version, names.env_version)?,
        })
    }
}

/// Reads the page of a link of ours: it serves codes too, which take no leading slash.
///
/// # Errors
/// Names `path` and the rule that it breaks.
pub fn parse_page(given: JsonValue) -> Result<String, FieldError> {
    let page = given.line("path", 1..=1024)?;
    page_rules(&page, "path", "query")?;
    Ok(page)
}

/// The rules of a page's path where the query has a field of its own and no leading slash may stand.
pub(crate) fn page_rules(page: &str, field: &'static str, query_field: &str) -> Result<(), FieldError> {
    if page.starts_with('/') {
        return Err(FieldError::new(field, "must not start with a slash: write pages/index/index"));
    }
    without_query(page, field, query_field)?;
    without_reserved_name(page, field)
}

/// Reads the query of a link of ours: at most 1024 characters of WeChat's charset.
///
/// # Errors
/// Names `query` and the rule that it breaks.
pub fn parse_query(given: JsonValue) -> Result<Option<String>, FieldError> {
    link_query(given, AT_THE_TOP.query)
}

/// Reads `env_version`: `release`, `trial` or `develop`; absent or empty is `release`.
///
/// # Errors
/// Names `env_version` when it is something else.
pub fn parse_env_version(given: JsonValue) -> Result<EnvVersion, FieldError> {
    EnvVersion::parse(given, AT_THE_TOP.env_version)
}

pub(crate) fn link_query(given: JsonValue, field: &'static str) -> Result<Option<String>, FieldError> {
    let query = given.optional_text(field, 1..=1024)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&'()*+,/:;=?@-._~%".contains(&byte);
    if query.as_ref().is_some_and(|query| !query.bytes().all(allowed)) {
        return Err(FieldError::new(
            field,
            "may hold only letters, digits and !#$&'()*+,/:;=?@-._~%: percent-encode the values",
        ));
    }
    if let Some(query) = &query {
        without_reserved_name(query, field)?;
    }
    Ok(query)
}
