//! Verification files of the console.

mod files;
mod handlers;

pub(crate) use handlers::{delete_verification, is_file_name, put_verification, verification_file};
