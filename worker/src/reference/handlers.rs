use wxedge_contract::{Code, Problem};
use wxedge_launch::Params;

use crate::http::Reply;
use crate::route::Call;

/// How long a cache may keep a file, in seconds: a deployment brings others.
const UNTIL_DEPLOYED: &str = "public, max-age=3600";

/// `GET /openapi.json`: this API as `OpenAPI` 3.1.
pub(crate) async fn openapi(Call { app, .. }: Call<'_>) -> Result<Reply, Problem> {
    let document = app.platform.asset("/openapi.json").await?;
    let document = document.ok_or_else(|| Problem::new(Code::Internal, "The document was not deployed."))?;
    Ok(Reply::stored("application/json", document).with("Cache-Control", UNTIL_DEPLOYED))
}

/// `GET /v1/errors/{code}`: what an errcode of `WeChat`'s or a code of ours means and what to do, with `?path=` also at that
/// call of `WeChat`'s.
pub(crate) async fn explain(Call { app, request, names: [code, _], .. }: Call<'_>) -> Result<Reply, Problem> {
    if !is_code(code) {
        return Err(unknown());
    }
    let text = app.platform.asset(&format!("/errors/{code}.txt")).await?.ok_or_else(unknown)?.to_vec();
    let params = Params::parse(request.query());
    let path = params.get("path").map(|path| path.trim_start_matches('/'));
    let explained = explanation(std::str::from_utf8(&text).unwrap_or_default(), path);
    Ok(Reply::text("application/json", explained).with("Cache-Control", UNTIL_DEPLOYED))
}

fn unknown() -> Problem {
    Problem::new(Code::NotFound, "There is no such code.").hint(
        "Ask for an errcode of WeChat's, such as 40029, or for the code of a problem, such as session_key_stale.",
    )
}

/// Whether the text has the form of a code, and so cannot lead to another file.
fn is_code(text: &str) -> bool {
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (1..=32).contains(&text.len()) && (is_word || is_number(text.strip_prefix('-').unwrap_or(text)))
}

/// Out of the file of a code: the object in its first line and, of the lines `path object` that follow, that of the path.
fn explanation(file: &str, path: Option<&str>) -> String {
    let mut lines = file.lines();
    let general = lines.next().unwrap_or_default();
    let of_path = |path| lines.find_map(|line| line.split_once(' ').filter(|(known, _)| *known == path));
    match (path.and_then(of_path), general.strip_suffix('}')) {
        (Some((_, endpoint)), Some(open)) => format!("{open},\"endpoint\":{endpoint}}}"),
        _ => general.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{explanation, is_code};

    #[test]
    fn a_code_is_a_number_or_a_word() {
        for (text, holds) in [
            ("40029", true),
            ("-1", true),
            ("session_key_stale", true),
            ("", false),
            ("-", false),
            ("--1", false),
            ("4e4", false),
            ("+1", false),
            ("..", false),
            ("%2e", false),
            ("a.b", false),
            ("Not_found", false),
            ("a1", false),
            ("\u{661}", false),
            (&"1".repeat(33), false),
            (&"a".repeat(10_000), false),
        ] {
            assert_eq!(is_code(text), holds, "{text}");
        }
    }

    #[test]
    fn an_endpoint_is_found_by_its_whole_path() {
        let file = "{\"errcode\":1}\nwxa/a {\"path\":\"wxa/a\"}\nwxa/a/b {\"path\":\"wxa/a/b\"}\n";
        for (path, expected) in [
            (None, r#"{"errcode":1}"#),
            (Some("wxa/a"), r#"{"errcode":1,"endpoint":{"path":"wxa/a"}}"#),
            (Some("wxa/a/b"), r#"{"errcode":1,"endpoint":{"path":"wxa/a/b"}}"#),
            (Some("wxa"), r#"{"errcode":1}"#),
            (Some(""), r#"{"errcode":1}"#),
            (Some("{\"errcode\":1}\nwxa/a"), r#"{"errcode":1}"#),
        ] {
            assert_eq!(explanation(file, path), expected, "{path:?}");
        }
    }
}
