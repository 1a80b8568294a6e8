use wxedge_contract::{FieldError, Problem};
use wxedge_launch::percent;

use crate::http::Reply;
use crate::route::Call;
use crate::{events, pay, session};

/// The longest openid, in characters.
const LONGEST_OPENID: usize = 128;

/// `DELETE /v1/users/{openid}`: erases what is kept of a user, and ends his tokens.
pub(crate) async fn delete_user(Call { app, names: [openid, _], .. }: Call<'_>) -> Result<Reply, Problem> {
    let openid = percent::decode(openid);
    if openid.chars().count() > LONGEST_OPENID {
        return Err(FieldError::new("openid", "has 1 to 128 characters").into());
    }
    session::object::erase(app, &openid).await?;
    pay::erase(app, &openid).await?;
    events::erase_user(app, &openid).await?;
    Ok(Reply::no_content())
}
