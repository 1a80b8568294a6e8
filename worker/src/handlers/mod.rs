//! One handler for each route: parse, authorise, call, answer.

mod health;
mod images;
mod jssdk;
mod links;
mod login;
mod phone;
mod scenes;
mod scheme;
mod session;
mod token;
mod url_link;
mod userdata;
mod verification;
mod visits;

pub(crate) use health::health;
pub(crate) use images::{qrcode, wxacode, wxacode_unlimited};
pub(crate) use jssdk::jssdk;
pub(crate) use links::{delete_link, get_link, list_links, put_link};
pub(crate) use login::login;
pub(crate) use phone::phone;
pub(crate) use scenes::{scene, store_scene};
pub(crate) use scheme::{nfc_scheme, query_scheme, query_url_link, scheme};
pub(crate) use session::{check_session, delete_session, reset_session, session};
pub(crate) use token::{refresh_token, token, token_state};
pub(crate) use url_link::{short_link, url_link};
pub(crate) use userdata::userdata;
pub(crate) use verification::{delete_verification, is_file_name, put_verification, verification_file};
pub(crate) use visits::{go, link_code, open_link};
