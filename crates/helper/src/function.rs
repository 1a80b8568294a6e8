//! The functions of the package, by number. `pkg/src/client.js` has the same numbers.

use alloc::string::String;

use wxedge_contract::requests::{self, Arguments, Request, RequestError, refuse_credentials};
use wxedge_launch::{
    AppPages, AuthorizationStep, Launch, Link, Params, PaymentResult, PhoneResult, PlainScheme, Scan,
    SceneCode, SceneInfo, build_path, build_phone_page, matches_link_rule,
};

use crate::answer;
use crate::record::Texts;

/// Calls a function. A number that none has is answered with an empty record.
pub(crate) fn call(function: usize, given: &str) -> String {
    let given = &mut Texts::of(given);
    match function {
        0 => parse_launch(given),
        1 => answer::scene_code(&SceneCode::parse(given.text())),
        2 => answer::text(&build_scene(given)),
        3 => answer::link(&Link::parse(given.text(), given.text())),
        4 => answer::scan(&Scan::parse(given.text(), given.text(), given.text())),
        5 => answer::mark(matches_link_rule(given.text(), given.text())),
        6 => answer::params(&Params::parse(given.text())),
        7 => answer::text(&build_query(given)),
        8 => answer::text(&path(given)),
        9 => answer::scene_info(&SceneInfo::of(given.number().unwrap_or_default())),
        10 => answer::text(&plain_scheme(given)),
        11 => authorization_step(given),
        12 => answer::text(&phone_page(given)),
        13 => answer::phone_result(&PhoneResult::of(given.text(), given.text(), given.text())),
        14 => check_pages(given),
        15 => request(requests::login, given),
        16 => request(requests::session, given),
        17 => request(requests::session_check, given),
        18 => request(requests::logout, given),
        19 => request(requests::phone, given),
        20 => request(requests::user_data, given),
        21 => request(requests::open_link, given),
        22 => request(requests::link_code, given),
        23 => request(requests::resolve_scene, given),
        24 => request(requests::order, given),
        25 => request(requests::order_state, given),
        26 => answer::payment_result(&PaymentResult::of(given.text(), given.text())),
        _ => String::new(),
    }
}

/// Scene value, path; keys and values of the query.
fn parse_launch(given: &mut Texts<'_>) -> String {
    let scene = given.number();
    let path = given.text();
    answer::launch(&Launch::parse(scene, path, &given.pairs()))
}

/// Keys and values.
fn build_scene(given: &mut Texts<'_>) -> Result<String, RequestError> {
    Ok(SceneCode::build(&harmless(given.params())?)?)
}

/// Keys and values.
fn build_query(given: &mut Texts<'_>) -> Result<String, RequestError> {
    Ok(harmless(given.params())?.build())
}

/// Page; keys and values.
fn path(given: &mut Texts<'_>) -> Result<String, RequestError> {
    let page = given.text();
    Ok(build_path(page, &harmless(given.params())?)?)
}

/// Names and values of the arguments.
fn plain_scheme(given: &mut Texts<'_>) -> Result<String, RequestError> {
    let fields = harmless(given.params())?;
    let text = |name| fields.get(name).unwrap_or_default();
    let scheme = PlainScheme {
        appid: text("appid"),
        path: text("path"),
        query: text("query"),
        env_version: text("env_version"),
    };
    Ok(scheme.build()?)
}

/// Scope, mark of a refusal just now; names and values of the settings.
fn authorization_step(given: &mut Texts<'_>) -> String {
    let scope = given.text();
    let refused_now = given.mark();
    answer::word(AuthorizationStep::of(scope, &given.params(), refused_now).as_str())
}

/// Page, number of arguments, their names and values; keys and values of further parameters.
fn phone_page(given: &mut Texts<'_>) -> Result<String, RequestError> {
    let page = given.text();
    let fields = harmless(given.counted_params())?;
    let text = |name| fields.get(name).unwrap_or_default();
    Ok(build_phone_page(page, text("from"), text("redirect"), &harmless(given.params())?)?)
}

/// Number of pages, the pages; the paths. The answer has two texts for each path with a problem.
fn check_pages(given: &mut Texts<'_>) -> String {
    let count = given.count();
    let app = AppPages::new(given.take(count).collect());
    answer::problems(given.filter_map(|path| app.problem(path).map(|problem| (path, problem))))
}

/// Base, number of arguments, their names and values; keys and values of a link's parameters.
fn request(
    build: fn(&str, &Arguments<'_>) -> Result<Request, RequestError>,
    given: &mut Texts<'_>,
) -> String {
    let base = given.text();
    let given = Arguments { fields: given.counted_params(), params: given.params() };
    answer::request(&build(base, &given))
}

fn harmless(params: Params<'_>) -> Result<Params<'_>, RequestError> {
    refuse_credentials(&params)?;
    Ok(params)
}
