//! The rules of an order, one by one.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test is to stop at what it does not expect"
)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wxedge_pay::{
    Answer, By, Call, Denied, Envelope, Fen, Merchant, NewOrder, NewRefund, Notice, Order, OutRefundNo,
    PayRefusal, Received, RefundState, SignatureHeaders, State, Step, TRANSITIONS, Verified, VerifyKey,
    VerifyKeys, read_order, write_order,
};

/// 2026-11-24T16:00:00+08:00.
const NOW: u64 = 1_795_507_200_000;
const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const NUMBER: &str = "T20261124_0001";

fn new_order(description: &str) -> NewOrder {
    let body = json!({
        "out_trade_no": NUMBER, "description": description, "amount": 100, "openid": "oPayer",
        "time_expire": "2026-11-24T18:30:00+08:00",
    });
    NewOrder::parse(body.to_string().as_bytes()).unwrap()
}

fn merchant() -> Merchant {
    Merchant {
        mchid: "1900000109".into(),
        appid: "wx8888888888888888".into(),
        serial: String::new(),
        notify_url: "https://shop.example/v1/pay/notify/1900000109".into(),
    }
}

fn verified(body: &str) -> Verified {
    let headers = SignatureHeaders {
        timestamp: Some("1795507200"),
        nonce: Some("n"),
        signature: Some("QUFBQQ=="),
        serial: Some("PUB_KEY_ID_1"),
        signature_type: None,
    };
    let mut keys = VerifyKeys::default();
    keys.add(VerifyKey { id: "PUB_KEY_ID_1".into(), spki: Vec::new(), ends_at: None });
    let in_time = Received::new(headers, body.as_bytes()).in_time(1_795_507_200).unwrap();
    in_time.key(&keys, 1_795_507_200).unwrap().decided(true).unwrap()
}

fn says(body: &Value) -> Answer {
    Answer::Verified(verified(&body.to_string()))
}

fn prepaid() -> Answer {
    says(&json!({"prepay_id": "wx1"}))
}

fn nothing() -> Answer {
    Answer::Verified(verified(""))
}

fn refused(status: u16, code: &str) -> Answer {
    Answer::Refused(PayRefusal::read(status, json!({"code": code, "message": "m"}).to_string().as_bytes()))
}

fn transaction(state: &str) -> Value {
    let mut order = json!({
        "appid": "wx8888888888888888", "mchid": "1900000109", "out_trade_no": NUMBER, "trade_state": state,
        "amount": {"total": 100, "payer_total": 80, "currency": "CNY"}, "payer": {"openid": "oPayer"},
    });
    if matches!(state, "SUCCESS" | "REFUND") {
        order["transaction_id"] = json!("4200000001");
        order["success_time"] = json!("2026-11-24T16:01:07+08:00");
    }
    order
}

fn refund_fact(number: &str, amount: u32, status: &str) -> Value {
    json!({
        "out_trade_no": NUMBER, "transaction_id": "4200000001", "out_refund_no": number, "refund_id": format!("503{number}"),
        "status": status, "amount": {"total": 100, "refund": amount},
    })
}

fn notice(kind: &str, plaintext: &Value) -> Notice {
    let body = json!({
        "id": "EV-1", "event_type": kind,
        "resource": {"algorithm": "AEAD_AES_256_GCM", "nonce": "123456789012", "ciphertext": STANDARD.encode(plaintext.to_string())},
    });
    let envelope = Envelope::read(&verified(&body.to_string())).unwrap();
    let opened = envelope.sealed().ciphertext.clone();
    envelope.opened(Some(opened)).unwrap()
}

fn payment() -> Notice {
    notice("TRANSACTION.SUCCESS", &transaction("SUCCESS"))
}

fn refund_notice(number: &str, amount: u32, status: &str) -> Notice {
    let mut fact = refund_fact(number, amount, status);
    fact["refund_status"] = fact["status"].take();
    fact["mchid"] = json!("1900000109");
    notice(&format!("REFUND.{status}"), &fact)
}

fn number(text: &str) -> OutRefundNo {
    OutRefundNo::new(text).unwrap()
}

fn refund(text: &str, amount: u32) -> NewRefund {
    NewRefund { out_refund_no: number(text), amount: Fen::new(amount).unwrap(), reason: None }
}

fn created() -> Order {
    let (order, step) = Order::create(&new_order("x"), &merchant(), Some("shop"), NOW);
    assert_eq!(step.call, Some(Call::Create));
    order
}

fn paying() -> Order {
    let mut order = created();
    let step = order.answered(&Call::Create, &prepaid(), NOW);
    assert_eq!((order.state(), step.call), (State::Paying, None));
    order
}

fn paid() -> Order {
    let mut order = paying();
    assert_eq!(order.notified(&payment(), NOW).call, None);
    assert_eq!(order.state(), State::Paid);
    order
}

/// An order with one refund that `WeChat` Pay works on.
fn refunding(amount: u32) -> Order {
    let mut order = paid();
    let step = order.refund(&refund("R1", amount), "shop", NOW).unwrap();
    assert_eq!(step.call, Some(Call::Refund(number("R1"))));
    let step =
        order.answered(&Call::Refund(number("R1")), &says(&refund_fact("R1", amount, "PROCESSING")), NOW);
    assert_eq!((order.state(), step.call), (State::Refunding, None));
    order
}

fn closed() -> Order {
    let mut order = paying();
    let calls = [
        (Call::Query, says(&transaction("NOTPAY"))),
        (Call::Close, nothing()),
        (Call::Query, says(&transaction("CLOSED"))),
    ];
    let mut step = order.close(NOW).unwrap();
    for (call, answer) in calls {
        assert_eq!(step.call, Some(call.clone()));
        step = order.answered(&call, &answer, NOW);
    }
    assert_eq!((order.state(), step.call), (State::Closed, None));
    order
}

fn quarantined() -> Order {
    let mut order = paying();
    let mut other = transaction("SUCCESS");
    other["amount"]["total"] = json!(1);
    assert_eq!(order.notified(&notice("TRANSACTION.SUCCESS", &other), NOW).call, None);
    assert_eq!(order.state(), State::Quarantined);
    order
}

/// When it rings next, once its events have left.
fn next_alarm(order: &mut Order, now: u64) -> u64 {
    assert_eq!(order.forwarded(u32::MAX, now).call, None);
    let at = order.next_alarm(now).unwrap();
    assert!(at > now, "an alarm in the past");
    at
}

fn events(order: &Order) -> Vec<&str> {
    order.outgoing().iter().map(|event| event.kind.as_str()).collect()
}

/// Section 8 of the contract, row by row.
#[test]
fn the_table_of_states_is_the_contracts() {
    let rows = [
        ("created", "paying", By::Prepay),
        ("created", "failed", By::Refusal),
        ("created paying", "paid", By::Proof),
        ("created paying", "closed", By::Close),
        ("closed", "paid_after_close", By::LateProof),
        ("paid_after_close paid partially_refunded refunding", "refunding", By::Refund),
        ("refunding", "partially_refunded", By::Settled),
        ("refunding", "refunded", By::Settled),
        ("refunding", "paid", By::NothingRefunded),
        ("refunding paid_after_close", "refund_attention", By::Attention),
        ("refund_attention", "partially_refunded", By::Settled),
        ("refund_attention", "refunded", By::Settled),
        (
            "created paying failed paid closed paid_after_close refunding partially_refunded refunded refund_attention quarantined",
            "quarantined",
            By::Contradiction,
        ),
        ("refund_attention quarantined", "paid", By::Person),
        ("refund_attention quarantined", "partially_refunded", By::Person),
        ("refund_attention quarantined", "refunded", By::Person),
        ("refund_attention quarantined", "closed", By::Person),
    ];
    let table: Vec<_> = TRANSITIONS
        .iter()
        .map(|(from, to, by)| {
            let from: Vec<_> = from.iter().map(|state| state.as_str()).collect();
            (from.join(" "), to.as_str(), *by)
        })
        .collect();
    let table: Vec<_> = table.iter().map(|(from, to, by)| (from.as_str(), *to, *by)).collect();
    assert_eq!(table, rows);
}

#[test]
fn an_unknown_outcome_is_followed_by_the_same_bytes() {
    let mut order = created();
    let first = order.request(&Call::Create);
    let step = order.answered(&Call::Create, &Answer::Lost, NOW);
    assert_eq!((order.state(), step.call), (State::Created, None));
    let step = order.enter(&new_order("x"), NOW + HOUR).unwrap();
    assert_eq!(step.call, Some(Call::Create));
    assert_eq!(order.request(&Call::Create), first);
    assert!(order.enter(&new_order("y"), NOW) == Err(Denied::Conflict));
}

#[test]
fn an_answer_that_is_not_verified_is_asked_for_once_more_at_once() {
    let mut order = created();
    let step = order.answered(&Call::Create, &Answer::Unverified, NOW);
    assert_eq!(step.call, Some(Call::Create));
    let step = order.answered(&Call::Create, &Answer::Unverified, NOW);
    assert_eq!((step.call, order.state()), (None, State::Created));
    assert!((NOW + MINUTE..NOW + 3 * MINUTE).contains(&next_alarm(&mut order, NOW)));
}

#[test]
fn only_a_definite_refusal_fails_an_order() {
    for (status, code, state, call) in [
        (400, "PARAM_ERROR", State::Failed, None),
        (403, "NO_AUTH", State::Failed, None),
        (401, "SIGN_ERROR", State::Created, None),
        (429, "FREQUENCY_LIMITED", State::Created, None),
        (500, "SYSTEM_ERROR", State::Created, None),
        (403, "OUT_TRADE_NO_USED", State::Created, Some(Call::Query)),
    ] {
        let mut order = created();
        let step = order.answered(&Call::Create, &refused(status, code), NOW);
        assert_eq!((order.state(), step.call), (state, call), "{code}");
        assert_eq!(order.refusal().unwrap().code, code);
    }
}

#[test]
fn a_number_that_was_used_is_asked_for_and_closed_when_it_is_unpaid() {
    let mut order = created();
    let used = Answer::Refused(PayRefusal::read(
        400,
        r#"{"code":"INVALID_REQUEST","message":"201 商户订单号重复"}"#.as_bytes(),
    ));
    assert_eq!(order.answered(&Call::Create, &used, NOW).call, Some(Call::Query));
    let step = order.answered(&Call::Query, &says(&transaction("NOTPAY")), NOW);
    assert_eq!(step.call, Some(Call::Close));
    assert_eq!(order.answered(&Call::Close, &nothing(), NOW).call, Some(Call::Query));
    let step = order.answered(&Call::Query, &says(&transaction("CLOSED")), NOW);
    assert_eq!((order.state(), step.call), (State::Closed, None));
}

#[test]
fn payment_parameters_are_given_until_the_prepay_id_ages_and_then_renewed() {
    let mut order = paying();
    assert!(order.payment_to_sign(NOW, "n").unwrap().message().ends_with("\nn\nprepay_id=wx1\n"));
    assert_eq!(
        order.enter(&new_order("x"), NOW + 109 * MINUTE).unwrap().call,
        Some(Call::Query),
        "an hourly look"
    );
    let step = order.answered(&Call::Query, &says(&transaction("NOTPAY")), NOW + 109 * MINUTE);
    assert_eq!(step.call, None);
    let later = NOW + 110 * MINUTE;
    assert_eq!(order.payment_to_sign(later, "n"), None);
    assert_eq!(order.enter(&new_order("x"), later).unwrap().call, Some(Call::Create));
    let again = says(&json!({"prepay_id": "wx2"}));
    assert_eq!(order.answered(&Call::Create, &again, later).call, None);
    assert!(order.payment_to_sign(later, "n").unwrap().message().contains("prepay_id=wx2"));
}

#[test]
fn an_order_that_is_to_be_closed_gives_no_payment_parameters() {
    let mut order = paying();
    let _ = order.close(NOW).unwrap();
    assert_eq!(order.payment_to_sign(NOW, "n"), None);
    assert_eq!(order.enter(&new_order("x"), NOW), Err(Denied::State(State::Paying)));
    let mut order = paying();
    assert_eq!(
        order.enter(&new_order("x"), NOW + 150 * MINUTE),
        Err(Denied::State(State::Paying)),
        "its time is over"
    );
}

#[test]
fn an_order_that_was_paid_is_not_closed() {
    let mut order = paying();
    assert_eq!(order.close(NOW).unwrap().call, Some(Call::Query));
    assert_eq!(order.answered(&Call::Query, &says(&transaction("NOTPAY")), NOW).call, Some(Call::Close));
    assert_eq!(order.answered(&Call::Close, &refused(400, "ORDERPAID"), NOW).call, Some(Call::Query));
    let _ = order.answered(&Call::Query, &says(&transaction("SUCCESS")), NOW);
    assert_eq!(order.state(), State::Paid);
    assert_eq!(order.close(NOW), Err(Denied::State(State::Paid)));
}

#[test]
fn an_error_proves_no_close_while_somebody_holds_payment_parameters() {
    let end = NOW + 150 * MINUTE;
    let mut order = paying();
    let step = order.wake(end + MINUTE);
    assert_eq!(step.call, Some(Call::Query));
    let _ = order.answered(&Call::Query, &refused(404, "ORDER_NOT_EXIST"), end + MINUTE);
    assert_eq!(order.state(), State::Paying);
    let step = order.wake(end + DAY + HOUR);
    assert_eq!(step.call, Some(Call::Query));
    let _ = order.answered(&Call::Query, &refused(404, "ORDER_NOT_EXIST"), end + DAY + HOUR);
    assert_eq!(order.state(), State::Closed);
}

#[test]
fn an_order_ends_a_minute_after_its_time() {
    let mut order = paying();
    let end = NOW + 150 * MINUTE;
    let mut now = NOW;
    let mut queries = 0;
    while now < end + MINUTE {
        now = next_alarm(&mut order, now);
        let step = order.wake(now);
        if step.call == Some(Call::Query) {
            queries += 1;
            let answer = order.answered(&Call::Query, &says(&transaction("NOTPAY")), now);
            if now >= end + MINUTE {
                assert_eq!(answer.call, Some(Call::Close));
            }
        }
    }
    assert_eq!((now, queries), (end + MINUTE, 6), "after 1, 3, 10, 30, 90 minutes and at its end");
}

#[test]
fn proof_needs_the_amount_the_currency_the_payer_and_the_merchant() {
    for (path, value, why) in [
        ("/amount/total", json!(1), "amount"),
        ("/amount/currency", json!("USD"), "amount"),
        ("/payer/openid", json!("oOther"), "payer"),
        ("/mchid", json!("1900000110"), "merchant"),
        ("/appid", json!("wx9"), "merchant"),
    ] {
        let mut stated = transaction("SUCCESS");
        *stated.pointer_mut(path).unwrap() = value;
        for mut order in [created(), paying()] {
            let _ = order.notified(&notice("TRANSACTION.SUCCESS", &stated), NOW);
            assert_eq!(order.state(), State::Quarantined, "{path}");
            assert!(write_order(&order).contains(&format!(r#""why":"{why}""#)), "{path}");
            assert!(events(&order).ends_with(&["pay.order.quarantined", "alert.quarantined"]));
        }
    }
    let mut order = paying();
    let mut other_number = transaction("SUCCESS");
    other_number["out_trade_no"] = json!("T20261124_0002");
    let _ = order.notified(&notice("TRANSACTION.SUCCESS", &other_number), NOW);
    assert_eq!(order.state(), State::Paying);
}

#[test]
fn a_second_transaction_and_any_proof_for_a_failed_order_are_contradictions() {
    let mut order = paid();
    let mut second = transaction("SUCCESS");
    second["transaction_id"] = json!("4200000002");
    let _ = order.notified(&notice("TRANSACTION.SUCCESS", &second), NOW);
    assert_eq!(order.state(), State::Quarantined);
    let mut order = created();
    let _ = order.answered(&Call::Create, &refused(400, "PARAM_ERROR"), NOW);
    let _ = order.notified(&payment(), NOW);
    assert_eq!(order.state(), State::Quarantined);
}

#[test]
fn what_was_said_before_changes_nothing() {
    let mut order = paid();
    let before = write_order(&order);
    let _ = order.notified(&payment(), NOW + 15 * SECOND);
    assert_eq!(write_order(&order), before);
    let mut order = quarantined();
    let before = write_order(&order);
    let mut other = transaction("SUCCESS");
    other["amount"]["total"] = json!(1);
    let _ = order.notified(&notice("TRANSACTION.SUCCESS", &other), NOW + 15 * SECOND);
    assert_eq!(write_order(&order), before);
}

#[test]
fn the_payer_has_it_looked_up_at_most_once_a_second() {
    let mut order = paying();
    assert_eq!(order.asked(NOW).call, Some(Call::Query));
    let _ = order.answered(&Call::Query, &says(&transaction("NOTPAY")), NOW);
    assert_eq!(order.asked(NOW + 999).call, None);
    assert_eq!(order.asked(NOW + SECOND).call, Some(Call::Query));
    let _ = order.answered(&Call::Query, &says(&transaction("NOTPAY")), NOW + SECOND);
    assert_eq!(next_alarm(&mut order, NOW + SECOND), NOW + 2 * SECOND, "quick looks follow");
    assert_eq!(paid().asked(NOW).call, None, "it is settled");
}

#[test]
fn a_payment_after_the_close_is_given_back_whole() {
    let mut order = closed();
    let late = number("late@T20261124_0001");
    let step = order.notified(&payment(), NOW + HOUR);
    assert_eq!((order.state(), step.call), (State::Refunding, Some(Call::Refund(late.clone()))));
    assert!(events(&order).ends_with(&[
        "pay.order.paid_after_close",
        "pay.refund.asked",
        "pay.order.refunding"
    ]));
    assert!(
        order
            .request(&Call::Refund(late.clone()))
            .body
            .contains(r#""amount":{"refund":100,"total":100,"currency":"CNY"}"#)
    );
    assert_eq!(order.refund(&refund("R1", 1), "shop", NOW), Err(Denied::State(State::Refunding)));
    let done = says(&refund_fact("late@T20261124_0001", 100, "SUCCESS"));
    let _ = order.answered(&Call::Refund(late), &done, NOW + HOUR);
    assert_eq!(order.state(), State::Refunded);
}

#[test]
fn a_late_refund_that_is_refused_is_tried_five_times_and_then_a_persons_matter() {
    let mut order = closed();
    let late = Call::Refund(number("late@T20261124_0001"));
    let mut now = NOW + HOUR;
    let mut step = order.notified(&payment(), now);
    let mut tries = 0;
    while order.state() == State::Refunding {
        if step.call == Some(late.clone()) {
            tries += 1;
            step = order.answered(&late, &refused(403, "NO_AUTH"), now);
        } else {
            now = next_alarm(&mut order, now);
            step = order.wake(now);
        }
    }
    assert_eq!((order.state(), tries), (State::RefundAttention, 5));
    assert!(events(&order).ends_with(&[
        "pay.refund.closed",
        "pay.order.refund_attention",
        "alert.refund_attention"
    ]));
}

#[test]
fn refunds_never_exceed_the_amount_one_of_unknown_outcome_counted_in() {
    let mut order = paid();
    let _ = order.refund(&refund("R1", 60), "shop", NOW).unwrap();
    let _ = order.answered(&Call::Refund(number("R1")), &Answer::Lost, NOW);
    let left = Fen::new(40).unwrap();
    assert_eq!(order.refund(&refund("R2", 41), "shop", NOW), Err(Denied::Beyond { left }));
    let _ = order.answered(&Call::Refund(number("R1")), &says(&refund_fact("R1", 60, "CLOSED")), NOW);
    assert_eq!(order.state(), State::Paid, "nothing was given back");
    assert!(order.refund(&refund("R2", 100), "shop", NOW).is_ok());
}

#[test]
fn a_refund_is_one_refund_however_often_it_is_asked_for() {
    let mut order = refunding(30);
    let before = write_order(&order);
    assert_eq!(order.refund(&refund("R1", 30), "shop", NOW).unwrap().call, None);
    assert_eq!(write_order(&order), before);
    assert_eq!(order.refund(&refund("R1", 31), "shop", NOW), Err(Denied::Conflict));
}

#[test]
fn refunds_leave_a_minute_apart() {
    let mut order = refunding(30);
    let step = order.refund(&refund("R2", 30), "shop", NOW + SECOND).unwrap();
    assert_eq!((step.call, next_alarm(&mut order, NOW + SECOND)), (None, NOW + MINUTE));
    assert_eq!(order.refund_state(&number("R2")), Some(RefundState::Asked));
    assert_eq!(order.wake(NOW + MINUTE).call, Some(Call::Refund(number("R2"))));
}

#[test]
fn an_order_has_fifty_refunds() {
    let mut order = paid();
    for index in 0..50 {
        let _ = order.refund(&refund(&format!("R{index}"), 1), "shop", NOW).unwrap();
    }
    assert_eq!(order.refund(&refund("R50", 1), "shop", NOW), Err(Denied::TooMany));
}

#[test]
fn a_payment_of_a_year_ago_is_not_refunded() {
    let year = 365 * DAY + 67 * SECOND;
    assert!(paid().refund(&refund("R1", 1), "shop", NOW + year - 1).is_ok());
    assert_eq!(paid().refund(&refund("R1", 1), "shop", NOW + year), Err(Denied::TooOld));
}

#[test]
fn a_refund_needs_a_payment_that_is_proven() {
    for (mut order, state) in [
        (created(), State::Created),
        (paying(), State::Paying),
        (closed(), State::Closed),
        (quarantined(), State::Quarantined),
    ] {
        assert_eq!(order.refund(&refund("R1", 1), "shop", NOW), Err(Denied::State(state)));
    }
}

#[test]
fn a_refusal_ends_a_refund_only_where_no_outcome_is_unknown() {
    let call = Call::Refund(number("R1"));
    let mut order = paid();
    let _ = order.refund(&refund("R1", 30), "shop", NOW).unwrap();
    let _ = order.answered(&call, &refused(400, "PARAM_ERROR"), NOW);
    assert_eq!((order.refund_state(&number("R1")), order.state()), (Some(RefundState::Closed), State::Paid));
    assert_eq!(order.refund_refusal(&number("R1")).unwrap().code, "PARAM_ERROR");

    // An error of the server's may have come after the refund was made.
    for unknown in [Answer::Lost, refused(500, "SYSTEM_ERROR"), refused(429, "FREQUENCY_LIMITED"), nothing()]
    {
        let mut order = paid();
        let _ = order.refund(&refund("R1", 30), "shop", NOW).unwrap();
        let _ = order.answered(&call, &unknown, NOW);
        assert_eq!(order.wake(NOW + 2 * MINUTE).call, Some(call.clone()));
        let _ = order.answered(&call, &refused(400, "PARAM_ERROR"), NOW + 2 * MINUTE);
        assert_eq!(order.refund_state(&number("R1")), Some(RefundState::Asked), "{unknown:?}");
        assert_eq!(order.state(), State::Refunding);
    }

    let mut order = paid();
    let _ = order.refund(&refund("R1", 30), "shop", NOW).unwrap();
    let _ = order.answered(&call, &refused(403, "NOT_ENOUGH"), NOW);
    assert_eq!(order.refund_state(&number("R1")), Some(RefundState::Asked), "the balance may rise");
}

#[test]
fn a_restart_between_a_refund_and_its_answer_asks_for_the_same_refund() {
    let mut order = paid();
    let step = order.refund(&refund("R1", 30), "shop", NOW).unwrap();
    let body = order.request(&step.call.unwrap()).body;
    let mut order = read_order(write_order(&order).as_bytes()).unwrap();
    let now = next_alarm(&mut order, NOW);
    assert!(now >= NOW + MINUTE, "not again at once");
    let step = order.wake(now);
    assert_eq!(order.request(&step.call.unwrap()).body, body);
}

#[test]
fn settled_refunds_make_the_state() {
    for (amount, status, state) in [
        (30, "SUCCESS", State::PartiallyRefunded),
        (100, "SUCCESS", State::Refunded),
        (30, "CLOSED", State::Paid),
        (30, "ABNORMAL", State::RefundAttention),
    ] {
        let mut order = refunding(amount);
        let _ = order.notified(&refund_notice("R1", amount, status), NOW + HOUR);
        assert_eq!(order.state(), state, "{status}");
    }
    let mut order = refunding(100);
    let _ = order.notified(&refund_notice("R1", 100, "ABNORMAL"), NOW + HOUR);
    let _ = order.notified(&refund_notice("R1", 100, "SUCCESS"), NOW + DAY);
    assert_eq!(order.state(), State::Refunded);
    let _ = order.notified(&refund_notice("R1", 100, "ABNORMAL"), NOW + DAY);
    assert_eq!(
        order.refund_state(&number("R1")),
        Some(RefundState::Succeeded),
        "what was given back stays so"
    );
}

#[test]
fn a_refund_that_is_not_settled_in_seven_days_is_a_persons_matter() {
    let mut order = refunding(30);
    let mut now = NOW;
    let mut looks = 0;
    while order.state() == State::Refunding {
        now = next_alarm(&mut order, now);
        if let Some(call) = order.wake(now).call {
            looks += 1;
            let _ = order.answered(&call, &says(&refund_fact("R1", 30, "PROCESSING")), now);
        }
    }
    assert_eq!((order.state(), now), (State::RefundAttention, NOW + 7 * DAY));
    assert!((14..=18).contains(&looks), "{looks} looks");
}

#[test]
fn a_refund_that_others_made_is_found_and_booked() {
    let mut order = paid();
    let _ = order.notified(&refund_notice("console", 40, "SUCCESS"), NOW);
    assert_eq!(order.state(), State::PartiallyRefunded);
    assert_eq!(
        order.refund(&refund("R1", 61), "shop", NOW),
        Err(Denied::Beyond { left: Fen::new(60).unwrap() })
    );

    let mut order = paying();
    let _ = order.notified(&notice("TRANSACTION.SUCCESS", &transaction("REFUND")), NOW);
    assert_eq!(order.state(), State::Refunding, "somebody asked for a refund of which no more is known");
    let _ = order.notified(&refund_notice("console", 100, "SUCCESS"), NOW);
    assert_eq!(order.state(), State::Refunded);
}

#[test]
fn a_refund_before_the_payment_asks_for_the_payment_first() {
    for mut order in [created(), paying(), closed()] {
        let state = order.state();
        let step = order.notified(&refund_notice("console", 100, "SUCCESS"), NOW + SECOND);
        assert_eq!(order.state(), state);
        if state != State::Created {
            assert_eq!(step.call, Some(Call::Query));
        }
        let _ = order.answered(&Call::Query, &says(&transaction("REFUND")), NOW + SECOND);
        assert_eq!(order.state(), State::Refunded);
    }
}

#[test]
fn a_refund_that_contradicts_waits_for_a_person() {
    let cases = [
        refund_notice("R1", 31, "SUCCESS"),
        refund_notice("console", 101, "SUCCESS"),
        refund_notice("console", 71, "SUCCESS"),
    ];
    for case in cases {
        let mut order = refunding(30);
        let _ = order.notified(&case, NOW);
        assert_eq!(order.state(), State::Quarantined, "{case:?}");
    }
}

fn resolve(order: &mut Order, to: State, answer: &Answer) -> State {
    let step: Step = order.resolve(to, "seen", "night", NOW + DAY).unwrap();
    assert_eq!(step.call, Some(Call::Query));
    let _ = order.answered(&Call::Query, answer, NOW + DAY);
    order.state()
}

#[test]
fn a_person_decides_after_a_query_and_paid_only_where_it_says_so() {
    let mut other = transaction("SUCCESS");
    other["amount"]["total"] = json!(1);
    assert_eq!(resolve(&mut quarantined(), State::Paid, &says(&transaction("NOTPAY"))), State::Quarantined);
    assert_eq!(resolve(&mut quarantined(), State::Paid, &says(&other)), State::Quarantined);
    assert_eq!(
        resolve(&mut quarantined(), State::Paid, &refused(404, "ORDER_NOT_EXIST")),
        State::Quarantined
    );
    assert_eq!(resolve(&mut quarantined(), State::Paid, &says(&transaction("SUCCESS"))), State::Paid);
    assert_eq!(resolve(&mut quarantined(), State::Closed, &Answer::Lost), State::Quarantined);
    assert_eq!(resolve(&mut quarantined(), State::Closed, &refused(404, "ORDER_NOT_EXIST")), State::Closed);
    let mut order = quarantined();
    assert_eq!(resolve(&mut order, State::Refunded, &says(&other)), State::Refunded);
    assert!(write_order(&order).contains(r#""note":"seen","by":"night""#));
    assert_eq!(order.resolve(State::Paid, "", "night", NOW), Err(Denied::State(State::Refunded)));
    assert_eq!(
        quarantined().resolve(State::Failed, "", "night", NOW),
        Err(Denied::State(State::Quarantined))
    );
}

#[test]
fn what_a_person_closed_is_not_given_back_when_the_same_proof_comes_again() {
    let mut order = quarantined();
    assert_eq!(resolve(&mut order, State::Closed, &says(&transaction("SUCCESS"))), State::Closed);
    assert_eq!(order.notified(&payment(), NOW + DAY).call, None);
    assert_eq!(order.state(), State::Closed);
}

#[test]
fn a_refund_that_a_person_wrote_off_still_counts_and_is_booked_when_it_succeeds_after_all() {
    let mut order = refunding(60);
    let _ = order.notified(&refund_notice("R1", 60, "ABNORMAL"), NOW);
    assert_eq!(resolve(&mut order, State::Paid, &says(&transaction("REFUND"))), State::Paid);
    assert_eq!(
        order.refund(&refund("R2", 41), "shop", NOW),
        Err(Denied::Beyond { left: Fen::new(40).unwrap() })
    );
    let _ = order.notified(&refund_notice("R1", 60, "SUCCESS"), NOW + DAY);
    assert_eq!(order.state(), State::PartiallyRefunded);
}

#[test]
fn events_stay_until_they_are_stored_elsewhere() {
    let mut order = paying();
    assert_eq!(events(&order), ["pay.order.created", "pay.order.paying"]);
    let step = order.not_forwarded(NOW);
    assert_eq!(step.alarm, Some(order.next_alarm(NOW).unwrap()));
    assert!((NOW + 5 * SECOND..NOW + 6 * SECOND).contains(&step.alarm.unwrap()));
    let _ = order.forwarded(1, NOW);
    assert_eq!(events(&order), ["pay.order.paying"]);
    let _ = order.forwarded(2, NOW);
    let _ = order.notified(&payment(), NOW);
    assert_eq!(order.outgoing().iter().map(|event| event.seq).collect::<Vec<_>>(), [3]);
}

#[test]
fn an_order_that_is_settled_asks_for_no_alarm() {
    let mut order = paid();
    let last = order.outgoing().last().unwrap().seq;
    assert_eq!(order.forwarded(last, NOW).alarm, None);
    assert_eq!(order.wake(NOW + DAY).call, None);
}

/// What is stored has to be read by every later version.
#[test]
fn the_stored_form_is_pinned() {
    let mut order = refunding(30);
    let _ = order.forwarded(99, NOW);
    let expected = include_str!("data/order.json");
    assert_eq!(write_order(&order), expected.trim_end());
    assert_eq!(write_order(&read_order(expected.as_bytes()).unwrap()), expected.trim_end());
    for other in ["", "{}", "null", r#"{"state":"paid"}"#] {
        assert_eq!(read_order(other.as_bytes()), None);
    }
}

#[test]
fn a_view_is_what_the_contract_shows() {
    let order = refunding(30);
    let view = serde_json::from_str::<Value>(&order.view_json()).unwrap();
    assert_eq!(
        view,
        json!({
            "out_trade_no": NUMBER, "state": "refunding", "amount": 100, "openid": "oPayer", "description": "x",
            "created_at": "2026-11-24T16:00:00+08:00", "time_expire": "2026-11-24T18:30:00+08:00",
            "transaction_id": "4200000001", "success_time": "2026-11-24T16:01:07+08:00", "payer_total": 80,
            "refunds": [{
                "out_trade_no": NUMBER, "out_refund_no": "R1", "amount": 30, "state": "processing", "refund_id": "503R1",
            }],
        })
    );
    assert_eq!(
        serde_json::from_str::<Value>(&order.refund_json(&number("R1")).unwrap()).unwrap(),
        view["refunds"][0]
    );
}

#[test]
fn calls_are_the_documented_requests() {
    let order = refunding(30);
    let path = "/v3/pay/transactions/out-trade-no/T20261124_0001";
    for (call, method, target, body) in [
        (Call::Query, "GET", format!("{path}?mchid=1900000109"), String::new()),
        (Call::Close, "POST", format!("{path}/close"), r#"{"mchid":"1900000109"}"#.into()),
        (Call::QueryRefund(number("R1")), "GET", "/v3/refund/domestic/refunds/R1".into(), String::new()),
        (Call::Create, "POST", "/v3/pay/transactions/jsapi".into(), order.body().into()),
        (
            Call::Refund(number("R1")),
            "POST",
            "/v3/refund/domestic/refunds".into(),
            r#"{"out_trade_no":"T20261124_0001","out_refund_no":"R1","notify_url":"https://shop.example/v1/pay/notify/1900000109","amount":{"refund":30,"total":100,"currency":"CNY"}}"#.into(),
        ),
    ] {
        let request = order.request(&call);
        assert_eq!((request.method.as_str(), request.target, request.body), (method, target, body));
    }
}
