//! What a refusal becomes, for whoever asked.

use wxedge_contract::{Code, FieldError, Problem};
use wxedge_pay::{Denied, Refused, State};

/// What the state of an order does not allow.
pub(super) fn state(state: State) -> Problem {
    Problem::new(Code::OrderState, format!("The order is {}.", state.as_str()))
}

pub(super) fn denied(denied: Denied) -> Problem {
    match denied {
        Denied::State(other) => state(other),
        Denied::Conflict => Problem::new(Code::Conflict, "The same number is there with other content.")
            .hint("Send the very same content, or take a new number."),
        Denied::Beyond { left } => {
            FieldError::new("amount", format!("is more than the {left} fen that are left of the order"))
                .into()
        }
        Denied::TooMany => Problem::new(Code::OrderState, "The order has had its 50 refunds."),
        Denied::TooOld => Problem::new(Code::OrderState, "The order was paid more than a year ago."),
    }
}

/// What WeChat Pay refused a number with.
pub(super) fn refused(refused: &Refused, number: &str) -> Problem {
    let Refused { status, code, message } = refused;
    let said = format!("WeChat Pay refused {number} with {code}: {message}");
    match status {
        401 => Problem::new(Code::Misconfigured, said).hint("Check PAY_MCHID, PAY_CERT_SERIAL and PAY_PRIVATE_KEY: they belong together. The log has what WeChat Pay verified. The number stays asked for by itself: send the same again."),
        429 => Problem::new(Code::RateLimited, said).hint("It is asked for again by itself; or send the same again later."),
        404 => Problem::new(Code::NotFound, said),
        500.. => unknown(number),
        _ => Problem::new(Code::PayRefused, said),
    }
}

/// Something was asked for, and nobody knows what became of it.
pub(super) fn unknown(number: &str) -> Problem {
    Problem::new(
        Code::OutcomeUnknown,
        format!("WeChat Pay gave no answer about {number} that can be believed, so whether it happened is not known."),
    )
    .hint("Send the same again with the same number: that finds out, and nothing happens twice. A new number may pay or refund twice.")
}

/// A person's decision was not taken.
pub(super) fn unresolved(to: State) -> Problem {
    let said = format!("WeChat Pay gave no verified answer that lets the order be {}.", to.as_str());
    Problem::new(Code::UpstreamUnverified, said).hint(
        "Nothing was changed. An order becomes paid only when a query says that it was paid, with its amount.",
    )
}

/// There is no such order, or it is somebody else's.
pub(super) fn no_order() -> Problem {
    Problem::new(Code::NotFound, "There is no such order.")
}
