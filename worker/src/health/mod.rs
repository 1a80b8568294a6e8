//! Whether the deployment is set up right.

mod handlers;

pub(crate) use handlers::health;
