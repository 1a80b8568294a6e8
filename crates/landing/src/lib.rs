//! The H5 page that opens a mini program.
//!
//! A link is opened in many places: a browser of a phone, WeChat, WeCom, a desktop. Each has its own door into the
//! mini program. This crate reads where a page is opened ([`Visitor`], [`Language`]), says which doors have to be
//! made for it ([`Visitor::needs`]), takes the best one that is there ([`Door::best`]), and writes the page
//! ([`page`], [`error_page`]) together with the Content-Security-Policy that it is served under.
//!
//! It is pure, and no input makes it fail: what cannot be shown is left out.
#![no_std]

extern crate alloc;

mod door;
mod language;
mod markup;
mod page;
mod policy;
mod qr;
mod text;
mod visitor;
mod words;

pub use door::{Door, Doors, Made, OpenTag};
pub use language::Language;
pub use page::{Html, Page, Trouble, error_page, page};
pub use qr::MAX_QR_ADDRESS;
pub use visitor::Visitor;
pub use wxedge_launch::Href;
