use wxedge_contract::{Problem, UserDataBody};

use crate::http::{Reply, Request};
use crate::objects::sessions;
use crate::{App, access};

/// `POST /v1/userdata`: verifies and decrypts what the mini program got of the user.
pub(crate) async fn userdata(app: &App, request: &Request) -> Result<Reply, Problem> {
    // (1) Authorise.
    let claims = access::session(app, request).await?;
    // (2) Parse.
    let body = UserDataBody::parse(request.json()?)?;
    // (3) Verify, then decrypt: both happen where the session_key is.
    if let Some(signed) = &body.signed {
        sessions::verify(app, &claims, signed).await?;
    }
    let decrypted = match &body.encrypted {
        Some(encrypted) => Some(sessions::decrypt(app, &claims, encrypted).await?),
        None => None,
    };
    // (4) Answer with the JSON as it came, so that fields of the future survive.
    let verified = if body.signed.is_some() { ",\"verified\":true" } else { "" };
    let data = decrypted.or(body.signed.map(|signed| signed.raw_data)).unwrap_or_default();
    Ok(Reply::bytes("application/json", format!("{{\"data\":{data}{verified}}}").into_bytes()))
}
