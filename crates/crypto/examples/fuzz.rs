//! Throws random inputs at every reader of this crate and prints what came of them:
//! `cargo run --release -p wxedge-crypto --example fuzz -- [count] [seed]`.
//!
//! Half of them are noise; half are a right input with some random damage, which gets further. A panic ends the run,
//! and so does an input that is accepted though it cannot be.

#[path = "../tests/encryption/mod.rs"]
mod encryption;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wxedge_crypto::{
    Claims, Encrypted, PhoneNumber, Secret, SigningKey, issue, session_signature, verify, verify_raw_data,
};
use wxedge_simulation::Dice;

const DEFAULT_COUNT: u64 = 1_000_000;
const APPID: &str = "wx0123456789abcdef";
const NOW: u64 = 1_700_000_000;
const KEY: [u8; 16] = *b"a session key 16";
const IV: [u8; 16] = [0x5a; 16];
const PHONE: &str = r#"{"phoneNumber":"13800000000","purePhoneNumber":"13800000000","countryCode":86,"watermark":{"timestamp":1700000000,"appid":"wx0123456789abcdef"}}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().map_or(Ok(DEFAULT_COUNT), |text| text.parse())?;
    let seed = arguments.next().map_or(Ok(1), |text| text.parse())?;

    let target = Target::new()?;
    let mut random = Dice::new(seed);
    let mut outcomes = BTreeMap::<&str, u64>::new();
    let start = Instant::now();
    for _ in 0..count {
        let outcome = target.feed(&mut random)?;
        let times = outcomes.entry(outcome).or_default();
        *times = times.saturating_add(1);
    }
    report(count, seed, start, &outcomes)?;
    Ok(())
}

fn report(count: u64, seed: u64, start: Instant, outcomes: &BTreeMap<&str, u64>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{count} random inputs, seed {seed}, no panic, {:.1} s", start.elapsed().as_secs_f64())?;
    for (outcome, times) in outcomes {
        writeln!(out, "{times:>9}  {outcome}")?;
    }
    Ok(())
}

/// Right inputs to be damaged, and the keys that take them.
struct Target {
    session_key: Secret,
    ciphertext: Vec<u8>,
    signing_key: SigningKey,
    token: String,
}

impl Target {
    fn new() -> Result<Self, Box<dyn Error>> {
        let signing_key = SigningKey::new(&Secret::new("0123456789abcdef0123456789abcdef"))?;
        let claims = Claims {
            iss: APPID.into(),
            sub: "oUser".into(),
            unionid: None,
            sid: "s1".into(),
            iat: NOW,
            exp: NOW.saturating_add(1),
        };
        Ok(Self {
            session_key: Secret::new(STANDARD.encode(KEY)),
            ciphertext: encryption::encrypt(KEY, IV, PHONE.as_bytes()),
            token: issue(&claims, &signing_key),
            signing_key,
        })
    }

    fn feed(&self, random: &mut Dice) -> Result<&'static str, String> {
        match random.below(8) {
            0 => self.user_data_of_noise(random),
            1 => self.user_data_of_random_blocks(random),
            2 => Ok(self.user_data_with_damaged_blocks(random)),
            3 => self.user_data_with_damaged_plaintext(random),
            4 => self.token(&random.text()),
            5 => self.token(&random.damage_text(&self.token)),
            6 => Ok(phone(&random.damage_text(PHONE))),
            _ => self.signatures(random),
        }
    }

    fn user_data_of_noise(&self, random: &mut Dice) -> Result<&'static str, String> {
        self.open(&random.text(), &random.text())
            .map_or(Ok("user data, noise: refused"), |_| Err("noise opened as user data".into()))
    }

    fn user_data_of_random_blocks(&self, random: &mut Dice) -> Result<&'static str, String> {
        let blocks = random.below(40);
        let ciphertext = random.bytes(blocks.saturating_mul(16));
        self.open(&STANDARD.encode(&ciphertext), &STANDARD.encode(random.bytes(16)))
            .map_or(Ok("user data, random blocks: refused"), |_| Err(format!("opened: {ciphertext:?}")))
    }

    fn user_data_with_damaged_blocks(&self, random: &mut Dice) -> &'static str {
        let ciphertext = random.damage(&self.ciphertext);
        match self.open(&STANDARD.encode(ciphertext), &STANDARD.encode(IV)) {
            Some(_) => "user data, damaged blocks: opened",
            None => "user data, damaged blocks: refused",
        }
    }

    fn user_data_with_damaged_plaintext(&self, random: &mut Dice) -> Result<&'static str, String> {
        let plain = random.damage(PHONE.as_bytes());
        let ciphertext = encryption::encrypt(KEY, IV, &plain);
        match self.open(&STANDARD.encode(ciphertext), &STANDARD.encode(IV)) {
            Some(json) if json.as_bytes() != plain => Err(format!("opened to another text: {json}")),
            Some(json) => Ok(phone(&json)),
            None => Ok("user data, damaged plaintext: refused"),
        }
    }

    fn open(&self, encrypted_data: &str, iv: &str) -> Option<String> {
        let encrypted = Encrypted::parse(encrypted_data, iv).ok()?;
        let opened = encrypted.open(&self.session_key, APPID, NOW, None).ok()?;
        Some(opened.json)
    }

    fn token(&self, token: &str) -> Result<&'static str, String> {
        match verify(token, &[&self.signing_key], APPID, NOW) {
            Ok(_) if token == self.token => Ok("token, whole: accepted"),
            Ok(_) => Err(format!("a token was accepted that was not issued: {token}")),
            Err(_) => Ok("token, noise or damaged: refused"),
        }
    }

    fn signatures(&self, random: &mut Dice) -> Result<&'static str, String> {
        let (raw_data, signature) = (random.text(), random.text());
        if verify_raw_data(&raw_data, &self.session_key, &signature) {
            return Err(format!("a random signature was accepted: {signature}"));
        }
        let key = Secret::new(random.text());
        if session_signature(&key, &raw_data).len() != 64 {
            return Err("a session signature has another length".into());
        }
        Ok("signatures of noise")
    }
}

fn phone(json: &str) -> &'static str {
    match PhoneNumber::read(json) {
        Ok(_) => "phone number, damaged: read",
        Err(_) => "phone number, damaged: refused",
    }
}

/// The noise that is tried.
trait Noise {
    /// Noise of one of three kinds: any text, the characters of base64 and tokens, or base64 of any bytes.
    fn text(&mut self) -> String;

    fn damage_text(&mut self, text: &str) -> String;

    /// One to three random wounds: a byte changed, put in or taken out, the end cut, a part doubled or moved.
    fn damage(&mut self, whole: &[u8]) -> Vec<u8>;
}

impl Noise for Dice {
    fn text(&mut self) -> String {
        const ALPHABET: &[u8] = b"ABCXYZabcxyz0189+/-_=. \r\n\t{}[]\":,";
        let length = self.below(200);
        match self.below(3) {
            0 => String::from_utf8_lossy(&self.bytes(length)).into_owned(),
            1 => (0..length)
                .filter_map(|_| ALPHABET.get(self.below(ALPHABET.len())).copied().map(char::from))
                .collect(),
            _ => STANDARD.encode(self.bytes(length)),
        }
    }

    fn damage_text(&mut self, text: &str) -> String {
        String::from_utf8_lossy(&self.damage(text.as_bytes())).into_owned()
    }

    fn damage(&mut self, whole: &[u8]) -> Vec<u8> {
        let mut bytes = whole.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            match self.below(7) {
                0 => bytes.truncate(at),
                1 => bytes.extend_from_within(at..),
                2 => bytes.rotate_left(at),
                3 => bytes.rotate_left(at & !15),
                4 => bytes.insert(at, self.byte()),
                5 if !bytes.is_empty() => {
                    bytes.remove(at);
                }
                _ => {
                    let other = self.byte();
                    bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = other);
                }
            }
        }
        bytes
    }
}
