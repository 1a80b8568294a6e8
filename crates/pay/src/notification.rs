//! Notifications: an envelope that is signed, and inside it what is encrypted.
//!
//! [`Verified`] → [`Envelope`] → [`Notice`]: nothing is decrypted before its signature holds.
//!
//! Source: 支付成功回调通知, 退款结果回调通知.

use alloc::string::String;
use alloc::vec::Vec;

use wxedge_contract::{JsonValue, Nested, fields, parse_object};

use crate::facts::{RefundFact, Transaction};
use crate::sealed::{Sealed, SealedFields, Unreadable};
use crate::verifying::Verified;

/// A notification that `WeChat` Pay signed, still closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    id: String,
    event_type: String,
    sealed: Sealed,
}

/// What a notification says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// An order is paid.
    Payment(Transaction),
    /// A refund has ended, or cannot.
    Refund(RefundFact),
    /// An event of another product, or an unknown one: authentic, to be stored and acknowledged.
    Other {
        /// Its `event_type`.
        event_type: String,
        /// What was inside, as it came: JSON, as a rule.
        plaintext: Vec<u8>,
    },
}

fields! {
    any struct EnvelopeFields {
        id: JsonValue,
        event_type: JsonValue,
        resource: Nested<SealedFields>,
    }
}

impl Envelope {
    /// Reads an envelope.
    ///
    /// # Errors
    /// [`Unreadable::Form`].
    pub fn read(verified: &Verified) -> Result<Self, Unreadable> {
        let fields: EnvelopeFields = parse_object(verified.body()).map_err(|_| Unreadable::Form)?;
        let (JsonValue::Text(id), JsonValue::Text(event_type), Nested::Object(resource)) =
            (fields.id, fields.event_type, fields.resource)
        else {
            return Err(Unreadable::Form);
        };
        let sealed = resource.read().ok_or(Unreadable::Form)?;
        Ok(Self { id, event_type, sealed })
    }

    /// Its id, for the log. Nothing says that it stays the same when a notification is repeated.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its `event_type`.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// What is to be decrypted, with the `APIv3` key and then the one before it.
    #[must_use]
    pub fn sealed(&self) -> &Sealed {
        &self.sealed
    }

    /// What was inside, or nothing where no key opens it.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn opened(self, plaintext: Option<Vec<u8>>) -> Result<Notice, Unreadable> {
        Notice::reread(&self.event_type, plaintext.ok_or(Unreadable::Tag)?)
    }
}

impl Notice {
    /// What an envelope held that was verified and opened before, and handed on to the owner of the order.
    ///
    /// # Errors
    /// [`Unreadable::Form`].
    pub fn reread(event_type: &str, plaintext: Vec<u8>) -> Result<Self, Unreadable> {
        match event_type {
            "TRANSACTION.SUCCESS" if !is_combined(&plaintext) => {
                Transaction::read(&plaintext).map(Notice::Payment).ok_or(Unreadable::Form)
            }
            "REFUND.SUCCESS" | "REFUND.ABNORMAL" | "REFUND.CLOSED" => {
                RefundFact::read_notice(&plaintext).map(Notice::Refund).ok_or(Unreadable::Form)
            }
            _ => Ok(Notice::Other { event_type: event_type.into(), plaintext }),
        }
    }
}

fields! {
    any struct Combined {
        combine_out_trade_no: JsonValue,
    }
}

/// A combined payment has the same `event_type`, and neither number nor amount of its own.
fn is_combined(plaintext: &[u8]) -> bool {
    parse_object::<Combined>(plaintext).is_ok_and(|fields| fields.combine_out_trade_no != JsonValue::Absent)
}
