//! The keys of this isolate: handed to the runtime once, and those of WeChat Pay by their serial.

use std::cell::RefCell;

use edge::{CryptoKey, KeyUse};
use wxedge_contract::{Code, Problem};
use wxedge_pay::{
    CertificateFetches, Keyed, Received, Refusal, Sealed, SignatureHeaders, Verified, VerifyKeys,
};

use super::certificates;
use crate::App;
use crate::config::Pay;

/// The most keys that the runtime holds for us: ours, both `APIv3` keys, and WeChat Pay's.
const MOST_IMPORTED: usize = 16;

#[derive(Default)]
struct Known {
    /// By a name of ours, or the serial.
    imported: Vec<(String, CryptoKey)>,
    certificates: VerifyKeys,
    fetches: CertificateFetches,
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// The key of that name, imported when it is used first.
///
/// # Errors
/// `misconfigured`: it has the form of a key, and the runtime takes it for none.
async fn imported(name: &str, key_use: KeyUse, bytes: Vec<u8>) -> Result<CryptoKey, Problem> {
    let known = KNOWN.with_borrow(|known| known.imported.iter().find(|(other, _)| other == name).cloned());
    if let Some((_, key)) = known {
        return Ok(key);
    }
    let key = CryptoKey::import(key_use, &bytes).await.map_err(|_| {
        Problem::new(Code::Misconfigured, format!("The key {name} is none that WebCrypto takes."))
    })?;
    KNOWN.with_borrow_mut(|known| {
        if known.imported.len() >= MOST_IMPORTED {
            known.imported.remove(0);
        }
        known.imported.push((name.to_owned(), key.clone()));
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

/// WeChat Pay's keys as far as they are known.
pub(super) fn known(pay: &Pay) -> VerifyKeys {
    with_public_key(pay, KNOWN.with_borrow(|known| known.certificates.clone()))
}

/// The certificates, and the public key where there is one.
pub(super) fn with_public_key(pay: &Pay, mut keys: VerifyKeys) -> VerifyKeys {
    if let Some(key) = &pay.public_key {
        keys.add(key.clone());
    }
    keys
}

/// WeChat Pay's keys, with certificates that were fetched if it is time for that, or for the unknown serial that came.
///
/// # Errors
/// `misconfigured` where there is none at all.
pub(super) async fn current(app: &App, pay: &Pay, unknown: Option<&str>) -> Result<VerifyKeys, Problem> {
    let keys = known(pay);
    let now = app.platform.now_ms();
    let is_due = KNOWN.with_borrow_mut(|known| known.fetches.due(&keys, unknown, now));
    if is_due || keys.wanted().is_none() {
        let fetched = certificates::ask(app, pay, unknown).await?;
        KNOWN.with_borrow_mut(|known| {
            match fetched.wanted() {
                None => known.fetches.none(now),
                Some(_) => known.fetches.brought(now),
            }
            known.certificates.add_all(fetched);
        });
    }
    let keys = known(pay);
    if keys.wanted().is_some() {
        return Ok(keys);
    }
    Err(Problem::new(Code::Misconfigured, "There is no key to verify WeChat Pay's answers with: PAY_PUBLIC_KEY_ID and PAY_PUBLIC_KEY are not set, and no certificate could be fetched.")
        .hint("Merchants since about October 2024 have only the public key: set PAY_PUBLIC_KEY_ID (PUB_KEY_ID_…) and PAY_PUBLIC_KEY (pub_key.pem). Else the log says what WeChat Pay answered."))
}

/// Whether bytes are WeChat Pay's. Nothing outside this isolate is touched before that is known, but for certificates of an
/// unknown serial, once a minute.
pub(super) async fn verify(
    app: &App,
    pay: &Pay,
    headers: SignatureHeaders<'_>,
    body: &[u8],
) -> Result<Verified, Refusal> {
    let now = app.platform.now();
    let received = Received::new(headers, body).in_time(now)?;
    let mut keys = known(pay);
    if keys.find(received.serial(), now).is_none()
        && let Ok(fetched) = current(app, pay, Some(received.serial())).await
    {
        keys = fetched;
    }
    let keyed = received.key(&keys, now)?;
    let holds = holds(&keyed).await;
    keyed.decided(holds)
}

/// Whether a signature holds.
pub(super) async fn holds(keyed: &Keyed<'_, '_>) -> bool {
    let key = keyed.key();
    match imported(&key.id, KeyUse::Verify, key.spki.clone()).await {
        Ok(key) => key.verify(keyed.signature(), &keyed.message()).await,
        Err(_) => false,
    }
}
