use wxedge_crypto::Secret;
use wxedge_operations::{Operation, ReplyError, known};

use crate::call::Call;

const JSAPI_TICKET: Operation = known("cgi-bin/ticket/getticket");

/// The call that fetches the `jsapi_ticket`; it carries the token of a service account, never of a mini program.
/// Source: JS-SDK guide of service accounts, appendix 1.
#[must_use]
pub fn jsapi_ticket() -> Call {
    Call::get(JSAPI_TICKET, &[("type", "jsapi")])
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
        let fields = JSAPI_TICKET.read(body)?;
        let expires_in = fields.integer("expires_in").and_then(|seconds| u32::try_from(seconds).ok());
        Ok(Self {
            ticket: Secret::new(fields.text("ticket").unwrap_or_default()),
            expires_in: expires_in.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use wxedge_crypto::Secret;
    use wxedge_operations::ReplyError;

    use super::{JsapiTicket, jsapi_ticket};

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
