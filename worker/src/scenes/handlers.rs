use serde::Serialize;
use wxedge_contract::{FieldError, JsonValue, Problem, fields, parse_object};

use crate::http::Reply;
use crate::route::Call;
use crate::scenes::stored;

/// A stored scene never changes, so whoever has it may keep it: for a year, in seconds.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

fields! {
    only struct Fields {
        query: JsonValue,
    }
}

#[derive(Serialize)]
struct Stored {
    scene: String,
}

/// `POST /v1/scenes`: keeps a query that is too long for a code under a scene that is not.
pub(crate) async fn store_scene(Call { app, body, .. }: Call<'_>) -> Result<Reply, Problem> {
    // (1) Parse.
    let fields: Fields = parse_object(body)?;
    let query = parse_query(fields.query)?;
    // (2) Store, and answer.
    Ok(Reply::json(&Stored { scene: stored::store(app, &query).await? }))
}

fn parse_query(given: JsonValue) -> Result<String, FieldError> {
    let query = given.text("query", 1..=stored::LONGEST_QUERY)?;
    if query.starts_with('?') || query.contains(|c: char| c.is_control() || c == '#') {
        return Err(FieldError::new(
            "query",
            "must be the text of a query, such as id=1&from=poster: without ?, # and control characters",
        ));
    }
    Ok(query)
}

#[derive(Serialize)]
struct Resolved {
    query: String,
}

/// `GET /v1/scenes/{scene}`: the query behind a stored scene.
pub(crate) async fn scene(Call { app, names: [scene, _], .. }: Call<'_>) -> Result<Reply, Problem> {
    let query = stored::resolve(app, scene).await?;
    Ok(Reply::json(&Resolved { query }).with("Cache-Control", FOR_GOOD))
}
