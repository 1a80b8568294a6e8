//! What is made from the tables: of the Worker's routes and settings, and of WeChat's calls. Host only, no I/O.

pub mod answers;
