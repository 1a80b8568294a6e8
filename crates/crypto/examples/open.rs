//! Opens the published sample of user data over and over, for the bench: `cargo run --release -p wxedge-crypto --example
//! open`. It prints how many a second, one line for each round. Built for `wasm32-unknown-unknown` it has no clock and
//! prints nothing: whoever calls its `main` takes the time of one round.

use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use wxedge_crypto::{Encrypted, Secret};

const SAMPLES: &str = include_str!("../tests/data/vectors.json");
/// `tests/bench/decrypt.ts` divides by the same number.
const TIMES: u32 = 5000;
const ROUNDS: usize = 9;
const NOW: u64 = 1_700_000_000;

/// One value of the sample, whose texts hold no escape.
fn sample<'a>(name: &str) -> Option<&'a str> {
    let (_, rest) = SAMPLES.split_once(&format!("\"{name}\": \""))?;
    rest.split_once('"').map(|(text, _)| text)
}

fn round() -> Option<()> {
    let key = Secret::new(sample("session_key")?);
    let (appid, data, iv) = (sample("appid")?, sample("encrypted_data")?, sample("iv")?);
    for _ in 0..TIMES {
        let encrypted = Encrypted::parse(black_box(data), black_box(iv)).ok()?;
        black_box(encrypted.open(&key, appid, NOW, None).ok()?);
    }
    Some(())
}

fn main() -> std::io::Result<()> {
    let failed = || std::io::Error::other("the sample does not open");
    if cfg!(target_family = "wasm") {
        return round().ok_or_else(failed);
    }
    let mut out = std::io::stdout().lock();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        round().ok_or_else(failed)?;
        writeln!(out, "{:.0}", f64::from(TIMES) / start.elapsed().as_secs_f64())?;
    }
    Ok(())
}
