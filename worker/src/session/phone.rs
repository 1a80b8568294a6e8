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
    let number = match caller {
        UserOrService::User(user) => for_user(app, body, &user).await?,
        UserOrService::Service => for_service(app, PhoneBody::parse(body)?).await?,
    };
    Ok(Reply::json(&number))
}

/// The session object knows whether the token was deleted, and is asked with the data or when the call is counted.
async fn for_user(app: &App, body: &[u8], user: &Claims) -> Result<PhoneNumber, Problem> {
    match parse_of_user(body) {
        Ok(PhoneBody::Code { code, .. }) => {
            object::count_call(app, user).await?;
            by_code(app, &code, Some(&user.sub)).await
        }
        Ok(PhoneBody::Encrypted(data)) => by_data(app, &data, user).await,
        Err(problem) => {
            object::require_alive(app, user).await?;
            Err(problem.into())
        }
    }
}

fn parse_of_user(body: &[u8]) -> Result<PhoneBody, FieldError> {
    match PhoneBody::parse(body)? {
        PhoneBody::Code { openid: Some(_), .. } => {
            Err(FieldError::new("openid", "is for services: a session names its own user"))
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
