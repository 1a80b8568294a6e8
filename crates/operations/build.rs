//! Makes what the crate includes out of the readable texts: `rows.txt` and `refusals.txt` for the Worker, with only the
//! lines that it needs, and `documents.txt` for what writes documents, with all of them.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    for input in ["rows", "refusals.txt", "build.rs"] {
        println!("cargo:rerun-if-changed={input}");
    }
    let chapters = chapters(&here.join("rows"))?;
    fs::write(out.join("rows.txt"), rows(&chapters)?)?;
    fs::write(out.join("documents.txt"), chapters.join("\n"))?;
    fs::write(out.join("refusals.txt"), without_comments(&fs::read_to_string(here.join("refusals.txt"))?))?;
    Ok(())
}

/// The texts of all chapters, in the order of their file names.
fn chapters(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut files =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    files.sort();
    files.iter().map(|file| Ok(fs::read_to_string(file)?.replace('\r', ""))).collect()
}

/// What stands between two rows: ASCII's own record separator, one byte to search for.
const BETWEEN: &str = "\x1e";

/// The Worker's lines of all rows, sorted by path.
fn rows(chapters: &[String]) -> Result<String, Box<dyn Error>> {
    let mut rows: Vec<(&str, String)> = Vec::new();
    for line in chapters.iter().flat_map(|chapter| chapter.lines()) {
        if let Some(path) = path_of(line) {
            rows.push((path, line.trim_end().to_string()));
        } else if ["? ", "> ", "<< ", "x "].iter().any(|marker| line.starts_with(marker)) {
            let (_, row) = rows.last_mut().ok_or_else(|| format!("a line before the first row: {line}"))?;
            row.push('\n');
            row.push_str(line.split("  # ").next().unwrap_or(line).trim_end());
        }
    }
    rows.sort();
    if let Some([(path, _), _]) =
        rows.windows(2).find(|pair| matches!(pair, [(one, _), (next, _)] if one == next))
    {
        return Err(format!("two rows have the path {path}").into());
    }
    Ok(rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>().join(BETWEEN))
}

/// The path of a line that begins a row.
fn path_of(line: &str) -> Option<&str> {
    let (methods, rest) = line.split_once(' ')?;
    matches!(methods, "GET" | "POST" | "GET|POST").then(|| rest.split(' ').next().unwrap_or(rest))
}

fn without_comments(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.collect::<Vec<_>>().join("\n")
}
