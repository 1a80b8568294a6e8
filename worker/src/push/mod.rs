//! Message push: what WeChat sends about users, orders and the account. It is verified, put into the outbox, then answered.

mod handlers;

pub(crate) use handlers::{check_address, push};
