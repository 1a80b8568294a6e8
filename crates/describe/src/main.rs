//! Writes what is made from the tables: `wxedge-describe routes` to the standard output, `wxedge-describe write` into the
//! checkout.

use std::error::Error;
use std::fs;
use std::io::{Write, stdout};
use std::path::Path;

use serde::Serialize;
use wxedge_describe::answers;
use wxedge_operations::documents::chapters;

fn main() -> Result<(), Box<dyn Error>> {
    let what = std::env::args().nth(1).unwrap_or_default();
    match what.as_str() {
        "routes" => {
            writeln!(stdout(), "{}", serde_json::to_string_pretty(&wxedge_worker::table::rows())?)?;
            Ok(())
        }
        "write" => write(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))),
        _ => Err("usage: wxedge-describe routes | write".into()),
    }
}

/// Writes the files that are made from the tables and tracked.
fn write(root: &Path) -> Result<(), Box<dyn Error>> {
    put(root, "sandbox/data/operations.json", &a_row_a_line(&answers::rows(&chapters()?))?)
}

fn put(root: &Path, name: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let path = root.join(name);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, text).map_err(|error| format!("{name}: {error}").into())
}

/// JSON of a list with one line for each of it, so that a change shows as the row that changed.
fn a_row_a_line(rows: &[impl Serialize]) -> Result<String, serde_json::Error> {
    let lines = rows.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("[\n{}\n]\n", lines.join(",\n")))
}
