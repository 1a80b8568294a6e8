//! One exchange with WeChat Pay: signed, and answered within ten seconds. Whether the answer is WeChat Pay's is another matter.

use edge::{Deadline, Fetch, FetchResponse, Headers, Method};
use wxedge_contract::{Code, Problem};
use wxedge_pay::{Meaning, PayRefusal, Request, SignatureHeaders, VerifyKeys, nonce};

use super::keys;
use crate::config::Pay;
use crate::{App, log};

/// How long a call may take, its body included, in milliseconds: the contract's ten seconds.
const TIMEOUT: u32 = 10_000;
/// The largest answer, in bytes: two certificates take 5 KB, an order with all its coupons less than 10.
const LARGEST_ANSWER: usize = 256 * 1024;

/// The headers that are read of what WeChat Pay says, those of a signature first.
const HEADERS: [&str; 6] = [
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
    "Wechatpay-Signature",
    "Wechatpay-Serial",
    "Wechatpay-Signature-Type",
    "Request-ID",
];

/// The headers of a signature, as `header` finds them.
pub(super) fn signature_headers<'a>(header: impl Fn(&str) -> Option<&'a str>) -> SignatureHeaders<'a> {
    let [timestamp, nonce, signature, serial, signature_type, _] = HEADERS.map(header);
    SignatureHeaders { timestamp, nonce, signature, serial, signature_type }
}

pub(super) fn headers_of(headers: &Headers) -> SignatureHeaders<'_> {
    signature_headers(|name| headers.get(name))
}

/// What WeChat Pay refuses with, should it ever repeat our key without that.
pub(super) fn refusal(pay: &Pay, response: &FetchResponse) -> PayRefusal {
    let mut refusal = PayRefusal::read(response.status, &response.body);
    for key in &pay.apiv3_keys {
        refusal.message = refusal.message.replace(key.expose(), "***");
    }
    refusal
}

/// Signs a request and sends it; nothing where no answer came.
///
/// # Errors
/// It could not be signed.
pub(super) async fn send(
    app: &App,
    pay: &Pay,
    request: &Request,
    keys: &VerifyKeys,
) -> Result<Option<FetchResponse>, Problem> {
    let random = edge::random().ok_or_else(|| Problem::new(Code::Internal, "There is no randomness."))?;
    let to_sign = request.to_sign(app.platform.now(), &nonce(random));
    let signature = keys::sign(pay, to_sign.message()).await?;
    let url = [&pay.api_base, &request.target].map(String::as_str).concat();
    let is_get = request.body.is_empty();
    let method = if is_get { Method::Get } else { Method::Post };
    let mut fetch = Fetch::new(method, &url, Deadline::after(TIMEOUT), LARGEST_ANSWER)
        .with_header("Accept", "application/json")
        .with_header("User-Agent", "wxedge")
        .with_header("Authorization", &to_sign.authorization(&pay.merchant, &signature));
    let wanted = keys.wanted().map(|key| key.id.as_str()).unwrap_or_default();
    if !wanted.is_empty() {
        // It says which key is to sign the answer. Source: 微信支付公钥, 切换.
        fetch = fetch.with_header("Wechatpay-Serial", wanted);
    }
    if !is_get {
        fetch = fetch.with_text("application/json", &request.body);
    }
    let response = HEADERS.into_iter().fold(fetch, Fetch::reading).send().await.ok();
    if let Some(response) = response.as_ref().filter(|response| response.status >= 400) {
        let refusal = refusal(pay, response);
        if refusal.meaning() != Meaning::Missing {
            let hint = refusal.hint(wanted, to_sign.message()).unwrap_or_default();
            log::pay_refused(&request.target, &refusal, &hint, response.headers.get("Request-ID"));
        }
    }
    Ok(response)
}
