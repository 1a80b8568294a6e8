//! As much of X.509 as payment needs: serial, end, name, key. Source: RFC 5280, section 4.1.

use alloc::string::String;
use alloc::vec::Vec;

use der::asn1::{ContextSpecific, GeneralizedTime, IntRef, UtcTime};
use der::{AnyRef, Decode, Encode, Reader, SliceReader, TagNumber};

use wxedge_crypto::lower_hex;

/// A certificate, of which nothing is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its serial as `WeChat` Pay writes it: upper-case hex, two digits a byte, so a leading zero stays.
    pub serial: String,
    /// The first CN of its subject; empty when there is none.
    pub common_name: String,
    /// When it begins to be valid, in Unix seconds.
    pub not_before: u64,
    /// When it ends, in Unix seconds.
    pub not_after: u64,
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
        read(der).map_err(|_| NotACertificate)
    }
}

fn read(der: &[u8]) -> Result<Certificate, der::Error> {
    let mut outer = SliceReader::new(der)?;
    let certificate = outer.sequence(|signed| {
        let certificate = signed.sequence(read_tbs)?;
        // signatureAlgorithm, signatureValue.
        skip_rest(signed)?;
        Ok::<_, der::Error>(certificate)
    })?;
    outer.finish()?;
    Ok(certificate)
}

fn read_tbs(tbs: &mut SliceReader<'_>) -> Result<Certificate, der::Error> {
    ContextSpecific::<AnyRef<'_>>::decode_explicit(tbs, TagNumber(0))?;
    let serial = hex(IntRef::decode(tbs)?.as_bytes());
    // signature, issuer.
    AnyRef::decode(tbs)?;
    AnyRef::decode(tbs)?;
    let (not_before, not_after) = tbs.sequence(|validity| {
        Ok::<_, der::Error>((time(AnyRef::decode(validity)?)?, time(AnyRef::decode(validity)?)?))
    })?;
    let common_name = tbs.sequence(read_common_name)?;
    let spki = AnyRef::decode(tbs)?.to_der()?;
    skip_rest(tbs)?;
    Ok(Certificate { serial, common_name, not_before, not_after, spki })
}

/// 2.5.4.3.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

fn read_common_name(names: &mut SliceReader<'_>) -> Result<String, der::Error> {
    let mut found = String::new();
    while !names.is_finished() {
        let set = AnyRef::decode(names)?;
        let mut set = SliceReader::new(set.value())?;
        while !set.is_finished() {
            let (is_name, value) = set.sequence(|pair| {
                let is_name = AnyRef::decode(pair)?.value() == COMMON_NAME;
                Ok::<_, der::Error>((is_name, AnyRef::decode(pair)?.value()))
            })?;
            if is_name && found.is_empty() {
                found = core::str::from_utf8(value).unwrap_or_default().into();
            }
        }
    }
    Ok(found)
}

fn time(value: AnyRef<'_>) -> Result<u64, der::Error> {
    let utc = UtcTime::try_from(value).map(|time| time.to_unix_duration());
    let since_1970 = utc.or_else(|_| GeneralizedTime::try_from(value).map(|time| time.to_unix_duration()))?;
    Ok(since_1970.as_secs())
}

fn hex(bytes: &[u8]) -> String {
    lower_hex(bytes).to_ascii_uppercase()
}

/// Passes over what is left of a sequence.
pub(crate) fn skip_rest<'a>(reader: &mut impl Reader<'a>) -> Result<(), der::Error> {
    while !reader.is_finished() {
        AnyRef::decode(reader)?;
    }
    Ok(())
}
