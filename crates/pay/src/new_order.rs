use alloc::format;
use alloc::string::String;
use core::fmt::Write as _;

use sha2::{Digest, Sha256};
use wxedge_contract::{FieldError, JsonValue, fields, parse_object};
use wxedge_crypto::lower_hex;

use crate::amount::Fen;
use crate::form::{Row, Rule, json_text, line, write};
use crate::limits::{DEFAULT_EXPIRE, LONGEST_EXPIRE, SHORTEST_EXPIRE};
use crate::moment::{parse_moment, write_moment};
use crate::number::OutTradeNo;
use crate::signing::Merchant;

/// An order that somebody wants made. Source: JSAPI 下单.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// The merchant's number.
    pub out_trade_no: OutTradeNo,
    /// What the payer sees: 1 to 127 characters.
    pub description: String,
    /// What is to be paid.
    pub amount: Fen,
    /// Who pays.
    pub openid: String,
    /// Until when it can be paid, in Unix milliseconds; seven days where nobody says it.
    pub time_expire: Option<u64>,
    /// Comes back once it is paid.
    pub attach: Option<String>,
    /// For coupons.
    pub goods_tag: Option<String>,
    /// What is bought, where it is a product with a stored price: its name, and how many.
    pub product: Option<(String, u32)>,
    /// The other fields of the body, each as JSON, in the order of [`PASSED_ON`].
    passed_on: [Option<String>; 4],
}

/// The fields that are only passed on.
const PASSED_ON: [(&str, Rule); 4] = [
    ("detail", Rule::Object(DETAIL)),
    ("scene_info", Rule::Object(SCENE)),
    ("settle_info", Rule::Object(&[("profit_sharing", false, Rule::Flag)])),
    ("support_fapiao", Rule::Flag),
];

const DETAIL: &[Row] = &[
    ("cost_price", false, Rule::Number(0)),
    ("invoice_id", false, Rule::Line(32)),
    ("goods_detail", false, Rule::List(100, GOODS)),
];

const GOODS: &[Row] = &[
    ("merchant_goods_id", true, Rule::Line(32)),
    ("wechatpay_goods_id", false, Rule::Line(32)),
    ("goods_name", false, Rule::Line(256)),
    ("quantity", true, Rule::Number(1)),
    ("unit_price", true, Rule::Number(0)),
];

const SCENE: &[Row] = &[
    ("payer_client_ip", true, Rule::Line(45)),
    ("device_id", false, Rule::Line(32)),
    ("store_info", false, Rule::Object(STORE)),
];

const STORE: &[Row] = &[
    ("id", true, Rule::Line(32)),
    ("name", false, Rule::Line(256)),
    ("area_code", false, Rule::Line(32)),
    ("address", false, Rule::Line(512)),
];

fields! {
    only struct OrderFields {
        out_trade_no: JsonValue,
        description: JsonValue,
        amount: JsonValue,
        openid: JsonValue,
        time_expire: JsonValue,
        attach: JsonValue,
        goods_tag: JsonValue,
        detail: JsonValue,
        scene_info: JsonValue,
        settle_info: JsonValue,
        support_fapiao: JsonValue,
    }
}

impl NewOrder {
    /// Reads and checks the body of a service's request, but for [`NewOrder::check_time`].
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn parse(body: &[u8]) -> Result<Self, FieldError> {
        let fields: OrderFields = parse_object(body)?;
        let mut order = Self::new(
            OutTradeNo::parse(&fields.out_trade_no)?,
            required(fields.description, "description", 127)?,
            Fen::parse(&fields.amount, "amount")?,
            required(fields.openid, "openid", 128)?,
        );
        order.time_expire = parse_expire(fields.time_expire)?;
        order.attach = line(fields.attach, "attach", 128)?;
        order.goods_tag = line(fields.goods_tag, "goods_tag", 32)?;
        let passed_on = [fields.detail, fields.scene_info, fields.settle_info, fields.support_fapiao];
        for ((slot, given), (name, rule)) in order.passed_on.iter_mut().zip(passed_on).zip(PASSED_ON) {
            *slot = write(given, name, rule)?;
        }
        Ok(order)
    }

    /// An order of the Worker's own making, such as for a product: its parts are checked already.
    #[must_use]
    pub fn new(out_trade_no: OutTradeNo, description: String, amount: Fen, openid: String) -> Self {
        Self {
            out_trade_no,
            description,
            amount,
            openid,
            time_expire: None,
            attach: None,
            goods_tag: None,
            product: None,
            passed_on: [const { None }; 4],
        }
    }

    /// Refuses a moment that is too near or too far, for an order that is made at `now`, in Unix milliseconds. The same order
    /// again may be nearer to its end.
    ///
    /// # Errors
    /// Names the field `time_expire`.
    pub fn check_time(&self, now: u64) -> Result<(), FieldError> {
        let allowed = now.saturating_add(SHORTEST_EXPIRE)..=now.saturating_add(LONGEST_EXPIRE);
        if self.time_expire.is_none_or(|moment| allowed.contains(&moment)) {
            Ok(())
        } else {
            Err(FieldError::new("time_expire", "must be from 1 minute to 90 days ahead"))
        }
    }

    /// Until when it can be paid if it is made at `now`.
    pub(crate) fn expires_at(&self, now: u64) -> u64 {
        // To the second, as the body has it.
        let moment = self.time_expire.unwrap_or(now.saturating_add(DEFAULT_EXPIRE));
        moment.saturating_sub(moment % 1_000)
    }

    /// The exact body that is stored and then sent, at every try.
    pub(crate) fn body(&self, merchant: &Merchant, expires_at: u64) -> String {
        let Merchant { appid, mchid, notify_url, .. } = merchant;
        let mut body = format!(
            r#"{{"appid":{},"mchid":{},"description":{},"out_trade_no":{},"time_expire":{}"#,
            json_text(appid),
            json_text(mchid),
            json_text(&self.description),
            json_text(self.out_trade_no.as_str()),
            json_text(&write_moment(expires_at)),
        );
        for (name, text) in [("attach", &self.attach), ("goods_tag", &self.goods_tag)] {
            if let Some(text) = text {
                let _ = write!(body, ",\"{name}\":{}", json_text(text));
            }
        }
        let _ = write!(
            body,
            r#","notify_url":{},"amount":{{"total":{},"currency":"CNY"}},"payer":{{"openid":{}}}"#,
            json_text(notify_url),
            self.amount,
            json_text(&self.openid),
        );
        for ((name, _), json) in PASSED_ON.iter().zip(&self.passed_on) {
            if let Some(json) = json {
                let _ = write!(body, ",\"{name}\":{json}");
            }
        }
        body.push('}');
        body
    }

    /// What tells this content from other content under the same number.
    pub(crate) fn fingerprint(&self) -> String {
        let nobody = Merchant {
            mchid: String::new(),
            appid: String::new(),
            serial: String::new(),
            notify_url: String::new(),
        };
        let content = self.body(&nobody, self.time_expire.unwrap_or_default());
        let hash: [u8; 32] = Sha256::digest(content).into();
        lower_hex(&hash)
    }
}

fn required(given: JsonValue, name: &'static str, most: usize) -> Result<String, FieldError> {
    line(given, name, most)?
        .ok_or_else(|| FieldError::new(name, format!("is required: a line of 1 to {most} characters")))
}

fn parse_expire(given: JsonValue) -> Result<Option<u64>, FieldError> {
    let Some(text) = given.optional_line("time_expire", 1..=64)? else { return Ok(None) };
    let moment = parse_moment(&text).ok_or_else(|| {
        FieldError::new("time_expire", "must be a moment with its zone, such as 2026-11-24T17:00:00+08:00")
    })?;
    Ok(Some(moment))
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::{String, ToString};

    use super::{FieldError, NewOrder};
    use crate::signing::Merchant;
    use proptest::prelude::{any, proptest};

    const NOW: u64 = 1_795_507_200_000;

    fn read(body: &[u8]) -> Result<NewOrder, FieldError> {
        let order = NewOrder::parse(body)?;
        order.check_time(NOW)?;
        Ok(order)
    }

    fn parse(extra: &str) -> Result<NewOrder, (String, String)> {
        let body = format!(
            r#"{{"out_trade_no":"T20261124_0001","description":"测试","amount":100,"openid":"o"{extra}}}"#
        );
        read(body.as_bytes()).map_err(|error| (error.field.to_string(), error.rule.to_string()))
    }

    fn merchant() -> Merchant {
        Merchant {
            mchid: "1900000109".into(),
            appid: "wx8888888888888888".into(),
            serial: String::new(),
            notify_url: "https://pay.example.com/v1/pay/notify/1900000109".into(),
        }
    }

    #[test]
    fn the_body_holds_what_was_given_in_one_order() {
        let extra = r#","support_fapiao":true,"settle_info":{"profit_sharing":false},"attach":"a\"b",
            "scene_info":{"store_info":{"id":"1"},"payer_client_ip":"::1"},"goods_tag":"g",
            "detail":{"goods_detail":[{"unit_price":5,"quantity":2,"merchant_goods_id":"m"}],"cost_price":10},
            "time_expire":"2026-11-24T17:00:00+08:00""#;
        let order = parse(extra).unwrap();
        assert_eq!(
            order.body(&merchant(), order.expires_at(NOW)),
            concat!(
                r#"{"appid":"wx8888888888888888","mchid":"1900000109","description":"测试","out_trade_no":"T20261124_0001","#,
                r#""time_expire":"2026-11-24T17:00:00+08:00","attach":"a\"b","goods_tag":"g","#,
                r#""notify_url":"https://pay.example.com/v1/pay/notify/1900000109","#,
                r#""amount":{"total":100,"currency":"CNY"},"payer":{"openid":"o"},"#,
                r#""detail":{"cost_price":10,"goods_detail":[{"merchant_goods_id":"m","quantity":2,"unit_price":5}]},"#,
                r#""scene_info":{"payer_client_ip":"::1","store_info":{"id":"1"}},"settle_info":{"profit_sharing":false},"#,
                r#""support_fapiao":true}"#
            )
        );
    }

    #[test]
    fn an_order_ends_after_seven_days_where_nobody_says_when() {
        let order = parse("").unwrap();
        assert_eq!(order.expires_at(NOW + 999), NOW + 7 * 86_400_000);
    }

    #[test]
    fn every_rule_names_its_field() {
        let long = |count| "长".repeat(count);
        for (extra, field) in [
            (r#","time_expire":"2026-11-24""#.into(), "time_expire"),
            (r#","time_expire":"2026-11-24T16:00:59+08:00""#.into(), "time_expire"),
            (r#","time_expire":"2027-02-22T16:00:01+08:00""#.into(), "time_expire"),
            (format!(r#","attach":"{}""#, long(129)), "attach"),
            (r#","attach":"😀""#.into(), "attach"),
            (r#","attach":null"#.into(), "attach"),
            (format!(r#","goods_tag":"{}""#, long(33)), "goods_tag"),
            (r#","support_fapiao":"true""#.into(), "support_fapiao"),
            (r#","settle_info":{"profit_sharing":1}"#.into(), "settle_info.profit_sharing"),
            (r#","settle_info":{"subsidy_amount":1}"#.into(), "settle_info.subsidy_amount"),
            (r#","scene_info":{}"#.into(), "scene_info.payer_client_ip"),
            (r#","scene_info":{"payer_client_ip":"a\nb"}"#.into(), "scene_info.payer_client_ip"),
            (r#","detail":{"goods_detail":[]}"#.into(), "detail.goods_detail"),
            (
                r#","detail":{"goods_detail":[{"merchant_goods_id":"😀"}]}"#.into(),
                "detail.goods_detail.merchant_goods_id",
            ),
            (r#","detail":{"cost_price":-1}"#.into(), "detail.cost_price"),
            (r#","detail":{"cost_price":1,"cost_price":2}"#.into(), "detail.cost_price"),
            (r#","detail":null"#.into(), "detail"),
            (r#","notify_url":"https://evil.example""#.into(), "notify_url"),
            (r#","total":1"#.into(), "total"),
        ] {
            assert_eq!(parse(&extra).unwrap_err().0, field, "{extra}");
        }
        for (body, field) in [
            ("{}", "out_trade_no"),
            (r#"{"out_trade_no":"short"}"#, "out_trade_no"),
            (r#"{"out_trade_no":"T20261124"}"#, "description"),
            (r#"{"out_trade_no":"T20261124","description":"好😀"}"#, "description"),
            (r#"{"out_trade_no":"T20261124","description":"x","amount":0}"#, "amount"),
            (r#"{"out_trade_no":"T20261124","description":"x","amount":1.5}"#, "amount"),
            (r#"{"out_trade_no":"T20261124","description":"x","amount":1}"#, "openid"),
        ] {
            assert_eq!(read(body.as_bytes()).unwrap_err().field, field, "{body}");
        }
        let description = |count| {
            format!(
                r#"{{"out_trade_no":"T20261124","description":"{}","amount":1,"openid":"o"}}"#,
                long(count)
            )
        };
        assert!(read(description(127).as_bytes()).is_ok());
        assert_eq!(read(description(128).as_bytes()).unwrap_err().field, "description");
    }

    #[test]
    fn other_content_is_told_by_its_fingerprint() {
        let plain = parse("").unwrap().fingerprint();
        assert_eq!(plain, parse("").unwrap().fingerprint());
        for extra in [r#","attach":"a""#, r#","goods_tag":"a""#, r#","support_fapiao":true"#] {
            assert_ne!(plain, parse(extra).unwrap().fingerprint());
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_the_reader_fail(body in any::<alloc::vec::Vec<u8>>(), extra in ".{0,60}") {
            let _ = read(&body);
            let _ = parse(&extra);
        }

        #[test]
        fn every_body_is_json_with_the_same_texts(description in "[^\u{0}-\u{1f}\u{7f}-\u{9f}\u{10000}-\u{10ffff}]{1,127}") {
            let given = serde_json::json!({"out_trade_no": "T20261124", "description": description, "amount": 1, "openid": "o"});
            let order = read(given.to_string().as_bytes()).unwrap();
            let body: serde_json::Value = serde_json::from_str(&order.body(&merchant(), NOW)).unwrap();
            assert_eq!(body["description"], description.as_str());
        }
    }
}
