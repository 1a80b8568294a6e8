//! What WeChat Pay says is believed once its signature holds, by the keys of WeChat Pay that this isolate knows.

use std::cell::RefCell;

use wxedge_contract::{Code, Problem};
use wxedge_pay::{CertificateFetches, Received, Refusal, SignatureHeaders, Verified, VerifyKeys};

use super::{certificates, keys};
use crate::App;
use crate::config::Pay;

#[derive(Default)]
struct Known {
    certificates: VerifyKeys,
    fetches: CertificateFetches,
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// WeChat Pay's keys as far as they are known.
fn known(pay: &Pay) -> VerifyKeys {
    keys::with_public_key(pay, KNOWN.with_borrow(|known| known.certificates.clone()))
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
    let holds = keys::holds(&keyed).await;
    keyed.decided(holds)
}
