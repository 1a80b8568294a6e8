use serde::Serialize;
use wxedge_contract::Problem;
use wxedge_wechat::{Endpoint, Scheme, SchemeLink};

use crate::config::Scope;
use crate::http::{Reply, Request};
use crate::upstream::{self, Expect};
use crate::{App, access};

#[derive(Serialize)]
struct Made {
    openlink: String,
    expires_at: u64,
}

/// `POST /v1/scheme`: an encrypted URL scheme.
pub(crate) async fn scheme(app: &App, request: &Request) -> Result<Reply, Problem> {
    // (1) Authorise.
    access::service(app, request, Scope::Links)?;
    // (2) Parse.
    let scheme = Scheme::parse(request.json()?, app.platform.now())?;
    // (3) Call.
    let expires_at = scheme.expires_at(app.platform.now());
    let made = upstream::call_with_token(app, &scheme.call(), Expect::Json, |body| {
        SchemeLink::parse(Endpoint::Scheme, body)
    })
    .await?;
    // (4) Answer.
    Ok(Reply::json(&Made { openlink: made.openlink, expires_at }))
}
