//! Standard Webhooks: how a delivery is signed and what it holds.
//!
//! Source: the specification of Standard Webhooks, 1.0.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use wxedge_contract::to_json;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wxedge_crypto::Secret;

use crate::event_id::EventId;

/// The secrets that deliveries are signed with: one, or two during a rotation, each for receivers that know it.
#[derive(Clone)]
pub struct WebhookSecrets(Vec<[u8; BLOCK]>);

/// The block of SHA-256, which HMAC fills up with zeros: no secret is longer.
const BLOCK: usize = 64;

/// A `WEBHOOK_SECRET` that cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadWebhookSecret;

impl fmt::Display for BadWebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "WEBHOOK_SECRET has to be whsec_ and base64 of 24 to 64 bytes, or two such separated by a space",
        )
    }
}

impl core::error::Error for BadWebhookSecret {}

impl fmt::Debug for WebhookSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl WebhookSecrets {
    /// Reads `WEBHOOK_SECRET`.
    ///
    /// # Errors
    ///
    /// [`BadWebhookSecret`].
    pub fn parse(setting: &Secret) -> Result<Self, BadWebhookSecret> {
        let secrets: Option<Vec<_>> = setting.expose().split(' ').map(read_secret).collect();
        secrets.filter(|secrets| secrets.len() <= 2).map(Self).ok_or(BadWebhookSecret)
    }

    /// The headers of one try. `now` is in Unix seconds; a receiver refuses what is five minutes off.
    #[must_use]
    pub fn headers(&self, id: &EventId, now: u64, body: &str) -> [(&'static str, String); 3] {
        let timestamp = now.to_string();
        let signatures: Vec<String> =
            self.0.iter().map(|secret| format!("v1,{}", sign(secret, id, &timestamp, body))).collect();
        [
            ("webhook-id", id.to_string()),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", signatures.join(" ")),
        ]
    }
}

fn read_secret(text: &str) -> Option<[u8; BLOCK]> {
    let bytes = STANDARD.decode(text.strip_prefix("whsec_")?).ok()?;
    if !(24..=BLOCK).contains(&bytes.len()) {
        return None;
    }
    let mut block = [0; BLOCK];
    for (slot, byte) in block.iter_mut().zip(&bytes) {
        *slot = *byte;
    }
    Some(block)
}

fn sign(secret: &[u8; BLOCK], id: &EventId, timestamp: &str, body: &str) -> String {
    let mut hmac = Hmac::<Sha256>::new(&(*secret).into());
    for part in [id.as_str(), ".", timestamp, ".", body] {
        hmac.update(part.as_bytes());
    }
    STANDARD.encode(hmac.finalize().into_bytes())
}

/// The body of an event: `{type, timestamp, data, verified?: false}`. `at` is when it happened in Unix seconds,
/// `data` a JSON text.
#[must_use]
pub fn webhook_body(kind: &str, at: u64, data: &str, verified: bool) -> String {
    let kind = to_json(kind);
    let unverified = if verified { "" } else { r#","verified":false"# };
    format!(r#"{{"type":{kind},"timestamp":"{}","data":{data}{unverified}}}"#, rfc_3339(at))
}

/// A moment in UTC, to the second.
///
/// Days become a date by counting from 1 March of the year 0, so that a leap day is the last of its year, in the 400
/// years after which the calendar repeats.
fn rfc_3339(seconds: u64) -> String {
    // Beyond the year 9999 there is no such text.
    let seconds = seconds.min(253_402_300_799);
    let (day, second) = (seconds / 86_400, seconds % 86_400);
    let days = day.saturating_add(719_468);
    let (era, in_era) = (days / 146_097, days % 146_097);
    let leaps = (in_era / 1_460).saturating_add(in_era / 146_096).saturating_sub(in_era / 36_524);
    let year_of_era = in_era.saturating_sub(leaps) / 365;
    let before_year =
        year_of_era.saturating_mul(365).saturating_add(year_of_era / 4).saturating_sub(year_of_era / 100);
    let in_year = in_era.saturating_sub(before_year);
    let shifted = in_year.saturating_mul(5).saturating_add(2) / 153;
    let day = in_year.saturating_sub(shifted.saturating_mul(153).saturating_add(2) / 5).saturating_add(1);
    let month = if shifted < 10 { shifted.saturating_add(3) } else { shifted.saturating_sub(9) };
    let year = era.saturating_mul(400).saturating_add(year_of_era).saturating_add(u64::from(month <= 2));
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::format;
    use std::string::String;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use wxedge_crypto::Secret;

    use super::{BadWebhookSecret, WebhookSecrets, read_secret, rfc_3339, sign, webhook_body};
    use crate::EventId;

    const ID: &str = "1a0b2c3d4e5000070badcafe";
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn parse(text: &str) -> Result<WebhookSecrets, BadWebhookSecret> {
        WebhookSecrets::parse(&Secret::new(text))
    }

    /// Checked with Python: `base64(hmac_sha256(base64_decode(secret), id + "." + timestamp + "." + body))`.
    #[test]
    fn a_delivery_is_signed_by_id_time_and_body_with_each_secret() {
        let id = EventId::parse(ID).unwrap();
        let one = parse(SECRET).unwrap().headers(&id, 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(
            one,
            [
                ("webhook-id", ID.into()),
                ("webhook-timestamp", "1614265330".into()),
                ("webhook-signature", "v1,Cj2gIe6YoqA66KJ4DPk/VZz5qhUtWq3rKDEJajet1EU=".into()),
            ]
        );
        let other = format!("whsec_{}", STANDARD.encode([7; 64]));
        let [_, _, (_, two)] = parse(&format!("{SECRET} {other}")).unwrap().headers(&id, 1_614_265_330, "{}");
        assert_eq!(
            two,
            "v1,WEi/qLv/skbDHS3oi8f2aW4/ipIOjuqDA9OIM9AYiaM= v1,Y26f3Fy5I6ndAPhUwfExuWG1SMp1e1iLpmnxj4uc8xQ="
        );
        assert_eq!(
            sign(&read_secret(&other).unwrap(), &id, "1614265330", "{}"),
            "Y26f3Fy5I6ndAPhUwfExuWG1SMp1e1iLpmnxj4uc8xQ="
        );
    }

    #[test]
    fn secrets_have_24_to_64_bytes_and_are_at_most_two() {
        let of = |length: usize| format!("whsec_{}", STANDARD.encode(&[7; 99][..length]));
        for good in [of(24), of(64), format!("{} {}", of(24), of(32))] {
            assert!(parse(&good).is_ok(), "{good}");
        }
        let bad = [
            of(23),
            of(65),
            String::new(),
            " ".into(),
            format!("{} ", of(24)),
            STANDARD.encode([7; 24]),
            format!("{0} {0} {0}", of(24)),
            format!("{}=", of(24)),
        ];
        for bad in bad {
            assert_eq!(parse(&bad).err(), Some(BadWebhookSecret), "{bad}");
        }
        assert_eq!(format!("{:?}", parse(SECRET).unwrap()), "***");
    }

    #[test]
    fn bodies_have_the_form_of_the_contract() {
        assert_eq!(
            webhook_body("message.text", 1_795_532_400, "{}", true),
            r#"{"type":"message.text","timestamp":"2026-11-24T15:00:00Z","data":{}}"#
        );
        assert_eq!(
            webhook_body("a\"b", 0, "[1]", false),
            r#"{"type":"a\"b","timestamp":"1970-01-01T00:00:00Z","data":[1],"verified":false}"#
        );
    }

    #[test]
    fn times_are_dates_in_utc() {
        for (seconds, text) in [
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc_3339(seconds), text);
        }
    }
}
