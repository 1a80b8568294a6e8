use serde::Serialize;
use wxedge_contract::Problem;
use wxedge_wechat::{MadeShortLink, MadeUrlLink, ShortLink, UrlLink};

use crate::config::Scope;
use crate::http::{Reply, Request};
use crate::{App, auth, upstream};

#[derive(Serialize)]
struct Made {
    url_link: String,
    expires_at: u64,
}

/// `POST /v1/urllink`: an https address that opens the mini program.
pub(crate) async fn url_link(app: &App, request: &Request) -> Result<Reply, Problem> {
    // (1) Authorise.
    auth::service(app, request, Scope::Links)?;
    // (2) Parse.
    let link = UrlLink::parse(request.json()?, app.platform.now())?;
    // (3) Call.
    let expires_at = link.expires_at(app.platform.now());
    let made = upstream::call_with_token(app, &link.call(), MadeUrlLink::parse).await?;
    // (4) Answer.
    Ok(Reply::json(&Made { url_link: made.url_link, expires_at }))
}

#[derive(Serialize)]
struct Short {
    link: String,
}

/// `POST /v1/shortlink`: a text that opens the mini program inside `WeChat`.
pub(crate) async fn short_link(app: &App, request: &Request) -> Result<Reply, Problem> {
    auth::service(app, request, Scope::Links)?;
    let link = ShortLink::parse(request.json()?)?;
    let made = upstream::call_with_token(app, &link.call(), MadeShortLink::parse).await?;
    Ok(Reply::json(&Short { link: made.link }))
}
