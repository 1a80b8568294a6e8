//! Every limit of payment, with its reason.

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// By how many seconds a timestamp of `WeChat` Pay's must not be off: their documents say five minutes, their Go SDK
/// refuses from 300 on.
pub const CLOCK_TOLERANCE: u64 = 300;

/// The largest notification that is read, in bytes: a transaction with all its coupons takes a tenth of it.
pub const MAX_NOTIFICATION_BYTES: usize = 64 * 1024;

/// The most certificates that are read from one download; there are two while one takes over from another.
pub(crate) const MAX_CERTIFICATES: usize = 8;

/// The shortest time between two downloads of certificates, whatever serials come: else forged ones would make us hammer it.
pub const CERTIFICATES_GAP: u64 = MINUTE;

/// For how long certificates are taken as fresh: a new one is there ten days before the old one ends.
pub(crate) const CERTIFICATES_FRESH: u64 = 6 * HOUR;

/// For how long nothing is fetched for an unknown serial after `WeChat` Pay said that this merchant has no certificates.
pub(crate) const NO_CERTIFICATES_FOR: u64 = HOUR;

/// The latest moment at which an order may still be paid, after it is made: `WeChat` Pay's maximum is 90 days.
pub(crate) const LONGEST_EXPIRE: u64 = 90 * DAY;

/// The shortest life of an order: `WeChat` Pay raises less to a minute.
pub(crate) const SHORTEST_EXPIRE: u64 = MINUTE;

/// How long an order may be paid where nobody says it: `WeChat` Pay's default, written down so that both know it.
pub(crate) const DEFAULT_EXPIRE: u64 = 7 * DAY;

/// For how long a `prepay_id` is handed out: it lives two hours.
pub const PREPAY_FRESH: u64 = 110 * MINUTE;

/// How long after its end an order is looked at to be closed.
pub const CLOSE_AFTER: u64 = MINUTE;

/// How long after its end an order with a `prepay_id` is still waited for that `WeChat` Pay says does not exist.
pub(crate) const MISSING_FOR: u64 = DAY;

/// How often a closed order is looked at at most, an hour apart, where no answer comes.
pub(crate) const LOOKS_WHEN_CLOSED: u32 = 24;

/// A call that was never heard of again is given up after this. It ends by itself after 10 s.
pub const CALL_LIMIT: u64 = 30 * SECOND;

/// How often an order is looked up at most because somebody asks.
pub const LOOK_GAP: u64 = SECOND;

/// The most of one product in one order, where its operator sets no less.
pub(crate) const MOST_OF_A_PRODUCT: u32 = 9_999;

/// The most orders of one user's that a session made and that are unpaid.
pub const MOST_UNPAID: usize = 20;

/// How long an order may be paid that a session made.
pub const SESSION_EXPIRE: u64 = 30 * MINUTE;

/// For how long the same product in the same quantity is the same order, while it is unpaid: a double tap, a page opened
/// again.
pub const SAME_ORDER_FOR: u64 = 15 * MINUTE;

/// The most refunds of one order. Source: 退款申请.
pub const MAX_REFUNDS: usize = 50;

/// The shortest time between two refunds of one order. Source: 退款申请.
pub const REFUND_GAP: u64 = MINUTE;

/// Until when a payment can be refunded. Source: 退款申请.
pub(crate) const REFUND_UNTIL: u64 = 365 * DAY;

/// After this a refund that is not settled is a person's matter.
pub const REFUND_PATIENCE: u64 = 7 * DAY;

/// How often the refund of a late payment is asked for that `WeChat` Pay refuses, before it is a person's matter.
pub(crate) const LATE_REFUND_TRIES: u32 = 5;

/// The most contradictions that are kept of one order; more say nothing new.
pub(crate) const MAX_DISPUTES: usize = 8;

/// The most notes of persons that are kept of one order; the oldest go.
pub(crate) const MAX_RESOLUTIONS: usize = 20;

/// The most refunds of one order that are kept, ours and those that others made: `WeChat` Pay allows 50 that succeed.
pub(crate) const MAX_REFUND_ROWS: usize = 200;

/// The most letters of a note or of a refusal that are kept.
pub(crate) const MAX_NOTE: usize = 500;
