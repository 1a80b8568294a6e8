//! What the merchant signs: requests and payment parameters. Both with RSASSA-PKCS1-v1_5 and SHA-256, by the merchant's
//! private key.
//!
//! Source: 如何构造接口请求签名, 小程序调起支付.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::Write as _;

use crate::form::json_text;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Who signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    /// The merchant's number.
    pub mchid: String,
    /// The mini program, bound to it.
    pub appid: String,
    /// The serial of the merchant's API certificate, 40 upper-case hex digits.
    pub serial: String,
    /// Where notifications are sent: https, public, without a query.
    pub notify_url: String,
}

/// How a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`, without a body.
    Get,
    /// `POST`.
    Post,
}

impl Method {
    /// The name as HTTP has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A request to `WeChat` Pay: exactly what is signed, and then sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Path and query, encoded as they go over the wire.
    pub target: String,
    /// Its body; empty where there is none.
    pub body: String,
}

/// A request with a moment and a nonce, waiting for its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestToSign {
    timestamp: u64,
    nonce: String,
    message: String,
}

impl Request {
    /// Asks for something.
    #[must_use]
    pub fn get(target: impl Into<String>) -> Self {
        Self { method: Method::Get, target: target.into(), body: String::new() }
    }

    /// Sends a body.
    #[must_use]
    pub fn post(target: impl Into<String>, body: impl Into<String>) -> Self {
        Self { method: Method::Post, target: target.into(), body: body.into() }
    }

    /// Asks for the platform certificates, those that sign with RSA.
    #[must_use]
    pub fn certificates() -> Self {
        Self::get("/v3/certificates?algorithm_type=RSA")
    }

    /// What is signed. `now` is in Unix seconds; `nonce` is new for each try, 16 to 32 letters and digits.
    #[must_use]
    pub fn to_sign(&self, now: u64, nonce: &str) -> RequestToSign {
        let Self { method, target, body } = self;
        let message = format!("{}\n{target}\n{now}\n{nonce}\n{body}\n", method.as_str());
        RequestToSign { timestamp: now, nonce: nonce.to_string(), message }
    }
}

impl RequestToSign {
    /// The text that is signed.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The header `Authorization`, with the signature of [`RequestToSign::message`].
    #[must_use]
    pub fn authorization(&self, merchant: &Merchant, signature: &[u8]) -> String {
        let Self { timestamp, nonce, .. } = self;
        let Merchant { mchid, serial, .. } = merchant;
        let signature = STANDARD.encode(signature);
        format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{mchid}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp}\",\
             serial_no=\"{serial}\",signature=\"{signature}\""
        )
    }
}

/// A nonce: 32 upper-case hex digits of random bytes.
#[must_use]
pub fn nonce(random: [u8; 16]) -> String {
    let mut text = String::new();
    for byte in random {
        let _ = write!(text, "{byte:02X}");
    }
    text
}

/// Payment parameters that wait for their signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentToSign {
    timestamp: String,
    nonce: String,
    package: String,
    message: String,
}

/// What `wx.requestPayment` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Unix seconds, as text.
    time_stamp: String,
    nonce_str: String,
    /// `prepay_id=…`.
    package: String,
    /// Always `RSA`.
    sign_type: &'static str,
    pay_sign: String,
}

impl Payment {
    /// Its fields as JSON, under the names of `wx.requestPayment`.
    #[must_use]
    pub fn json(&self) -> String {
        let Self { time_stamp, nonce_str, package, sign_type, pay_sign } = self;
        format!(
            r#"{{"timeStamp":"{time_stamp}","nonceStr":"{nonce_str}","package":{},"signType":"{sign_type}","paySign":"{pay_sign}"}}"#,
            json_text(package)
        )
    }
}

impl PaymentToSign {
    /// Parameters for an order that `WeChat` Pay knows under `prepay_id`. `now` is in Unix seconds.
    #[must_use]
    pub fn new(appid: &str, prepay_id: &str, now: u64, nonce: &str) -> Self {
        let timestamp = now.to_string();
        let package = format!("prepay_id={prepay_id}");
        let message = format!("{appid}\n{timestamp}\n{nonce}\n{package}\n");
        Self { timestamp, nonce: nonce.to_string(), package, message }
    }

    /// The text that is signed.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The parameters, with the signature of [`PaymentToSign::message`].
    #[must_use]
    pub fn signed(self, signature: &[u8]) -> Payment {
        Payment {
            time_stamp: self.timestamp,
            nonce_str: self.nonce,
            package: self.package,
            sign_type: "RSA",
            pay_sign: STANDARD.encode(signature),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::nonce;

    #[test]
    fn a_nonce_is_32_digits_of_the_documented_alphabet() {
        assert_eq!(nonce([0xa5; 16]), "A5".repeat(16));
        assert_eq!(nonce([0; 16]).len(), 32);
    }
}
