//! What others see of an order, as JSON.

use alloc::string::String;
use core::fmt::Write as _;

use super::record::{Order, Refund};
use crate::form::json_text;
use crate::moment::write_moment;
use crate::number::OutRefundNo;

/// An object of JSON that is being written.
struct Object(String);

impl Object {
    fn new() -> Self {
        Self(String::from("{"))
    }

    /// A field whose value is JSON.
    fn json(&mut self, name: &str, json: &str) {
        if !self.0.ends_with('{') {
            self.0.push(',');
        }
        let _ = write!(self.0, "\"{name}\":{json}");
    }

    fn text(&mut self, name: &str, text: &str) {
        self.json(name, &json_text(text));
    }

    /// A text, where there is one.
    fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    fn number(&mut self, name: &str, number: u32) {
        self.json(name, &json_number(number));
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

fn json_number(number: u32) -> String {
    alloc::format!("{number}")
}

impl Order {
    /// The order as its route and its events show it. `payer_total` is what the payer paid, smaller by coupons.
    #[must_use]
    pub fn view_json(&self) -> String {
        let payment = self.payment.as_ref();
        let mut view = Object::new();
        view.text("out_trade_no", self.number.as_str());
        view.text("state", self.state.as_str());
        view.number("amount", self.amount.get());
        view.text("openid", &self.openid);
        view.text("description", &self.description);
        view.optional("attach", self.attach.as_deref());
        if let Some(product) = &self.product {
            view.text("product", product);
            view.number("quantity", self.quantity);
        }
        view.text("created_at", &write_moment(self.created_at));
        view.text("time_expire", &write_moment(self.expires_at));
        if let Some(payment) = payment {
            view.text("transaction_id", &payment.transaction_id);
            view.optional("success_time", payment.success_time.map(write_moment).as_deref());
            if let Some(payer_total) = payment.payer_total {
                view.number("payer_total", payer_total.get());
            }
        }
        let mut refunds = String::from("[");
        for refund in &self.refunds {
            if !refunds.ends_with('[') {
                refunds.push(',');
            }
            refunds.push_str(&self.view_of(refund));
        }
        refunds.push(']');
        view.json("refunds", &refunds);
        view.end()
    }

    /// A refund as its route and its events show it. `refusal` is why `WeChat` Pay refused it, when it did.
    #[must_use]
    pub fn refund_json(&self, number: &OutRefundNo) -> Option<String> {
        self.refund_of(number).map(|refund| self.view_of(refund))
    }

    fn view_of(&self, refund: &Refund) -> String {
        let mut view = Object::new();
        view.text("out_trade_no", self.number.as_str());
        view.text("out_refund_no", refund.number.as_str());
        view.number("amount", refund.amount.get());
        view.text("state", refund.state.as_str());
        view.optional("reason", refund.reason.as_deref());
        view.optional("refund_id", refund.id.as_deref());
        view.optional("success_time", refund.success_time.map(write_moment).as_deref());
        if let Some(refusal) = &refund.refusal {
            let mut why = Object::new();
            why.text("code", &refusal.code);
            why.text("message", &refusal.message);
            view.json("refusal", &why.end());
        }
        view.end()
    }
}
