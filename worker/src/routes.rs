//! Every route of ours, by the contract's section 2: who may call it, and which handler answers.
//!
//! The first route that a path fits is the one: our own come first, so that no verification file can stand before one, then
//! WeChat's, then the files.

use crate::codes::order::CodeKind::{QrCode, WxaCode, WxaCodeUnlimited};
use crate::config::Scope::{Admin, Codes, Events, Links, Pay, Phone, Token};
use crate::gateway::as_wechat::{self, is_endpoint, is_wechats};
use crate::links::named_link::is_name;
use crate::links::{GENERATE_NFC_SCHEME, GENERATE_SCHEME, GENERATE_SHORT_LINK, GENERATE_URL_LINK};
use crate::pay::Change::{Close, Refund, Resolve, ShowRefund};
use crate::pay::Products;
use crate::route::Access::{
    ApiKey, Public, Sdk, Service, Session, SessionObject, SessionObjectOrService, Signed,
};
use crate::route::Takes::{Bytes, Json, Nothing, Outside};
use crate::route::{Access, Route};
use crate::token::remote::refuse_chain;
use crate::verification::is_file_name;
use crate::{
    codes, events, gateway, health, jssdk, links, pay, push, reference, scenes, session, stats, token, users,
    verification,
};
use edge::Method::{Delete, Get, Post, Put};
use wxedge_wechat::{QUERY_SCHEME, QUERY_URL_LINK};

/// Boxes what a handler gives, so that all of one kind of caller have one type.
macro_rules! to {
    ($handler:path $(, $kind:expr)?) => {
        |call| Box::pin($handler(call $(, $kind)?))
    };
}

/// The table.
pub(crate) const ROUTES: &[Route] = &[
    get("/v1/health", Public(to!(health::health))).with_cors(),
    get("/openapi.json", Public(to!(reference::openapi))),
    get("/v1/errors/{code}", Public(to!(reference::explain))).with_cors(),
    // People.
    post("/v1/login", Public(to!(session::login))).with_cors(),
    get("/v1/session", Session(to!(session::session))).with_cors(),
    delete("/v1/session", SessionObject(to!(session::delete_session))).with_cors(),
    post("/v1/session/check", SessionObject(to!(session::check_session))).taking(Nothing).with_cors(),
    post("/v1/session/reset", SessionObject(to!(session::reset_session))).taking(Nothing).with_cors(),
    post("/v1/userdata", SessionObject(to!(session::userdata))).with_cors(),
    post("/v1/phone", SessionObjectOrService(Phone, to!(session::phone))).with_cors(),
    // Codes and scenes.
    post("/v1/wxacode", Service(Codes, to!(codes::code_image, WxaCode))),
    delete("/v1/wxacode", Service(Codes, to!(codes::delete_code_image, WxaCode))).taking(Json),
    post("/v1/wxacode/unlimited", Service(Codes, to!(codes::code_image, WxaCodeUnlimited))),
    delete("/v1/wxacode/unlimited", Service(Codes, to!(codes::delete_code_image, WxaCodeUnlimited)))
        .taking(Json),
    post("/v1/qrcode", Service(Codes, to!(codes::code_image, QrCode))),
    delete("/v1/qrcode", Service(Codes, to!(codes::delete_code_image, QrCode))).taking(Json),
    post("/v1/scenes", Service(Codes, to!(scenes::store_scene))),
    get("/v1/scenes/{scene}", Public(to!(scenes::scene))).with_cors(),
    // Schemes and links.
    post("/v1/scheme", Service(Links, to!(links::make_link, GENERATE_SCHEME))),
    post("/v1/scheme/nfc", Service(Links, to!(links::make_link, GENERATE_NFC_SCHEME))),
    post("/v1/scheme/query", Service(Links, to!(links::query_link, QUERY_SCHEME))),
    post("/v1/urllink", Service(Links, to!(links::make_link, GENERATE_URL_LINK))),
    post("/v1/urllink/query", Service(Links, to!(links::query_link, QUERY_URL_LINK))),
    post("/v1/shortlink", Service(Links, to!(links::make_link, GENERATE_SHORT_LINK))),
    // Named links, and the page that opens the mini program.
    get("/v1/links", Service(Links, to!(links::list_links))),
    get("/v1/links/{name}", Service(Links, to!(links::get_link))),
    put("/v1/links/{name}", Service(Links, to!(links::put_link))),
    delete("/v1/links/{name}", Service(Links, to!(links::delete_link))),
    get("/v1/links/{name}/open", Public(to!(links::open_link))).with_cors(),
    get("/v1/links/{name}/code", Session(to!(links::link_code))).with_cors(),
    get("/go/{name}", Public(to!(links::go))).only_for(is_name),
    // The slash at the end is how an ordinary link's rule covers what follows.
    get("/go/{name}/", Public(to!(links::go))).only_for(is_name),
    get("/v1/jssdk", Public(to!(jssdk::jssdk))).with_cors(),
    // The access_token.
    get("/v1/token", Service(Token, to!(token::token))).after(refuse_chain),
    post("/v1/token/refresh", Service(Token, to!(token::refresh_token))).after(refuse_chain),
    get("/v1/token/state", Service(Admin, to!(token::token_state))),
    // WeChat's server API.
    get("/v1/wechat/{+path}", ApiKey(to!(gateway::call_endpoint))),
    post("/v1/wechat/{+path}", ApiKey(to!(gateway::call_endpoint))).taking(Outside),
    get("/v1/stats", Service(Admin, to!(stats::stats))),
    // What WeChat sends, and the outbox.
    get("/v1/push", Signed(to!(push::check_address))),
    post("/v1/push", Signed(to!(push::push))).taking(Bytes).up_to(wxedge_push::MAX_BODY_BYTES),
    get("/v1/events", Service(Events, to!(events::list_events))),
    get("/v1/events/{id}", Service(Events, to!(events::event))),
    post("/v1/events/{id}/redeliver", Service(Events, to!(events::redeliver))).taking(Nothing),
    delete("/v1/users/{openid}", Service(Admin, to!(users::delete_user))),
    // Payment.
    post("/v1/pay/orders", SessionObjectOrService(Pay, to!(pay::create_order))).with_cors(),
    get("/v1/pay/orders", Service(Pay, to!(pay::list_orders))),
    get("/v1/pay/orders/{out_trade_no}", SessionObjectOrService(Pay, to!(pay::order))).with_cors(),
    post("/v1/pay/orders/{out_trade_no}/close", Service(Pay, to!(pay::change_order, Close))).taking(Nothing),
    post("/v1/pay/orders/{out_trade_no}/resolve", Service(Pay, to!(pay::change_order, Resolve))),
    post("/v1/pay/orders/{out_trade_no}/refunds", Service(Pay, to!(pay::change_order, Refund))),
    get(
        "/v1/pay/orders/{out_trade_no}/refunds/{out_refund_no}",
        Service(Pay, to!(pay::change_order, ShowRefund)),
    ),
    get("/v1/pay/products", Service(Pay, to!(pay::products, Products::List))),
    get("/v1/pay/products/{name}", Service(Pay, to!(pay::products, Products::Get))).only_for(is_name),
    put("/v1/pay/products/{name}", Service(Pay, to!(pay::products, Products::Put))).only_for(is_name),
    delete("/v1/pay/products/{name}", Service(Pay, to!(pay::products, Products::Delete))).only_for(is_name),
    post("/v1/pay/notify/{mchid}", Signed(to!(pay::notify)))
        .taking(Bytes)
        .up_to(wxedge_pay::MAX_NOTIFICATION_BYTES),
    // Verification files of the console.
    put("/v1/verify/{file}", Service(Admin, to!(verification::put_verification))).taking(Bytes),
    delete("/v1/verify/{file}", Service(Admin, to!(verification::delete_verification))),
    // WeChat's server API at its own paths.
    get("/cgi-bin/token", Sdk(to!(as_wechat::issue_token))),
    post("/cgi-bin/token", Sdk(to!(as_wechat::issue_token))).taking(Outside),
    post("/cgi-bin/stable_token", Sdk(to!(as_wechat::issue_token))).taking(Outside),
    get("/sns/jscode2session", Sdk(to!(as_wechat::code_to_session))),
    post("/sns/jscode2session", Sdk(to!(as_wechat::code_to_session))).taking(Outside),
    get("/{+endpoint}", Sdk(to!(as_wechat::call_endpoint))).only_for(is_endpoint),
    post("/{+endpoint}", Sdk(to!(as_wechat::call_endpoint))).taking(Outside).only_for(is_endpoint),
    get("/**/{file}", Public(to!(verification::verification_file))).only_for(is_file_name),
    // What looks as one of WeChat's and is none.
    get("/{+path}", Sdk(to!(as_wechat::unknown_endpoint))).only_for(is_wechats),
    post("/{+path}", Sdk(to!(as_wechat::unknown_endpoint))).taking(Outside).only_for(is_wechats),
];

const fn get(path: &'static str, access: Access) -> Route {
    Route::new(Get, path, access)
}

const fn post(path: &'static str, access: Access) -> Route {
    Route::new(Post, path, access)
}

const fn put(path: &'static str, access: Access) -> Route {
    Route::new(Put, path, access)
}

const fn delete(path: &'static str, access: Access) -> Route {
    Route::new(Delete, path, access)
}

#[cfg(test)]
mod tests {
    use super::ROUTES;
    use crate::http::allowed;

    #[test]
    fn no_file_stands_before_a_route_of_ours() {
        for (path, expected) in [
            ("/v1/scenes/a.txt", Some("/v1/scenes/{scene}")),
            ("/v1/links/a.txt", Some("/v1/links/{name}")),
            ("/v1/verify/a.txt", Some("/v1/verify/{file}")),
            ("/go/spring", Some("/go/{name}")),
            ("/go/spring/", Some("/go/{name}/")),
            ("/go/a.txt", Some("/**/{file}")),
            ("/a.txt", Some("/**/{file}")),
            ("/x/y/z/1/2/3/4/a.txt", Some("/**/{file}")),
            ("/cgi-bin/token", Some("/cgi-bin/token")),
            ("/sns/jscode2session", Some("/sns/jscode2session")),
            ("/wxa/getwxacode", Some("/{+endpoint}")),
            ("/wxa/getwxacode/", Some("/{+path}")),
            ("/wxa/getwxacode.txt", Some("/**/{file}")),
            ("/cgi-bin/token/a.txt", Some("/**/{file}")),
            ("/wxa/", Some("/{+path}")),
            ("/wxa/../v1/health", Some("/{+path}")),
            ("/wxa", None),
            ("//wxa/getwxacode", None),
            ("/v1/wxa/getwxacode", None),
            ("/v1/cgi-bin/token", None),
            ("/go/Spring", None),
            ("/go/%2e%2e", None),
            ("/a.txt/", None),
            ("/", None),
            ("", None),
        ] {
            let found = ROUTES.iter().find(|route| route.matches(path).is_some());
            assert_eq!(found.map(|route| route.path), expected, "{path}");
        }
    }

    #[test]
    fn a_path_has_each_method_once_and_its_routes_stand_together() {
        let mut seen: Vec<(&str, &str)> = Vec::new();
        for route in ROUTES {
            let line = (route.path, allowed(route.method));
            assert!(!seen.contains(&line), "{line:?} stands twice");
            let before = seen.iter().any(|(path, _)| *path == route.path);
            assert!(
                !before || seen.last().is_some_and(|(path, _)| *path == route.path),
                "{line:?} stands apart"
            );
            seen.push(line);
        }
    }
}
