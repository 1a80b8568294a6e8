//! Finds the route of a request, lets its caller in, and answers; every error becomes a problem.

use wxedge_contract::{Code, Problem};
use wxedge_crypto::Claims;

use edge::Method;

use crate::gateway::as_wechat;
use crate::http::{Reply, Request, allowed};
use crate::route::{Access, Answer, Call, Names, Route, Takes, UserOrService};
use crate::routes::ROUTES;
use crate::{App, auth, cors, log, stats};

/// Answers a request.
pub(crate) async fn answer(app: &App, request: &Request) -> Reply {
    let Some(found) = Found::by_path(request.path()) else {
        return problem_reply(app, &Problem::new(Code::NotFound, "There is no such route."));
    };
    let reply = match found.answer(app, request).await {
        Ok(reply) => reply,
        Err(problem) => {
            request.discard_body().await;
            found.refusal(app, request, &problem)
        }
    };
    let reply =
        if reply.status == 405 && !reply.has("Allow") { reply.with("Allow", found.allowed()) } else { reply };
    if found.is_open_to_pages(request.method()) { cors::open(app, request, reply) } else { reply }
}

fn problem_reply(app: &App, problem: &Problem) -> Reply {
    Reply::problem(problem, &app.config.problem_types())
}

/// Answers a request in whose middle the wasm trapped, from the wasm that was started anew.
pub(crate) fn answer_after_trap(app: &App, request: &Request) -> Reply {
    let reply = problem_reply(app, &trapped());
    match Found::by_path(request.path()) {
        Some(found) if found.is_wechats() => as_wechat::lost(),
        Some(found) if found.is_open_to_pages(request.method()) => cors::open(app, request, reply),
        _ => reply,
    }
}

fn trapped() -> Problem {
    Problem::new(Code::Internal, "The Worker broke off in the middle of a request and was started anew.")
        .hint("Send a new request, with a new code of wx.login or the phone button: the old one may be spent. The log says where it broke.")
        .non_retryable()
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

    /// Those of them that pages may use.
    fn open_to_pages(&self) -> String {
        let open = self.routes.iter().filter(|route| route.cors).map(|route| allowed(route.method));
        open.collect::<Vec<_>>().join(", ")
    }

    /// A path may be open for one method and for services only by another; a preflight asks for all.
    fn is_open_to_pages(&self, method: Method) -> bool {
        let is_open = |route: &Route| route.cors && (route.method == method || method == Method::Options);
        self.routes.iter().any(is_open)
    }

    /// Whether it is called, and refuses, as WeChat's own paths are.
    fn is_wechats(&self) -> bool {
        self.routes.iter().any(|route| matches!(route.access, Access::Sdk(_)))
    }

    /// What the caller hears of a problem.
    fn refusal(&self, app: &App, request: &Request, problem: &Problem) -> Reply {
        // Methods that WeChat's API does not have are a matter of HTTP.
        if self.is_wechats() && matches!(request.method(), Method::Get | Method::Post) {
            return as_wechat::refusal(request, problem, self.routes.first().map_or("", |route| route.path));
        }
        log::problem(request.path(), problem);
        problem_reply(app, problem)
    }

    /// The methods of the path, as `Allow` names them.
    fn allowed(&self) -> String {
        let mut methods: Vec<_> = self.routes.iter().map(|route| allowed(route.method)).collect();
        if self.has_cors() {
            methods.push(allowed(Method::Options));
        }
        methods.join(", ")
    }

    async fn answer(&self, app: &App, request: &Request) -> Result<Reply, Problem> {
        if request.method() == Method::Options && self.has_cors() {
            return Ok(cors::preflight(app, request, &self.allowed(), &self.open_to_pages()));
        }
        let route = self.routes.iter().find(|route| route.method == request.method()).ok_or_else(|| {
            Problem::new(Code::MethodNotAllowed, format!("This route knows {}.", self.allowed()))
        })?;
        let outcome = self.call(route, app, request).await;
        stats::count_route(route, &outcome);
        outcome
    }

    async fn call(&self, route: &Route, app: &App, request: &Request) -> Result<Reply, Problem> {
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
    let with_body = || body(route, request).map(|body| call.with(body));
    Ok(match route.access {
        Access::Public(handler) | Access::Signed(handler) | Access::Sdk(handler) => handler(with_body()?),
        Access::Session(handler) => {
            let user = auth::session(app, request).await?;
            handler(with_body()?.by(user))
        }
        Access::SessionObject(handler) => {
            let user = auth::shown_session(app, request)?;
            handler(body_of_user(app, &user, with_body()).await?.by(user))
        }
        Access::Service(scope, handler) => {
            auth::service(app, request, scope)?;
            handler(with_body()?)
        }
        Access::ApiKey(handler) => {
            let key = auth::api_key(app, request)?;
            handler(with_body()?.by(key))
        }
        Access::SessionObjectOrService(scope, handler) => {
            if auth::shows_api_key(app, request) {
                auth::service(app, request, scope)?;
                return Ok(handler(with_body()?.by(UserOrService::Service)));
            }
            let user = auth::shown_session(app, request)?;
            handler(body_of_user(app, &user, with_body()).await?.by(UserOrService::User(user)))
        }
    })
}

/// A token that was deleted is the first thing to say: before what is wrong with the body.
async fn body_of_user<'a>(
    app: &App,
    user: &Claims,
    call: Result<Call<'a>, Problem>,
) -> Result<Call<'a>, Problem> {
    match call {
        Ok(call) => Ok(call),
        Err(problem) => auth::require_alive(app, user).await.and(Err(problem)),
    }
}

fn body<'a>(route: &Route, request: &'a Request) -> Result<&'a [u8], Problem> {
    match route.takes {
        Takes::Nothing | Takes::Outside => Ok(&[]),
        Takes::Json => request.json(route.limit),
        Takes::Bytes => request.bytes(route.limit),
    }
}
