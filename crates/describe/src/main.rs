//! Writes what is made from the tables of the Worker to the standard output: `wxedge-describe routes`.

use std::error::Error;
use std::io::{Write, stdout};

fn main() -> Result<(), Box<dyn Error>> {
    let what = std::env::args().nth(1).unwrap_or_default();
    let text = match what.as_str() {
        "routes" => serde_json::to_string_pretty(&wxedge_worker::table::rows())?,
        _ => return Err("usage: wxedge-describe routes".into()),
    };
    writeln!(stdout(), "{text}")?;
    Ok(())
}
