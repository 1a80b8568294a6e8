use edge::Method;
use wxedge_contract::{Code, Problem};
use wxedge_crypto::Claims;
use wxedge_wechat::{Login, code2session};

use super::admission::key_as_secret;
use super::parameters::Parameters;
use super::passed_on::passed_on;
use super::refusal::refuse;
use crate::auth::require_scope;
use crate::config::Scope;
use crate::gateway::body::Body;
use crate::gateway::exchange::{Reply as Upstream, send};
use crate::gateway::outgoing::Outgoing;
use crate::gateway::query::Query;
use crate::http::Reply;
use crate::route::Call;
use crate::session::object;

/// `GET` and `POST /sns/jscode2session`: WeChat's reply, with the `session_key` in it, which our session object has too.
pub(crate) async fn code_to_session(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    // (1) Let the caller in, and have everything at hand before the code is spent.
    let parameters = Parameters::read(request).await?;
    let key = key_as_secret(app, &parameters)?;
    require_scope(&key, Scope::SessionKey)?;
    let Some(code) = parameters.get("js_code") else {
        return Err(refuse(Code::InvalidRequest, 41008, "missing code"));
    };
    let (appid, secret, base) = (app.config.appid()?, app.config.secret()?, app.config.api_base.as_deref()?);
    let lifetime = app.config.session_ttl.clone()?;
    object::require(app)?;
    // (2) Ask WeChat, once.
    let login = code2session(appid, secret, code.expose());
    let operation = login.operation();
    let call = Outgoing { operation, method: Method::Get, query: Query::default(), body: Body::default() };
    let received = send(app, &call, &login.url(base), secret).await?;
    // (3) Keep the key. No token of ours goes with it, so it has no id.
    if let Upstream::Json(json) = &received.reply
        && let Ok(user) = Login::parse(json)
    {
        let iat = app.platform.now();
        let exp = iat.saturating_add(lifetime);
        let claims =
            Claims { iss: appid.to_owned(), sub: user.openid, unionid: None, sid: String::new(), iat, exp };
        object::open(app, &claims, &user.session_key).await.map_err(Problem::non_retryable)?;
    }
    // (4) Answer.
    passed_on(operation, received).await
}
