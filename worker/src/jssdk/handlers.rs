use wxedge_contract::{FieldError, Problem};
use wxedge_launch::Params;

use crate::http::Reply;
use crate::jssdk::signing;
use crate::route::Call;

/// `GET /v1/jssdk?url=`: what `wx.config` needs on a page of ours.
pub(crate) async fn jssdk(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    let params = Params::parse(request.query());
    let url = params.get("url").ok_or_else(|| {
        FieldError::new("url", "is required: the address of the page as it was loaded, percent-encoded")
    })?;
    Ok(Reply::json(&signing::sign(app, url).await?))
}
