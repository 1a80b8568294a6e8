//! A new `session_key` in a reply: it goes to the session object, and to nobody else.
//!
//! Source: `resetUserSessionKey`.

use serde::Serialize;
use wxedge_contract::{JsonValue, Problem};
use wxedge_crypto::Secret;
use wxedge_operations::{Flag, ReplyError};

use super::outgoing::Outgoing;
use super::signatures::openid;
use crate::App;
use crate::http::Reply;
use crate::session::object;

/// WeChat's reply, with the key masked.
#[derive(Serialize)]
struct Cleaned<'a> {
    errcode: i64,
    errmsg: &'a str,
    openid: &'a str,
    session_key: &'a str,
}

/// Hands the key over to the user's session object, and gives the reply without it.
///
/// # Errors
/// `upstream_malformed` when the reply has no key or is another user's.
pub(super) async fn taken_over(
    app: &App,
    call: &Outgoing,
    entries: &[(String, JsonValue)],
) -> Result<Reply, Problem> {
    let openid = openid(call)?;
    let text = |name: &str| {
        let found = entries.iter().find(|(known, _)| known == name);
        found
            .and_then(|(_, value)| if let JsonValue::Text(text) = value { Some(text.as_str()) } else { None })
    };
    let key = text("session_key")
        .filter(|key| !key.is_empty() && text("openid").is_none_or(|other| other == openid));
    let Some(key) = key else {
        return Err(ReplyError::Malformed("In WeChat's reply, there is no session_key of this user.".into())
            .problem());
    };
    let given = call.query.get(Flag::Signature.as_str());
    let used = call.query.added(Flag::Signature.as_str()).map(str::to_owned).or(given).unwrap_or_default();
    object::take_over(app, &openid, Secret::new(key), used).await?;
    Ok(Reply::json(&Cleaned { errcode: 0, errmsg: "ok", openid: &openid, session_key: "***" }))
}
