use wxedge_contract::{EncryptedTexts, FieldError, PhoneBody, Problem};
use wxedge_crypto::Claims;
use wxedge_wechat::{PhoneNumber, phone_number};

use crate::config::Scope;
use crate::http::{Reply, Request};
use crate::session::object;
use crate::{App, auth, upstream};

/// `POST /v1/phone`: the user's phone number, for the code of the phone number button or from encrypted data.
pub(crate) async fn phone(app: &App, request: &Request) -> Result<Reply, Problem> {
    // (1) Authorise: a service, or a user.
    let user = if auth::shows_api_key(app, request) {
        auth::service(app, request, Scope::Phone)?;
        None
    } else {
        Some(auth::session(app, request).await?)
    };
    // (2) Parse, and take the way that the body asks for.
    let number = match (PhoneBody::parse(request.json()?)?, &user) {
        (PhoneBody::Code(code), user) => by_code(app, &code, user.as_deref()).await?,
        (PhoneBody::Encrypted(data), Some(user)) => by_data(app, &data, user).await?,
        (PhoneBody::Encrypted(_), None) => {
            return Err(FieldError::new(
                "encryptedData",
                "needs the session of the user whose it is: send code",
            )
            .into());
        }
    };
    // (3) Answer.
    Ok(Reply::json(&number))
}

/// A session names the user, and WeChat checks that the code is his.
async fn by_code(app: &App, code: &str, user: Option<&Claims>) -> Result<PhoneNumber, Problem> {
    let appid = app.config.appid()?;
    let call = phone_number(code, user.map(|claims| claims.sub.as_str()));
    upstream::call_with_token(app, &call, |body| PhoneNumber::parse(body, appid)).await
}

async fn by_data(app: &App, data: &EncryptedTexts, user: &Claims) -> Result<PhoneNumber, Problem> {
    let json = object::decrypt(app, user, data).await?;
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
