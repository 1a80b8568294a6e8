//! As much of X.509 as payment needs: serial, name, key. Source: RFC 5280, section 4.1.

use alloc::string::String;
use alloc::vec::Vec;

use wxedge_crypto::lower_hex;

use crate::der::{CONTEXT_0, INTEGER, Items, OID, SEQUENCE};

/// A certificate, of which nothing is verified. When it ends says the answer that it comes with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its serial as `WeChat` Pay writes it: upper-case hex, two digits a byte, so a leading zero stays.
    pub serial: String,
    /// The first CN of its subject; empty when there is none.
    pub common_name: String,
    /// `SubjectPublicKeyInfo` in DER.
    pub spki: Vec<u8>,
}

/// It is no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotACertificate;

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`NotACertificate`].
    pub fn parse(der: &[u8]) -> Result<Self, NotACertificate> {
        read(der).ok_or(NotACertificate)
    }
}

fn read(der: &[u8]) -> Option<Certificate> {
    let mut fields = Items(Items::only_sequence(der)?.expect(SEQUENCE)?);
    // The version stands first, where there is one.
    let mut ahead = fields.clone();
    if ahead.expect(CONTEXT_0).is_some() {
        fields = ahead;
    }
    let serial = lower_hex(positive(fields.expect(INTEGER)?)).to_ascii_uppercase();
    // Signature, issuer, validity.
    let [_, _, _] = [fields.expect(SEQUENCE)?, fields.expect(SEQUENCE)?, fields.expect(SEQUENCE)?];
    let common_name = common_name(fields.expect(SEQUENCE)?);
    let spki = fields.next().filter(|item| item.tag == SEQUENCE)?.whole.to_vec();
    Some(Certificate { serial, common_name, spki })
}

/// A number without the zero that only says that it is not negative.
pub(crate) fn positive(integer: &[u8]) -> &[u8] {
    match integer {
        [0, rest @ ..] if rest.first().is_some_and(|byte| *byte >= 0x80) => rest,
        all => all,
    }
}

/// 2.5.4.3.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

fn common_name(names: &[u8]) -> String {
    let pairs = Items(names).flat_map(|set| Items(set.value));
    let mut values = pairs.filter_map(|pair| {
        let mut pair = Items(pair.value);
        (pair.expect(OID)? == COMMON_NAME).then(|| pair.next())?
    });
    let value = values.next().map(|value| value.value).unwrap_or_default();
    core::str::from_utf8(value).unwrap_or_default().into()
}
