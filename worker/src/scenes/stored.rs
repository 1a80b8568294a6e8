//! Stored scenes: a code carries 32 characters, so a longer query is kept here under a scene derived from it.

use sha2::{Digest, Sha256};
use wxedge_contract::{Code, FieldError, Problem};
use wxedge_launch::{Params, SceneCode, StoredScene, StoredSceneError, percent};

use super::queries;
use crate::App;

/// The longest query that is stored, in characters.
pub(crate) const LONGEST_QUERY: usize = 1024;
/// What a code carries whose link has no parameters: `WeChat` wants a scene.
const NOTHING: &str = "-";

/// Stores a query; the same query always has the same scene.
///
/// # Errors
/// `internal` when another query has this scene already, which is told and never served.
pub(crate) async fn store(app: &App, query: &str) -> Result<String, Problem> {
    let scene = find(app, query).await?;
    if !scene.is_stored {
        store_found(app, &scene, query).await?;
    }
    Ok(scene.text)
}

/// What a code carries for a query.
pub(crate) struct Fitting {
    pub(crate) text: String,
    /// Whether whoever reads the code finds the query; else it is to be stored first.
    pub(crate) is_stored: bool,
}

/// What a code carries for a query: the parameters themselves where they fit into a scene, else a stored scene. Stores
/// nothing.
///
/// # Errors
/// `internal` when another query has this scene already, and `invalid_request` when the query is too long for a stored
/// scene too.
pub(crate) async fn fitting(app: &App, query: &str) -> Result<Fitting, Problem> {
    if query.is_empty() {
        return Ok(Fitting { text: NOTHING.to_owned(), is_stored: true });
    }
    if let Ok(text) = SceneCode::build(&Params::parse(query)) {
        return Ok(Fitting { text, is_stored: true });
    }
    if query.len() > LONGEST_QUERY {
        return Err(FieldError::new(
            "query",
            format!("the link's query and its parameters may have up to {LONGEST_QUERY} characters together"),
        )
        .into());
    }
    find(app, query).await
}

/// Stores a query under the scene that was found for it.
pub(crate) fn store_found(
    app: &App,
    scene: &Fitting,
    query: &str,
) -> impl Future<Output = Result<(), Problem>> + use<> {
    queries::put(&app.platform, &scene.text, query)
}

async fn find(app: &App, query: &str) -> Result<Fitting, Problem> {
    let text = scene_of(query);
    match queries::find(&app.platform, &text).await {
        Some(stored) if stored != query => Err(collision()),
        stored => Ok(Fitting { text, is_stored: stored.is_some() }),
    }
}

/// The query behind a scene as it stands in a path, percent-encoded or not.
///
/// # Errors
/// `invalid_request` for what is no stored scene, `not_found` for one that nobody stored.
pub(crate) async fn resolve(app: &App, text: &str) -> Result<String, Problem> {
    let scene = percent::decode(text);
    StoredScene::check(&scene).map_err(wrong)?;
    let query = queries::find(&app.platform, &scene).await.ok_or_else(unknown)?;
    if scene_of(&query) == scene { Ok(query) } else { Err(collision()) }
}

fn scene_of(query: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(query).into();
    let [id @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = digest;
    StoredScene::from_digest(id)
}

fn wrong(error: StoredSceneError) -> FieldError {
    FieldError::new("scene", error.to_string())
}

fn unknown() -> Problem {
    Problem::new(Code::NotFound, "Nobody has stored this scene.")
        .hint("A scene that was stored less than a minute ago can be missing here: try again then.")
}

fn collision() -> Problem {
    Problem::new(Code::Internal, "Another query is stored under the scene of this one.")
        .hint("Change the query, for example by one more parameter.")
        .non_retryable()
}

#[cfg(test)]
mod tests {
    use super::scene_of;

    #[test]
    fn the_scene_of_a_query_is_pinned() {
        assert_eq!(scene_of("id=1&from=poster"), scene_of("id=1&from=poster"));
        assert_ne!(scene_of("id=1&from=poster"), scene_of("from=poster&id=1"));
        assert_eq!(scene_of("a=1"), "~wi_qXXQo5c9H72NUyXySIw89c9");
    }
}
