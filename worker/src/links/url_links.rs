use serde::Serialize;
use wxedge_contract::Problem;
use wxedge_wechat::{MadeShortLink, MadeUrlLink, ShortLink, UrlLink};

use crate::http::Reply;
use crate::route::Call;
use crate::token::calls;

#[derive(Serialize)]
struct Made {
    url_link: String,
    expires_at: u64,
}

/// `POST /v1/urllink`: an https address that opens the mini program.
pub(crate) async fn url_link(Call { app, body, .. }: Call<'_>) -> Result<Reply, Problem> {
    // (1) Parse.
    let link = UrlLink::parse(body, app.platform.now())?;
    // (2) Call.
    let expires_at = link.expires_at(app.platform.now());
    let made = calls::call(app, &link.call(), MadeUrlLink::parse).await?;
    // (3) Answer.
    Ok(Reply::json(&Made { url_link: made.url_link, expires_at }))
}

#[derive(Serialize)]
struct Short {
    link: String,
}

/// `POST /v1/shortlink`: a text that opens the mini program inside `WeChat`.
pub(crate) async fn short_link(Call { app, body, .. }: Call<'_>) -> Result<Reply, Problem> {
    let link = ShortLink::parse(body)?;
    let made = calls::call(app, &link.call(), MadeShortLink::parse).await?;
    Ok(Reply::json(&Short { link: made.link }))
}
