//! The merchant's keys as an operator pastes them, each wrong form with the sentence that helps.
//!
//! Source: section 7 of the facts: what people ask about most.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wxedge_crypto::Secret;

use crate::certificate::{Certificate, positive};
use crate::der::{BIT_STRING, INTEGER, Items, OCTET_STRING, OID, SEQUENCE};
use crate::verify_keys::is_public_key_id;

/// A setting of payment that cannot be right. It never shows the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// Neither PEM nor anything like it.
    NoPem,
    /// PEM whose base64 or DER is broken.
    Damaged,
    /// A private key in the older form, which `WebCrypto` does not take.
    Pkcs1,
    /// A private key under a passphrase.
    Encrypted,
    /// A key that is not of RSA.
    NotRsa,
    /// The merchant's certificate in place of its key.
    CertificateForPrivateKey,
    /// A public key in place of the private one.
    PublicForPrivateKey,
    /// A private key in place of `WeChat` Pay's public one.
    PrivateForPublicKey,
    /// A public key in the older form.
    Pkcs1Public,
    /// A platform certificate in place of the public key.
    CertificateForPublicKey,
    /// The merchant's own certificate in place of `WeChat` Pay's key: its CN is the merchant's number.
    MerchantCertificate,
    /// The public key belongs to the merchant's own private key.
    MerchantPublicKey,
    /// The `APIv3` key has so many bytes.
    ApiV3Length(usize),
    /// The id of the public key does not begin as ids do.
    PublicKeyId,
    /// The serial is no 40 hex digits.
    Serial,
    /// The id of `WeChat` Pay's public key in place of the serial of the merchant's certificate.
    PublicKeyIdForSerial,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = match self {
            Self::NoPem => "holds no PEM: it has to begin with -----BEGIN and to end with -----END …-----",
            Self::Damaged => "is PEM, but what is inside is damaged: copy the whole file once more",
            Self::Pkcs1 => {
                "found BEGIN RSA PRIVATE KEY (PKCS#1): convert it with openssl pkey -in old.pem -out new.pem"
            }
            Self::Encrypted => {
                "is a private key under a passphrase: remove it with openssl pkey -in old.pem -out new.pem"
            }
            Self::NotRsa => "is no RSA key: WeChat Pay's are of RSA, 2048 bits",
            Self::CertificateForPrivateKey => {
                "is a certificate (apiclient_cert.pem): the private key is in apiclient_key.pem beside it"
            }
            Self::PublicForPrivateKey => "is a public key: the private key is in apiclient_key.pem",
            Self::PrivateForPublicKey => "is a private key: WeChat Pay's public key is in pub_key.pem",
            Self::Pkcs1Public => {
                "found BEGIN RSA PUBLIC KEY (PKCS#1): convert it with openssl rsa -RSAPublicKey_in -pubout"
            }
            Self::CertificateForPublicKey => {
                "is a certificate: platform certificates are fetched by themselves, the public key is in pub_key.pem"
            }
            Self::MerchantCertificate => {
                "this certificate's CN is your mchid: it is the merchant's, not WeChat's"
            }
            Self::MerchantPublicKey => {
                "this public key belongs to your own private key: it is the merchant's, not WeChat's"
            }
            Self::ApiV3Length(bytes) => return write!(f, "key is {bytes} bytes, must be 32"),
            Self::PublicKeyId => {
                "has to begin with PUB_KEY_ID_, as the console shows it beside the public key"
            }
            Self::Serial => "has to be the 40 hex digits of the serial of the merchant's API certificate",
            Self::PublicKeyIdForSerial => {
                "is the id of WeChat Pay's public key: the serial of the merchant's own certificate is wanted"
            }
        };
        f.write_str(sentence)
    }
}

impl core::error::Error for KeyError {}

/// The merchant's private key, fit for `WebCrypto`.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey {
    /// The key itself: base64 of PKCS#8 in DER.
    pkcs8: Secret,
    modulus: Vec<u8>,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl PrivateKey {
    /// Reads `PAY_PRIVATE_KEY`: PEM of PKCS#8, in one line or many, its line breaks as `\n` or real.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(setting: &Secret) -> Result<Self, KeyError> {
        let pem = Pem::parse(setting.expose())?;
        match pem.label.as_str() {
            "PRIVATE KEY" => {}
            "RSA PRIVATE KEY" => return Err(KeyError::Pkcs1),
            "ENCRYPTED PRIVATE KEY" => return Err(KeyError::Encrypted),
            "EC PRIVATE KEY" => return Err(KeyError::NotRsa),
            "CERTIFICATE" => return Err(KeyError::CertificateForPrivateKey),
            "PUBLIC KEY" | "RSA PUBLIC KEY" => return Err(KeyError::PublicForPrivateKey),
            _ => return Err(KeyError::NoPem),
        }
        let Modulus::Rsa(modulus) = modulus_of_pkcs8(&pem.der).ok_or(KeyError::Damaged)? else {
            return Err(KeyError::NotRsa);
        };
        Ok(Self { pkcs8: Secret::new(STANDARD.encode(&pem.der)), modulus })
    }

    /// PKCS#8 in DER, to be imported once.
    #[must_use]
    pub fn pkcs8(&self) -> Vec<u8> {
        STANDARD.decode(self.pkcs8.expose()).unwrap_or_default()
    }
}

/// Reads `PAY_PUBLIC_KEY`: PEM of `SubjectPublicKeyInfo`. `mchid` and `own` tell the merchant's own keys from `WeChat` Pay's.
///
/// # Errors
/// [`KeyError`].
pub fn parse_public_key(setting: &str, mchid: &str, own: Option<&PrivateKey>) -> Result<Vec<u8>, KeyError> {
    let pem = Pem::parse(setting)?;
    match pem.label.as_str() {
        "PUBLIC KEY" => {}
        "CERTIFICATE" => {
            let certificate = Certificate::parse(&pem.der).map_err(|_| KeyError::Damaged)?;
            let is_own = certificate.common_name == mchid;
            return Err(if is_own {
                KeyError::MerchantCertificate
            } else {
                KeyError::CertificateForPublicKey
            });
        }
        "RSA PUBLIC KEY" => return Err(KeyError::Pkcs1Public),
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" | "EC PRIVATE KEY" => {
            return Err(KeyError::PrivateForPublicKey);
        }
        _ => return Err(KeyError::NoPem),
    }
    let Modulus::Rsa(modulus) = modulus_of_spki(&pem.der).ok_or(KeyError::Damaged)? else {
        return Err(KeyError::NotRsa);
    };
    if own.is_some_and(|own| own.modulus == modulus) {
        return Err(KeyError::MerchantPublicKey);
    }
    Ok(pem.der)
}

/// Reads `PAY_PUBLIC_KEY_ID`.
///
/// # Errors
/// [`KeyError::PublicKeyId`].
pub fn parse_public_key_id(setting: &str) -> Result<String, KeyError> {
    let id = setting.trim();
    if is_public_key_id(id) { Ok(id.into()) } else { Err(KeyError::PublicKeyId) }
}

/// Reads `PAY_CERT_SERIAL`, in upper case.
///
/// # Errors
/// [`KeyError`].
pub fn parse_serial(setting: &str) -> Result<String, KeyError> {
    let serial = setting.trim();
    if is_public_key_id(serial) {
        return Err(KeyError::PublicKeyIdForSerial);
    }
    let good = serial.len() == 40 && serial.bytes().all(|byte| byte.is_ascii_hexdigit());
    if good { Ok(serial.to_ascii_uppercase()) } else { Err(KeyError::Serial) }
}

/// Reads `PAY_APIV3_KEY` and `PAY_APIV3_KEY_PREVIOUS`. Space around it is dropped. 16 or 24 bytes would be a key of AES,
/// too, and would fail only at the first notification.
///
/// # Errors
/// [`KeyError::ApiV3Length`].
pub fn parse_apiv3_key(setting: &Secret) -> Result<Secret, KeyError> {
    let key = setting.expose().trim();
    if key.len() == 32 { Ok(Secret::new(key)) } else { Err(KeyError::ApiV3Length(key.len())) }
}

/// One block of PEM.
pub(crate) struct Pem {
    pub(crate) label: String,
    pub(crate) der: Vec<u8>,
}

impl Pem {
    /// Reads the first block of a text. A setting may have lost its line breaks, or have them as `\n`.
    pub(crate) fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.replace("\\r", "\r").replace("\\n", "\n");
        let (_, after_begin) = text.split_once("-----BEGIN ").ok_or(KeyError::NoPem)?;
        let (label, after_label) = after_begin.split_once("-----").ok_or(KeyError::NoPem)?;
        let (inside, _) = after_label.split_once("-----END ").ok_or(KeyError::NoPem)?;
        let base64: String = inside.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let der = STANDARD.decode(base64).ok().filter(|der| !der.is_empty());
        // PKCS#1 under a passphrase has headers inside, which are no base64; its label says enough.
        let der = if label == "RSA PRIVATE KEY" { der.or(Some(Vec::new())) } else { der };
        Ok(Self { label: label.into(), der: der.ok_or(KeyError::Damaged)? })
    }
}

/// What is inside a key.
pub(crate) enum Modulus {
    /// An RSA key's.
    Rsa(Vec<u8>),
    /// It is a key of another kind.
    Other,
}

/// The modulus inside a private key; nothing when it is none.
fn modulus_of_pkcs8(der: &[u8]) -> Option<Modulus> {
    let mut key = Items::only_sequence(der)?;
    key.expect(INTEGER)?;
    if !is_rsa(key.expect(SEQUENCE)?)? {
        return Some(Modulus::Other);
    }
    let mut rsa = Items(Items(key.expect(OCTET_STRING)?).expect(SEQUENCE)?);
    rsa.expect(INTEGER)?;
    Some(Modulus::Rsa(positive(rsa.expect(INTEGER)?).to_vec()))
}

/// The modulus of a public key; nothing when it is none.
pub(crate) fn modulus_of_spki(der: &[u8]) -> Option<Modulus> {
    let mut spki = Items::only_sequence(der)?;
    if !is_rsa(spki.expect(SEQUENCE)?)? {
        return Some(Modulus::Other);
    }
    // The first byte of a BIT STRING says how many bits are unused: none.
    let bits = spki.expect(BIT_STRING)?.strip_prefix(&[0])?;
    let mut rsa = Items(Items(bits).expect(SEQUENCE)?);
    Some(Modulus::Rsa(positive(rsa.expect(INTEGER)?).to_vec()))
}

/// 1.2.840.113549.1.1.1.
const RSA_ENCRYPTION: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

fn is_rsa(algorithm: &[u8]) -> Option<bool> {
    Items(algorithm).expect(OID).map(|oid| oid == RSA_ENCRYPTION)
}
