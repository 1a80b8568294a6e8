//! `TOKEN_MODE=remote`: a test or staging deployment takes its token from the deployment that owns it.
//!
//! Never longer than one hop: the owner fetches from WeChat, everybody else from the owner.

use serde::Serialize;
use wxedge_contract::{Code, Problem, read_own_json};
use wxedge_crypto::Secret;
use wxedge_token::Fresh;
use wxedge_wechat::{AccessToken, Endpoint};

use crate::App;
use crate::border::{FetchError, OwnerCall};
use crate::config::TokenMode;
use crate::http::Request;

#[derive(Serialize)]
struct Refused<'a> {
    access_token: &'a Secret,
}

/// Fetches the owner's token; reports the refused one, when that is why.
pub(crate) async fn fetch(app: &App, refused: Option<&Secret>) -> Result<Fresh, Problem> {
    let owner = app.config.owner()?;
    let report =
        refused.map(|token| serde_json::to_string(&Refused { access_token: token }).unwrap_or_default());
    let call = OwnerCall {
        url: &owner.url,
        path: if report.is_some() { "/v1/token/refresh" } else { "/v1/token" },
        key: &owner.key,
        appid: app.config.appid()?,
        body: report.as_deref(),
    };
    let (status, body) = app.platform.ask_owner(&call).await.map_err(unanswered)?;
    match status {
        200 => {
            let token = AccessToken::parse(Endpoint::StableAccessToken, &body).map_err(|_| unreadable())?;
            Ok(Fresh { token: token.token, expires_in: u64::from(token.expires_in) })
        }
        401 | 403 => {
            let words = &owners_problem(&body).detail;
            let detail = format!("TOKEN_REMOTE_URL or TOKEN_REMOTE_KEY is wrong. {words}");
            Err(Problem::new(Code::Misconfigured, detail).hint(REFUSED))
        }
        _ => Err(owners_problem(&body)),
    }
}

/// Refuses a question that comes from another deployment when this one owns no token either, or that of another mini
/// program. It comes before the key is looked at: whoever points at the wrong deployment has the wrong key too.
pub(crate) fn end_chain(app: &App, request: &Request) -> Result<(), Problem> {
    let Some(asked_for) = &request.asks_token_of else { return Ok(()) };
    if app.config.token_mode == Ok(TokenMode::Remote) {
        return Err(Problem::new(
            Code::Forbidden,
            "TOKEN_REMOTE_URL leads to a deployment that takes its own token from elsewhere, perhaps to itself.",
        ));
    }
    if app.config.appid()? != asked_for {
        return Err(Problem::new(
            Code::Forbidden,
            "TOKEN_REMOTE_URL leads to the deployment of another mini program.",
        ));
    }
    Ok(())
}

const REFUSED: &str = "Check TOKEN_REMOTE_URL (the wxedge that owns the token of this WECHAT_APPID) and TOKEN_REMOTE_KEY (one of its API_KEYS with the scope token).";

/// What the owner says, in its own words: it is the one who knows. Its `misconfigured` is its own, and may be mended there
/// at any time.
fn owners_problem(body: &[u8]) -> Problem {
    #[derive(serde::Deserialize)]
    struct OwnersProblem {
        code: Code,
        detail: String,
        #[serde(default)]
        errcode: Option<i64>,
    }
    let Some(owners) = read_own_json::<OwnersProblem>(body) else { return unreadable() };
    let code = if owners.code == Code::Misconfigured { Code::TokenUnavailable } else { owners.code };
    let mut problem = Problem::new(code, format!("The owner of the token says: {}", owners.detail));
    problem.errcode = owners.errcode;
    problem
}

fn unanswered(error: FetchError) -> Problem {
    match error {
        FetchError::TimedOut => {
            Problem::new(Code::UpstreamTimeout, "The owner of the token did not answer in ten seconds.")
        }
        FetchError::Broken | FetchError::TooLarge => unreadable(),
    }
}

fn unreadable() -> Problem {
    Problem::new(Code::UpstreamMalformed, "The owner of the token answered something that is no token.")
        .hint("Check that TOKEN_REMOTE_URL is the address of a wxedge deployment.")
}
