//! Every limit of this crate, with its reason.

/// The largest body, envelope or message inside, in bytes. The largest documented push, a waybill with its goods, has
/// some 20 KB; an event of this size still fits into one value of a Durable Object's storage, which holds 2 MB.
pub const MAX_BODY_BYTES: usize = 262_144;

/// How deep objects, arrays and elements may lie in each other. The deepest documented push has 4 levels.
pub const MAX_DEPTH: usize = 16;

/// The most values in one body. It bounds the work of comparing names, since the envelope is read before its
/// signature can be checked.
pub const MAX_VALUES: usize = 4_096;

/// For how many seconds a push without encryption counts as fresh, either way. Its signature does not cover the body,
/// so a signature that was seen is worth something until then.
pub const PLAIN_WINDOW: u64 = 300;

/// How old an encrypted push may be, in seconds: `WeChat`'s longest schedule of repeats, that of B2b payment, ends
/// after some 23 hours.
pub const MAX_AGE: u64 = 86_400;

/// How far an encrypted push may be ahead of our clock, in seconds.
pub const MAX_AHEAD: u64 = 300;

/// The longest `nonce` and `echostr`, in bytes. `WeChat`'s have 6 to 20.
pub(crate) const MAX_NONCE_BYTES: usize = 128;

/// The longest `MsgType` or `Event`, in bytes.
pub(crate) const MAX_NAME_BYTES: usize = 64;

/// The longest user, in characters: that of an openid.
pub(crate) const MAX_USER_CHARACTERS: usize = 128;

/// For how many milliseconds an answer of the receiver is waited for: `WeChat` waits 5 s.
pub const ANSWER_WAIT: u64 = 3_000;

/// The same where `WeChat` itself waits 3 s: the question about an iOS refund.
pub const QUESTION_WAIT: u64 = 2_000;

/// The longest answer of a receiver that is passed on, in bytes.
pub const MAX_ANSWER_BYTES: usize = 65_536;
