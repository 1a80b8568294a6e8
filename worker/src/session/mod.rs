//! People: login, sessions, user data, phone numbers.
//!
//! `object` is the Durable Object of a user, `record` what it stores.

mod call_allowance;
mod erasure;
mod handlers;
mod login;
pub(crate) mod object;
mod phone;
mod record;
mod signing;
mod userdata;

pub(crate) use handlers::{check_session, delete_session, reset_session, session};
pub(crate) use login::login;
pub(crate) use phone::phone;
pub(crate) use userdata::userdata;
