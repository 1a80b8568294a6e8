use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use edge::Blob;
use serde::Serialize;
use wxedge_contract::{Code, Problem};
use wxedge_wechat::ImageType;

use super::images;
use crate::App;
use crate::codes::maker;
use crate::codes::order::{CodeKind, CodeOrder};
use crate::http::{Reply, Request};
use crate::route::Call;

/// `POST /v1/wxacode`, `/v1/wxacode/unlimited`, `/v1/qrcode`: the image of a code, made once.
pub(crate) async fn code_image(
    Call { app, request, body, .. }: Call<'_>,
    kind: CodeKind,
) -> Result<Reply, Problem> {
    // (1) Parse.
    let order = CodeOrder::parse(kind, body, app.platform.now())?;
    let digest = order.digest(app.config.appid()?);
    // (2) Find the image, or have it made.
    match images::find(&app.platform, &digest).await {
        Some(image) => found(request, image),
        None => made(app, request, &digest, &order).await,
    }
}

/// `DELETE` of the same routes, with the same body: the next one who asks has the image made anew.
pub(crate) async fn delete_code_image(
    Call { app, body, .. }: Call<'_>,
    kind: CodeKind,
) -> Result<Reply, Problem> {
    let digest = CodeOrder::parse(kind, body, app.platform.now())?.digest(app.config.appid()?);
    maker::delete(app, &digest).await?;
    Ok(Reply::no_content())
}

/// An image that was made before.
pub(crate) fn found(request: &Request, image: Blob) -> Result<Reply, Problem> {
    let reply = if wants_base64(request) {
        image_reply(request, image.to_vec())?
    } else {
        Reply::stored(content_type(&image.start(MARK))?, image)
    };
    Ok(reply.with("X-Cache", "hit"))
}

/// An image that nobody has asked for yet.
pub(crate) async fn made(
    app: &App,
    request: &Request,
    digest: &str,
    order: &CodeOrder,
) -> Result<Reply, Problem> {
    let image = maker::make(app, digest, order).await?;
    let reply = image_reply(request, image.bytes)?.with("X-Cache", "miss");
    Ok(match image.codes_used {
        Some(used) => reply.with("Num-Used", used.to_string()),
        None => reply,
    })
}

#[derive(Serialize)]
struct Base64Image {
    content_type: &'static str,
    image: String,
}

fn image_reply(request: &Request, image: Vec<u8>) -> Result<Reply, Problem> {
    let content_type = content_type(&image)?;
    Ok(if wants_base64(request) {
        Reply::json(&Base64Image { content_type, image: STANDARD.encode(image) })
    } else {
        Reply::bytes(content_type, image)
    })
}

fn wants_base64(request: &Request) -> bool {
    request.asks("format", "base64")
}

/// How many bytes tell the kind of an image.
const MARK: u32 = 8;

fn content_type(image: &[u8]) -> Result<&'static str, Problem> {
    let kind = ImageType::of(image);
    Ok(kind.ok_or_else(|| Problem::new(Code::Internal, "What was kept is no image."))?.content_type())
}
