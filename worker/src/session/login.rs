use std::net::IpAddr;

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
    let sid = session_id()?;
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
    if app.platform.is_within_limit("LOGIN_LIMITER", &client(request.header("cf-connecting-ip"))).await {
        return Ok(());
    }
    Err(Problem::new(Code::RateLimited, "Too many logins from this address.")
        .hint("Behind a service binding, pass CF-Connecting-IP on: all who come without it count as one.")
        .retry_after(60))
}

/// The one client that all are who come without an address: behind a service binding that does not pass it on, nobody can
/// be told from anybody, and no limit at all would be worse.
const NOWHERE: &str = "no address";

/// Who is limited together: an IPv4 address, or a /48 of IPv6. A customer has a /56 or a whole /48 (RIPE-690, section 4.2),
/// so anything longer is a limit for each of hundreds of networks that are all his. That a carrier may have 65,536 phones
/// in a /48 is no harm: if every hundredth of them logged in once a day, that would be one login in two minutes, and the
/// limit is for one minute.
fn client(address: Option<&str>) -> String {
    match address.and_then(|address| address.parse::<IpAddr>().ok()).map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
        None => NOWHERE.to_owned(),
    }
}

fn session_id() -> Result<String, Problem> {
    let bytes: [u8; 16] =
        edge::random().ok_or_else(|| Problem::new(Code::Internal, "There is no randomness to be had."))?;
    Ok(lower_hex(&bytes))
}

const NEW_CODE: &str = "Call wx.login again and send the new code: this one may be spent.";

/// Whatever went wrong after the code was sent, the same request cannot succeed: it needs a new code.
fn code_is_spent(problem: Problem) -> Problem {
    let final_problem = problem.non_retryable();
    match (final_problem.code, &final_problem.hint) {
        (Code::RateLimited, _) => final_problem.hint(["In a minute: ", NEW_CODE].concat()),
        (Code::UpstreamBusy | Code::UpstreamMalformed | Code::Internal, _) | (_, None) => {
            final_problem.hint(NEW_CODE)
        }
        (_, Some(_)) => final_problem,
    }
}

#[cfg(test)]
mod tests {
    use super::{NOWHERE, client};

    #[test]
    fn a_client_is_an_ipv4_address_or_a_48_of_ipv6_or_nobody_in_particular() {
        for (address, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
            ("2001:0DB8:0001:ffff::1", "2001:db8:1::/48"),
            ("2001:db8::1", "2001:db8:0::/48"),
            ("", NOWHERE),
            ("whoever", NOWHERE),
            ("203.0.113.7, 203.0.113.8", NOWHERE),
        ] {
            assert_eq!(client(Some(address)), expected);
        }
        assert_eq!(client(None), NOWHERE);
    }
}
