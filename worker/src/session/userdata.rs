use wxedge_contract::{Problem, UserDataBody};

use crate::http::Reply;
use crate::route::{Call, User};
use crate::session::object;

/// `POST /v1/userdata`: verifies and decrypts what the mini program got of the user.
pub(crate) async fn userdata(
    Call { app, body, caller: claims, .. }: Call<'_, User>,
) -> Result<Reply, Problem> {
    // (1) Parse.
    let body = match UserDataBody::parse(body) {
        Ok(body) => body,
        Err(problem) => {
            object::require_alive(app, &claims).await?;
            return Err(problem.into());
        }
    };
    // (2) Verify, then decrypt: both happen where the session_key is.
    if let Some(signed) = &body.signed {
        object::verify(app, &claims, signed).await?;
    }
    let decrypted = match &body.encrypted {
        Some(encrypted) => Some(object::decrypt(app, &claims, encrypted).await?),
        None => None,
    };
    // (3) Answer with the JSON as it came, so that fields of the future survive.
    let verified = if body.signed.is_some() { ",\"verified\":true" } else { "" };
    let data = decrypted.or(body.signed.map(|signed| signed.raw_data)).unwrap_or_default();
    Ok(Reply::text("application/json", format!("{{\"data\":{data}{verified}}}")))
}
