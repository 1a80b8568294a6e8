//! The table of routes as plain data, for tests and documents. It is no part of the Worker.

use serde::Serialize;

use crate::config::{self, Scope};
use crate::route::{Access, Takes};
use crate::routes::ROUTES;

/// A route without its handler.
#[derive(Debug, Serialize)]
pub struct Row {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// With `{name}` for what names something, `{+name}` for the rest of the path, and `/**/` for any directory.
    pub path: &'static str,
    /// `public`, `signed`, `session`, `service`, `session_or_service`, or `sdk` for WeChat's own paths.
    pub access: &'static str,
    /// The scope that a service's key needs.
    pub scope: Option<&'static str>,
    /// `nothing`, `json`, `bytes`, or `outside` where the handler decides.
    pub takes: &'static str,
    /// Whether H5 pages of the allowed origins may call it.
    pub cors: bool,
}

/// Every route, in the order in which they are tried.
#[must_use]
pub fn rows() -> Vec<Row> {
    ROUTES
        .iter()
        .map(|route| {
            let (access, scope) = match route.access {
                Access::Public(_) => ("public", None),
                Access::Signed(_) => ("signed", None),
                Access::Session(_) | Access::SessionObject(_) => ("session", None),
                Access::Service(scope, _) => ("service", Some(scope.name())),
                Access::Sdk(_) => ("sdk", Some(Scope::Sdk.name())),
                Access::ApiKey(_) => ("service", Some(Scope::Api.name())),
                Access::SessionObjectOrService(scope, _) => ("session_or_service", Some(scope.name())),
            };
            let takes = match route.takes {
                Takes::Nothing => "nothing",
                Takes::Json => "json",
                Takes::Bytes => "bytes",
                Takes::Outside => "outside",
            };
            let method = route.method.as_str();
            Row { method, path: route.path, access, scope, takes, cors: route.cors }
        })
        .collect()
}

/// The names of all settings that the Worker reads.
#[must_use]
pub fn settings() -> Vec<String> {
    config::names()
}
