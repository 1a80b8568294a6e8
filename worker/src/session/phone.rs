use wxedge_contract::{EncryptedTexts, FieldError, PhoneBody, Problem};
use wxedge_crypto::Claims;
use wxedge_wechat::{PhoneNumber, phone_number};

use crate::App;
use crate::http::Reply;
use crate::route::{Call, UserOrService};
use crate::session::object;
use crate::token::calls;

/// `POST /v1/phone`: the user's phone number, for the code of the phone number button or from encrypted data.
pub(crate) async fn phone(Call { app, body, caller, .. }: Call<'_, UserOrService>) -> Result<Reply, Problem> {
    // (1) Parse, and take the way that the body asks for.
    let number = match (PhoneBody::parse(body)?, &caller) {
        (PhoneBody::Code(code), UserOrService::User(user)) => by_code(app, &code, Some(user)).await?,
        (PhoneBody::Code(code), UserOrService::Service) => by_code(app, &code, None).await?,
        (PhoneBody::Encrypted(data), UserOrService::User(user)) => by_data(app, &data, user).await?,
        (PhoneBody::Encrypted(_), UserOrService::Service) => {
            return Err(FieldError::new(
                "encryptedData",
                "needs the session of the user whose it is: send code",
            )
            .into());
        }
    };
    // (2) Answer.
    Ok(Reply::json(&number))
}

/// A session names the user, and WeChat checks that the code is his.
async fn by_code(app: &App, code: &str, user: Option<&Claims>) -> Result<PhoneNumber, Problem> {
    let appid = app.config.appid()?;
    let call = phone_number(code, user.map(|claims| claims.sub.as_str()));
    calls::call(app, &call, |body| PhoneNumber::parse(body, appid)).await
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
