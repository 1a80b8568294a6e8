//! Schemes, URL Links, short links, and named links with the page that opens the mini program.
//!
//! `named_link` is what is stored, `maker` the object that keeps it and makes its doors, `visit` what one visitor gets.

mod handlers;
pub(crate) mod maker;
pub(crate) mod named_link;
mod published;
mod schemes;
mod url_links;
mod visit;
mod visits;

pub(crate) use handlers::{delete_link, get_link, list_links, put_link};
pub(crate) use schemes::{nfc_scheme, query_scheme, query_url_link, scheme};
pub(crate) use url_links::{short_link, url_link};
pub(crate) use visits::{go, link_code, open_link};
