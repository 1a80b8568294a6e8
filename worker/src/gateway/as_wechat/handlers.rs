use wxedge_contract::{Code, Problem};
use wxedge_crypto::issue_access_token;

use super::admission::{key_as_secret, key_of_token, require_method};
use super::parameters::Parameters;
use super::passed_on::passed_on;
use super::paths::endpoint;
use super::refusal::refuse;
use crate::gateway::admission::NO_ENDPOINT;
use crate::gateway::body::Types;
use crate::gateway::handlers::exchanged;
use crate::http::Reply;
use crate::route::Call;
use crate::stats;

/// The life of a token of ours, in seconds: that of WeChat's, which SDKs take for granted.
const LIFETIME: u64 = 7200;

/// `GET` and `POST /cgi-bin/token`, `POST /cgi-bin/stable_token`: a token of ours for an API key. Any number of them live at
/// once, so that `force_refresh` changes nothing.
pub(crate) async fn issue_token(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    let parameters = Parameters::read(request).await?;
    if !parameters.says("grant_type", "client_credential") {
        return Err(refuse(Code::InvalidRequest, 40002, "invalid grant_type"));
    }
    let key = key_as_secret(app, &parameters)?;
    let (secret, appid) = (app.config.signing_key()?, app.config.appid()?);
    let end = app.platform.now().saturating_add(LIFETIME);
    let token = issue_access_token(secret, key.secret(), appid, key.name(), end);
    let json = format!(r#"{{"access_token":"{token}","expires_in":{LIFETIME}}}"#);
    Ok(Reply::text("application/json", json))
}

/// A documented endpoint at its own path, by a token of ours.
pub(crate) async fn call_endpoint(
    Call { app, request, names: [path, ..], .. }: Call<'_>,
) -> Result<Reply, Problem> {
    let operation = endpoint(path).ok_or_else(unknown)?;
    require_method(operation, request.method())?;
    let (key, query) = key_of_token(app, operation, request.query())?;
    let outcome = exchanged(app, request, operation, &query, Types::AsAtWechat).await;
    let refusal = outcome.as_ref().ok().and_then(|(_, received)| received.refusal(operation));
    let refused = refusal.map(|refusal| refusal.problem());
    stats::count_endpoint(key.name(), operation.path(), outcome.as_ref().err().or(refused.as_ref()));
    let (_, received) = outcome?;
    match refused {
        // The second token in a row, and none of the SDK's.
        Some(problem) if problem.code == Code::TokenUnavailable => Err(problem),
        _ => passed_on(operation, received).await,
    }
}

/// What begins as WeChat's paths do and is none of them.
pub(crate) async fn unknown_endpoint(_: Call<'_>) -> Result<Reply, Problem> {
    Err(unknown())
}

fn unknown() -> Problem {
    Problem::new(Code::NotFound, NO_ENDPOINT)
}
