//! The keys that the runtime holds for this isolate: handed to it once, and then used by their names.

use std::cell::RefCell;

use edge::{CryptoKey, KeyUse};
use wxedge_contract::{Code, Problem};
use wxedge_pay::{Keyed, Sealed, VerifyKeys};

use crate::config::Pay;

/// The most keys that the runtime holds for us: ours, both `APIv3` keys, and WeChat Pay's.
const MOST_IMPORTED: usize = 16;

thread_local! {
    /// By a name of ours, or the serial.
    static IMPORTED: RefCell<Vec<(String, CryptoKey)>> = const { RefCell::new(Vec::new()) };
}

/// The key of that name, imported when it is used first.
///
/// # Errors
/// `misconfigured`: it has the form of a key, and the runtime takes it for none.
async fn imported(name: &str, key_use: KeyUse, bytes: Vec<u8>) -> Result<CryptoKey, Problem> {
    let known = IMPORTED.with_borrow(|all| all.iter().find(|(other, _)| other == name).cloned());
    if let Some((_, key)) = known {
        return Ok(key);
    }
    let key = CryptoKey::import(key_use, &bytes).await.map_err(|_| {
        Problem::new(Code::Misconfigured, format!("The key {name} is none that WebCrypto takes."))
    })?;
    IMPORTED.with_borrow_mut(|all| {
        if all.len() >= MOST_IMPORTED {
            all.remove(0);
        }
        all.push((name.to_owned(), key.clone()));
    });
    Ok(key)
}

/// The merchant's signature of a message.
pub(super) async fn sign(pay: &Pay, message: &str) -> Result<Vec<u8>, Problem> {
    let key = imported("PAY_PRIVATE_KEY", KeyUse::Sign, pay.private_key.pkcs8()).await?;
    let signature = key.sign(message.as_bytes()).await;
    signature.map_err(|_| Problem::new(Code::Internal, "The runtime did not sign."))
}

/// What is inside, by the `APIv3` key or the one before it; nothing where neither opens it.
pub(super) async fn open(pay: &Pay, sealed: &Sealed) -> Result<Option<Vec<u8>>, Problem> {
    for (name, secret) in ["PAY_APIV3_KEY", "PAY_APIV3_KEY_PREVIOUS"].into_iter().zip(&pay.apiv3_keys) {
        let key = imported(name, KeyUse::Open, secret.expose().as_bytes().to_vec()).await?;
        let opened = key.open(&sealed.nonce, &sealed.associated_data, &sealed.ciphertext).await;
        if let Ok(plaintext) = opened {
            return Ok(Some(plaintext));
        }
    }
    Ok(None)
}

/// The certificates, and the public key where there is one.
pub(super) fn with_public_key(pay: &Pay, mut keys: VerifyKeys) -> VerifyKeys {
    if let Some(key) = &pay.public_key {
        keys.add(key.clone());
    }
    keys
}

/// Whether a signature holds.
pub(super) async fn holds(keyed: &Keyed<'_, '_>) -> bool {
    let key = keyed.key();
    match imported(&key.id, KeyUse::Verify, key.spki.clone()).await {
        Ok(key) => key.verify(keyed.signature(), &keyed.message()).await,
        Err(_) => false,
    }
}
