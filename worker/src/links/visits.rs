use serde::Serialize;
use wxedge_contract::{Code, Problem, to_json};
use wxedge_landing::{Door, Doors, Language, Made, OpenTag, Page, Trouble, Visitor, error_page, page};

use crate::codes;
use crate::codes::images;
use crate::codes::order::{CodeKind, CodeOrder};
use crate::http::{Reply, Request};
use crate::jssdk::signing;
use crate::jssdk::signing::Signed;
use crate::links::env_version::EnvVersion;
use crate::links::visit::{self, Visit, Wanted};
use crate::route::{Call, User};
use crate::scenes::stored;
use crate::session::object::{self, NewCode};
use crate::{App, log};

/// Why no link can be opened at this moment.
fn closed() -> Problem {
    Problem::new(Code::UpstreamRefused, "WeChat makes no link for this account at this moment.")
        .hint("An operator sees why in GET /v1/links/{name}: doors.")
}

#[derive(Serialize)]
struct Opened<'a> {
    /// `null` when there is no other door than `web_url`.
    openlink: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url_link: Option<&'a str>,
    /// Unix seconds; `null` for a plain scheme, which does not expire.
    expires_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    web_url: Option<&'a str>,
    visitor: &'static str,
    door: &'static str,
}

/// `GET /v1/links/{name}/open`: the doors of a link, for H5 pages of others.
pub(crate) async fn open_link(
    Call { app, request, names: [name, _], .. }: Call<'_>,
) -> Result<Reply, Problem> {
    let kinds = [Made::Scheme, Made::UrlLink];
    let visit = Visit::open(app, name, request.query(), &kinds, Wanted::All).await?;
    let (visitor, doors) = (visitor(request), visit.doors());
    let openlink = doors.openlink.or(doors.plain_scheme).or(doors.url_link);
    let web_url = visit.link.web_url.as_deref();
    if openlink.or(web_url).is_none() {
        return Err(closed());
    }
    Ok(Reply::json(&Opened {
        openlink,
        web_url,
        url_link: doors.url_link,
        expires_at: visit.expires_at(),
        visitor: visitor.name(),
        door: Door::best(visitor, doors, web_url).name(),
    }))
}

/// `GET /go/{name}`: the page that opens the mini program. Whatever goes wrong, a person gets a page.
pub(crate) async fn go(Call { app, request, names: [name, _], .. }: Call<'_>) -> Result<Reply, Problem> {
    let language = Language::of(request.header("accept-language").unwrap_or_default());
    match landing(app, request, name, language).await {
        Err(problem) if wants_html(request) => {
            log::problem(request.path(), &problem);
            Ok(html(error_page(language, trouble(&problem)), problem.code.status()))
        }
        outcome => outcome,
    }
}

async fn landing(app: &App, request: &Request, name: &str, language: Language) -> Result<Reply, Problem> {
    let visitor = visitor(request);
    // (1) Sign the address, where the open tag is the door.
    let signature = open_tag_signature(app, request, visitor).await;
    // (2) Open the doors that this visitor needs.
    let kinds = visitor.needs(signature.is_some());
    let visit = Visit::open(app, name, request.query(), kinds, Wanted::Best).await?;
    // (3) Write the page.
    let doors = Doors { open_tag: open_tag(app, &visit, signature.as_ref()), ..visit.doors() };
    let address = address(request, name, &visit.parameters);
    let page = page(&Page {
        visitor,
        language,
        title: visit.link.title.as_deref(),
        web_url: visit.link.web_url.as_deref(),
        address: &address,
        doors,
    });
    Ok(html(page, 200))
}

fn visitor(request: &Request) -> Visitor {
    Visitor::of(request.header("user-agent").unwrap_or_default())
}

/// The signature of this very address, where WeChat shows the page and a service account is there. Without one the
/// visitor gets another door, so no failure ends here.
async fn open_tag_signature(app: &App, request: &Request, visitor: Visitor) -> Option<Signed> {
    let is_in_wechat = matches!(visitor, Visitor::WechatIos | Visitor::WechatAndroid);
    let has_account = matches!(app.config.service_account, Ok(Some(_)));
    if !is_in_wechat || !has_account || !signing::is_public(app, request.host()).unwrap_or(false) {
        return None;
    }
    match signing::sign(app, &request.url()).await {
        Ok(signature) => Some(signature),
        Err(problem) => {
            log::problem(request.path(), &problem);
            None
        }
    }
}

fn open_tag<'a>(app: &'a App, visit: &'a Visit, signature: Option<&'a Signed>) -> Option<OpenTag<'a>> {
    let signature = signature?;
    Some(OpenTag {
        service_appid: &signature.app_id,
        timestamp: signature.timestamp,
        nonce_str: &signature.nonce_str,
        signature: &signature.signature,
        appid: app.config.appid().ok()?,
        path: &visit.link.path,
        query: &visit.query,
        env_version: visit.link.env_version.as_str(),
    })
}

/// The address to pass on: without what advertisers and WeChat append.
fn address(request: &Request, name: &str, parameters: &str) -> String {
    let mark = if parameters.is_empty() { "" } else { "?" };
    format!("{}/go/{name}{mark}{parameters}", request.origin_of_url())
}

fn html(page: wxedge_landing::Html, status: u16) -> Reply {
    let mut reply = Reply::text("text/html; charset=utf-8", page.body)
        .with("Content-Security-Policy", page.policy)
        .with("Referrer-Policy", "no-referrer")
        .with("Vary", "User-Agent, Accept-Language, Accept");
    reply.status = status;
    reply
}

fn wants_html(request: &Request) -> bool {
    request.header("accept").is_some_and(|accept| accept.contains("text/html"))
}

fn trouble(problem: &Problem) -> Trouble {
    match problem.code {
        Code::NotFound => Trouble::UnknownLink,
        Code::InvalidRequest => Trouble::TooLong,
        _ => Trouble::Unavailable,
    }
}

#[derive(Serialize)]
struct Poster<'a> {
    scene: &'a str,
    page: &'a str,
    /// What has not been published yet cannot be found among the published pages.
    check_path: bool,
    env_version: EnvVersion,
}

/// `GET /v1/links/{name}/code`: the code image of a link with the user's own parameters, for his poster.
pub(crate) async fn link_code(
    Call { app, request, names: [name, _], caller: user, .. }: Call<'_, User>,
) -> Result<Reply, Problem> {
    // (1) Find the link. No door is needed, so the limit of their parameters does not count.
    let link = visit::find(app, name).await?.link;
    // (2) Write what the code carries.
    let query = link.whole_query(&link.parameters(request.query()));
    let scene = stored::fitting(app, &query).await?;
    let env_version = link.env_version;
    let check_path = env_version == EnvVersion::Release;
    let poster = Poster { scene: &scene.text, page: &link.path, check_path, env_version };
    let body = to_json(&poster);
    let order = CodeOrder::parse(CodeKind::WxaCodeUnlimited, body.as_bytes(), app.platform.now())?;
    // (3) Find the image.
    let digest = order.digest(app.config.appid()?);
    let image = images::find(&app.platform, &digest).await;
    // (4) Count what is new, as often as this user may cause it.
    let new = NewCode { image: image.is_none(), scene: !scene.is_stored };
    if new != NewCode::NOTHING {
        object::count_code(app, &user, new).await?;
    }
    // (5) Store the scene, and have the image made.
    if new.scene {
        stored::store_found(app, &scene, &query).await?;
    }
    match image {
        Some(image) => codes::found(request, image),
        None => codes::made(app, request, &digest, &order).await,
    }
}
