//! WeChat Pay's certificates, for merchants without its public key and while a migration lasts: one object fetches them for
//! all isolates, at most once a minute.

use std::cell::RefCell;
use std::rc::Rc;

use edge::{Answer, SingleFlight};
use futures_util::FutureExt;
use wxedge_contract::Problem;
use wxedge_pay::{CertificateFetches, Download, Meaning, PayRefusal, Received, Request, VerifyKeys};

use super::stubs::{self, Part};
use super::{exchange, keys};
use crate::config::Pay;
use crate::platform::{ObjectResult, ObjectState};
use crate::{App, log};

/// What is stored: a line about the fetches, then one for each certificate.
const STORED: &str = "certificates";

/// The certificates that the object has, or fetches for an unknown serial.
pub(super) async fn ask(app: &App, pay: &Pay, unknown: Option<&str>) -> Result<VerifyKeys, Problem> {
    let name = stubs::name(pay, Part::Certificates, "");
    let answer = stubs::ask(app, &name, "certificates", unknown.unwrap_or_default()).await?;
    Ok(VerifyKeys::of_lines(&answer))
}

/// The part of an object that fetches.
pub(super) struct Certificates {
    state: ObjectState,
    app: Rc<App>,
    known: RefCell<Option<(CertificateFetches, VerifyKeys)>>,
    fetching: SingleFlight<Option<Problem>>,
}

impl Certificates {
    pub(super) fn new(state: ObjectState, app: Rc<App>) -> Self {
        Self { state, app, known: RefCell::new(None), fetching: SingleFlight::new() }
    }

    /// All that are known, when what is due is fetched.
    pub(super) async fn answer(self: &Rc<Self>, unknown: &str) -> ObjectResult {
        self.load().await?;
        let flight = self.fetching.current().or_else(|| {
            let unknown = Some(unknown).filter(|serial| !serial.is_empty());
            self.is_due(unknown).then(|| {
                let this = self.clone();
                let flight =
                    self.fetching.start(async move { this.fetch_and_keep().await.err() }.boxed_local());
                let driven = flight.clone();
                self.state.wait_until(async move { drop(driven.await) }.boxed_local());
                flight
            })
        });
        if let Some(flight) = flight
            && let Some(problem) = flight.await
        {
            log::problem("certificates", &problem);
        }
        Ok(Answer::Text(self.with(|_, certificates| certificates.certificate_lines())))
    }

    fn is_due(&self, unknown: Option<&str>) -> bool {
        let now = self.state.platform.now_ms();
        let Ok(pay) = self.app.config.pay() else { return false };
        self.with(|fetches, certificates| {
            fetches.due(&keys::with_public_key(pay, certificates.clone()), unknown, now)
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut CertificateFetches, &mut VerifyKeys) -> T) -> T {
        let mut known = self.known.borrow_mut();
        let (fetches, certificates) = known.get_or_insert_default();
        work(fetches, certificates)
    }

    async fn load(&self) -> Result<(), Problem> {
        if self.known.borrow().is_none() {
            let stored = self.state.storage.texts(vec![STORED.to_owned()]).await?.pop().flatten();
            let stored = stored.unwrap_or_default();
            let (fetches, certificates) = stored.split_once('\n').unwrap_or_default();
            let stored = (CertificateFetches::of_line(fetches), VerifyKeys::of_lines(certificates));
            self.known.borrow_mut().get_or_insert(stored);
        }
        Ok(())
    }

    async fn keep(&self) -> Result<(), Problem> {
        let text =
            self.with(|fetches, certificates| [fetches.line(), certificates.certificate_lines()].join("\n"));
        self.state.storage.persist_text(STORED, &text).await
    }

    /// That a fetch begins is stored before it does.
    async fn fetch_and_keep(self: Rc<Self>) -> Result<(), Problem> {
        self.keep().await?;
        self.fetch().await?;
        self.keep().await
    }

    async fn fetch(&self) -> Result<(), Problem> {
        let pay = self.app.config.pay()?;
        let known = keys::with_public_key(pay, self.with(|_, certificates| certificates.clone()));
        let request = Request::certificates();
        let response = exchange::send(&self.app, pay, &request, &known).await?;
        let Some(response) = response else { return Ok(()) };
        let now = self.state.platform.now_ms();
        if response.status != 200 {
            if PayRefusal::read(response.status, &response.body).meaning() == Meaning::Missing {
                self.with(|fetches, _| fetches.none(now));
            }
            return Ok(());
        }
        match self.read(pay, &known, &response).await {
            Some(fetched) => self.with(|fetches, certificates| {
                fetches.brought(now);
                certificates.add_all(fetched);
            }),
            None => log::unverified_certificates(&request.target),
        }
        Ok(())
    }

    /// What an answer holds, once the same answer is verified; nothing where it does not hold.
    async fn read(
        &self,
        pay: &Pay,
        known: &VerifyKeys,
        response: &edge::FetchResponse,
    ) -> Option<VerifyKeys> {
        let now = self.state.platform.now();
        let headers = exchange::headers_of(&response.headers);
        let download = Download::read(Received::new(headers, &response.body).in_time(now).ok()?).ok()?;
        let mut plaintexts = Vec::new();
        for sealed in download.sealed() {
            plaintexts.push(keys::open(pay, sealed).await.ok()?);
        }
        let opened = download.opened(plaintexts).ok()?;
        let keyed = opened.key(known, now).ok()?;
        let holds = keys::holds(&keyed).await;
        let verified = keyed.decided(holds).ok()?;
        opened.verified(&verified)
    }
}
