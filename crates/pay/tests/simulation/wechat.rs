//! `WeChat` Pay as the documents have it, for one order. It knows nothing of the crate but what goes over the wire.

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub const MCHID: &str = "1900000109";
pub const APPID: &str = "wx8888888888888888";
pub const OPENID: &str = "oPayer";

/// An answer: its status and its body. From 400 on nobody signs it.
pub type Reply = (u16, Value);

#[derive(Default)]
pub struct WeChat {
    body: Option<String>,
    amount: u64,
    expires_at: u64,
    pub state: Trade,
    pub refunds: BTreeMap<String, Refund>,
    /// What refuses refunds for now.
    pub refuses_refunds: Option<&'static str>,
    pub refuses_orders: Option<&'static str>,
    prepays: u64,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Trade {
    #[default]
    None,
    Unpaid,
    Paid,
    Closed,
}

#[derive(Clone, Debug)]
pub struct Refund {
    pub amount: u64,
    pub state: &'static str,
    pub by_us: bool,
    body: String,
}

impl WeChat {
    pub fn is_paid(&self) -> bool {
        self.state == Trade::Paid
    }

    pub fn amount(&self) -> u64 {
        self.amount
    }

    /// What was given back in the end.
    pub fn given_back(&self) -> u64 {
        self.refunds.values().filter(|refund| refund.state == "SUCCESS").map(|refund| refund.amount).sum()
    }

    pub fn create(&mut self, body: &str, now: u64, moment: impl Fn(&str) -> u64) -> Reply {
        let wanted: Value = serde_json::from_str(body).expect("a body is JSON");
        if let Some(code) = self.refuses_orders.filter(|_| self.state == Trade::None) {
            return (400, json!({"code": code, "message": "no"}));
        }
        match (&self.body, self.state) {
            (None, _) => {
                self.body = Some(body.into());
                self.amount = wanted["amount"]["total"].as_u64().expect("an amount");
                self.expires_at = moment(wanted["time_expire"].as_str().expect("an end"));
                self.state = Trade::Unpaid;
            }
            (Some(first), _) => {
                assert_eq!(first, body, "the same number with other bytes");
                if self.state != Trade::Unpaid || now >= self.expires_at {
                    return (400, json!({"code": "INVALID_REQUEST", "message": "201 商户订单号重复"}));
                }
            }
        }
        self.prepays += 1;
        (200, json!({"prepay_id": format!("wx{}", self.prepays)}))
    }

    pub fn query(&self) -> Reply {
        let state = match self.state {
            Trade::None => return (404, json!({"code": "ORDER_NOT_EXIST", "message": "none"})),
            Trade::Unpaid => "NOTPAY",
            Trade::Closed => "CLOSED",
            Trade::Paid if self.refunds.is_empty() => "SUCCESS",
            Trade::Paid => "REFUND",
        };
        (200, Self::transaction(state, self.amount))
    }

    pub fn close(&mut self) -> Reply {
        match self.state {
            Trade::None => (404, json!({"code": "ORDERNOTEXIST", "message": "none"})),
            Trade::Paid => (400, json!({"code": "ORDERPAID", "message": "paid"})),
            Trade::Unpaid | Trade::Closed => {
                self.state = Trade::Closed;
                (204, Value::Null)
            }
        }
    }

    /// The payer pays with a `prepay_id`.
    pub fn pay(&mut self, now: u64) -> bool {
        let may = self.state == Trade::Unpaid && now < self.expires_at;
        if may {
            self.state = Trade::Paid;
        }
        may
    }

    /// A payment goes through although the order was closed.
    pub fn pay_late(&mut self) -> bool {
        let may = self.state == Trade::Closed;
        if may {
            self.state = Trade::Paid;
        }
        may
    }

    /// Orders end by themselves.
    pub fn expire(&mut self, now: u64) {
        if self.state == Trade::Unpaid && now >= self.expires_at {
            self.state = Trade::Closed;
        }
    }

    pub fn refund(&mut self, body: &str, outcome: &'static str) -> Reply {
        let wanted: Value = serde_json::from_str(body).expect("a body is JSON");
        let number = wanted["out_refund_no"].as_str().expect("a number").to_owned();
        if let Some(known) = self.refunds.get(&number) {
            assert_eq!(known.body, body, "the same refund with other bytes");
        }
        assert!(self.is_paid(), "a refund of what is not paid");
        // Whoever may not ask at all is refused before the number is looked at.
        if let Some(code) = self.refuses_refunds {
            return (403, json!({"code": code, "message": "no"}));
        }
        if self.refunds.contains_key(&number) {
            return (200, self.refund_answer(&number));
        }
        let amount = wanted["amount"]["refund"].as_u64().expect("an amount");
        let spoken_for: u64 =
            self.refunds.values().filter(|refund| refund.state != "CLOSED").map(|refund| refund.amount).sum();
        if spoken_for + amount > self.amount {
            let asked: u64 = self
                .refunds
                .values()
                .filter(|refund| refund.by_us && refund.state != "CLOSED")
                .map(|refund| refund.amount)
                .sum();
            assert!(asked + amount <= self.amount, "more is asked back than was paid");
            return (400, json!({"code": "INVALID_REQUEST", "message": "too much"}));
        }
        let ours = self.refunds.values().filter(|refund| refund.by_us).count();
        assert!(ours < 50, "more than fifty refunds");
        self.refunds
            .insert(number.clone(), Refund { amount, state: outcome, by_us: true, body: body.into() });
        (200, self.refund_answer(&number))
    }

    /// Somebody refunds in the console.
    pub fn console_refund(&mut self, amount: u64) -> Option<String> {
        let spoken_for: u64 =
            self.refunds.values().filter(|refund| refund.state != "CLOSED").map(|refund| refund.amount).sum();
        if !self.is_paid() || amount == 0 || spoken_for + amount > self.amount {
            return None;
        }
        let number = format!("console{}", self.refunds.len());
        self.refunds
            .insert(number.clone(), Refund { amount, state: "SUCCESS", by_us: false, body: String::new() });
        Some(number)
    }

    pub fn query_refund(&self, number: &str) -> Reply {
        if self.refunds.contains_key(number) {
            (200, self.refund_answer(number))
        } else {
            (404, json!({"code": "RESOURCE_NOT_EXISTS", "message": "none"}))
        }
    }

    pub fn transaction(state: &str, amount: u64) -> Value {
        let mut order = json!({
            "appid": APPID, "mchid": MCHID, "out_trade_no": super::world::NUMBER, "trade_state": state,
            "amount": {"total": amount, "currency": "CNY", "payer_total": amount},
            "payer": {"openid": OPENID},
        });
        if matches!(state, "SUCCESS" | "REFUND") {
            order["transaction_id"] = json!("4200000000000000000000000001");
            order["success_time"] = json!("2026-11-24T16:01:07+08:00");
        }
        order
    }

    pub fn refund_notice(&self, number: &str) -> Value {
        let mut notice = self.refund_answer(number);
        let status = notice["status"].take();
        let fields = notice.as_object_mut().expect("an object");
        fields.remove("status");
        fields.insert("refund_status".into(), status);
        fields.insert("mchid".into(), json!(MCHID));
        notice
    }

    fn refund_answer(&self, number: &str) -> Value {
        let refund = &self.refunds[number];
        json!({
            "out_trade_no": super::world::NUMBER, "transaction_id": "4200000000000000000000000001",
            "out_refund_no": number, "refund_id": format!("503{number}"), "status": refund.state,
            "amount": {"total": self.amount, "refund": refund.amount, "payer_total": self.amount},
        })
    }
}
