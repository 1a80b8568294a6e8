//! Users as a whole: everything that is kept of one is erased.

mod handlers;

pub(crate) use handlers::delete_user;
