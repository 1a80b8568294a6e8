//! Calls to WeChat Pay: made once, and believed when they are verified.

use wxedge_contract::Problem;
use wxedge_pay::{Answer, Request};

use super::{exchange, verifying};
use crate::{App, log};

/// What came of a call, and what stood in its way where it was not sent.
pub(super) struct Outcome {
    pub(super) answer: Answer,
    pub(super) problem: Option<Problem>,
}

/// Makes a call, once.
pub(super) async fn call(app: &App, request: &Request) -> Outcome {
    match try_call(app, request).await {
        Ok(answer) => Outcome { answer, problem: None },
        Err(problem) => {
            log::problem(&request.target, &problem);
            Outcome { answer: Answer::Lost, problem: Some(problem) }
        }
    }
}

async fn try_call(app: &App, request: &Request) -> Result<Answer, Problem> {
    let pay = app.config.pay()?;
    let keys = verifying::current(app, pay, None).await?;
    let Some(response) = exchange::send(app, pay, request, &keys).await? else { return Ok(Answer::Lost) };
    if response.status >= 400 {
        return Ok(Answer::Refused(exchange::refusal(pay, &response)));
    }
    if !matches!(response.status, 200 | 204) {
        return Ok(Answer::Lost);
    }
    Ok(match verifying::verify(app, pay, exchange::headers_of(&response.headers), &response.body).await {
        Ok(verified) => Answer::Verified(verified),
        Err(refusal) => {
            log::unverified(&request.target, &refusal);
            Answer::Unverified
        }
    })
}
