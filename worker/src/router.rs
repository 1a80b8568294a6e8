//! Finds the route of a request, lets its caller in, and answers; every error becomes a problem.

use wxedge_contract::{Code, Problem};

use crate::http::{Method, Reply, Request};
use crate::route::{Access, Answer, Call, Names, Route, Takes, UserOrService};
use crate::routes::ROUTES;
use crate::{App, auth, cors, log};

/// Answers a request.
pub(crate) async fn answer(app: &App, request: &Request) -> Reply {
    let Some(found) = Found::by_path(&request.path) else {
        return Reply::from(&Problem::new(Code::NotFound, "There is no such route."));
    };
    let reply = found.answer(app, request).await.unwrap_or_else(|problem| {
        log::problem(&request.path, &problem);
        Reply::from(&problem)
    });
    let reply = if reply.status == 405 { reply.with("Allow", found.allowed()) } else { reply };
    if found.has_cors() { cors::open(app, request, reply) } else { reply }
}

/// The routes of one path, a method each.
struct Found<'a> {
    routes: &'static [Route],
    names: Names<'a>,
}

impl<'a> Found<'a> {
    fn by_path(path: &'a str) -> Option<Self> {
        let (first, names) = ROUTES
            .iter()
            .enumerate()
            .find_map(|(index, route)| route.matches(path).map(|names| (index, names)))?;
        let routes = ROUTES.get(first..)?;
        let pattern = routes.first()?.path;
        let end = routes.iter().position(|route| route.path != pattern).unwrap_or(routes.len());
        Some(Self { routes: routes.get(..end)?, names })
    }

    fn has_cors(&self) -> bool {
        self.routes.iter().any(|route| route.cors)
    }

    /// The methods of the path, as `Allow` names them.
    fn allowed(&self) -> String {
        let mut methods: Vec<_> = self.routes.iter().map(|route| route.method.allowed()).collect();
        if self.has_cors() {
            methods.push(Method::Options.allowed());
        }
        methods.join(", ")
    }

    async fn answer(&self, app: &App, request: &Request) -> Result<Reply, Problem> {
        if request.method == Method::Options && self.has_cors() {
            return Ok(cors::preflight(app, request, &self.allowed()));
        }
        let route = self.routes.iter().find(|route| route.method == request.method).ok_or_else(|| {
            Problem::new(Code::MethodNotAllowed, format!("This route knows {}.", self.allowed()))
        })?;
        if let Some(check) = route.first {
            check(app, request)?;
        }
        let call = Call { app, request, names: self.names, body: &[], caller: () };
        admit(route, call).await?.await
    }
}

/// Lets the caller in, then the body, and hands the call to the handler.
async fn admit<'a>(route: &Route, call: Call<'a>) -> Result<Answer<'a>, Problem> {
    let Call { app, request, .. } = call;
    let with_body = || body(route.takes, request).map(|body| call.with(body));
    Ok(match route.access {
        Access::Public(handler) => handler(with_body()?),
        Access::Session(handler) => {
            let user = auth::session(app, request).await?;
            handler(with_body()?.by(user))
        }
        Access::SessionObject(handler) => {
            let user = auth::shown_session(app, request)?;
            match with_body() {
                Ok(call) => handler(call.by(user)),
                // A token that was deleted is the first thing to say.
                Err(problem) => return auth::require_alive(app, &user).await.and(Err(problem)),
            }
        }
        Access::Service(scope, handler) => {
            auth::service(app, request, scope)?;
            handler(with_body()?)
        }
        Access::SessionOrService(scope, handler) => {
            let caller = if auth::shows_api_key(app, request) {
                auth::service(app, request, scope)?;
                UserOrService::Service
            } else {
                UserOrService::User(auth::session(app, request).await?)
            };
            handler(with_body()?.by(caller))
        }
    })
}

fn body(takes: Takes, request: &Request) -> Result<&[u8], Problem> {
    match takes {
        Takes::Nothing => Ok(&[]),
        Takes::Json => request.json(),
        Takes::Bytes => request.bytes(),
    }
}
