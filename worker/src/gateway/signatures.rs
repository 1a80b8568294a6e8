//! What proves to WeChat that a call is ours or a user's, where the caller does not: `pay_sig` and `signature`.
//!
//! Source: 虚拟支付 (virtual payment), signatures; `checkSessionKey`. What is signed are the very bytes that are sent.

use wxedge_contract::{Code, FieldError, JsonValue, Problem, read_object};
use wxedge_crypto::pay_sig;
use wxedge_operations::{Flag, Place};

use super::outgoing::Outgoing;
use crate::App;
use crate::session::object;

/// Stores have keys of their own, which we do not know: their `pay_sig` is the caller's.
const VIRTUAL_PAYMENT: &str = "xpay/";
/// How a `signature` is made; calls that want to know it have this parameter.
const METHOD: (&str, &str) = ("sig_method", "hmac_sha256");
/// The longest openid, in characters.
const LONGEST_OPENID: usize = 128;

/// Adds the signatures that the row asks for and the caller leaves out.
///
/// # Errors
/// `misconfigured` without a key of virtual payment, `invalid_request` when the user is not named, `session_expired` when he
/// has no session here.
pub(super) async fn sign(app: &App, mut call: Outgoing) -> Result<Outgoing, Problem> {
    let operation = call.operation;
    let wants = |call: &Outgoing, flag: Flag| operation.is(flag) && call.query.get(flag.as_str()).is_none();
    if wants(&call, Flag::PaySig) && operation.path().starts_with(VIRTUAL_PAYMENT) {
        let signature = pay_sig(app.config.xpay_key()?, operation.path(), &text(&call)?);
        call.query.add(Flag::PaySig.as_str(), signature);
    }
    if wants(&call, Flag::Signature) {
        let openid = openid(&call)?;
        // Calls of virtual payment sign their body, the others nothing.
        let message = if operation.is(Flag::PaySig) { text(&call)? } else { String::new() };
        call.query.add(Flag::Signature.as_str(), object::sign(app, &openid, &message).await?);
        let (name, value) = METHOD;
        if operation.fields(Place::Query).named(name).is_some() && call.query.get(name).is_none() {
            call.query.add(name, value.to_owned());
        }
    }
    Ok(call)
}

/// The body as the text that is signed.
fn text(call: &Outgoing) -> Result<String, Problem> {
    String::from_utf8(call.body.json().unwrap_or_default())
        .map_err(|_| FieldError::new("body", "must be UTF-8").into())
}

/// The user named by the query, or by the body.
pub(super) fn openid(call: &Outgoing) -> Result<String, Problem> {
    let given = call.query.get("openid").or_else(|| openid_of(&call.body.json()?));
    given.filter(|openid| (1..=LONGEST_OPENID).contains(&openid.chars().count())).ok_or_else(|| {
        Problem::new(Code::InvalidRequest, "openid: must name the user whose session signs the call.")
            .hint("Or sign it yourself, and give signature in the query.")
    })
}

fn openid_of(json: &[u8]) -> Option<String> {
    let entries = read_object(json).ok()?;
    entries.into_iter().find_map(|(name, value)| match value {
        JsonValue::Text(openid) if name == "openid" => Some(openid),
        _ => None,
    })
}
