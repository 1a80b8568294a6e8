//! Notifications of WeChat Pay, in the order of section 3.3 of the facts: verified before anything is touched, stored, then
//! acknowledged.

use wxedge_contract::{Code, Problem};
use wxedge_pay::{Envelope, Notice, Refusal, Unreadable};

use super::stubs::{self, Part, text_json};
use super::{exchange, keys, orphans, verifying};
use crate::http::Reply;
use crate::route::Call;
use crate::{events, log, stats};

/// As whose calls refused notifications are counted.
const WECHAT_PAY: &str = "wechatpay";
/// The type of the news of a payment that belongs to no order.
const ORPHAN: &str = "alert.orphan_payment";

/// `POST /v1/pay/notify/{mchid}`.
pub(crate) async fn notify(
    Call { app, request, names: [mchid, _], body, .. }: Call<'_>,
) -> Result<Reply, Problem> {
    let pay = app.config.pay()?;
    if mchid != pay.merchant.mchid {
        return Err(Problem::new(Code::NotFound, "This is not the merchant of this deployment."));
    }
    let headers = exchange::signature_headers(|name| request.header(name));
    let verified = verifying::verify(app, pay, headers, body).await.map_err(|refusal| refused(&refusal))?;
    let envelope = Envelope::read(&verified).map_err(unreadable)?;
    let plaintext = keys::open(pay, envelope.sealed()).await?;
    let text = String::from_utf8(plaintext.clone().unwrap_or_default()).unwrap_or_default();
    let handed_on = [envelope.event_type(), &text].join("\n");
    let (number, is_ours) = match envelope.opened(plaintext).map_err(unreadable)? {
        Notice::Payment(payment) => {
            (payment.out_trade_no().to_string(), payment.is_of(mchid, &pay.merchant.appid))
        }
        Notice::Refund(refund) => (refund.out_trade_no().to_string(), refund.is_of(mchid)),
        // What other products say, and combined payments: authentic, and of no order of ours.
        Notice::Other { event_type, .. } if event_type != "TRANSACTION.SUCCESS" => {
            log::pay_notice(&event_type);
            return Ok(Reply::no_content());
        }
        Notice::Other { event_type, .. } => (event_type, false),
    };
    let order = stubs::name(pay, Part::Order, &number);
    if is_ours {
        match stubs::ask(app, &order, "notify", &handed_on).await {
            Err(problem) if problem.code == Code::NotFound => {}
            stored => return stored.map(|_| Reply::no_content()),
        }
    }
    // Nobody has made an order of it here, or it is another's: kept, and told to the operator.
    let (event_type, resource) = handed_on.split_once('\n').unwrap_or_default();
    let key = orphans::key_of(event_type, resource);
    stubs::ask(app, &order, &["orphan ", &key].concat(), &handed_on).await?;
    let data = format!(r#"{{"event_type":{},"resource":{resource}}}"#, text_json(event_type));
    let event = stubs::event(ORPHAN, None, [ORPHAN, &number, &key].join(" "), app.platform.now(), &data);
    events::take_in(app, &event).await?;
    Ok(Reply::no_content())
}

/// Probes are WeChat Pay's own, and counted apart: none of them is a reason for alarm.
fn refused(refusal: &Refusal) -> Problem {
    log::notification_refused(refusal);
    let problem = Problem::new(
        Code::Unauthenticated,
        format!("The notification is refused ({}): {refusal}", refusal.why.code()),
    );
    let endpoint = if refusal.probe { "pay/notify/probe" } else { "pay/notify" };
    stats::count_endpoint(WECHAT_PAY, endpoint, Some(&problem));
    problem
}

/// It comes again for a day, in which the key can be set right.
fn unreadable(error: Unreadable) -> Problem {
    match error {
        Unreadable::Tag => Problem::new(
            Code::Misconfigured,
            format!("PAY_APIV3_KEY does not open a notification: {error}."),
        )
        .hint("Set it as on the merchant platform (API 安全), the one before it as PAY_APIV3_KEY_PREVIOUS."),
        Unreadable::Form => Problem::new(Code::Internal, format!("A notification cannot be read: {error}.")),
    }
}
