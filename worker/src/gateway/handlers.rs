use std::rc::Rc;

use wxedge_contract::Problem;
use wxedge_operations::Operation;

use super::admission::{self, admit, endpoint};
use super::answer::answer;
use super::body::{Body, Types};
use super::exchange::{Received, exchange};
use super::outgoing::Outgoing;
use super::query::Query;
use super::signatures::sign;
use crate::config::ApiKey;
use crate::http::{Reply, Request};
use crate::route::Call;
use crate::{App, stats};

/// `GET` and `POST /v1/wechat/{path}`: a call of WeChat's server API with our token.
pub(crate) async fn call_endpoint(
    Call { app, request, names: [path, ..], caller: key, .. }: Call<'_, Rc<ApiKey>>,
) -> Result<Reply, Problem> {
    let operation = endpoint(&key, path)?;
    if let Some(refusal) = admission::wrong_method(operation, request.method(), &app.config.problem_types()) {
        return Ok(refusal);
    }
    admit(&key, operation)?;
    let outcome = match exchanged(app, request, operation, request.query(), Types::Documented).await {
        Ok((call, received)) => answer(app, &call, received).await,
        Err(problem) => Err(problem),
    };
    stats::count_endpoint(key.name(), operation.path(), outcome.as_ref().err());
    outcome
}

/// A call from what the caller sends, in a query without a token and a body, to what came back.
pub(super) async fn exchanged(
    app: &App,
    request: &Request,
    operation: Operation,
    query: &str,
    types: Types,
) -> Result<(Outgoing, Received), Problem> {
    // (1) What the caller sends.
    let query = Query::parse(query)?;
    let body = Body::read(request, operation, types).await?;
    // (2) What WeChat wants beside it.
    let call = sign(app, Outgoing { operation, method: request.method(), query, body }).await?;
    // (3) The exchange, a refused token mended.
    let received = exchange(app, &call).await?;
    Ok((call, received))
}
