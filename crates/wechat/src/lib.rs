//! WeChat's server API for mini programs: calls, bodies with their limits, replies, error knowledge.
//!
//! A [`Call`] is a value that the Worker sends; the reply is read by the module that made the call. No I/O.
#![no_std]

extern crate alloc;

mod access_token;
mod call;
mod code2session;
mod code_style;
mod endpoint;
mod expiry;
mod jsapi_ticket;
mod link_query;
mod link_target;
mod nfc_scheme;
mod phone_number;
mod qrcode;
mod refusal;
mod reply;
mod scheme;
mod session_key;
mod short_link;
mod url_link;
mod wxacode;
mod wxacode_unlimited;

pub use access_token::{AccessToken, access_token, stable_access_token};
pub use call::{Call, Method};
pub use code_style::EnvVersion;
pub use code2session::{Login, code2session};
pub use endpoint::Endpoint;
pub use jsapi_ticket::{JsapiTicket, jsapi_ticket};
pub use link_query::LinkQuery;
pub use link_target::{LinkTarget, parse_env_version, parse_page, parse_query};
pub use nfc_scheme::NfcScheme;
pub use phone_number::{PhoneNumber, phone_number};
pub use qrcode::QrCode;
pub use refusal::Refusal;
pub use reply::{ImageType, ReplyError, read_image};
pub use scheme::{Scheme, SchemeLink};
pub use session_key::{check_session_key, read_check, read_reset, reset_session_key};
pub use short_link::{MadeShortLink, ShortLink};
pub use url_link::{MadeUrlLink, UrlLink};
pub use wxacode::WxaCode;
pub use wxacode_unlimited::WxaCodeUnlimited;
