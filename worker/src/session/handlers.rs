use serde::Serialize;
use wxedge_contract::Problem;

use crate::http::Reply;
use crate::route::{Call, User};
use crate::session::object;

#[derive(Serialize)]
struct Session {
    appid: String,
    openid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unionid: Option<String>,
    expires_at: u64,
}

/// `GET /v1/session`: who the session token belongs to. It sees deletions.
pub(crate) async fn session(Call { app: _, caller: claims, .. }: Call<'_, User>) -> Result<Reply, Problem> {
    Ok(Reply::json(&Session {
        appid: claims.iss,
        openid: claims.sub,
        unionid: claims.unionid,
        expires_at: claims.exp,
    }))
}

/// `DELETE /v1/session`: this token is dead at once, for every route.
pub(crate) async fn delete_session(
    Call { app, caller: claims, .. }: Call<'_, User>,
) -> Result<Reply, Problem> {
    object::revoke(app, &claims).await?;
    Ok(Reply::no_content())
}

#[derive(Serialize)]
struct Checked {
    valid: bool,
}

/// `POST /v1/session/check`: whether the `session_key` is still the user's current one, by WeChat's word.
pub(crate) async fn check_session(
    Call { app, caller: claims, .. }: Call<'_, User>,
) -> Result<Reply, Problem> {
    let valid = object::check(app, &claims).await?;
    Ok(Reply::json(&Checked { valid }))
}

#[derive(Serialize)]
struct Reset {
    reset: bool,
}

/// `POST /v1/session/reset`: has WeChat replace the `session_key`. The session token stays good.
pub(crate) async fn reset_session(
    Call { app, caller: claims, .. }: Call<'_, User>,
) -> Result<Reply, Problem> {
    object::reset(app, &claims).await?;
    Ok(Reply::json(&Reset { reset: true }))
}
