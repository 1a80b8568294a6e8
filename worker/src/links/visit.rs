//! The doors of a named link for one visitor: found in KV, made by the link's object where one is missing.

use wxedge_contract::{Code, Problem};
use wxedge_landing::{Doors, Made};
use wxedge_launch::PlainScheme;

use super::published;
use crate::links::maker;
use crate::links::named_link::{LinkRecord, MadeDoor, NamedLink, custom_query};
use crate::{App, log};

/// A named link, as one visitor finds it.
pub(crate) struct Visit {
    pub(crate) link: NamedLink,
    /// The visitor's parameters as a query, and the whole query that the page of the mini program sees.
    pub(crate) parameters: String,
    pub(crate) query: String,
    openlink: Option<MadeDoor>,
    url_link: Option<MadeDoor>,
    plain_scheme: Option<String>,
}

/// Which of the doors in question a visit needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The first that can be had.
    Best,
    /// Every one that can be had.
    All,
}

impl Visit {
    /// Opens the link `name` with what the visitor's `query` says, with `kinds` of doors in the order of preference.
    ///
    /// # Errors
    /// `not_found`, and `invalid_request` when the parameters are too long. A door that cannot be made is no error: the
    /// visitor gets the best that is left.
    pub(crate) async fn open(
        app: &App,
        name: &str,
        query: &str,
        kinds: &[Made],
        wanted: Wanted,
    ) -> Result<Self, Problem> {
        let record = find(app, name).await?;
        let parameters = record.link.parameters(query);
        let custom = custom_query(&parameters)?;
        let query = record.link.whole_query(&parameters);
        let mut visit = Self {
            parameters: parameters.build(),
            plain_scheme: plain_scheme(app, &record.link, &query),
            query,
            openlink: None,
            url_link: None,
            link: record.link.clone(),
        };
        for kind in kinds {
            let door = door(app, &record, *kind).await.map(|door| with_custom_query(door, *kind, &custom));
            let is_there = door.is_some();
            match kind {
                Made::Scheme => visit.openlink = door,
                Made::UrlLink => visit.url_link = door,
            }
            if is_there && wanted == Wanted::Best {
                break;
            }
        }
        Ok(visit)
    }

    /// The doors that are there, but for the open tag.
    pub(crate) fn doors(&self) -> Doors<'_> {
        Doors {
            openlink: self.openlink.as_ref().map(|door| door.address.as_str()),
            url_link: self.url_link.as_ref().map(|door| door.address.as_str()),
            plain_scheme: self.plain_scheme.as_deref(),
            open_tag: None,
        }
    }

    /// When the first of the doors that were made dies, in Unix seconds.
    pub(crate) fn expires_at(&self) -> Option<u64> {
        [&self.openlink, &self.url_link].into_iter().flatten().map(|door| door.expires_at).min()
    }
}

/// The link of that name with its doors, as visitors see it.
///
/// # Errors
/// `not_found`.
pub(crate) async fn find(app: &App, name: &str) -> Result<LinkRecord, Problem> {
    published::find(&app.platform, app.config.appid()?, name).await.ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::new(Code::NotFound, "There is no link of that name.").hint(
        "An operator makes it with PUT /v1/links/{name}; a new one can take a minute to be seen everywhere.",
    )
}

/// The scheme that nobody has to make, where its query is short enough.
fn plain_scheme(app: &App, link: &NamedLink, query: &str) -> Option<String> {
    let appid = app.config.appid().ok()?;
    PlainScheme { appid, path: &link.path, query, env_version: link.env_version.as_str() }.build().ok()
}

/// The door of one kind, which the link's object makes when it is due. What lies in KV may be a minute old, and tells of
/// the first of many failures, so the object is the one who knows.
async fn door(app: &App, record: &LinkRecord, kind: Made) -> Option<MadeDoor> {
    let now = app.platform.now();
    let known = record.door(kind);
    if !known.is_due(now) {
        return known.usable(now).cloned();
    }
    match maker::make_door(app, &record.link.name, kind).await {
        Ok(fresh) => fresh.and_then(|fresh| fresh.door(kind).usable(now).cloned()),
        Err(problem) => {
            log::problem("maker", &problem);
            known.usable(now).cloned()
        }
    }
}

/// Adds the visitor's parameters. Source: 获取加密 URL Link and 获取加密scheme码, custom parameters (`cq`).
fn with_custom_query(door: MadeDoor, kind: Made, custom: &str) -> MadeDoor {
    if custom.is_empty() {
        return door;
    }
    let mark = match kind {
        Made::Scheme => '&',
        Made::UrlLink => '?',
    };
    MadeDoor { address: format!("{}{mark}cq={custom}", door.address), ..door }
}
