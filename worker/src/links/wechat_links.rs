//! Schemes, URL Links and short links as `WeChat` makes them, by the rows of its calls.

use wxedge_contract::Problem;
use wxedge_operations::{Operation, expires_at, known};
use wxedge_wechat::LinkQuery;

use crate::http::Reply;
use crate::route::Call;
use crate::token::calls;

/// An encrypted URL scheme.
pub(crate) const GENERATE_SCHEME: Operation = known("wxa/generatescheme");
/// A scheme for an NFC tag, which never expires.
pub(crate) const GENERATE_NFC_SCHEME: Operation = known("wxa/generatenfcscheme");
/// An https address that opens the mini program.
pub(crate) const GENERATE_URL_LINK: Operation = known("wxa/generate_urllink");
/// A text that opens the mini program inside `WeChat`.
pub(crate) const GENERATE_SHORT_LINK: Operation = known("wxa/genwxashortlink");

/// `POST /v1/scheme`, `/v1/scheme/nfc`, `/v1/urllink`, `/v1/shortlink`: a link, and when it dies where it does.
pub(crate) async fn make_link(
    Call { app, body, .. }: Call<'_>,
    operation: Operation,
) -> Result<Reply, Problem> {
    // (1) Check.
    let now = app.platform.now();
    let asked = operation.check_body(body, now)?;
    // (2) Call.
    let made = calls::fields(app, &wxedge_wechat::Call::post(operation, asked.to_json())).await?;
    // (3) Answer.
    let made = match expires_at(&asked, now) {
        Some(time) => made.with_integer("expires_at", i64::try_from(time).unwrap_or(i64::MAX)),
        None => made,
    };
    Ok(Reply::text("application/json", made.to_json()))
}

/// `POST /v1/scheme/query`, `/v1/urllink/query`: what a link opens, or how many opens are left today.
pub(crate) async fn query_link(
    Call { app, body, .. }: Call<'_>,
    operation: Operation,
) -> Result<Reply, Problem> {
    let query = LinkQuery::parse(operation, body, app.platform.now())?;
    let reply = calls::call(app, &query.call(), |body| query.read(body)).await?;
    Ok(Reply::text("application/json", reply))
}
