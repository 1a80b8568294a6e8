//! The calls to WeChat that the Worker makes for itself, and what it reads of their replies.
//!
//! A [`Call`] is a value that the Worker sends; the reply is read by the module that made the call, by the row of its
//! operation. No I/O.
#![no_std]

extern crate alloc;

mod access_token;
mod call;
mod code2session;
mod image;
mod jsapi_ticket;
mod link_query;
mod phone_number;
mod session_key;

pub use access_token::{ACCESS_TOKEN, AccessToken, STABLE_ACCESS_TOKEN, access_token, stable_access_token};
pub use call::Call;
pub use code2session::{Login, code2session};
pub use image::{ImageType, read_image};
pub use jsapi_ticket::{JsapiTicket, jsapi_ticket};
pub use link_query::{LinkQuery, QUERY_SCHEME, QUERY_URL_LINK};
pub use phone_number::{PhoneNumber, phone_number};
pub use session_key::{check_session_key, read_check, read_reset, reset_session_key};
