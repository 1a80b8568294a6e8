use wxedge_contract::{PhoneBody, Problem};
use wxedge_wechat::{PhoneNumber, phone_number};

use crate::config::Scope;
use crate::http::{Reply, Request};
use crate::upstream::{self, Expect};
use crate::{App, access};

/// `POST /v1/phone`: exchanges the code of the phone number button for the number.
pub(crate) async fn phone(app: &App, request: &Request) -> Result<Reply, Problem> {
    // (1) Authorise: a session names the user, and WeChat checks that the code is his.
    let openid = if access::shows_api_key(app, request) {
        access::service(app, request, Scope::Phone)?;
        None
    } else {
        Some(access::session(app, request).await?.sub)
    };
    // (2) Parse.
    let body = PhoneBody::parse(request.json()?)?;
    // (3) Call.
    let appid = app.config.appid()?;
    let call = phone_number(&body.code, openid.as_deref());
    let parse = |body: &[u8]| PhoneNumber::parse(body, appid);
    let number = upstream::call_with_token(app, &call, Expect::Json, parse).await?;
    // (4) Answer.
    Ok(Reply::json(&number))
}
