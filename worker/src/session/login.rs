use std::net::Ipv6Addr;

use serde::Serialize;
use wxedge_contract::{Code, LoginBody, Problem};
use wxedge_crypto::{Claims, issue, lower_hex};
use wxedge_wechat::{Login, code2session};

use crate::http::{Reply, Request};
use crate::route::Call;
use crate::session::object;
use crate::{App, transport};

#[derive(Serialize)]
struct LoggedIn {
    token: String,
    token_type: &'static str,
    expires_in: u64,
    openid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unionid: Option<String>,
}

/// `POST /v1/login`: exchanges the code of `wx.login` for a session.
pub(crate) async fn login(Call { app, request, body, .. }: Call<'_>) -> Result<Reply, Problem> {
    // (1) Bound the caller.
    limit(app, request).await?;
    // (2) Parse, and have everything at hand before the code is spent.
    let body = LoginBody::parse(body)?;
    let (appid, secret, signing_key) = (app.config.appid()?, app.config.secret()?, app.config.signing_key()?);
    object::require(app)?;
    let lifetime = app.config.session_ttl.clone()?;
    let sid = session_id(app)?;
    // (3) Ask WeChat, once: the code is spent when WeChat has seen it.
    let user = transport::call(app, &code2session(appid, secret, &body.code), Login::parse)
        .await
        .map_err(code_is_spent)?;
    // (4) Keep the session_key where it never leaves.
    let now = app.platform.now();
    let claims = Claims {
        iss: appid.to_owned(),
        sub: user.openid,
        unionid: user.unionid,
        sid,
        iat: now,
        exp: now.saturating_add(lifetime),
    };
    object::open(app, &claims, &user.session_key).await.map_err(code_is_spent)?;
    // (5) Answer.
    Ok(Reply::json(&LoggedIn {
        token: issue(&claims, signing_key),
        token_type: "Bearer",
        expires_in: lifetime,
        openid: claims.sub,
        unionid: claims.unionid,
    }))
}

async fn limit(app: &App, request: &Request) -> Result<(), Problem> {
    let Some(address) = &request.client_address else { return Ok(()) };
    if app.platform.is_within_limit("LOGIN_LIMITER", &network(address)).await {
        return Ok(());
    }
    Err(Problem::new(Code::RateLimited, "Too many logins from this address.").retry_after(60))
}

/// The part of an address that belongs to one client: all of IPv4, the first 64 bits of IPv6, of which a client may
/// use any address.
fn network(address: &str) -> String {
    match address.parse::<Ipv6Addr>() {
        Ok(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
        Err(_) => address.to_owned(),
    }
}

fn session_id(app: &App) -> Result<String, Problem> {
    let bytes: [u8; 16] = app
        .platform
        .random()
        .ok_or_else(|| Problem::new(Code::Internal, "There is no randomness to be had."))?;
    Ok(lower_hex(&bytes))
}

/// Whatever went wrong after the code was sent, the same request cannot succeed: it needs a new code.
fn code_is_spent(problem: Problem) -> Problem {
    let final_problem = problem.final_answer();
    match final_problem.hint {
        None => final_problem.hint("Call wx.login again and send the new code: this one may be spent."),
        Some(_)
            if matches!(
                final_problem.code,
                Code::UpstreamBusy | Code::UpstreamMalformed | Code::Internal
            ) =>
        {
            final_problem.hint("Call wx.login again and send the new code: this one may be spent.")
        }
        Some(_) => final_problem,
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn a_client_is_an_ipv4_address_or_an_ipv6_network() {
        for (address, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"),
            ("2001:db8::1", "2001:db8:0:0"),
            ("2001:db8::2:1:1:1", "2001:db8:0:0"),
            ("", ""),
        ] {
            assert_eq!(network(address), expected);
        }
    }
}
