//! Throws random bodies at the readers of this crate and prints what came of them:
//! `cargo run --release -p wxedge-push --example fuzz -- [count] [seed]`.
//!
//! Some are noise, most are a right body with some random damage, before or after encryption. A panic ends the run,
//! and so does a body that is taken though nobody signed it.
#![allow(dead_code, reason = "the sender makes more cases than this needs")]
#![allow(clippy::panic, clippy::arithmetic_side_effects, reason = "the sender is made for tests")]

#[path = "../tests/sender/mod.rs"]
mod sender;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::time::Instant;

use sender::{APPID, NONCE, NOW, Sent, encrypt, encrypt_blocks, encrypting, plain};
use wxedge_push::{Push, PushError, PushKeys};
use wxedge_simulation::Dice;

const DEFAULT_COUNT: u64 = 1_000_000;

const MESSAGES: [&str; 6] = [
    r#"{"ToUserName":"gh_0","FromUserName":"oUser","CreateTime":1795532400,"MsgType":"text","Content":"你好 <&>\"\ud83d\ude00","MsgId":9223372036854775807}"#,
    r#"{"ToUserName":"gh_0","FromUserName":"oUser","CreateTime":"1795532400","MsgType":"event","Event":"subscribe_msg_popup_event","List":[{"TemplateId":"a"},{"TemplateId":"b"}]}"#,
    r#"{"ToUserName":"gh_0","FromUserName":"o","CreateTime":1,"MsgType":"event","Event":"xpay_goods_deliver_notify","OpenId":"oUser","OutTradeNo":"T1","Env":0,"GoodsInfo":{"Quantity":1}}"#,
    "<xml><FromUserName><![CDATA[oUser]]></FromUserName><MsgType>text</MsgType><Content><![CDATA[a]]]]><![CDATA[>b]]></Content><MsgId>1</MsgId></xml>",
    "<xml><MsgType>event</MsgType><Event>wxa_media_check</Event><trace_id>t</trace_id><detail><label>100</label></detail><detail/></xml>",
    "<?xml version=\"1.0\"?><xml><MsgType>event</MsgType><Event>add_waybill</Event><Token>&lt;&#20013;</Token><!-- c --></xml>",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().map_or(Ok(DEFAULT_COUNT), |text| text.parse())?;
    let seed = arguments.next().map_or(Ok(1), |text| text.parse())?;

    let target = Target { encrypting: encrypting(), plain: plain() };
    let mut random = Dice::new(seed);
    let mut outcomes = BTreeMap::<String, u64>::new();
    let start = Instant::now();
    for _ in 0..count {
        let outcome = target.feed(&mut random)?;
        *outcomes.entry(outcome).or_default() += 1;
    }
    report(count, seed, start, &outcomes)?;
    Ok(())
}

fn report(count: u64, seed: u64, start: Instant, outcomes: &BTreeMap<String, u64>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{count} random bodies, seed {seed}, no panic, {:.1} s", start.elapsed().as_secs_f64())?;
    for (outcome, times) in outcomes {
        writeln!(out, "{times:>9}  {outcome}")?;
    }
    Ok(())
}

struct Target {
    encrypting: PushKeys,
    plain: PushKeys,
}

impl Target {
    fn feed(&self, random: &mut Dice) -> Result<String, String> {
        let message = MESSAGES.get(random.below(MESSAGES.len())).copied().unwrap_or_default();
        let xml = message.starts_with('<');
        match random.below(7) {
            0 => Ok(self.plain(&random.noise(), "plain, noise")),
            1 => Ok(self.plain(&random.damage(message.as_bytes()), "plain, damaged")),
            2 => Ok(self.secure(&Sent::secure(NOW, &random.damage(message.as_bytes())), "message damaged")),
            3 => Ok(self.secure(&Sent::wrapped(NOW, &random.text(), xml), "Encrypt of noise")),
            4 => {
                let blocks = random.below(20) * 16;
                Ok(self
                    .secure(&Sent::wrapped(NOW, &encrypt_blocks(random.bytes(blocks)), xml), "random blocks"))
            }
            5 => {
                let damaged = random.damage(encrypt(message.as_bytes(), APPID).as_bytes());
                Ok(self
                    .secure(&Sent::wrapped(NOW, &String::from_utf8_lossy(&damaged), xml), "Encrypt damaged"))
            }
            _ => self.unsigned(message, random),
        }
    }

    /// The envelope is damaged after it was signed: it is refused, or says the same as before.
    fn unsigned(&self, message: &str, random: &mut Dice) -> Result<String, String> {
        let whole = Sent::secure(NOW, message.as_bytes());
        let damaged = Sent { body: random.damage(&whole.body), ..whole.clone() };
        let before = whole.to(&self.encrypting, NOW).map_err(|error| error.to_string())?;
        match damaged.to(&self.encrypting, NOW) {
            Ok(push) if push.data() != before.data() => {
                Err(format!("taken though unsigned: {}", push.data()))
            }
            result => Ok(outcome("envelope damaged", &result)),
        }
    }

    fn plain(&self, body: &[u8], what: &str) -> String {
        let result = Sent::plain(NOW, NONCE, body).to(&self.plain, NOW);
        answer(&result, &self.plain);
        outcome(what, &result)
    }

    fn secure(&self, sent: &Sent, what: &str) -> String {
        let result = sent.to(&self.encrypting, NOW);
        answer(&result, &self.encrypting);
        outcome(what, &result)
    }
}

/// What was taken can be answered, with the push's own data as the receiver's reply.
fn answer(result: &Result<Push, PushError>, keys: &PushKeys) {
    if let Ok(push) = result {
        let answer = push.answer(&push.data()).unwrap_or_else(|| push.acknowledgement());
        let reply = keys.reply(push, &answer, NOW, [7; 16]);
        assert!(!reply.body.is_empty(), "an empty answer");
    }
}

fn outcome(what: &str, result: &Result<Push, PushError>) -> String {
    format!("{what}: {}", result.as_ref().map_or_else(|error| error.code(), |_| "taken"))
}

/// The noise that is tried.
trait Noise {
    /// Characters of which markup, JSON and base64 are made.
    fn text(&mut self) -> String;

    /// Noise of one of two kinds: any bytes, or pieces of markup.
    fn noise(&mut self) -> Vec<u8>;

    /// One to three random wounds: a byte changed, put in or taken out, the end cut, a part doubled or moved.
    fn damage(&mut self, whole: &[u8]) -> Vec<u8>;
}

impl Noise for Dice {
    fn text(&mut self) -> String {
        const PIECES: [&str; 24] = [
            "A",
            "z",
            "0",
            "9",
            "+",
            "/",
            "=",
            "<",
            ">",
            "</",
            "/>",
            "<xml>",
            "</xml>",
            "<![CDATA[",
            "]]>",
            "&",
            ";",
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            " ",
        ];
        (0..self.below(120)).filter_map(|_| PIECES.get(self.below(PIECES.len())).copied()).collect()
    }

    fn noise(&mut self) -> Vec<u8> {
        let length = self.below(200);
        if self.below(2) == 0 { self.bytes(length) } else { self.text().into_bytes() }
    }

    fn damage(&mut self, whole: &[u8]) -> Vec<u8> {
        let mut bytes = whole.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            let other = self.byte();
            match self.below(6) {
                0 => bytes.truncate(at),
                1 => bytes.extend_from_within(at..),
                2 => bytes.rotate_left(at),
                3 => bytes.insert(at, other),
                4 if !bytes.is_empty() => {
                    bytes.remove(at);
                }
                _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = other),
            }
        }
        bytes
    }
}
