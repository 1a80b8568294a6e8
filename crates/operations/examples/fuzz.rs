//! Throws random bodies, queries and replies at every row and prints what came of them:
//! `cargo run --release -p wxedge-operations --example fuzz -- [count] [seed]`.
//!
//! Half of them are noise; half are a right body with some random damage, which gets further. A panic ends the run, and so
//! does a body that is taken, written, and then refused.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::time::Instant;

use wxedge_operations::{Operation, all, find, nearest};
use wxedge_simulation::Dice;

const DEFAULT_COUNT: u64 = 1_000_000;
const NOW: u64 = 1_800_000_000;

/// Right bodies to be damaged.
const RIGHT: &[(&str, &str)] = &[
    (
        "wxa/getwxacodeunlimit",
        r#"{"scene":"a=1","page":"pages/a","line_color":{"r":1,"g":"2","b":3},"env_version":"trial","width":430}"#,
    ),
    (
        "wxa/generatescheme",
        r#"{"jump_wxa":{"path":"/a","query":"a=%E8"},"expire_type":1,"expire_interval":30}"#,
    ),
    (
        "wxa/generate_urllink",
        r#"{"path":"/a","expire_time":1800000600,"cloud_base":{"env":"e","query":"a=1"}}"#,
    ),
    ("cgi-bin/message/subscribe/send", r#"{"touser":"o","template_id":"t","data":{"thing1":{"value":"x"}}}"#),
    (
        "wxa/sec/order/upload_shipping_info",
        r#"{"order_key":{"order_number_type":1,"mchid":"1"},"logistics_type":1,"shipping_list":[{"item_desc":"x"}]}"#,
    ),
];

/// Right replies to be damaged.
const REPLIES: &[(&str, &str)] = &[
    (
        "sns/jscode2session",
        r#"{"openid":"o","session_key":"k","unionid":null,"errcode":0,"errmsg":"ok rid: 1-2-3"}"#,
    ),
    (
        "wxa/business/getuserphonenumber",
        r#"{"errcode":"0","phone_info":{"phoneNumber":"1","countryCode":86,"watermark":{"appid":"wx"}}}"#,
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().map_or(Ok(DEFAULT_COUNT), |text| text.parse())?;
    let seed = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let operations: Vec<Operation> = all().collect();
    let mut random = Dice::new(seed);
    let mut outcomes = BTreeMap::<&str, u64>::new();
    let start = Instant::now();
    for _ in 0..count {
        let times = outcomes.entry(feed(&operations, &mut random)?).or_default();
        *times = times.saturating_add(1);
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{count} random inputs, seed {seed}, no panic, {:.1} s", start.elapsed().as_secs_f64())?;
    for (outcome, times) in &outcomes {
        writeln!(out, "{times:>9}  {outcome}")?;
    }
    Ok(())
}

fn feed(operations: &[Operation], random: &mut Dice) -> Result<&'static str, String> {
    match random.below(4) {
        0 => {
            let noise = random.object(60);
            let Some(operation) = operations.get(random.below(operations.len())) else { return Ok("no row") };
            let _ =
                (operation.read(&noise), operation.explain(&String::from_utf8_lossy(&noise), Some(&noise)));
            check(operation, &noise)
        }
        1 => {
            let (path, reply) = pick(REPLIES, random);
            let read = find(path).map(|operation| operation.read(&random.damage(reply)).is_ok());
            Ok(if read == Some(true) { "a reply, damaged: read" } else { "a reply, damaged: refused" })
        }
        2 => {
            let (path, _) = pick(RIGHT, random);
            let damaged = random.damage(path);
            let damaged = String::from_utf8_lossy(&damaged);
            Ok(if nearest(&damaged) == Some(path) {
                "a path, damaged: found"
            } else {
                "a path, damaged: not found"
            })
        }
        _ => {
            let (path, body) = pick(RIGHT, random);
            let body = random.damage(body);
            let operation = find(path).ok_or("a path without a row")?;
            let _ = operation.explain("", Some(&body));
            check(&operation, &body)
        }
    }
}

fn check(operation: &Operation, body: &[u8]) -> Result<&'static str, String> {
    let Ok(fields) = operation.check_body(body, NOW) else { return Ok("a body: refused") };
    let json = fields.to_json();
    match operation.check_body(json.as_bytes(), NOW) {
        Ok(again) if again.to_json() == json => Ok("a body: taken"),
        again => Err(format!("{}: {json} came back as {again:?}", operation.path())),
    }
}

fn pick(from: &[(&'static str, &'static str)], random: &mut Dice) -> (&'static str, &'static str) {
    from.get(random.below(from.len())).copied().unwrap_or_default()
}

/// The noise that is tried.
trait Noise {
    /// What begins as an object does.
    fn object(&mut self, longest: usize) -> Vec<u8>;

    /// The text with up to three of its bytes changed, taken out or put in.
    fn damage(&mut self, text: &str) -> Vec<u8>;
}

impl Noise for Dice {
    fn object(&mut self, longest: usize) -> Vec<u8> {
        let length = self.below(longest);
        [vec![b'{'], self.bytes(length)].concat()
    }

    fn damage(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..self.below(4) {
            let at = self.below(bytes.len());
            let byte = self.byte();
            let signs = b"\"{}[],:0\\t-";
            let byte = signs.get(usize::from(byte)).copied().unwrap_or(byte);
            match self.below(3) {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                _ => bytes.get_mut(at).into_iter().for_each(|old| *old = byte),
            }
        }
        bytes
    }
}
