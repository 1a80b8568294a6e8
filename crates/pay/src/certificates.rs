//! Platform certificates, where there is no public key, and beside one while a migration lasts.
//!
//! The first answer is signed with a certificate that is inside it. So it is opened first, which takes the `APIv3` key,
//! and then the same answer is verified with what it holds: [`Download::read`] → [`Download::opened`] → [`Opened::key`] →
//! [`Opened::verified`].
//!
//! Source: 下载平台证书.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use wxedge_contract::{JsonValue, Nested, fields, parse_fields, parse_object};

use crate::certificate::Certificate;
use crate::key_forms::{Modulus, Pem, modulus_of_spki};
use crate::limits::{CERTIFICATES_FRESH, CERTIFICATES_GAP, MAX_CERTIFICATES, NO_CERTIFICATES_FOR};
use crate::moment::parse_moment;
use crate::sealed::{Sealed, SealedFields, Unreadable};
use crate::verify_keys::{VerifyKey, VerifyKeys};
use crate::verifying::{InTime, Keyed, Refusal, Verified};

/// An answer with certificates, still closed and of nobody.
#[derive(Clone, Debug)]
pub struct Download<'a> {
    received: InTime<'a>,
    entries: Vec<(u64, Sealed)>,
}

/// An answer whose certificates are open: they came from somebody who holds the `APIv3` key.
#[derive(Clone, Debug)]
pub struct Opened<'a> {
    received: InTime<'a>,
    keys: VerifyKeys,
}

impl<'a> Download<'a> {
    /// Reads the entries of an answer.
    ///
    /// # Errors
    /// [`Unreadable::Form`].
    pub fn read(received: InTime<'a>) -> Result<Self, Unreadable> {
        let fields: ListFields = parse_object(received.body()).map_err(|_| Unreadable::Form)?;
        let JsonValue::Array(entries) = fields.data else { return Err(Unreadable::Form) };
        let entries: Option<Vec<_>> = entries.into_iter().take(MAX_CERTIFICATES).map(read_entry).collect();
        Ok(Self { received, entries: entries.ok_or(Unreadable::Form)? })
    }

    /// What is to be decrypted, in order.
    pub fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        self.entries.iter().map(|(_, sealed)| sealed)
    }

    /// What was inside, in the same order, or nothing where the key does not open it. Those that are no certificate of RSA
    /// are passed over.
    ///
    /// # Errors
    /// [`Unreadable::Tag`] when none is opened.
    pub fn opened(self, plaintexts: Vec<Option<Vec<u8>>>) -> Result<Opened<'a>, Unreadable> {
        if !self.entries.is_empty() && plaintexts.iter().all(Option::is_none) {
            return Err(Unreadable::Tag);
        }
        let mut keys = VerifyKeys::default();
        for ((expire_time, _), plaintext) in self.entries.iter().zip(plaintexts) {
            if let Some(key) = plaintext.and_then(|pem| read_certificate(&pem, *expire_time)) {
                keys.add(key);
            }
        }
        Ok(Opened { received: self.received, keys })
    }
}

impl Opened<'_> {
    /// The key that has to have signed the answer: one of those already known, or one inside. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn key<'k>(&'k self, known: &'k VerifyKeys, now: u64) -> Result<Keyed<'k, 'k>, Refusal> {
        self.received.key(known, now).or_else(|_| self.received.key(&self.keys, now))
    }

    /// The keys, once the same answer is verified.
    #[must_use]
    pub fn verified(self, verified: &Verified) -> Option<VerifyKeys> {
        (verified.body() == self.received.body()).then_some(self.keys)
    }
}

fields! {
    any struct ListFields {
        data: JsonValue,
    }
}

fields! {
    any struct EntryFields {
        expire_time: JsonValue,
        encrypt_certificate: Nested<SealedFields>,
    }
}

fn read_entry(given: JsonValue) -> Option<(u64, Sealed)> {
    let fields: EntryFields = parse_fields(given).ok()?;
    let JsonValue::Text(expire_time) = fields.expire_time else { return None };
    let Nested::Object(sealed) = fields.encrypt_certificate else { return None };
    Some((parse_moment(&expire_time)? / 1_000, sealed.read()?))
}

/// The date of the answer counts: during a change that inside the certificate may differ.
fn read_certificate(pem: &[u8], expire_time: u64) -> Option<VerifyKey> {
    let pem = Pem::parse(core::str::from_utf8(pem).ok()?).ok()?;
    let certificate = Certificate::parse(&pem.der).ok()?;
    let Modulus::Rsa(_) = modulus_of_spki(&certificate.spki)? else { return None };
    Some(VerifyKey { id: certificate.serial, spki: certificate.spki, ends_at: Some(expire_time) })
}

/// When certificates are fetched: never twice within a minute, whatever comes. Times are Unix milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CertificateFetches {
    last: Option<u64>,
    /// When it last brought some, or was told that there are none.
    answered: Option<u64>,
    none: bool,
}

impl CertificateFetches {
    /// As it is stored: a line of its own.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "{} {} {}",
            self.last.unwrap_or_default(),
            self.answered.unwrap_or_default(),
            u8::from(self.none)
        )
    }

    /// What was stored; anything else counts as nothing.
    #[must_use]
    pub fn of_line(line: &str) -> Self {
        let mut numbers = line.split(' ').map(|number| number.parse().ok().filter(|number| *number != 0));
        let mut next = || numbers.next().flatten();
        Self { last: next(), answered: next(), none: next().is_some() }
    }

    /// Whether to fetch now. `unknown` is a serial that came and is not among the keys. If so, this counts as the fetch.
    pub fn due(&mut self, keys: &VerifyKeys, unknown: Option<&str>, now: u64) -> bool {
        let passed = |moment: Option<u64>, span| {
            moment.is_none_or(|moment| now < moment || now.saturating_sub(moment) >= span)
        };
        let has_public_key = keys.wanted().is_some_and(|key| key.ends_at.is_none());
        let wanted = match unknown {
            Some(serial) => {
                VerifyKeys::is_certificate_serial(serial)
                    && (!self.none || passed(self.answered, NO_CERTIFICATES_FOR))
            }
            None => !has_public_key && passed(self.answered, CERTIFICATES_FRESH),
        };
        let due = wanted && passed(self.last, CERTIFICATES_GAP);
        if due {
            self.last = Some(now);
        }
        due
    }

    /// A fetch brought certificates.
    pub fn brought(&mut self, now: u64) {
        self.answered = Some(now);
        self.none = false;
    }

    /// `WeChat` Pay says that this merchant has none: it is in public-key mode.
    pub fn none(&mut self, now: u64) {
        self.answered = Some(now);
        self.none = true;
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::CertificateFetches;
    use crate::verify_keys::{VerifyKey, VerifyKeys};

    const MINUTE: u64 = 60_000;
    const SERIAL: &str = "7777777777777777777777777777777777777777";

    fn keys(id: &str, ends_at: Option<u64>) -> VerifyKeys {
        let mut keys = VerifyKeys::default();
        keys.add(VerifyKey { id: id.into(), spki: Vec::new(), ends_at });
        keys
    }

    #[test]
    fn whatever_serials_come_certificates_are_fetched_at_most_once_a_minute() {
        let mut fetches = CertificateFetches::default();
        let keys = VerifyKeys::default();
        let times = (0..600).filter(|second| fetches.due(&keys, Some(SERIAL), second * 1_000)).count();
        assert_eq!(times, 10);
    }

    #[test]
    fn what_is_stored_is_read() {
        let mut fetches = CertificateFetches::default();
        assert_eq!(CertificateFetches::of_line(&fetches.line()), fetches);
        fetches.due(&VerifyKeys::default(), None, 7);
        fetches.none(9);
        assert_eq!(fetches.line(), "7 9 1");
        assert_eq!(CertificateFetches::of_line(&fetches.line()), fetches);
        assert_eq!(CertificateFetches::of_line("?"), CertificateFetches::default());
    }

    #[test]
    fn what_is_no_serial_of_a_certificate_fetches_nothing() {
        let mut fetches = CertificateFetches::default();
        for serial in ["", "PUB_KEY_ID_1", "zz", &"a".repeat(40), &"A".repeat(41)] {
            assert!(!fetches.due(&VerifyKeys::default(), Some(serial), MINUTE));
        }
    }

    #[test]
    fn certificates_are_fetched_anew_every_six_hours_but_not_beside_a_public_key() {
        let mut fetches = CertificateFetches::default();
        let certificate = keys("A", Some(u64::MAX - 1));
        assert!(fetches.due(&VerifyKeys::default(), None, 0));
        fetches.brought(0);
        assert!(!fetches.due(&certificate, None, 359 * MINUTE));
        assert!(fetches.due(&certificate, None, 360 * MINUTE));
        assert!(!CertificateFetches::default().due(&keys("PUB_KEY_ID_1", None), None, 0));
    }

    #[test]
    fn a_merchant_without_certificates_is_asked_once_an_hour_however_many_probes_come() {
        let mut fetches = CertificateFetches::default();
        let keys = keys("PUB_KEY_ID_1", None);
        assert!(fetches.due(&keys, Some(SERIAL), 0));
        fetches.none(0);
        assert!(!fetches.due(&keys, Some(SERIAL), 59 * MINUTE));
        assert!(fetches.due(&keys, Some(SERIAL), 60 * MINUTE));
    }

    #[test]
    fn a_clock_set_back_stops_nothing() {
        let mut fetches = CertificateFetches::default();
        assert!(fetches.due(&VerifyKeys::default(), None, 1_000 * MINUTE));
        assert!(fetches.due(&VerifyKeys::default(), None, 1));
    }
}
