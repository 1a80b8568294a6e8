//! The load generator of the bench: reads a plan of HTTP requests as JSON from its input, sends them over many
//! connections, and writes how long it took as JSON.
//!
//! It varies the whole request, credential and body, from one to the next, and it ends with an error at the first
//! answer that is not the expected one: a figure of failed requests is worth nothing.

mod plan;
mod run;

use std::error::Error;
use std::io::{Write, stderr, stdin, stdout};
use std::process::ExitCode;

use plan::Plan;

fn main() -> ExitCode {
    match answer() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            drop(writeln!(stderr(), "load: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn answer() -> Result<(), Box<dyn Error>> {
    let plan: Plan = serde_json::from_reader(stdin().lock())?;
    let outcome = run::run(plan)?;
    serde_json::to_writer(stdout().lock(), &outcome)?;
    Ok(())
}
