//! Where a request gets its `access_token`: the isolate's memory, then KV, then the keeper.

use std::cell::RefCell;

use wxedge_contract::Problem;
use wxedge_crypto::Secret;

use super::copy::TokenCopy;
use crate::App;
use crate::token::keeper;

/// A copy with less left than this is not used, in seconds: the keeper is asked, which has renewed the token by then.
const LEAST_LEFT: u64 = 60;

/// For how long the isolate trusts its own copy, in seconds. Then it reads KV again, so that it hears of a token that was
/// replaced before its time: a copy older than this could be refused, and its replacement too.
const TRUST: u64 = 60;

/// What this isolate remembers. It is a copy, and so never decides anything.
#[derive(Default)]
struct Memory {
    copy: Option<TokenCopy>,
    /// When the copy came, in Unix seconds.
    since: u64,
    /// The token that WeChat refused last, so that a stale copy in KV does not bring it back.
    refused: Option<Secret>,
}

thread_local! {
    static MEMORY: RefCell<Memory> = const { RefCell::new(Memory { copy: None, since: 0, refused: None }) };
}

/// A token to call WeChat with, and when it expires.
///
/// # Errors
/// What the keeper says when there is none: `token_unavailable`, `misconfigured`, `quota_exhausted`.
pub(crate) async fn current(app: &App) -> Result<TokenCopy, Problem> {
    let now = app.platform.now();
    if let Some(copy) = remembered(now) {
        return Ok(copy);
    }
    if let Some(copy) = TokenCopy::read(&app.platform, app.config.appid()?).await
        && is_usable(&copy, now)
    {
        return Ok(remember(copy, now));
    }
    Ok(remember(keeper::read(app).await?, now))
}

/// A token to use after WeChat refused this one.
///
/// # Errors
/// As for [`current`].
pub(crate) async fn after_refusal(app: &App, refused: &Secret) -> Result<TokenCopy, Problem> {
    forget(refused);
    Ok(remember(keeper::refused(app, refused).await?, app.platform.now()))
}

fn remembered(now: u64) -> Option<TokenCopy> {
    let copy = MEMORY.with_borrow(|memory| {
        let age = now.checked_sub(memory.since);
        memory.copy.clone().filter(|_| age.is_some_and(|age| age <= TRUST))
    });
    copy.filter(|copy| is_usable(copy, now))
}

fn is_usable(copy: &TokenCopy, now: u64) -> bool {
    let was_refused = MEMORY.with_borrow(|memory| memory.refused.as_ref() == Some(&copy.token));
    !was_refused && copy.expires_at > now.saturating_add(LEAST_LEFT)
}

/// What the keeper hands out after a refusal holds, even when it is the refused token: the keeper knows better.
fn remember(copy: TokenCopy, now: u64) -> TokenCopy {
    MEMORY.with_borrow_mut(|memory| {
        memory.refused.take_if(|refused| *refused == copy.token);
        memory.copy = Some(copy.clone());
        memory.since = now;
    });
    copy
}

fn forget(refused: &Secret) {
    MEMORY.with_borrow_mut(|memory| {
        memory.copy.take_if(|copy| copy.token == *refused);
        memory.refused = Some(refused.clone());
    });
}
