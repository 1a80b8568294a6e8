//! `TOKEN_MODE=remote`: a test or staging deployment takes its token from the deployment that owns it.
//!
//! Never longer than one hop: the owner fetches from WeChat, everybody else from the owner.

use edge::{Deadline, Fetch, FetchError, FetchResponse, Method};
use serde::Serialize;
use wxedge_contract::{Code, Problem, read_own_json, record, to_json};
use wxedge_crypto::Secret;
use wxedge_token::Fresh;
use wxedge_wechat::{AccessToken, STABLE_ACCESS_TOKEN};

use crate::App;
use crate::config::{TokenMode, TokenOwner};
use crate::http::Request;

/// How long the owner may take, in milliseconds: the contract's ten seconds.
const TIMEOUT: u32 = 10_000;
/// The largest answer of the owner, in bytes: a token has up to 2048 characters.
const LARGEST_REPLY: usize = 16 * 1024;
/// The service binding of the owner.
const OWNER_BINDING: &str = "TOKEN_OWNER";
/// The header that names the appid whose token another wxedge asks for.
const ASKS_FOR: &str = "wxedge-asks-for";

#[derive(Serialize)]
struct Refused<'a> {
    access_token: &'a Secret,
}

/// Fetches the owner's token; reports the refused one, when that is why.
pub(crate) async fn fetch(app: &App, refused: Option<&Secret>) -> Result<Fresh, Problem> {
    let owner = app.config.owner()?;
    let report = refused.map(|token| to_json(&Refused { access_token: token }));
    let FetchResponse { status, body, .. } = ask(app, owner, report.as_deref()).await.map_err(unanswered)?;
    match status {
        200 => {
            let token = AccessToken::parse(STABLE_ACCESS_TOKEN, &body).map_err(|_| unreadable())?;
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

/// Asks the owner, through the service binding where there is one: a Worker that fetches another Worker of its own zone by
/// URL would fail.
async fn ask(app: &App, owner: &TokenOwner, report: Option<&str>) -> Result<FetchResponse, FetchError> {
    let (method, path) = match report {
        Some(_) => (Method::Post, "/v1/token/refresh"),
        None => (Method::Get, "/v1/token"),
    };
    let url = [owner.url.as_str(), path].concat();
    let authorization = Secret::new(["Bearer ", owner.key.expose()].concat());
    let mut request = Fetch::new(method, &url, Deadline::after(TIMEOUT), LARGEST_REPLY)
        .with_header("Authorization", authorization.expose())
        .with_header(ASKS_FOR, app.config.appid.as_deref().unwrap_or_default());
    if let Some(report) = report {
        request = request.with_text("application/json", report);
    }
    if app.platform.is_bound(OWNER_BINDING) {
        app.platform.env().service(OWNER_BINDING).fetch(request).await
    } else {
        request.send().await
    }
}

/// Refuses a question that comes from another deployment when this one owns no token either, or that of another mini
/// program. It comes before the key is looked at: whoever points at the wrong deployment has the wrong key too.
pub(crate) fn refuse_chain(app: &App, request: &Request) -> Result<(), Problem> {
    let Some(asked_for) = request.header(ASKS_FOR) else { return Ok(()) };
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
    record! {
        struct OwnersProblem {
            code: Code,
            detail: String,
            errcode: Option<i64>,
        }
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
        FetchError::Failed | FetchError::NotConnected | FetchError::TooLarge => unreadable(),
    }
}

fn unreadable() -> Problem {
    Problem::new(Code::UpstreamMalformed, "The owner of the token answered something that is no token.")
        .hint("Check that TOKEN_REMOTE_URL is the address of a wxedge deployment.")
}
