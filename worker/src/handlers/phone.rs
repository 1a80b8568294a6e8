use wxedge_contract::{EncryptedTexts, FieldError, PhoneBody, Problem};
use wxedge_crypto::Claims;
use wxedge_wechat::{PhoneNumber, phone_number};

use crate::config::Scope;
use crate::http::{Reply, Request};
use crate::objects::sessions;
use crate::{App, access, upstream};

/// `POST /v1/phone`: the user's phone number, for the code of the phone number button or from encrypted data.
pub(crate) async fn phone(app: &App, request: &Request) -> Result<Reply, Problem> {
    let number = if access::shows_api_key(app, request) {
        access::service(app, request, Scope::Phone)?;
        for_service(app, PhoneBody::parse(request.json()?)?).await?
    } else {
        for_user(app, request).await?
    };
    Ok(Reply::json(&number))
}

/// The session object knows whether the token was deleted, and is asked with the data or when the call is counted.
async fn for_user(app: &App, request: &Request) -> Result<PhoneNumber, Problem> {
    let user = access::shown_session(app, request)?;
    match parse_of_user(request) {
        Ok(PhoneBody::Code { code, .. }) => {
            sessions::count_call(app, &user).await?;
            by_code(app, &code, Some(&user.sub)).await
        }
        Ok(PhoneBody::Encrypted(data)) => by_data(app, &data, &user).await,
        Err(problem) => {
            sessions::require_alive(app, &user).await?;
            Err(problem)
        }
    }
}

fn parse_of_user(request: &Request) -> Result<PhoneBody, Problem> {
    match PhoneBody::parse(request.json()?)? {
        PhoneBody::Code { openid: Some(_), .. } => {
            Err(FieldError::new("openid", "is for services: a session names its own user").into())
        }
        body => Ok(body),
    }
}

async fn for_service(app: &App, body: PhoneBody) -> Result<PhoneNumber, Problem> {
    match body {
        PhoneBody::Code { code, openid } => by_code(app, &code, openid.as_deref()).await,
        PhoneBody::Encrypted(_) => {
            Err(FieldError::new("encryptedData", "needs the session of the user whose it is: send code")
                .into())
        }
    }
}

/// With `openid`, WeChat checks that the code is that user's.
async fn by_code(app: &App, code: &str, openid: Option<&str>) -> Result<PhoneNumber, Problem> {
    let appid = app.config.appid()?;
    let call = phone_number(code, openid);
    upstream::call_with_token(app, &call, |body| PhoneNumber::parse(body, appid)).await
}

async fn by_data(app: &App, data: &EncryptedTexts, user: &Claims) -> Result<PhoneNumber, Problem> {
    let json = sessions::decrypt(app, user, data).await?;
    let number = wxedge_crypto::PhoneNumber::read(&json).map_err(|_| {
        FieldError::new(
            "encryptedData",
            "is sound, but no phone number: send what the phone number button gave",
        )
    })?;
    Ok(PhoneNumber {
        phone_number: number.phone_number,
        pure_phone_number: number.pure_phone_number,
        country_code: number.country_code,
    })
}
