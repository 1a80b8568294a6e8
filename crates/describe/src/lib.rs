//! What is made from the tables: of the Worker's routes and settings, and of WeChat's calls. Host only, no I/O.

pub mod answers;
pub mod errors;
mod names;
pub mod openapi;
pub mod routes;
mod schema;
pub mod settings;
pub mod tables;
pub mod texts;
pub mod types;
