//! The settings of payment: whole or absent.

use wxedge_crypto::Secret;
use wxedge_pay::{
    KeyError, Merchant, PrivateKey, VerifyKey, parse_apiv3_key, parse_public_key, parse_public_key_id,
    parse_serial,
};

use super::rules::is_appid;
use super::setting::{Setting, SettingError, Variables};
use super::{APPID_RULE, public_url};

/// Where `WeChat` Pay answers.
const PAY_API: &str = "https://api.mch.weixin.qq.com";
/// What notifications are sent to, below our own address.
const NOTIFY_PATH: &str = "/v1/pay/notify/";
/// The longest address of notifications, in characters. Source: JSAPI 下单, `notify_url`.
const LONGEST_NOTIFY_URL: usize = 255;

/// The merchant, and the keys of both sides.
pub(crate) struct Pay {
    pub(crate) merchant: Merchant,
    pub(crate) private_key: PrivateKey,
    /// The `APIv3` key, and the one before it where that is set.
    pub(crate) apiv3_keys: Vec<Secret>,
    /// `WeChat` Pay's; none where certificates are fetched.
    pub(crate) public_key: Option<VerifyKey>,
    /// Without a slash at the end.
    pub(crate) api_base: String,
}

pub(super) fn pay(from: Variables<'_>) -> Setting<Option<Pay>> {
    let text = |name| from.text(name);
    let [mchid, serial, private_key] = ["PAY_MCHID", "PAY_CERT_SERIAL", "PAY_PRIVATE_KEY"].map(text);
    let [apiv3_key, previous] = ["PAY_APIV3_KEY", "PAY_APIV3_KEY_PREVIOUS"].map(text);
    let [key_id, public_key] = ["PAY_PUBLIC_KEY_ID", "PAY_PUBLIC_KEY"].map(text);
    let api_base = from.base("PAY_API_BASE", PAY_API);
    if [&mchid, &serial, &private_key, &apiv3_key, &key_id, &public_key].iter().all(|text| text.is_none()) {
        return Ok(None);
    }
    let mchid =
        mchid.filter(|mchid| is_mchid(mchid)).ok_or_else(|| SettingError::new("PAY_MCHID", MCHID_RULE))?;
    let serial = checked("PAY_CERT_SERIAL", serial, |text| parse_serial(&text))?;
    let private_key = checked("PAY_PRIVATE_KEY", private_key, |text| PrivateKey::parse(&Secret::new(text)))?;
    let apiv3 = |name, text| checked(name, text, |text| parse_apiv3_key(&Secret::new(text)));
    let mut apiv3_keys = vec![apiv3("PAY_APIV3_KEY", apiv3_key)?];
    if previous.is_some() {
        apiv3_keys.push(apiv3("PAY_APIV3_KEY_PREVIOUS", previous)?);
    }
    let public_key = match (&key_id, &public_key) {
        (None, None) => None,
        _ => Some(VerifyKey {
            id: checked("PAY_PUBLIC_KEY_ID", key_id, |text| parse_public_key_id(&text))?,
            spki: checked("PAY_PUBLIC_KEY", public_key, |text| {
                parse_public_key(&text, &mchid, Some(&private_key))
            })?,
            ends_at: None,
        }),
    };
    let appid = from.required("WECHAT_APPID", is_appid, APPID_RULE)?;
    let notify_url = public_url(from)?.map(|url| [&url, NOTIFY_PATH, &mchid].concat());
    let notify_url = notify_url.filter(|url| url.len() <= LONGEST_NOTIFY_URL);
    let notify_url = notify_url.ok_or_else(|| SettingError::new("PUBLIC_URL", PUBLIC_URL_RULE))?;
    let merchant = Merchant { mchid, appid, serial, notify_url };
    Ok(Some(Pay { merchant, private_key, apiv3_keys, public_key, api_base: api_base? }))
}

const MCHID_RULE: &str = "must be the merchant's number, 6 to 32 digits (merchant platform: 商户号)";
const PUBLIC_URL_RULE: &str =
    "is needed for payment: our own address from outside, to which notifications are sent";

fn is_mchid(text: &str) -> bool {
    (6..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A key that has to be there and to have its form.
fn checked<T>(
    name: &'static str,
    text: Option<String>,
    parse: impl FnOnce(String) -> Result<T, KeyError>,
) -> Setting<T> {
    let text =
        text.ok_or_else(|| SettingError::new(name, "is needed for payment, beside the other PAY_ settings"))?;
    parse(text).map_err(|error| SettingError::new(name, error.to_string()))
}
