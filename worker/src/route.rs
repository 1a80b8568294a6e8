//! What a route is: a method, a path, who may call it, and the handler that answers.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use wxedge_contract::Problem;
use wxedge_crypto::Claims;

use crate::App;
use crate::config::{ApiKey, Scope};
use edge::Method;

use crate::http::{LARGEST_BODY, Reply, Request};

/// The most parts of a path that name something.
pub(crate) const MOST_NAMES: usize = 2;

/// The parts of a path that stand where a route's path has braces, in their order and as they came, percent-encoding
/// included. What the path does not have is empty.
pub(crate) type Names<'a> = [&'a str; MOST_NAMES];

/// A request on its way to the handler of its route, with the caller whom the route let in.
pub(crate) struct Call<'a, Caller = ()> {
    pub(crate) app: &'a App,
    pub(crate) request: &'a Request,
    pub(crate) names: Names<'a>,
    /// Of the kind and size that the route takes.
    pub(crate) body: &'a [u8],
    pub(crate) caller: Caller,
}

impl<'a> Call<'a> {
    /// The call, with this body.
    pub(crate) fn with(self, body: &'a [u8]) -> Self {
        Self { body, ..self }
    }

    /// The call, by this caller.
    pub(crate) fn by<Caller>(self, caller: Caller) -> Call<'a, Caller> {
        let Self { app, request, names, body, .. } = self;
        Call { app, request, names, body, caller }
    }
}

/// The body that a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    Json,
    Bytes,
    /// Whatever the handler reads of [`Request::incoming`], when it knows what it is.
    Outside,
}

/// The user behind a session token.
pub(crate) type User = Box<Claims>;

/// What comes of a call.
pub(crate) type Answer<'a> = LocalBoxFuture<'a, Result<Reply, Problem>>;

/// Answers a call. Each handler is boxed: V8 took 18 MB to optimise the one function that would hold them all.
pub(crate) type Handler<Caller = ()> = for<'a> fn(Call<'a, Caller>) -> Answer<'a>;

/// The user or the service that calls.
pub(crate) enum UserOrService {
    User(User),
    Service,
}

/// Who may call a route, with the handler that takes such a caller.
#[derive(Clone, Copy)]
pub(crate) enum Access {
    /// Anybody.
    Public(Handler),
    /// A user whose session is alive.
    Session(Handler<User>),
    /// A user whose session token holds. The handler asks the session object, which knows whether it was deleted: a
    /// question less than with [`Access::Session`].
    SessionObject(Handler<User>),
    /// A service whose API key has the scope.
    Service(Scope, Handler),
    /// A service, by its API key. The handler looks at the scopes, `api` first: what the key opens depends on the endpoint.
    ApiKey(Handler<Rc<ApiKey>>),
    /// Whoever signs the request: the handler checks the signature.
    Signed(Handler),
    /// An SDK, by an API key in the place of the `AppSecret` or by a token of ours in that of WeChat's. Both stand where WeChat
    /// wants them, so the handler looks for them.
    Sdk(Handler),
    /// As [`Access::SessionObject`] or as [`Access::Service`].
    SessionObjectOrService(Scope, Handler<UserOrService>),
}

/// What a route asks before it looks at the caller's credential.
pub(crate) type Check = fn(&App, &Request) -> Result<(), Problem>;

/// One line of the table.
pub(crate) struct Route {
    pub(crate) method: Method,
    /// As documented. `{name}` stands for one part of a path, `{+name}` for all that is left of it; `/**/` for any directory,
    /// none too.
    pub(crate) path: &'static str,
    /// What a name must be for the path to be this route's at all.
    pub(crate) only_for: Option<fn(&str) -> bool>,
    /// Refuses a request whoever calls.
    pub(crate) first: Option<Check>,
    pub(crate) access: Access,
    pub(crate) takes: Takes,
    /// The most bytes of it.
    pub(crate) limit: usize,
    /// Whether H5 pages of the allowed origins may call it.
    pub(crate) cors: bool,
}

/// Begins the pattern of a route that stands in every directory.
const ANY_DIRECTORY: &str = "/**/";

impl Route {
    pub(crate) const fn new(method: Method, path: &'static str, access: Access) -> Self {
        let takes = if matches!(method, Method::Post | Method::Put) { Takes::Json } else { Takes::Nothing };
        Self { method, path, only_for: None, first: None, access, takes, limit: LARGEST_BODY, cors: false }
    }

    /// Open to H5 pages of the allowed origins.
    pub(crate) const fn with_cors(mut self) -> Self {
        self.cors = true;
        self
    }

    /// With this body, where it is not JSON for `POST` and `PUT`, and none for other methods.
    pub(crate) const fn taking(mut self, takes: Takes) -> Self {
        self.takes = takes;
        self
    }

    /// With a body of up to so many bytes.
    pub(crate) const fn up_to(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Refuses what `check` refuses, whoever calls.
    pub(crate) const fn after(mut self, check: Check) -> Self {
        self.first = Some(check);
        self
    }

    /// Only for names that pass this; other paths are left to the routes below.
    pub(crate) const fn only_for(mut self, is_name: fn(&str) -> bool) -> Self {
        self.only_for = Some(is_name);
        self
    }

    /// The names in a path, if it is one of this route's.
    pub(crate) fn matches<'a>(&self, path: &'a str) -> Option<Names<'a>> {
        let names = names(self.path, path)?;
        let [name, ..] = names;
        self.only_for.is_none_or(|is_name| is_name(name)).then_some(names)
    }
}

fn names<'a>(pattern: &str, path: &'a str) -> Option<Names<'a>> {
    if pattern.starts_with(ANY_DIRECTORY) {
        return path.rsplit_once('/').map(|(_, name)| [name, ""]);
    }
    let mut names = [""; MOST_NAMES];
    let (mut pattern, mut path) = (pattern, path);
    for name in &mut names {
        let Some((before, after)) = pattern.split_once('{') else { break };
        let rest = path.strip_prefix(before)?;
        let end = if after.starts_with('+') { None } else { rest.find('/') };
        let (found, left) = rest.split_at(end.unwrap_or(rest.len()));
        if found.is_empty() {
            return None;
        }
        *name = found;
        path = left;
        pattern = after.split_once('}').map_or("", |(_, after)| after);
    }
    (pattern == path).then_some(names)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_path_is_a_routes_when_its_parts_are() {
        for (pattern, path, expected) in [
            ("/v1/links", "/v1/links", Some(["", ""])),
            ("/v1/links", "/v1/links/", None),
            ("/v1/links", "/v1/link", None),
            ("/v1/links/{name}", "/v1/links/a", Some(["a", ""])),
            ("/v1/links/{name}", "/v1/links/", None),
            ("/v1/links/{name}", "/v1/links/a/b", None),
            ("/v1/links/{name}", "/v1/links", None),
            ("/v1/links/{name}/open", "/v1/links/a.txt/open", Some(["a.txt", ""])),
            ("/v1/links/{name}/open", "/v1/links/a/open/", None),
            ("/v1/a/{x}/b/{y}", "/v1/a/1/b/2", Some(["1", "2"])),
            ("/v1/a/{x}/b/{y}", "/v1/a/1/b", None),
            ("/go/{name}/", "/go/a/", Some(["a", ""])),
            ("/v1/a/{+x}", "/v1/a/b//c/", Some(["b//c/", ""])),
            ("/v1/a/{+x}", "/v1/a/", None),
            ("/v1/a/{+x}", "/v1/a", None),
            ("/**/{file}", "/a.txt", Some(["a.txt", ""])),
            ("/**/{file}", "/x/y/a.txt", Some(["a.txt", ""])),
            ("/**/{file}", "/x/y/", Some(["", ""])),
            ("/**/{file}", "", None),
        ] {
            assert_eq!(names(pattern, path), expected, "{pattern} {path}");
        }
    }
}
