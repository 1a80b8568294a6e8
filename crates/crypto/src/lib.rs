//! User data, signatures and session tokens of a mini program.
//!
//! Pure: time and randomness come in as arguments, and nothing here does I/O.
#![no_std]

extern crate alloc;

mod access_token;
mod digest;
mod hex;
mod hmac_sha256;
mod jssdk;
mod pay_sig;
mod phone;
mod raw_data;
mod secret;
mod session_signature;
mod session_token;
mod user_data;

pub use access_token::{AccessToken, issue_access_token};
pub use digest::{digest_eq, fingerprint};
pub use hex::lower_hex;
pub use jssdk::jssdk_signature;
pub use pay_sig::pay_sig;
pub use phone::{NotAPhoneNumber, PhoneNumber};
pub use raw_data::verify_raw_data;
pub use secret::Secret;
pub use session_signature::session_signature;
pub use session_token::{Claims, KeyTooShort, SigningKey, TokenError, issue, verify};
pub use user_data::{Damaged, Encrypted, OpenError, OpenedData, Watermark};
