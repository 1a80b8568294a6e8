//! Writes what is made from the tables: `wxedge-describe write` what is tracked into the checkout, `wxedge-describe check`
//! nothing but which of that differs, `wxedge-describe errors FOLDER` what each error means, `wxedge-describe routes` the
//! table of routes to the standard output.

use std::error::Error;
use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;
use wxedge_describe::routes::{ROUTES, routes};
use wxedge_describe::tables::{Language, with_tables};
use wxedge_describe::{answers, errors, openapi, settings, types};
use wxedge_operations::documents::{chapters, error_codes};
use wxedge_worker::table::rows;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    match (args.next().as_deref(), args.next()) {
        (Some("routes"), None) => Ok(writeln!(stdout(), "{}", serde_json::to_string_pretty(&rows())?)?),
        (Some("write"), None) => write(),
        (Some("check"), None) => check(),
        (Some("errors"), Some(folder)) => write_errors(Path::new(&folder)),
        _ => Err("usage: wxedge-describe write | check | errors FOLDER | routes".into()),
    }
}

/// Writes the files that are made from the tables and tracked.
fn write() -> Result<(), Box<dyn Error>> {
    for (path, text) in tracked()? {
        put(&path, &text)?;
    }
    Ok(())
}

/// Fails where one of them is not as it would be written.
fn check() -> Result<(), Box<dyn Error>> {
    for (path, text) in tracked()? {
        if fs::read_to_string(&path).unwrap_or_default() != text {
            return Err(format!("{} is not what the tables say: run npm run describe", path.display()).into());
        }
    }
    Ok(())
}

/// The files that are made from the tables and tracked, with their texts.
fn tracked() -> Result<Vec<(PathBuf, String)>, Box<dyn Error>> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let chapters = chapters()?;
    let routes = routes(rows(), ROUTES, &chapters)?;
    let settings = settings::settings()?;
    let document = openapi::openapi(&rows(), &routes, &chapters)?;
    let mut files = vec![
        (root.join("sandbox/data/operations.json"), a_row_a_line(&answers::rows(&chapters))?),
        (root.join("worker/assets/openapi.json"), format!("{}\n", in_lines(&document, 2))),
        (root.join("pkg/api.d.ts"), types::types(&routes)),
    ];
    for (name, language) in [("README.md", Language::English), ("README.zh-CN.md", Language::Chinese)] {
        let path = root.join(name);
        let text = with_tables(&fs::read_to_string(&path)?, &routes, &settings, language)?;
        files.push((path, text));
    }
    Ok(files)
}

/// Writes a file for each code, and takes away those of codes that are gone.
fn write_errors(folder: &Path) -> Result<(), Box<dyn Error>> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    for (code, text) in errors::files(&chapters()?, &error_codes()?)? {
        put(&folder.join(format!("{code}.txt")), &text)?;
    }
    Ok(())
}

fn put(path: &PathBuf, text: &str) -> Result<(), Box<dyn Error>> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// JSON of a list with one line for each of it, so that a change shows as the row that changed.
fn a_row_a_line(rows: &[impl Serialize]) -> Result<String, serde_json::Error> {
    let lines = rows.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("[\n{}\n]\n", lines.join(",\n")))
}

/// JSON with a line for each member of the upper objects, so many levels of them: small, and a change shows where it is.
fn in_lines(value: &Value, levels: usize) -> String {
    match (value, levels.checked_sub(1)) {
        (Value::Object(members), Some(levels)) if !members.is_empty() => {
            let line = |(name, member): (&String, &Value)| {
                format!("{}:{}", Value::from(name.as_str()), in_lines(member, levels))
            };
            format!("{{\n{}\n}}", members.iter().map(line).collect::<Vec<_>>().join(",\n"))
        }
        _ => value.to_string(),
    }
}
