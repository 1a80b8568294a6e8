use std::rc::Rc;

use wxedge_contract::{Code, FieldError, JsonValue, Problem, fields, parse_object};
use wxedge_launch::percent;
use wxedge_pay::{NewOrder, NewRefund, OutTradeNo, State, beijing_day, write_moment};

use super::order::parse_decision;
use super::stubs::{self, Part, text_json};
use super::{problems, products};
use crate::config::{ApiKey, Scope};
use crate::http::Reply;
use crate::route::{Call, User, UserOrService};
use crate::{App, auth};

/// `POST /v1/pay/orders`: by a service whatever it wants, by a session a product at its stored price.
pub(crate) async fn create_order(call: Call<'_, UserOrService>) -> Result<Reply, Problem> {
    let Call { app, request, body, caller, .. } = call;
    match caller {
        UserOrService::Service => {
            let key = auth::api_key(app, request)?;
            let number = NewOrder::parse(body)?.out_trade_no;
            let body = core::str::from_utf8(body).unwrap_or_default();
            ask(app, &number, &["create ", key.name()].concat(), body).await
        }
        UserOrService::User(user) => {
            auth::require_alive(app, &user).await?;
            order_product(app, body, &user).await
        }
    }
}

fields! {
    only struct Wanted {
        product: JsonValue,
        quantity: JsonValue,
    }
}

async fn order_product(app: &App, body: &[u8], user: &User) -> Result<Reply, Problem> {
    let wanted: Wanted = parse_object(body)?;
    let name = wanted.product.text("product", 1..=64)?;
    let product = products::find(app, &name).await?;
    let (quantity, amount) = product.price(wanted.quantity)?;
    // Another price or text is another order, though product and quantity are the same.
    let content = format!("{name} {quantity} {}", product.json());
    let payer = stubs::name(app.config.pay()?, Part::Payer, &user.sub);
    let mut is_first = true;
    loop {
        let reserved = stubs::ask(app, &payer, "reserve", &content).await?;
        let (number, end) = reserved.split_once(' ').unwrap_or_default();
        let number = OutTradeNo::new(number).ok_or_else(problems::no_order)?;
        let attach = product.attach.as_ref().map(|attach| [r#","attach":"#, &text_json(attach)].concat());
        let body = format!(
            r#"{{"out_trade_no":"{number}","description":{},"amount":{amount},"openid":{},"time_expire":"{}"{}}}"#,
            text_json(&product.description),
            text_json(&user.sub),
            write_moment(end.parse().unwrap_or_default()),
            attach.unwrap_or_default(),
        );
        match ask(app, &number, &format!("create  {name} {quantity}"), &body).await {
            // It was paid or closed just now, which the payer's list has not heard of.
            Err(problem) if problem.code == Code::OrderState && is_first => {
                stubs::ask(app, &payer, &format!("settled {number}"), "").await?;
                is_first = false;
            }
            ordered => return ordered,
        }
    }
}

/// `GET /v1/pay/orders/{out_trade_no}`.
pub(crate) async fn order(call: Call<'_, UserOrService>) -> Result<Reply, Problem> {
    let Call { app, names: [number, _], caller, .. } = call;
    let payer = match &caller {
        UserOrService::User(user) => {
            auth::require_alive(app, user).await?;
            user.sub.as_str()
        }
        UserOrService::Service => "",
    };
    ask(app, &parse_number(number)?, "show", payer).await
}

/// What a service does about an order.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    Close,
    Resolve,
    Refund,
    /// It only looks at a refund.
    ShowRefund,
}

/// `POST /v1/pay/orders/{out_trade_no}/close`, `/resolve`, `/refunds`, `GET …/refunds/{out_refund_no}`.
pub(crate) async fn change_order(call: Call<'_>, change: Change) -> Result<Reply, Problem> {
    let Call { app, request, names: [number, refund], body, .. } = call;
    let key: Rc<ApiKey> = auth::api_key(app, request)?;
    let mut text = String::from_utf8(body.to_vec()).unwrap_or_default();
    let word = match change {
        Change::Close => "close ",
        Change::Resolve => {
            parse_decision(body)?;
            auth::require_scope(&key, Scope::Admin)?;
            "resolve "
        }
        Change::Refund => {
            NewRefund::parse(body)?;
            "refund "
        }
        Change::ShowRefund => {
            text = percent::decode(refund).into_owned();
            "show_refund "
        }
    };
    ask(app, &parse_number(number)?, &[word, key.name()].concat(), &text).await
}

/// `GET /v1/pay/orders`: those of a day.
pub(crate) async fn list_orders(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    let parameter = |name| request.parameter(name).map(percent::decode).unwrap_or_default();
    let [date, state, cursor] = ["date", "state", "cursor"].map(parameter);
    let date = if date.is_empty() { beijing_day(app.platform.now_ms()).into() } else { date };
    if !is_date(&date) {
        return Err(FieldError::new("date", "must be a day in Beijing such as 2026-11-24").into());
    }
    if !state.is_empty() && !State::ALL.iter().any(|known| known.as_str() == state) {
        return Err(FieldError::new("state", "must be a state of an order").into());
    }
    let is_cursor = |(moment, number): (&str, &str)| moment.len() == 13 && OutTradeNo::new(number).is_some();
    if !cursor.is_empty() && !cursor.split_once('-').is_some_and(is_cursor) {
        return Err(FieldError::new("cursor", "must be one that this route gave").into());
    }
    let day = stubs::name(app.config.pay()?, Part::Day, &date);
    let page = stubs::ask(app, &day, &["page", &state, &cursor].join(" "), "").await?;
    Ok(Reply::text("application/json", page))
}

fn is_date(text: &str) -> bool {
    let is_of_date =
        |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(is_of_date)
}

fn parse_number(text: &str) -> Result<OutTradeNo, Problem> {
    OutTradeNo::new(&percent::decode(text)).ok_or_else(problems::no_order)
}

async fn ask(app: &App, number: &OutTradeNo, question: &str, body: &str) -> Result<Reply, Problem> {
    let object = stubs::name(app.config.pay()?, Part::Order, number.as_str());
    let answer = stubs::ask(app, &object, question, body).await?;
    Ok(Reply::text("application/json", answer))
}
