//! What `WeChat` Pay states of a payment or a refund. Neither can be made of anything but verified bytes.
//!
//! Source: 商户订单号查询订单, 查询单笔退款.

use alloc::string::String;

use wxedge_contract::{JsonValue, Nested, fields, parse_object};

use crate::amount::Fen;
use crate::moment::parse_moment;
use crate::number::{OutRefundNo, OutTradeNo};
use crate::verifying::Verified;

/// A payment as a query or a notification shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    pub(crate) appid: String,
    pub(crate) mchid: String,
    pub(crate) out_trade_no: OutTradeNo,
    pub(crate) state: TradeState,
    pub(crate) id: Option<String>,
    pub(crate) success_time: Option<u64>,
    pub(crate) openid: Option<String>,
    pub(crate) total: Option<Fen>,
    pub(crate) payer_total: Option<Fen>,
    pub(crate) is_in_yuan: bool,
}

/// `trade_state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TradeState {
    /// `NOTPAY`, and states of other products or of the future: not paid as far as it says.
    Unpaid,
    /// `SUCCESS`.
    Success,
    /// `REFUND`: paid, and a refund was asked for, of a part or all.
    Refund,
    /// `CLOSED`.
    Closed,
}

/// A refund as an answer or a notification shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundFact {
    /// Missing from answers: the path says whose it is.
    pub(crate) mchid: Option<String>,
    pub(crate) out_trade_no: OutTradeNo,
    pub(crate) transaction_id: String,
    pub(crate) out_refund_no: OutRefundNo,
    pub(crate) refund_id: String,
    pub(crate) status: RefundStatus,
    pub(crate) success_time: Option<u64>,
    pub(crate) total: Fen,
    pub(crate) refund: Fen,
}

/// `status` of an answer, `refund_status` of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// On its way.
    Processing,
    /// The money is with the payer.
    Success,
    /// Final: nothing was given back.
    Closed,
    /// The payer's account takes nothing; the money waits at the merchant.
    Abnormal,
}

impl Transaction {
    /// The order it belongs to.
    #[must_use]
    pub fn out_trade_no(&self) -> &OutTradeNo {
        &self.out_trade_no
    }

    /// Whether it is of this merchant and this mini program: one address may be told to several.
    #[must_use]
    pub fn is_of(&self, mchid: &str, appid: &str) -> bool {
        self.mchid == mchid && self.appid == appid
    }

    /// The answer to a query.
    pub(crate) fn of_query(verified: &Verified) -> Option<Self> {
        Self::read(verified.body())
    }

    pub(crate) fn read(json: &[u8]) -> Option<Self> {
        let fields: TransactionFields = parse_object(json).ok()?;
        let amount = fields.amount.optional("amount").ok()?.unwrap_or_default();
        let payer = fields.payer.optional("payer").ok()?.unwrap_or_default();
        Some(Self {
            appid: text(fields.appid)?,
            mchid: text(fields.mchid)?,
            out_trade_no: OutTradeNo::parse(&fields.out_trade_no).ok()?,
            state: match text(fields.trade_state)?.as_str() {
                "SUCCESS" => TradeState::Success,
                "REFUND" => TradeState::Refund,
                "CLOSED" => TradeState::Closed,
                _ => TradeState::Unpaid,
            },
            id: text(fields.transaction_id).filter(|id| is_id(id)),
            success_time: text(fields.success_time).and_then(|time| parse_moment(&time)),
            openid: text(payer.openid),
            total: Fen::stated(&amount.total),
            payer_total: Fen::stated(&amount.payer_total),
            is_in_yuan: matches!(amount.currency, JsonValue::Text(currency) if currency == "CNY"),
        })
    }
}

impl RefundFact {
    /// The order it belongs to.
    #[must_use]
    pub fn out_trade_no(&self) -> &OutTradeNo {
        &self.out_trade_no
    }

    /// Whether it is of this merchant.
    #[must_use]
    pub fn is_of(&self, mchid: &str) -> bool {
        self.mchid.as_deref().is_none_or(|stated| stated == mchid)
    }

    /// The answer to a refund or to its query, where the state is `status`.
    pub(crate) fn of_answer(verified: &Verified) -> Option<Self> {
        let fields: RefundFields = parse_object(verified.body()).ok()?;
        Self::of(fields, |fields| &fields.status)
    }

    /// A notification, where the same thing is `refund_status`.
    pub(crate) fn read_notice(json: &[u8]) -> Option<Self> {
        let fields: RefundFields = parse_object(json).ok()?;
        if fields.mchid == JsonValue::Absent {
            return None;
        }
        Self::of(fields, |fields| &fields.refund_status)
    }

    fn of(fields: RefundFields, status: impl Fn(&RefundFields) -> &JsonValue) -> Option<Self> {
        let status = match status(&fields) {
            JsonValue::Text(status) => match status.as_str() {
                "PROCESSING" => RefundStatus::Processing,
                "SUCCESS" => RefundStatus::Success,
                "CLOSED" => RefundStatus::Closed,
                "ABNORMAL" => RefundStatus::Abnormal,
                _ => return None,
            },
            _ => return None,
        };
        let amount = fields.amount.optional("amount").ok()??;
        Some(Self {
            mchid: text(fields.mchid),
            out_trade_no: OutTradeNo::parse(&fields.out_trade_no).ok()?,
            transaction_id: text(fields.transaction_id).filter(|id| is_id(id))?,
            out_refund_no: OutRefundNo::parse(&fields.out_refund_no).ok()?,
            refund_id: text(fields.refund_id).filter(|id| is_id(id))?,
            status,
            success_time: text(fields.success_time).and_then(|time| parse_moment(&time)),
            total: Fen::stated(&amount.total)?,
            refund: Fen::stated(&amount.refund)?,
        })
    }
}

fields! {
    any struct TransactionFields {
        appid: JsonValue,
        mchid: JsonValue,
        out_trade_no: JsonValue,
        trade_state: JsonValue,
        transaction_id: JsonValue,
        success_time: JsonValue,
        payer: Nested<PayerFields>,
        amount: Nested<AmountFields>,
    }
}

fields! {
    any struct PayerFields {
        openid: JsonValue,
    }
}

fields! {
    any struct AmountFields {
        total: JsonValue,
        payer_total: JsonValue,
        refund: JsonValue,
        currency: JsonValue,
    }
}

fields! {
    any struct RefundFields {
        mchid: JsonValue,
        out_trade_no: JsonValue,
        transaction_id: JsonValue,
        out_refund_no: JsonValue,
        refund_id: JsonValue,
        status: JsonValue,
        refund_status: JsonValue,
        success_time: JsonValue,
        amount: Nested<AmountFields>,
    }
}

fields! {
    any struct PrepayFields {
        prepay_id: JsonValue,
    }
}

/// The `prepay_id` of an answer to a new order. Source: JSAPI 下单.
pub(crate) fn prepay_id(verified: &Verified) -> Option<String> {
    let fields: PrepayFields = parse_object(verified.body()).ok()?;
    text(fields.prepay_id).filter(|id| is_id(id))
}

fn text(given: JsonValue) -> Option<String> {
    match given {
        JsonValue::Text(text) => Some(text),
        _ => None,
    }
}

/// Ids of `WeChat` Pay's are stored and signed: bounded, and without a line break.
fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
