//! Writes what is made from the tables: `wxedge-describe routes` to the standard output, `wxedge-describe write` what is
//! tracked into the checkout, `wxedge-describe errors FOLDER` what each error means.

use std::error::Error;
use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use serde::Serialize;
use wxedge_describe::routes::{ROUTES, routes};
use wxedge_describe::tables::{Language, with_tables};
use wxedge_describe::{answers, errors, openapi, settings, types};
use wxedge_operations::documents::{chapters, error_codes};
use wxedge_worker::table::rows;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    match (args.next().as_deref(), args.next()) {
        (Some("routes"), None) => Ok(writeln!(stdout(), "{}", serde_json::to_string_pretty(&rows())?)?),
        (Some("write"), None) => write(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))),
        (Some("errors"), Some(folder)) => write_errors(Path::new(&folder)),
        _ => Err("usage: wxedge-describe routes | write | errors FOLDER".into()),
    }
}

/// Writes the files that are made from the tables and tracked.
fn write(root: &Path) -> Result<(), Box<dyn Error>> {
    let chapters = chapters()?;
    let routes = routes(rows(), ROUTES, &chapters)?;
    let settings = settings::settings()?;
    put(&root.join("sandbox/data/operations.json"), &a_row_a_line(&answers::rows(&chapters))?)?;
    let document = openapi::openapi(&rows(), &routes, &chapters)?;
    put(
        &root.join("worker/assets/openapi.json"),
        &format!("{}\n", serde_json::to_string_pretty(&document)?),
    )?;
    put(&root.join("pkg/api.d.ts"), &types::types(&routes))?;
    for (name, language) in [("README.md", Language::English), ("README.zh-CN.md", Language::Chinese)] {
        let path = root.join(name);
        put(&path, &with_tables(&fs::read_to_string(&path)?, &routes, &settings, language)?)?;
    }
    Ok(())
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
