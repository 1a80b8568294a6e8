//! The HTTP contract between the wxedge Worker and its callers: routes, bodies, problems.
//!
//! The Worker and the client package both speak it, so it knows no secret and does no I/O.
#![no_std]

extern crate alloc;

mod body;
mod field;
mod problem;
pub mod requests;

pub use body::{EncryptedTexts, LoginBody, PhoneBody, SignedTexts, UserDataBody};
pub use field::{FieldError, Given, Nested, TextList, parse_object};
pub use problem::{Code, PROBLEM_CONTENT_TYPE, Problem};
