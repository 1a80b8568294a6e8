//! `WeChat` Pay: what is signed, what is believed, and the life of an order as a pure state machine.
//!
//! Pure: time and randomness come in as arguments, and nothing here does I/O. RSA and AES-GCM are not here either: what is
//! to be signed or verified is given out as bytes, and what comes back is the signature, the verdict or the plaintext.
//!
//! The rules it keeps:
//! - Nothing is read that is not verified, nothing is decrypted before its signature holds. Types see to it: a
//!   [`Notice`] is made of an [`Envelope`], that of a [`Verified`], and that of all steps of the verification. Who hands one
//!   on to the owner of an order hands on what was inside, which [`Notice::reread`] reads again.
//! - An order moves only as [`TRANSITIONS`] says. What is stored with a transition is stored in the same value.
//! - An order is paid by proof alone: a verified notification or query with its amount, payer and merchant. What
//!   contradicts waits for a person.
//! - After an unknown outcome the same number and the same bytes are sent again, never a new number.
//! - Refunds never exceed the amount, a refund whose outcome is unknown counted in. A refusal after an unknown outcome is
//!   not believed.
//! - Every order is looked up until it is settled or before a person, whatever notifications are lost.
//! - What was given back stays so, in whatever order news come.
//!
//! Source: `WeChat` Pay API v3, JSAPI/小程序支付.
#![no_std]

extern crate alloc;

mod amount;
mod answer;
mod certificate;
mod certificates;
mod der;
mod facts;
mod form;
mod key_forms;
mod limits;
mod moment;
mod new_order;
mod new_refund;
mod notification;
mod number;
mod order;
mod product;
mod sealed;
mod signing;
mod stored;
mod verify_keys;
mod verifying;

pub use amount::Fen;
pub use answer::{Answer, Meaning, PayRefusal};
pub use certificate::{Certificate, NotACertificate};
pub use certificates::{CertificateFetches, Download, Opened};
pub use facts::{RefundFact, RefundStatus, TradeState, Transaction};
pub use key_forms::{
    KeyError, PrivateKey, parse_apiv3_key, parse_public_key, parse_public_key_id, parse_serial,
};
pub use limits::{
    CALL_LIMIT, CERTIFICATES_GAP, CLOCK_TOLERANCE, CLOSE_AFTER, LOOK_GAP, MAX_NOTIFICATION_BYTES,
    MAX_REFUNDS, MOST_UNPAID, PREPAY_FRESH, REFUND_GAP, REFUND_PATIENCE, SAME_ORDER_FOR, SESSION_EXPIRE,
};
pub use moment::{beijing_day, parse_moment, write_moment};
pub use new_order::NewOrder;
pub use new_refund::NewRefund;
pub use notification::{Envelope, Notice};
pub use number::{OutRefundNo, OutTradeNo};
pub use order::{
    By, Call, Contradiction, Denied, Order, Outgoing, RefundState, Refused, State, Step, TRANSITIONS,
    read_order, write_order,
};
pub use product::Product;
pub use sealed::{Sealed, Unreadable};
pub use signing::{Merchant, Method, Payment, PaymentToSign, Request, RequestToSign, nonce};
pub use verify_keys::{VerifyKey, VerifyKeys};
pub use verifying::{InTime, Keyed, Received, Refusal, SignatureHeaders, Verified, Why};
