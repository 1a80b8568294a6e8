//! What others see of an order.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::record::{Order, Refund};
use super::state::{RefundState, State};
use crate::amount::Fen;
use crate::moment::write_moment;
use crate::number::{OutRefundNo, OutTradeNo};

/// An order as its route and its events show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderView<'a> {
    out_trade_no: &'a OutTradeNo,
    state: State,
    amount: Fen,
    openid: &'a str,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attach: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<u32>,
    created_at: String,
    time_expire: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    success_time: Option<String>,
    /// What the payer paid, smaller by coupons.
    #[serde(skip_serializing_if = "Option::is_none")]
    payer_total: Option<Fen>,
    refunds: Vec<RefundView<'a>>,
}

/// A refund as its route and its events show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefundView<'a> {
    out_trade_no: &'a OutTradeNo,
    out_refund_no: &'a OutRefundNo,
    amount: Fen,
    state: RefundState,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    success_time: Option<String>,
    /// Why `WeChat` Pay refused it, when it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<RefusalView<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct RefusalView<'a> {
    code: &'a str,
    message: &'a str,
}

impl Order {
    /// What a route and an event show of it.
    #[must_use]
    pub fn view(&self) -> OrderView<'_> {
        let payment = self.payment.as_ref();
        OrderView {
            out_trade_no: &self.number,
            state: self.state,
            amount: self.amount,
            openid: &self.openid,
            description: &self.description,
            attach: self.attach.as_deref(),
            product: self.product.as_ref().map(|(name, _)| name.as_str()),
            quantity: self.product.as_ref().map(|(_, quantity)| *quantity),
            created_at: write_moment(self.created_at),
            time_expire: write_moment(self.expires_at),
            transaction_id: payment.map(|payment| payment.transaction_id.as_str()),
            success_time: payment.and_then(|payment| payment.success_time).map(write_moment),
            payer_total: payment.and_then(|payment| payment.payer_total),
            refunds: self.refunds.iter().map(|refund| self.view_of(refund)).collect(),
        }
    }

    /// What a route and an event show of a refund.
    #[must_use]
    pub fn refund_view(&self, number: &OutRefundNo) -> Option<RefundView<'_>> {
        self.refund_of(number).map(|refund| self.view_of(refund))
    }

    /// [`Order::view`], as JSON.
    #[must_use]
    pub fn view_json(&self) -> String {
        serde_json::to_string(&self.view()).unwrap_or_default()
    }

    /// [`Order::refund_view`], as JSON.
    #[must_use]
    pub fn refund_json(&self, number: &OutRefundNo) -> Option<String> {
        serde_json::to_string(&self.refund_view(number)?).ok()
    }

    fn view_of<'a>(&'a self, refund: &'a Refund) -> RefundView<'a> {
        RefundView {
            out_trade_no: &self.number,
            out_refund_no: &refund.number,
            amount: refund.amount,
            state: refund.state,
            reason: refund.reason.as_deref(),
            refund_id: refund.id.as_deref(),
            success_time: refund.success_time.map(write_moment),
            refusal: refund
                .refusal
                .as_ref()
                .map(|refusal| RefusalView { code: &refusal.code, message: &refusal.message }),
        }
    }
}
