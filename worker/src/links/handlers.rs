use serde::Serialize;
use wxedge_contract::{Code, FieldError, Problem};
use wxedge_launch::Params;

use super::published;
use crate::http::Reply;
use crate::links::maker;
use crate::links::named_link::{DoorRecord, LinkRecord, NamedLink, is_name};
use crate::route::Call;

/// `PUT /v1/links/{name}`: names a target, or changes it.
pub(crate) async fn put_link(Call { app, body, names: [name, _], .. }: Call<'_>) -> Result<Reply, Problem> {
    // (1) Parse.
    check_name(name)?;
    let link = NamedLink::parse(name, body)?;
    // (2) Store, and answer.
    maker::put(app, &link).await?;
    Ok(Reply::json(&link))
}

/// A link, and how its doors are doing.
#[derive(Serialize)]
struct LinkReply {
    #[serde(flatten)]
    link: NamedLink,
    doors: DoorsReply,
}

#[derive(Serialize)]
struct DoorsReply {
    scheme: DoorRecord,
    url_link: DoorRecord,
}

/// `GET /v1/links/{name}`.
pub(crate) async fn get_link(Call { app, names: [name, _], .. }: Call<'_>) -> Result<Reply, Problem> {
    check_name(name)?;
    let LinkRecord { link, scheme, url_link } = maker::get(app, name).await?.ok_or_else(unknown)?;
    Ok(Reply::json(&LinkReply { link, doors: DoorsReply { scheme, url_link } }))
}

/// `DELETE /v1/links/{name}`.
pub(crate) async fn delete_link(Call { app, names: [name, _], .. }: Call<'_>) -> Result<Reply, Problem> {
    check_name(name)?;
    if maker::delete(app, name).await? { Ok(Reply::no_content()) } else { Err(unknown()) }
}

#[derive(Serialize)]
struct Page {
    links: Vec<NamedLink>,
    /// Where the next ones begin: `?cursor=`.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

/// `GET /v1/links`: the links by name, a hundred at a time.
pub(crate) async fn list_links(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    let params = Params::parse(request.query());
    let cursor = params.get("cursor").filter(|cursor| !cursor.is_empty());
    let (links, cursor) = published::list(&app.platform, app.config.appid()?, cursor).await?;
    Ok(Reply::json(&Page { links, cursor }))
}

fn check_name(name: &str) -> Result<(), FieldError> {
    if is_name(name) {
        return Ok(());
    }
    Err(FieldError::new("name", "must have 1 to 64 lower-case letters, digits and -"))
}

fn unknown() -> Problem {
    Problem::new(Code::NotFound, "There is no link of that name.").hint("Make it with PUT /v1/links/{name}.")
}
