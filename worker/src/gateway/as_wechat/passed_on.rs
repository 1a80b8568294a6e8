//! WeChat's reply as it came.

use edge::Body;
use wxedge_contract::Problem;
use wxedge_operations::Operation;

use crate::gateway::answer::{NO_FILE, is_file, malformed, with_kept_headers};
use crate::gateway::exchange::{CONTENT_TYPE, LOOKED_AT, Received, Reply as Upstream, without};
use crate::http::Reply;
use crate::transport::unanswered;

/// The reply with its status, body and Content-Type, and without what the call carried, should somebody on its way repeat
/// that. Whatever its type says, no browser runs it as a page of our origin.
///
/// # Errors
/// `upstream_malformed` for what is no reply of WeChat's and too long to be looked through.
pub(super) async fn passed_on(operation: Operation, received: Received) -> Result<Reply, Problem> {
    let Received { status, headers, reply, credential } = received;
    let content_type = headers.get(CONTENT_TYPE).map(str::to_owned);
    let body = match reply {
        Upstream::Json(json) => Body::Bytes(without(&credential, json)),
        Upstream::Bytes(page) if !is_file(operation, status, content_type.as_deref().unwrap_or_default()) => {
            page.fill(LOOKED_AT).await.map_err(unanswered)?;
            if !page.is_whole() {
                return Err(malformed(NO_FILE));
            }
            Body::Bytes(without(&credential, page.start(u32::MAX)))
        }
        Upstream::LongJson(open, _) | Upstream::Bytes(open) => Body::Open(open),
        Upstream::Empty => Body::Empty,
    };
    let reply = Reply { status, content_type: content_type.map(Into::into), headers: Vec::new(), body };
    Ok(with_kept_headers(reply, &headers))
}
