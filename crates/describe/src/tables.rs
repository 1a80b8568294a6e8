//! The tables of routes and settings in the READMEs, between the marks `<!-- name -->` and `<!-- /name -->`.

use crate::routes::{Reply, Route};
use crate::settings::Setting;
use wxedge_operations::documents::{Document, FieldDocument};

/// A language of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    const fn pick(self, english: &'static str, chinese: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }
}

/// Puts both tables into a document.
///
/// # Errors
/// The mark that is missing.
pub fn with_tables(
    document: &str,
    routes: &[Route],
    settings: &[Setting],
    language: Language,
) -> Result<String, String> {
    let document = between(document, "routes", &routes_table(routes, language))?;
    between(&document, "settings", &settings_table(settings, language))
}

/// Puts a text between two marks.
fn between(document: &str, name: &str, text: &str) -> Result<String, String> {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = document.split_once(&open).ok_or_else(|| format!("no mark: {open}"))?;
    let (_, after) = rest.split_once(&close).ok_or_else(|| format!("no mark: {close}"))?;
    Ok([before, &open, text, &close, after].concat())
}

fn routes_table(routes: &[Route], language: Language) -> String {
    let head = language.pick("| route | who | what it does |", "| 接口 | 调用方 | 作用 |");
    let lines = routes.iter().map(|route| {
        let path = route.row.path.replace("/**/", "/");
        let (en, zh) = route.summary;
        let more = route.more.map_or_else(String::new, |more| {
            format!(" [{}]({more})", more.split('#').next().unwrap_or(more))
        });
        let summary = language.pick(en, zh);
        format!(
            "| `{} {path}` | {} | {summary}{more} {} |",
            route.row.method,
            who(route, language),
            exchange(route, language)
        )
    });
    table(head, 3, lines)
}

fn who(route: &Route, language: Language) -> String {
    let scope = route.row.scope.unwrap_or_default();
    match route.row.access {
        "session" => language.pick("session", "会话").to_owned(),
        "service" => format!("{} [{scope}]", language.pick("service", "服务")),
        "session_or_service" => {
            format!("{} [{scope}]", language.pick("session or service", "会话或服务"))
        }
        "sdk" => format!(
            "{} [{scope}]",
            language.pick("SDK, the API key as its AppSecret", "SDK（AppSecret 填 API key）")
        ),
        "signed" => language.pick("WeChat, by signature", "微信（校验签名）").to_owned(),
        _ => language.pick("anybody", "任何人").to_owned(),
    }
}

/// `{code}` → `{token}`.
fn exchange(route: &Route, language: Language) -> String {
    let query: Vec<_> = route.query.iter().map(|one| one.field.name).collect();
    let mut takes = Vec::new();
    if !query.is_empty() {
        takes.push(format!("`?{}=`", query.join("=&")));
    }
    match (&route.body_of, &route.groups) {
        (Some(call), _) => takes.push(of_wechat(call, language, "body", "参数同微信的")),
        (None, Some(groups)) => {
            let groups: Vec<_> =
                groups.groups.iter().map(|group| format!("`{{{}}}`", group.join(", "))).collect();
            takes.push(groups.join(language.pick(" or ", " 或 ")));
        }
        (None, None) if !route.body.is_empty() => takes.push(names(&route.body)),
        _ => {}
    }
    let gives = match (route.reply, &route.reply_of) {
        (Reply::Json, Some(_)) => language.pick("WeChat's reply", "微信的响应").to_owned(),
        (Reply::Json, None) => names(&route.fields),
        (Reply::Image, _) => {
            language.pick("the image, `?format=base64`", "图片，`?format=base64`").to_owned()
        }
        (Reply::Nothing, _) => "204".to_owned(),
        (Reply::Page, _) => "HTML".to_owned(),
        (Reply::Text, _) => language.pick("the text", "原文").to_owned(),
    };
    format!("{}{}→ {gives}", takes.join(language.pick(", ", "，")), if takes.is_empty() { "" } else { " " })
}

fn of_wechat(call: &Document, language: Language, english: &str, chinese: &str) -> String {
    match language {
        Language::English => format!("WeChat's {} {english}", call.name),
        Language::Chinese => format!("{chinese} {}", call.name),
    }
}

/// `{token, unionid?}`.
fn names(fields: &[FieldDocument]) -> String {
    let names: Vec<_> = fields
        .iter()
        .map(|one| format!("{}{}", one.field.name, if one.field.required { "" } else { "?" }))
        .collect();
    format!("`{{{}}}`", names.join(", "))
}

fn settings_table(settings: &[Setting], language: Language) -> String {
    let head = language.pick("| name | | default | meaning |", "| 名称 | | 默认值 | 说明 |");
    let lines = settings.iter().map(|setting| {
        let kind = if setting.is_secret {
            language.pick("secret", "密钥")
        } else {
            language.pick("var", "变量")
        };
        let default = match setting.default {
            "required" => language.pick("required", "必填").to_owned(),
            "none" => String::new(),
            default => format!("`{default}`"),
        };
        format!("| `{}` | {kind} | {default} | {} |", setting.name, language.pick(setting.en, setting.zh))
    });
    table(head, 4, lines)
}

fn table(head: &str, columns: usize, lines: impl Iterator<Item = String>) -> String {
    let rule = format!("|{}", " --- |".repeat(columns));
    let lines = [head.to_owned(), rule].into_iter().chain(lines);
    lines.fold(String::new(), |text, line| text + &line + "\n")
}
