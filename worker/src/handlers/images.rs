use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use wxedge_contract::{Code, Problem};
use wxedge_wechat::ImageType;

use crate::codes::{CodeKind, CodeOrder};
use crate::config::Scope;
use crate::http::{Reply, Request};
use crate::objects::makers;
use crate::{App, access, store};

/// `POST /v1/wxacode`: a code that carries a whole path.
pub(crate) async fn wxacode(app: &App, request: &Request) -> Result<Reply, Problem> {
    code(app, request, CodeKind::WxaCode).await
}

/// `POST /v1/wxacode/unlimited`: a code that carries a scene.
pub(crate) async fn wxacode_unlimited(app: &App, request: &Request) -> Result<Reply, Problem> {
    code(app, request, CodeKind::WxaCodeUnlimited).await
}

/// `POST /v1/qrcode`: a square code that carries a whole path.
pub(crate) async fn qrcode(app: &App, request: &Request) -> Result<Reply, Problem> {
    code(app, request, CodeKind::QrCode).await
}

async fn code(app: &App, request: &Request, kind: CodeKind) -> Result<Reply, Problem> {
    // (1) Authorise.
    access::service(app, request, Scope::Codes)?;
    // (2) Parse.
    let order = CodeOrder::parse(kind, request.json()?)?;
    // (3) Find the image, or have it made.
    let digest = order.digest(app.config.appid()?);
    let (image, cache) = match store::image(&app.platform, &digest).await {
        Some(image) => (image, "hit"),
        None => (makers::image(app, &digest, &order).await?, "miss"),
    };
    // (4) Answer.
    Ok(image_reply(image, request.asks("format", "base64"))?.with("X-Cache", cache))
}

#[derive(Serialize)]
struct Base64Image {
    content_type: &'static str,
    image: String,
}

fn image_reply(image: Vec<u8>, as_base64: bool) -> Result<Reply, Problem> {
    let kind =
        ImageType::of(&image).ok_or_else(|| Problem::new(Code::Internal, "What was kept is no image."))?;
    let content_type = kind.content_type();
    Ok(if as_base64 {
        Reply::json(&Base64Image { content_type, image: STANDARD.encode(image) })
    } else {
        Reply::bytes(content_type, image)
    })
}
