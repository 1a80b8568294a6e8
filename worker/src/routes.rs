//! Which paths there are, who may call them, and which handler answers.

use wxedge_contract::{Code, Problem};

use crate::http::{Method, Reply, Request};
use crate::{App, cors, handlers, log};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Health,
    Login,
    Session,
    SessionCheck,
    SessionReset,
    UserData,
    Phone,
    WxaCode,
    WxaCodeUnlimited,
    QrCode,
    Scheme,
    Token,
    TokenRefresh,
    TokenState,
}

impl Route {
    fn find(path: &str) -> Option<Self> {
        Some(match path {
            "/v1/health" => Self::Health,
            "/v1/login" => Self::Login,
            "/v1/session" => Self::Session,
            "/v1/session/check" => Self::SessionCheck,
            "/v1/session/reset" => Self::SessionReset,
            "/v1/userdata" => Self::UserData,
            "/v1/phone" => Self::Phone,
            "/v1/wxacode" => Self::WxaCode,
            "/v1/wxacode/unlimited" => Self::WxaCodeUnlimited,
            "/v1/qrcode" => Self::QrCode,
            "/v1/scheme" => Self::Scheme,
            "/v1/token" => Self::Token,
            "/v1/token/refresh" => Self::TokenRefresh,
            "/v1/token/state" => Self::TokenState,
            _ => return None,
        })
    }

    const fn methods(self) -> &'static [Method] {
        match self {
            Self::Health | Self::Token | Self::TokenState => &[Method::Get],
            Self::Session => &[Method::Get, Method::Delete],
            Self::Login
            | Self::SessionCheck
            | Self::SessionReset
            | Self::UserData
            | Self::Phone
            | Self::WxaCode
            | Self::WxaCodeUnlimited
            | Self::QrCode
            | Self::Scheme
            | Self::TokenRefresh => &[Method::Post],
        }
    }

    /// Routes of people answer to H5 pages of allowed origins; routes of services never do.
    const fn is_open_to_pages(self) -> bool {
        matches!(
            self,
            Self::Health
                | Self::Login
                | Self::Session
                | Self::SessionCheck
                | Self::SessionReset
                | Self::UserData
                | Self::Phone
        )
    }
}

/// Answers a request; every error becomes a problem.
pub(crate) async fn answer(app: &App, request: &Request) -> Reply {
    let Some(route) = Route::find(&request.path) else {
        return Reply::from(&Problem::new(Code::NotFound, "There is no such route."));
    };
    let reply = answer_route(app, route, request).await.unwrap_or_else(|problem| {
        log::problem(&request.path, &problem);
        Reply::from(&problem)
    });
    let reply = if reply.status == 405 { reply.with("Allow", allowed(route)) } else { reply };
    if route.is_open_to_pages() { cors::open(app, request, reply) } else { reply }
}

async fn answer_route(app: &App, route: Route, request: &Request) -> Result<Reply, Problem> {
    if request.method == Method::Options && route.is_open_to_pages() {
        return Ok(cors::preflight(app, request, &allowed(route)));
    }
    if !route.methods().contains(&request.method) {
        return Err(Problem::new(Code::MethodNotAllowed, format!("This route knows {}.", allowed(route))));
    }
    match route {
        Route::Health => Ok(handlers::health(app)),
        Route::Login => handlers::login(app, request).await,
        Route::Session if request.method == Method::Delete => handlers::delete_session(app, request).await,
        Route::Session => handlers::session(app, request).await,
        Route::SessionCheck => handlers::check_session(app, request).await,
        Route::SessionReset => handlers::reset_session(app, request).await,
        Route::UserData => handlers::userdata(app, request).await,
        Route::Phone => handlers::phone(app, request).await,
        Route::WxaCode => handlers::wxacode(app, request).await,
        Route::WxaCodeUnlimited => handlers::wxacode_unlimited(app, request).await,
        Route::QrCode => handlers::qrcode(app, request).await,
        Route::Scheme => handlers::scheme(app, request).await,
        Route::Token => handlers::token(app, request).await,
        Route::TokenRefresh => handlers::refresh_token(app, request).await,
        Route::TokenState => handlers::token_state(app, request).await,
    }
}

fn allowed(route: Route) -> String {
    let mut names: Vec<_> = route.methods().iter().map(|method| method.allowed()).collect();
    if route.is_open_to_pages() {
        names.push(Method::Options.allowed());
    }
    names.join(", ")
}
