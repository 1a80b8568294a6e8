//! Keeps the `jsapi_ticket` of the service account: fetched once in its two hours, however many pages are signed.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;
use wxedge_contract::{Code, Problem, record};
use wxedge_crypto::Secret;
use wxedge_wechat::{AccessToken, JsapiTicket, STABLE_ACCESS_TOKEN, jsapi_ticket, stable_access_token};

use crate::makers::context::{self, MakerContext};
use crate::platform::{AskedForJson, ObjectResult, json};
use crate::{App, transport};
use edge::SingleFlight;

/// Where the ticket lies in the object's storage, as its JSON.
const TICKET: &str = "ticket";
/// A ticket is fetched anew this long before it dies, in seconds.
const LEAST_LEFT: u64 = 300;
/// One that came with less life left is used this long all the same, in seconds: else each page would fetch it.
const SHORTEST_USE: u64 = 60;
/// How long a failure is the answer for all who ask, in seconds: each page of the account asks.
const FAILURE_LIFE: u64 = 30;

record! {
    /// The `jsapi_ticket`, and until when it is used, in Unix seconds.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub(crate) struct Ticket {
        pub(crate) ticket: Secret,
        used_until: u64,
    }
}

impl Ticket {
    fn new(ticket: Secret, expires_in: u64, now: u64) -> Self {
        let life = expires_in.saturating_sub(LEAST_LEFT).max(expires_in.min(SHORTEST_USE));
        Self { ticket, used_until: now.saturating_add(life) }
    }

    pub(crate) fn is_usable(&self, now: u64) -> bool {
        now < self.used_until
    }
}

/// Asks for the ticket of the configured service account.
pub(crate) fn current(app: &App) -> AskedForJson<Ticket> {
    let name = app.config.service_account().map(|account| format!("ticket:{}", account.appid));
    context::ask(app, name, "ticket", &()).json()
}

/// The part of a maker that keeps the ticket.
pub(crate) struct TicketMaker {
    context: MakerContext,
    fetching: SingleFlight<Result<Ticket, Problem>>,
    /// The last failure, and when it was, in Unix seconds.
    failure: RefCell<Option<(Problem, u64)>>,
}

impl TicketMaker {
    pub(crate) const fn new(context: MakerContext) -> Self {
        Self { context, fetching: SingleFlight::new(), failure: RefCell::new(None) }
    }

    pub(crate) async fn answer(self: &Rc<Self>) -> ObjectResult {
        let now = self.context.platform().now();
        let stored: Option<Ticket> = self.context.storage().load(TICKET).await?;
        let ticket = match stored.filter(|ticket| ticket.is_usable(now)) {
            Some(ticket) => ticket,
            None => self.fetched(now).await?,
        };
        Ok(json(&ticket))
    }

    async fn fetched(self: &Rc<Self>, now: u64) -> Result<Ticket, Problem> {
        if let Some((problem, since)) = &*self.failure.borrow()
            && now < since.saturating_add(FAILURE_LIFE)
        {
            return Err(problem.clone());
        }
        let run = self.fetching.current().unwrap_or_else(|| {
            let run = self.fetching.start(self.clone().fetch_and_keep());
            self.context.wait_until(run.clone());
            run
        });
        run.await
    }

    async fn fetch_and_keep(self: Rc<Self>) -> Result<Ticket, Problem> {
        let fetched = self.fetch().await;
        let now = self.context.platform().now();
        let kept = match fetched {
            Ok(ticket) => self.persist(ticket).await,
            Err(problem) => Err(problem),
        };
        self.failure.replace(kept.as_ref().err().map(|problem| (problem.clone(), now)));
        kept
    }

    async fn persist(&self, ticket: Ticket) -> Result<Ticket, Problem> {
        self.context.storage().persist(TICKET, &ticket).await?;
        Ok(ticket)
    }

    /// The account's token comes from the stable endpoint, which gives the same one to all who ask: it cuts off no other
    /// server of the account, and needs no keeping for one call in two hours.
    async fn fetch(&self) -> Result<Ticket, Problem> {
        let app = self.context.app();
        let account = app.config.service_account()?;
        let call = stable_access_token(&account.appid, &account.secret);
        let read = |body: &[u8]| AccessToken::parse(STABLE_ACCESS_TOKEN, body);
        let token =
            transport::call_at(app, Ok(&account.api_base), &call, read).await.map_err(of_the_account)?;
        let call = jsapi_ticket().with_token(&token.token);
        let fetched = transport::call_at(app, Ok(&account.api_base), &call, JsapiTicket::parse).await?;
        Ok(Ticket::new(fetched.ticket, u64::from(fetched.expires_in), app.platform.now()))
    }
}

/// The settings that a refusal of the service account speaks of are its own.
fn of_the_account(problem: Problem) -> Problem {
    if problem.code != Code::Misconfigured {
        return problem;
    }
    problem.hint("Check SERVICE_APPID and SERVICE_SECRET; a service account has an IP whitelist, so SERVICE_API_BASE must be a relay whose address is on it.")
}

#[cfg(test)]
mod tests {
    use wxedge_crypto::Secret;

    use super::Ticket;

    #[test]
    fn a_ticket_is_used_until_shortly_before_it_dies_and_one_that_came_late_for_a_moment() {
        for (expires_in, used) in [(7200, 6900), (400, 100), (310, 60), (200, 60), (20, 20)] {
            let ticket = Ticket::new(Secret::new("t".to_owned()), expires_in, 1_000);
            assert!(ticket.is_usable(1_000 + used - 1) && !ticket.is_usable(1_000 + used), "{expires_in}");
        }
    }
}
