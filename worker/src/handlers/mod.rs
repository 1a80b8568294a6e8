//! One handler for each route: parse, authorise, call, answer.

mod health;
mod images;
mod login;
mod phone;
mod scheme;
mod session;
mod token;
mod userdata;

pub(crate) use health::health;
pub(crate) use images::{qrcode, wxacode, wxacode_unlimited};
pub(crate) use login::login;
pub(crate) use phone::phone;
pub(crate) use scheme::scheme;
pub(crate) use session::{check_session, delete_session, reset_session, session};
pub(crate) use token::{refresh_token, token, token_state};
pub(crate) use userdata::userdata;
