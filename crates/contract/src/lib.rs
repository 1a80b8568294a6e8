//! The HTTP contract between the wxedge Worker and its callers: routes, bodies, problems.
//!
//! The Worker and the client package both speak it, so it knows no secret and does no I/O.
#![no_std]

extern crate alloc;

mod body;
mod field_error;
mod field_types;
mod fields;
mod json_value;
mod json_writer;
mod own_json;
mod problem;
pub mod requests;

pub use body::{EncryptedTexts, LoginBody, PhoneBody, SignedTexts, UserDataBody};
pub use field_error::{BrokenRule, FieldError};
pub use field_types::{Nested, TextList};
pub use fields::{Field, Fields, parse_fields, parse_object, read_object, repeated_field, unknown_field};
pub use json_value::JsonValue;
pub use json_writer::to_json;
pub use own_json::{Given, read_own_json};
pub use problem::{Code, PROBLEM_CONTENT_TYPE, Problem, ProblemMembers, URN};
