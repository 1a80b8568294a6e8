//! Which paths there are, who may call them, and which handler answers.

use futures_util::future::LocalBoxFuture;
use wxedge_contract::{Code, Problem};

use crate::handlers::is_file_name;
use crate::http::{Method, Reply, Request};
use crate::{App, cors, handlers, links, log};

/// No route of ours has more segments; the rest of a longer path stays in one piece.
const MOST_SEGMENTS: usize = 6;

/// A route, with the part of the path that names something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route<'a> {
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
    NfcScheme,
    SchemeQuery,
    UrlLink,
    UrlLinkQuery,
    ShortLink,
    Scenes,
    Scene(&'a str),
    Links,
    Link(&'a str),
    LinkOpen(&'a str),
    LinkCode(&'a str),
    JsSdk,
    Token,
    TokenRefresh,
    TokenState,
    Verification(&'a str),
    Go(&'a str),
    VerificationFile(&'a str),
}

impl<'a> Route<'a> {
    /// Our own routes come first, so that no verification file can stand before one.
    fn find(path: &'a str) -> Option<Self> {
        let segments: Vec<&str> = path.strip_prefix('/')?.splitn(MOST_SEGMENTS, '/').collect();
        Some(match segments.as_slice() {
            ["v1", "health"] => Self::Health,
            ["v1", "login"] => Self::Login,
            ["v1", "session"] => Self::Session,
            ["v1", "session", "check"] => Self::SessionCheck,
            ["v1", "session", "reset"] => Self::SessionReset,
            ["v1", "userdata"] => Self::UserData,
            ["v1", "phone"] => Self::Phone,
            ["v1", "wxacode"] => Self::WxaCode,
            ["v1", "wxacode", "unlimited"] => Self::WxaCodeUnlimited,
            ["v1", "qrcode"] => Self::QrCode,
            ["v1", "scheme"] => Self::Scheme,
            ["v1", "scheme", "nfc"] => Self::NfcScheme,
            ["v1", "scheme", "query"] => Self::SchemeQuery,
            ["v1", "urllink"] => Self::UrlLink,
            ["v1", "urllink", "query"] => Self::UrlLinkQuery,
            ["v1", "shortlink"] => Self::ShortLink,
            ["v1", "scenes"] => Self::Scenes,
            ["v1", "scenes", scene] => Self::Scene(scene),
            ["v1", "links"] => Self::Links,
            ["v1", "links", name] => Self::Link(name),
            ["v1", "links", name, "open"] => Self::LinkOpen(name),
            ["v1", "links", name, "code"] => Self::LinkCode(name),
            ["v1", "jssdk"] => Self::JsSdk,
            ["v1", "token"] => Self::Token,
            ["v1", "token", "refresh"] => Self::TokenRefresh,
            ["v1", "token", "state"] => Self::TokenState,
            ["v1", "verify", file] => Self::Verification(file),
            // The slash at the end is how an ordinary link's rule covers what follows.
            ["go", name] | ["go", name, ""] if links::is_name(name) => Self::Go(name),
            _ => {
                return path.rsplit('/').next().filter(|name| is_file_name(name)).map(Self::VerificationFile);
            }
        })
    }

    const fn methods(self) -> &'static [Method] {
        match self {
            Self::Health
            | Self::Token
            | Self::TokenState
            | Self::Scene(_)
            | Self::Links
            | Self::LinkOpen(_)
            | Self::LinkCode(_)
            | Self::JsSdk
            | Self::Go(_)
            | Self::VerificationFile(_) => &[Method::Get],
            Self::Session => &[Method::Get, Method::Delete],
            Self::Link(_) => &[Method::Get, Method::Put, Method::Delete],
            Self::Verification(_) => &[Method::Put, Method::Delete],
            Self::WxaCode | Self::WxaCodeUnlimited | Self::QrCode => &[Method::Post, Method::Delete],
            Self::Login
            | Self::SessionCheck
            | Self::SessionReset
            | Self::UserData
            | Self::Phone
            | Self::Scheme
            | Self::NfcScheme
            | Self::SchemeQuery
            | Self::UrlLink
            | Self::UrlLinkQuery
            | Self::ShortLink
            | Self::Scenes
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
                | Self::Scene(_)
                | Self::LinkOpen(_)
                | Self::LinkCode(_)
                | Self::JsSdk
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

/// Answers a request in whose middle the wasm trapped, from the wasm that was started anew.
pub(crate) fn apologise(app: &App, request: &Request) -> Reply {
    let reply = Reply::from(&broke_off());
    match Route::find(&request.path) {
        Some(route) if route.is_open_to_pages() => cors::open(app, request, reply),
        _ => reply,
    }
}

fn broke_off() -> Problem {
    Problem::new(Code::Internal, "The Worker broke off in the middle of a request and was started anew.")
        .hint("Send a new request, with a new code of wx.login or the phone button: the old one may be spent. The log says where it broke.")
        .final_answer()
}

async fn answer_route<'a>(app: &'a App, route: Route<'a>, request: &'a Request) -> Result<Reply, Problem> {
    if request.method == Method::Options && route.is_open_to_pages() {
        return Ok(cors::preflight(app, request, &allowed(route)));
    }
    if !route.methods().contains(&request.method) {
        return Err(Problem::new(Code::MethodNotAllowed, format!("This route knows {}.", allowed(route))));
    }
    // Each handler is a function of its own: V8 took 18 MB to optimise the one that would hold them all.
    let answered: LocalBoxFuture<'_, Result<Reply, Problem>> = match route {
        Route::Health => return Ok(handlers::health(app)),
        Route::Login => Box::pin(handlers::login(app, request)),
        Route::Session if request.method == Method::Delete => {
            Box::pin(handlers::delete_session(app, request))
        }
        Route::Session => Box::pin(handlers::session(app, request)),
        Route::SessionCheck => Box::pin(handlers::check_session(app, request)),
        Route::SessionReset => Box::pin(handlers::reset_session(app, request)),
        Route::UserData => Box::pin(handlers::userdata(app, request)),
        Route::Phone => Box::pin(handlers::phone(app, request)),
        Route::WxaCode => Box::pin(handlers::wxacode(app, request)),
        Route::WxaCodeUnlimited => Box::pin(handlers::wxacode_unlimited(app, request)),
        Route::QrCode => Box::pin(handlers::qrcode(app, request)),
        Route::Scheme => Box::pin(handlers::scheme(app, request)),
        Route::NfcScheme => Box::pin(handlers::nfc_scheme(app, request)),
        Route::SchemeQuery => Box::pin(handlers::query_scheme(app, request)),
        Route::UrlLink => Box::pin(handlers::url_link(app, request)),
        Route::UrlLinkQuery => Box::pin(handlers::query_url_link(app, request)),
        Route::ShortLink => Box::pin(handlers::short_link(app, request)),
        Route::Scenes => Box::pin(handlers::store_scene(app, request)),
        Route::Scene(scene) => Box::pin(handlers::scene(app, scene)),
        Route::Links => Box::pin(handlers::list_links(app, request)),
        Route::Link(name) if request.method == Method::Put => {
            Box::pin(handlers::put_link(app, request, name))
        }
        Route::Link(name) if request.method == Method::Delete => {
            Box::pin(handlers::delete_link(app, request, name))
        }
        Route::Link(name) => Box::pin(handlers::get_link(app, request, name)),
        Route::LinkOpen(name) => Box::pin(handlers::open_link(app, request, name)),
        Route::LinkCode(name) => Box::pin(handlers::link_code(app, request, name)),
        Route::JsSdk => Box::pin(handlers::jssdk(app, request)),
        Route::Token => Box::pin(handlers::token(app, request)),
        Route::TokenRefresh => Box::pin(handlers::refresh_token(app, request)),
        Route::TokenState => Box::pin(handlers::token_state(app, request)),
        Route::Verification(file) if request.method == Method::Put => {
            Box::pin(handlers::put_verification(app, request, file))
        }
        Route::Verification(file) => Box::pin(handlers::delete_verification(app, request, file)),
        Route::Go(name) => Box::pin(handlers::go(app, request, name)),
        Route::VerificationFile(name) => Box::pin(handlers::verification_file(app, name)),
    };
    answered.await
}

fn allowed(route: Route<'_>) -> String {
    let mut names: Vec<_> = route.methods().iter().map(|method| method.allowed()).collect();
    if route.is_open_to_pages() {
        names.push(Method::Options.allowed());
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::Route;

    #[test]
    fn no_file_stands_before_a_route_of_ours() {
        for (path, route) in [
            ("/v1/scenes/a.txt", Some(Route::Scene("a.txt"))),
            ("/v1/links/a.txt", Some(Route::Link("a.txt"))),
            ("/v1/verify/a.txt", Some(Route::Verification("a.txt"))),
            ("/go/spring", Some(Route::Go("spring"))),
            ("/go/spring/", Some(Route::Go("spring"))),
            ("/go/a.txt", Some(Route::VerificationFile("a.txt"))),
            ("/a.txt", Some(Route::VerificationFile("a.txt"))),
            ("/x/y/z/1/2/3/4/a.txt", Some(Route::VerificationFile("a.txt"))),
            ("/go/Spring", None),
            ("/go/%2e%2e", None),
            ("/a.txt/", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(Route::find(path), route, "{path}");
        }
    }
}
