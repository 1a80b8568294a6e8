//! Schemes, URL Links, short links, and named links with the page that opens the mini program.
//!
//! `named_link` is what is stored, `maker` the object that keeps it and makes its doors, `visit` what one visitor gets.

pub(crate) mod env_version;
mod handlers;
pub(crate) mod maker;
pub(crate) mod named_link;
mod published;
mod visit;
mod visits;
mod wechat_links;

pub(crate) use handlers::{delete_link, get_link, list_links, put_link};
pub(crate) use visits::{go, link_code, open_link};
pub(crate) use wechat_links::{
    GENERATE_NFC_SCHEME, GENERATE_SCHEME, GENERATE_SHORT_LINK, GENERATE_URL_LINK, make_link, query_link,
};
