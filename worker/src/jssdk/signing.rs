//! Signatures for the JS-SDK: they let a page of ours show the open tag, in the name of the service account.

use std::cell::RefCell;

use serde::Serialize;
use wxedge_contract::{Code, FieldError, Problem};
use wxedge_crypto::{jssdk_signature, lower_hex};

use crate::App;
use crate::jssdk::ticket_maker::{self, Ticket};

/// How long this isolate asks nobody for a ticket after it got none, in seconds: every visitor in WeChat needs one.
const FAILURE_LIFE: u64 = 30;

/// What `wx.config` needs. Source: JS-SDK guide, appendix 1.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Signed {
    pub(crate) app_id: String,
    /// Unix seconds.
    pub(crate) timestamp: u64,
    pub(crate) nonce_str: String,
    pub(crate) signature: String,
}

/// Signs the address of a page, as it was loaded.
///
/// # Errors
/// `misconfigured` without a service account, `invalid_request` for what is no address, `forbidden` for a host that is
/// not in `PUBLIC_HOSTS`: whoever has a signature uses the account's name.
pub(crate) async fn sign(app: &App, url: &str) -> Result<Signed, Problem> {
    let account = app.config.service_account()?;
    let host = host_of(url)?;
    if !is_public(app, host)? {
        return Err(Problem::new(Code::Forbidden, "Only pages of PUBLIC_HOSTS are signed.")
            .hint("Add the host of the page, with its port if it has one, to PUBLIC_HOSTS."));
    }
    let ticket = ticket(app).await?;
    let nonce = edge::random::<16>().ok_or_else(no_randomness)?;
    let (nonce_str, timestamp) = (lower_hex(&nonce), app.platform.now());
    let signature = jssdk_signature(&ticket.ticket, &nonce_str, timestamp, url);
    Ok(Signed { app_id: account.appid.clone(), timestamp, nonce_str, signature })
}

/// Whether pages of this host are signed.
pub(crate) fn is_public(app: &App, host: &str) -> Result<bool, Problem> {
    Ok(app.config.public_hosts.as_ref()?.iter().any(|public| public == host))
}

/// The host of an address as a browser shows it: nothing before it, nothing that is read in two ways.
fn host_of(url: &str) -> Result<&str, FieldError> {
    let wrong = || {
        FieldError::new(
            "url",
            "must be the address of the page as it was loaded (location.href without its #), percent-encoded: https://…",
        )
    };
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).ok_or_else(wrong)?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_clean = !url.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\');
    if is_clean && !host.is_empty() && !host.contains('@') { Ok(host) } else { Err(wrong()) }
}

fn no_randomness() -> Problem {
    Problem::new(Code::Internal, "The runtime gave no random bytes.")
}

/// What this isolate remembers of the ticket.
struct Memory {
    ticket: Option<Ticket>,
    failure: Option<(Problem, u64)>,
}

thread_local! {
    static MEMORY: RefCell<Memory> = const { RefCell::new(Memory { ticket: None, failure: None }) };
}

async fn ticket(app: &App) -> Result<Ticket, Problem> {
    let now = app.platform.now();
    if let Some(known) = remembered(now) {
        return known;
    }
    let asked = ticket_maker::current(app).await;
    MEMORY.with_borrow_mut(|memory| {
        memory.ticket = asked.as_ref().ok().cloned();
        memory.failure = asked.as_ref().err().map(|problem| (problem.clone(), now));
    });
    asked
}

fn remembered(now: u64) -> Option<Result<Ticket, Problem>> {
    MEMORY.with_borrow(|memory| {
        if let Some(ticket) = memory.ticket.as_ref().filter(|ticket| ticket.is_usable(now)) {
            return Some(Ok(ticket.clone()));
        }
        let (problem, since) = memory.failure.as_ref()?;
        (now < since.saturating_add(FAILURE_LIFE)).then(|| Err(problem.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn a_host_is_what_a_browser_takes_for_it() {
        for (url, host) in [
            ("https://h5.example.com/a?b=1#c", "h5.example.com"),
            ("https://h5.example.com?x=/", "h5.example.com"),
            ("http://localhost:8787/", "localhost:8787"),
            ("https://H5.example.com/", "H5.example.com"),
        ] {
            assert_eq!(host_of(url).unwrap(), host, "{url}");
        }
        for url in [
            "",
            "h5.example.com/",
            "//h5.example.com/",
            "javascript://h5.example.com/",
            "https://",
            "https:///a",
            "https://h5.example.com@evil.example/",
            "https://h5.example.com\\@evil.example/",
            "https://h5.example.com/\r\na",
            "https://h5.example.com /",
        ] {
            assert_eq!(host_of(url).unwrap_err().field, "url", "{url}");
        }
    }
}
