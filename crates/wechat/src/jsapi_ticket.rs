use wxedge_contract::{JsonValue, fields};
use wxedge_crypto::Secret;

use crate::call::Call;
use crate::endpoint::Endpoint;
use crate::reply::{ReplyError, read_object};

/// The call that fetches the `jsapi_ticket`; it carries the token of a service account, never of a mini program.
/// Source: JS-SDK guide of service accounts, appendix 1.
#[must_use]
pub fn jsapi_ticket() -> Call {
    Call::get(Endpoint::JsapiTicket, &[("type", "jsapi")])
}

/// The `jsapi_ticket`: whoever has it signs pages in the name of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsapiTicket {
    /// Up to 512 characters.
    pub ticket: Secret,
    /// Seconds, at most 7200.
    pub expires_in: u32,
}

impl JsapiTicket {
    /// Reads the reply of [`jsapi_ticket`].
    ///
    /// # Errors
    /// The refusal, or `Malformed` when a field is missing or of the wrong type.
    pub fn parse(body: &[u8]) -> Result<Self, ReplyError> {
        let reply: Reply = read_object(Endpoint::JsapiTicket, body)?;
        let ticket = Secret::new(reply.ticket.text("ticket", 1..=512)?);
        let expires_in = reply.expires_in.optional_integer("expires_in", 1..=7200)?;
        let expires_in = expires_in.and_then(|seconds| u32::try_from(seconds).ok());
        let missing = || ReplyError::Malformed("In WeChat's reply, expires_in is missing.".into());
        Ok(Self { ticket, expires_in: expires_in.ok_or_else(missing)? })
    }
}

fields! {
    any struct Reply {
        ticket: JsonValue,
        expires_in: JsonValue,
    }
}

#[cfg(test)]
mod tests {
    use wxedge_crypto::Secret;

    use super::{JsapiTicket, jsapi_ticket};
    use crate::reply::ReplyError;

    #[test]
    fn the_token_goes_into_the_query() {
        let call = jsapi_ticket().with_token(&Secret::new("T"));
        assert_eq!(
            call.url("http://h").expose(),
            "http://h/cgi-bin/ticket/getticket?type=jsapi&access_token=T"
        );
    }

    #[test]
    fn the_reply_must_hold_a_ticket_and_its_life() {
        let ticket = JsapiTicket::parse(br#"{"errcode":0,"ticket":"T","expires_in":7200}"#).unwrap();
        assert_eq!((ticket.ticket.expose(), ticket.expires_in), ("T", 7200));
        for body in [
            "{}",
            r#"{"ticket":"T"}"#,
            r#"{"ticket":"","expires_in":1}"#,
            r#"{"ticket":"T","expires_in":"7200"}"#,
            r#"{"ticket":"T","expires_in":0}"#,
        ] {
            assert!(matches!(JsapiTicket::parse(body.as_bytes()), Err(ReplyError::Malformed(_))), "{body}");
        }
    }
}
