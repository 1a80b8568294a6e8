//! What `GET /v1/errors/{code}` says: a file for each code, by the name of the code. Its first line is what the code means
//! anywhere, each other the path of a call and what it means there.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wxedge_contract::Code;
use wxedge_operations::Refusal;
use wxedge_operations::documents::{Chapter, Document, ErrorCode, ErrorDocument};

use crate::schema::put;
use crate::texts::{Text, blocks};

const CODES: &str = include_str!("../data/codes.txt");

/// The texts of all files, by code.
///
/// # Errors
/// The block that cannot be read, a code without a text.
pub fn files(chapters: &[Chapter], errcodes: &[ErrorCode]) -> Result<BTreeMap<String, String>, String> {
    let mut files = BTreeMap::new();
    let texts = blocks(CODES)?;
    for code in Code::ALL {
        let text = texts.iter().find(|text| text.head == code.as_str());
        let text = text.ok_or_else(|| format!("nothing is said of {}", code.as_str()))?;
        files.insert(code.as_str().to_owned(), format!("{}\n", own(*code, text)));
    }
    for errcode in errcodes {
        files.insert(errcode.code.to_string(), format!("{}\n", of_wechat(errcode)));
    }
    for document in chapters.iter().flat_map(|chapter| &chapter.operations) {
        for error in &document.errors {
            let file = files
                .entry(error.code.to_string())
                .or_insert_with(|| format!("{}\n", only_at_calls(error.code)));
            let told = endpoint(document, error).to_string();
            file.extend([document.operation.path(), " ", &told, "\n"]);
        }
    }
    Ok(files)
}

fn own(code: Code, text: &Text) -> Value {
    json!({
        "code": code.as_str(),
        "status": code.status(),
        "retryable": code.retryable(),
        "en": meaning(text.en, text.remedy.map(|(en, _)| en)),
        "zh": meaning(text.zh, text.remedy.map(|(_, zh)| zh)),
    })
}

fn of_wechat(errcode: &ErrorCode) -> Value {
    let mut told = json!({
        "errcode": errcode.code,
        "en": meaning(errcode.meaning, errcode.remedy.map(|(en, _)| en)),
        "zh": meaning(errcode.meaning_zh, errcode.remedy.map(|(_, zh)| zh)),
    });
    if let Some(name) = errcode.name {
        put(&mut told, "name", json!(name));
    }
    told
}

/// A code of which nothing is known but what it means at single calls.
fn only_at_calls(errcode: i64) -> Value {
    json!({
        "errcode": errcode,
        "en": meaning("depends on the call", Some("Ask with ?path= and the path of the call.")),
        "zh": meaning("含义因接口而异", Some("请加上 ?path= 和接口路径查询。")),
    })
}

fn meaning(meaning: &str, remedy: Option<&str>) -> Value {
    let mut told = json!({"meaning": meaning});
    if let Some(remedy) = remedy {
        put(&mut told, "remedy", json!(remedy));
    }
    told
}

fn endpoint(document: &Document, error: &ErrorDocument) -> Value {
    let problem = Refusal::new(document.operation, error.code, "").problem();
    let mut told = json!({"path": document.operation.path(), "code": problem.code.as_str()});
    let texts = [("name", error.name), ("meaning", error.meaning), ("hint", problem.hint.as_deref())];
    for (name, text) in texts {
        if let Some(text) = text {
            put(&mut told, name, json!(text));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use wxedge_contract::Code;
    use wxedge_operations::documents::{chapters, chapters_of, error_codes};

    use super::files;

    #[test]
    fn every_code_is_explained_in_both_languages() {
        let files = files(&chapters().unwrap(), &error_codes().unwrap()).unwrap();
        assert!(Code::ALL.iter().all(|code| files.contains_key(code.as_str())));
        assert!(error_codes().unwrap().iter().all(|known| files.contains_key(&known.code.to_string())));
        for (code, file) in &files {
            let general: Value = serde_json::from_str(file.lines().next().unwrap()).unwrap();
            for language in ["en", "zh"] {
                assert!(general[language]["meaning"].as_str().is_some_and(|text| !text.is_empty()), "{code}");
            }
            assert!(!general["zh"]["meaning"].as_str().unwrap().is_ascii(), "{code}");
            for line in file.lines().skip(1) {
                let (path, told) = line.split_once(' ').unwrap();
                assert_eq!(serde_json::from_str::<Value>(told).unwrap()["path"], path);
            }
        }
    }

    #[test]
    fn a_code_is_explained_at_each_call_that_names_it() {
        let row =
            "# Clouds 云\n\n### paintCloud 画云\nPOST wxa/cloud\n! 40097 invalid args | no such color\n";
        let files = files(&chapters_of(row).unwrap(), &error_codes().unwrap()).unwrap();
        let line = files["40097"].lines().nth(1).unwrap();
        assert!(line.starts_with("wxa/cloud {") && line.contains("no such color"), "{line}");
        assert!(line.contains(r#""code":"invalid_request""#), "{line}");
        let alone = "# Clouds 云\n\n### paintCloud 画云\nPOST wxa/cloud\n! 123456789 | rain\n";
        let files = super::files(&chapters_of(alone).unwrap(), &[]).unwrap();
        assert!(files["123456789"].contains("?path=") && files["123456789"].contains("rain"));
    }
}
