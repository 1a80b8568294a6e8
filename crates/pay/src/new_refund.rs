use alloc::string::String;

use wxedge_contract::{FieldError, JsonValue, fields, parse_object};

use crate::amount::Fen;
use crate::form::line;
use crate::number::OutRefundNo;

/// A refund that somebody wants made. Source: 退款申请.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRefund {
    /// The merchant's number.
    pub out_refund_no: OutRefundNo,
    /// How much is given back.
    pub amount: Fen,
    /// What the payer sees: up to 80 characters.
    pub reason: Option<String>,
}

fields! {
    only struct RefundFields {
        out_refund_no: JsonValue,
        amount: JsonValue,
        reason: JsonValue,
    }
}

impl NewRefund {
    /// Reads and checks the body of a service's request.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8]) -> Result<Self, FieldError> {
        let fields: RefundFields = parse_object(body)?;
        Ok(Self {
            out_refund_no: OutRefundNo::parse(&fields.out_refund_no)?,
            amount: Fen::parse(&fields.amount, "amount")?,
            reason: line(fields.reason, "reason", 80)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::NewRefund;

    #[test]
    fn every_rule_names_its_field() {
        for (body, field) in [
            ("", "body"),
            ("{}", "out_refund_no"),
            (r#"{"out_refund_no":"R/1","amount":1}"#, "out_refund_no"),
            (r#"{"out_refund_no":"R1"}"#, "amount"),
            (r#"{"out_refund_no":"R1","amount":-1}"#, "amount"),
            (r#"{"out_refund_no":"R1","amount":9007199254740992}"#, "amount"),
            (r#"{"out_refund_no":"R1","amount":1,"reason":"🎉"}"#, "reason"),
            (r#"{"out_refund_no":"R1","amount":1,"total":1}"#, "total"),
        ] {
            assert_eq!(NewRefund::parse(body.as_bytes()).unwrap_err().field, field, "{body}");
        }
        assert!(
            NewRefund::parse(r#"{"out_refund_no":"R@1","amount":1,"reason":"商品已售完"}"#.as_bytes())
                .is_ok()
        );
    }
}
