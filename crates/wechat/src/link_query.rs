use alloc::string::String;

use wxedge_contract::FieldError;
use wxedge_operations::{Fields, Operation, ReplyError, known, read_status, without_status};

use crate::call::Call;

/// `queryScheme`. Source: 查询scheme码.
pub const QUERY_SCHEME: Operation = known("wxa/queryscheme");
/// `queryUrlLink`. Source: 查询加密 URL Link.
pub const QUERY_URL_LINK: Operation = known("wxa/query_urllink");

/// A question about a link that was made, or about how many opens are left today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkQuery {
    operation: Operation,
    fields: Fields,
}

impl LinkQuery {
    /// Reads and checks the body of [`QUERY_SCHEME`] or [`QUERY_URL_LINK`].
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(operation: Operation, body: &[u8], now: u64) -> Result<Self, FieldError> {
        Ok(Self { operation, fields: operation.check_body(body, now)? })
    }

    /// The call that asks.
    #[must_use]
    pub fn call(&self) -> Call {
        Call::post(self.operation, self.fields.to_json())
    }

    /// Reads the reply: WeChat's own object, as JSON text without `errcode` and `errmsg`.
    ///
    /// # Errors
    /// The refusal, or `Malformed` when what was asked for is not in it.
    pub fn read(&self, body: &[u8]) -> Result<String, ReplyError> {
        let asked_for = self.asked_for();
        let mut reply = read_status(self.operation, body)?;
        // What was not asked for is passed on whatever it is.
        reply.retain(|(name, _)| name == asked_for);
        if self.operation.check_reply(reply)?.value(asked_for).is_none() {
            return Err(FieldError::new(asked_for, "is missing").into());
        }
        without_status(body)
            .ok_or_else(|| ReplyError::Malformed("WeChat's reply is no whole JSON object.".into()))
    }

    fn asked_for(&self) -> &'static str {
        match self.fields.integer("query_type") {
            Some(1) => "quota_info",
            _ if self.operation == QUERY_SCHEME => "scheme_info",
            _ => "url_link_info",
        }
    }
}

#[cfg(test)]
mod tests {
    use wxedge_contract::FieldError;
    use wxedge_operations::ReplyError;

    use super::{LinkQuery, QUERY_SCHEME, QUERY_URL_LINK};

    const SCHEME: &[u8] = br#"{"scheme":"weixin://dl/business/?t=T"}"#;

    fn scheme_query(body: &[u8]) -> Result<LinkQuery, FieldError> {
        LinkQuery::parse(QUERY_SCHEME, body, 0)
    }

    #[test]
    fn the_documented_body_is_sent() {
        assert_eq!(
            scheme_query(SCHEME).unwrap().call().body().unwrap().expose(),
            r#"{"scheme":"weixin://dl/business/?t=T","query_type":0}"#
        );
        let quota = LinkQuery::parse(QUERY_URL_LINK, br#"{"query_type":1}"#, 0).unwrap();
        assert_eq!(quota.call().body().unwrap().expose(), r#"{"query_type":1}"#);
    }

    #[test]
    fn the_reply_is_wechats_own_without_its_errcode() {
        let query = scheme_query(SCHEME).unwrap();
        let body = br#"{"errcode":0,"errmsg":"ok","scheme_info":{"appid":"wx1","path":"","n":1.50},"x":[1]}"#;
        assert_eq!(
            query.read(body).unwrap(),
            r#"{"scheme_info":{"appid":"wx1","path":"","n":1.50},"x":[1]}"#
        );
        let spaced = b" {\n \"scheme_info\" : {\"appid\":\"wx1\",\"path\":\",}\"} , \"errmsg\":\"ok\" ,\"n\": -1e3 }\n";
        assert_eq!(query.read(spaced).unwrap(), r#"{"scheme_info":{"appid":"wx1","path":",}"},"n":-1e3}"#);
    }

    #[test]
    fn what_was_not_asked_for_is_passed_on_whatever_it_is() {
        let quota = scheme_query(br#"{"query_type":1}"#).unwrap();
        let reply = r#"{"scheme_info":{"appid":""},"quota_info":{"remain_visit_quota":5}}"#;
        assert_eq!(quota.read(reply.as_bytes()).unwrap(), reply);
    }

    #[test]
    fn a_reply_without_what_was_asked_for_is_malformed() {
        let scheme = scheme_query(SCHEME).unwrap();
        let quota = scheme_query(br#"{"query_type":1}"#).unwrap();
        for (query, body) in [
            (&scheme, &b"{}"[..]),
            (&scheme, br#"{"scheme_info":[]}"#),
            (&scheme, br#"{"scheme_info":{"appid":1,"path":""}}"#),
            (&scheme, br#"{"url_link_info":{"appid":"wx1","path":""}}"#),
            (&quota, br#"{"scheme_info":{"appid":"wx1","path":""}}"#),
            (&quota, br#"{"quota_info":{"remain_visit_quota":"5"}}"#),
            (&quota, b"<html>"),
        ] {
            assert!(matches!(query.read(body), Err(ReplyError::Malformed(_))));
        }
    }
}
