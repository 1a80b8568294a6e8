use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The keys that answers and notifications may be signed with, by the serial that names them: `WeChat` Pay's public key and
/// platform certificates, side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyKeys(Vec<VerifyKey>);

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyKey {
    /// `PUB_KEY_ID_…`, or the 40 upper-case hex digits of a certificate.
    pub id: String,
    /// `SubjectPublicKeyInfo` in DER.
    pub spki: Vec<u8>,
    /// When a certificate ends, in Unix seconds; a public key does not.
    pub ends_at: Option<u64>,
}

/// The most keys that are held: the public key, the certificate, the next one, and one to spare.
pub(crate) const MOST_KEYS: usize = 8;

impl VerifyKeys {
    /// Takes a key in. One of the same id is replaced; beyond eight the certificate that ends first goes.
    pub fn add(&mut self, key: VerifyKey) {
        self.0.retain(|known| known.id != key.id);
        self.0.push(key);
        if self.0.len() > MOST_KEYS {
            let first = self.0.iter().enumerate().min_by_key(|(_, key)| key.ends_at.unwrap_or(u64::MAX));
            if let Some(index) = first.map(|(index, _)| index) {
                self.0.remove(index);
            }
        }
    }

    /// Takes in all of another's.
    pub fn add_all(&mut self, others: Self) {
        others.0.into_iter().for_each(|key| self.add(key));
    }

    /// The certificates among them, as lines.
    #[must_use]
    pub fn certificate_lines(&self) -> String {
        let mut lines = String::new();
        for key in &self.0 {
            if let Some(ends_at) = key.ends_at {
                let _ = writeln!(lines, "{} {ends_at} {}", key.id, STANDARD.encode(&key.spki));
            }
        }
        lines
    }

    /// The certificates of such lines; what is none is passed over.
    #[must_use]
    pub fn of_lines(lines: &str) -> Self {
        let mut keys = Self::default();
        for line in lines.lines() {
            let mut parts = line.split(' ');
            if let (Some(id), Some(ends_at), Some(spki)) = (parts.next(), parts.next(), parts.next())
                && let (Ok(ends_at), Ok(spki)) = (ends_at.parse(), STANDARD.decode(spki))
            {
                keys.add(VerifyKey { id: id.into(), spki, ends_at: Some(ends_at) });
            }
        }
        keys
    }

    /// The key of a serial, unless its certificate has ended.
    #[must_use]
    pub fn find(&self, serial: &str, now: u64) -> Option<&VerifyKey> {
        self.0.iter().find(|key| key.id == serial && key.ends_at.is_none_or(|ends_at| now < ends_at))
    }

    /// The key that `WeChat` Pay is asked to sign with, and that fields are encrypted with: the public key, or else the
    /// certificate that ends last. Its id goes into the header `Wechatpay-Serial` of every request.
    #[must_use]
    pub fn wanted(&self) -> Option<&VerifyKey> {
        self.0.iter().max_by_key(|key| key.ends_at.unwrap_or(u64::MAX))
    }

    /// When the last certificate ends, in Unix seconds; nothing with a public key.
    #[must_use]
    pub fn ends_at(&self) -> Option<u64> {
        self.wanted().and_then(|key| key.ends_at)
    }

    /// Whether a text has the form of a certificate's serial.
    #[must_use]
    pub fn is_certificate_serial(text: &str) -> bool {
        text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
    }

    pub(crate) fn is_serial(text: &str) -> bool {
        Self::is_certificate_serial(text) || is_public_key_id(text)
    }

    /// The ids of all, for an error.
    pub(crate) fn names(&self) -> String {
        let mut names = String::new();
        for key in &self.0 {
            if !names.is_empty() {
                names.push_str(", ");
            }
            names.push_str(&key.id);
        }
        names
    }
}

/// Whether a text has the form of a public key's id.
pub(crate) fn is_public_key_id(text: &str) -> bool {
    text.strip_prefix("PUB_KEY_ID_")
        .is_some_and(|id| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec::Vec;

    use super::{MOST_KEYS, VerifyKey, VerifyKeys};

    fn key(id: &str, ends_at: Option<u64>) -> VerifyKey {
        VerifyKey { id: id.into(), spki: Vec::new(), ends_at }
    }

    #[test]
    fn the_public_key_is_wanted_before_certificates_and_among_them_the_one_that_ends_last() {
        let mut keys = VerifyKeys::default();
        assert_eq!(keys.wanted(), None);
        for (added, wanted, ends_at) in [
            (key("A", Some(10)), "A", Some(10)),
            (key("B", Some(20)), "B", Some(20)),
            (key("C", Some(15)), "B", Some(20)),
            (key("PUB_KEY_ID_1", None), "PUB_KEY_ID_1", None),
        ] {
            keys.add(added);
            assert_eq!(keys.wanted().unwrap().id, wanted);
            assert_eq!(keys.ends_at(), ends_at);
        }
        assert_eq!(keys.names(), "A, B, C, PUB_KEY_ID_1");
    }

    #[test]
    fn certificates_are_read_as_they_are_written() {
        let mut keys = VerifyKeys::default();
        keys.add(VerifyKey { id: "A".into(), spki: Vec::from([0, 255]), ends_at: Some(10) });
        keys.add(key("B", Some(20)));
        let lines = keys.certificate_lines();
        assert_eq!(lines, "A 10 AP8=\nB 20 \n");
        assert_eq!(VerifyKeys::of_lines(&lines), keys);
        keys.add(key("PUB_KEY_ID_1", None));
        assert_eq!(keys.certificate_lines(), lines);
        assert_eq!(VerifyKeys::of_lines("A\n\nA x AA==\nA 1 ?"), VerifyKeys::default());
    }

    #[test]
    fn a_certificate_that_has_ended_verifies_nothing() {
        let mut keys = VerifyKeys::default();
        keys.add(key("A", Some(10)));
        assert!(keys.find("A", 9).is_some());
        assert!(keys.find("A", 10).is_none());
    }

    #[test]
    fn however_many_keys_come_the_public_key_stays() {
        let mut keys = VerifyKeys::default();
        keys.add(key("PUB_KEY_ID_1", None));
        for end in 0..100 {
            keys.add(key(&format!("{end}"), Some(end + 1)));
        }
        assert_eq!(keys.0.len(), MOST_KEYS);
        assert!(keys.find("PUB_KEY_ID_1", 0).is_some() && keys.find("99", 0).is_some());
    }
}
