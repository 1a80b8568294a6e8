//! Where a request gets its `access_token`: the isolate's memory, then KV, then the keeper.

use std::cell::RefCell;

use wxedge_contract::Problem;
use wxedge_crypto::Secret;

use crate::App;
use crate::objects::keeper;
use crate::store::{self, TokenCopy};

/// A copy with less left than this is not used, in seconds: the keeper is asked, which has renewed the token by then.
const LEAST_LEFT: u64 = 60;

/// What this isolate remembers. It is a copy, and so never decides anything.
#[derive(Default)]
struct Memory {
    copy: Option<TokenCopy>,
    /// The token that WeChat refused last, so that a stale copy in KV does not bring it back.
    refused: Option<Secret>,
}

thread_local! {
    static MEMORY: RefCell<Memory> = const { RefCell::new(Memory { copy: None, refused: None }) };
}

/// A token to call WeChat with, and when it expires.
///
/// # Errors
/// What the keeper says when there is none: `token_unavailable`, `misconfigured`, `quota_exhausted`.
pub(crate) async fn current(app: &App) -> Result<TokenCopy, Problem> {
    if let Some(copy) = remembered(app.platform.now()) {
        return Ok(copy);
    }
    if let Some(copy) = store::token_copy(&app.platform, app.config.appid()?).await
        && is_usable(&copy, app.platform.now())
    {
        return Ok(remember(copy));
    }
    Ok(remember(keeper::read(app).await?))
}

/// A token to use after WeChat refused this one.
///
/// # Errors
/// As for [`current`].
pub(crate) async fn after_refusal(app: &App, refused: &Secret) -> Result<TokenCopy, Problem> {
    forget(refused);
    Ok(remember(keeper::refused(app, refused).await?))
}

fn remembered(now: u64) -> Option<TokenCopy> {
    MEMORY.with_borrow(|memory| memory.copy.clone()).filter(|copy| is_usable(copy, now))
}

fn is_usable(copy: &TokenCopy, now: u64) -> bool {
    let was_refused = MEMORY.with_borrow(|memory| memory.refused.as_ref() == Some(&copy.token));
    !was_refused && copy.expires_at > now.saturating_add(LEAST_LEFT)
}

/// What the keeper hands out after a refusal holds, even when it is the refused token: the keeper knows better.
fn remember(copy: TokenCopy) -> TokenCopy {
    MEMORY.with_borrow_mut(|memory| {
        memory.refused.take_if(|refused| *refused == copy.token);
        memory.copy = Some(copy.clone());
    });
    copy
}

fn forget(refused: &Secret) {
    MEMORY.with_borrow_mut(|memory| {
        memory.copy.take_if(|copy| copy.token == *refused);
        memory.refused = Some(refused.clone());
    });
}
