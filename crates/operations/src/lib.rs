//! WeChat's server API as data: a row for each call, and one interpreter that checks a body, writes it, reads a reply and
//! explains a refusal by the row. The grammar of the rows is in this crate's README. No I/O.
#![no_std]

extern crate alloc;

mod check;
#[cfg(any(feature = "documents", test))]
pub mod documents;
mod expiry;
mod explain;
mod field;
mod fields;
mod kind;
mod nearest;
mod operation;
mod path;
mod refusal;
mod reply;
mod rules;
mod table;

pub use expiry::expires_at;
pub use explain::{LONGEST_EXPLAINED, MOST_REMARKS};
pub use field::{Field, FieldIter, FieldLines, Place, Range, Unit, Values};
pub use fields::Fields;
pub use kind::Kind;
pub use nearest::{LONGEST_PATH, nearest};
pub use operation::{Flag, Methods, Operation};
pub use refusal::{Refusal, advice};
pub use reply::{ReplyError, errcode_at_start, read_status, token_refusal, without_status};
pub use rules::{check_page, check_query};
pub use table::{all, find, known};
