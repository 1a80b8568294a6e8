use serde::Serialize;
use wxedge_contract::{JsonValue, Problem, fields, parse_object};
use wxedge_crypto::Secret;

use super::copy::TokenCopy;
use crate::App;
use crate::http::Reply;
use crate::route::Call;
use crate::token::keeper;
use crate::token::source;

/// The only reply with a token in it.
#[derive(Serialize)]
struct Token {
    access_token: Secret,
    expires_in: u64,
}

fn reply(app: &App, copy: TokenCopy) -> Reply {
    let expires_in = copy.expires_at.saturating_sub(app.platform.now());
    Reply::json(&Token { access_token: copy.token, expires_in })
}

/// `GET /v1/token`: the token to call WeChat with, for other servers.
pub(crate) async fn token(Call { app, .. }: Call<'_>) -> Result<Reply, Problem> {
    let copy = source::current(app).await?;
    Ok(reply(app, copy))
}

fields! {
    only struct Refused {
        access_token: JsonValue,
    }
}

/// `POST /v1/token/refresh`: the token to use instead of one that WeChat refused.
pub(crate) async fn refresh_token(Call { app, body, .. }: Call<'_>) -> Result<Reply, Problem> {
    let body: Refused = parse_object(body)?;
    let refused = Secret::new(body.access_token.text("access_token", 1..=2048)?);
    let copy = source::after_refusal(app, &refused).await?;
    Ok(reply(app, copy))
}

/// `GET /v1/token/state`: how the keeper is doing, without the token.
pub(crate) async fn token_state(Call { app, .. }: Call<'_>) -> Result<Reply, Problem> {
    Ok(Reply::text("application/json", keeper::state(app).await?))
}
