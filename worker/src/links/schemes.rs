use serde::Serialize;
use wxedge_contract::Problem;
use wxedge_wechat::{Endpoint, LinkQuery, NfcScheme, Scheme, SchemeLink};

use crate::App;
use crate::http::Reply;
use crate::route::Call;
use crate::token::calls;

#[derive(Serialize)]
struct Made {
    openlink: String,
    expires_at: u64,
}

/// `POST /v1/scheme`: an encrypted URL scheme.
pub(crate) async fn scheme(Call { app, body, .. }: Call<'_>) -> Result<Reply, Problem> {
    // (1) Parse.
    let scheme = Scheme::parse(body, app.platform.now())?;
    // (2) Call.
    let expires_at = scheme.expires_at(app.platform.now());
    let read = |body: &[u8]| SchemeLink::parse(Endpoint::Scheme, body);
    let made = calls::call(app, &scheme.call(), read).await?;
    // (3) Answer.
    Ok(Reply::json(&Made { openlink: made.openlink, expires_at }))
}

#[derive(Serialize)]
struct MadeForGood {
    openlink: String,
}

/// `POST /v1/scheme/nfc`: a scheme for an NFC tag, which never expires.
pub(crate) async fn nfc_scheme(Call { app, body, .. }: Call<'_>) -> Result<Reply, Problem> {
    let scheme = NfcScheme::parse(body)?;
    let read = |body: &[u8]| SchemeLink::parse(Endpoint::NfcScheme, body);
    let made = calls::call(app, &scheme.call(), read).await?;
    Ok(Reply::json(&MadeForGood { openlink: made.openlink }))
}

/// `POST /v1/scheme/query`: what a scheme opens, or how many opens are left today.
pub(crate) async fn query_scheme(Call { app, body, .. }: Call<'_>) -> Result<Reply, Problem> {
    let query = LinkQuery::of_scheme(body)?;
    answer(app, &query).await
}

/// `POST /v1/urllink/query`: what a URL Link opens, or how many opens are left today.
pub(crate) async fn query_url_link(Call { app, body, .. }: Call<'_>) -> Result<Reply, Problem> {
    let query = LinkQuery::of_url_link(body)?;
    answer(app, &query).await
}

async fn answer(app: &App, query: &LinkQuery) -> Result<Reply, Problem> {
    let reply = calls::call(app, &query.call(), |body| query.read(body)).await?;
    Ok(Reply::text("application/json", reply))
}
