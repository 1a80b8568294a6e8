//! Every limit of the outbox, with its reason. All times are milliseconds.

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Into how many shards an app's events are divided, each with an outbox of its own.
pub const SHARDS: u8 = 16;

/// The pauses after the first tries; the last goes on to the end of [`TRIED_FOR`].
pub const PAUSES: [u64; 6] = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR];

/// For how long an event is tried. One that stood behind others all that time has one try afterwards.
pub const TRIED_FOR: u64 = 3 * DAY;

/// The most tries of one event. The pauses make 18 in three days; more come only of tries that ended with the object
/// itself, again and again.
pub const MAX_TRIES: u32 = 24;

/// A try without a result is forgotten after this. The receiver has 10 s, so only one whose task was dropped gets here.
pub const TRY_LIMIT: u64 = 15 * SECOND;

/// How many deliveries a shard makes at once: the runtime opens six connections, and two are left for other calls.
pub const MAX_DELIVERING: usize = 4;

/// How many works of the Worker's own a shard does at once, beside the deliveries: a receiver that hangs must not
/// hold up the erasure of a user.
pub const MAX_WORKING: usize = 2;

/// The most events that wait in one shard. They are held in memory without their bodies, some 500 bytes each.
pub const MAX_WAITING: usize = 10_000;

/// The most events that wait for one user or order, so that one cannot fill a shard.
pub const MAX_WAITING_OF_ONE: usize = 1_000;

/// The most bytes of bodies that wait in one shard: they lie in storage, which holds 10 GB.
pub const MAX_WAITING_BYTES: u64 = 1 << 30;

/// The largest body of an event, in bytes: one value of the storage holds 2 MB with its name. The largest push makes
/// 1.6 MB, if each of its characters has to be escaped.
pub const MAX_BODY_BYTES: usize = 1_900_000;

/// For how long a repeat is known.
pub const REPEATS_KNOWN_FOR: u64 = 48 * HOUR;

/// How many settled events a shard remembers by their keys for callers that looked for a repeat before they settled.
pub(crate) const RECENT: usize = 256;

/// For how long a delivered event is kept, and one that nobody is there to receive.
pub const DELIVERED_KEPT_FOR: u64 = 3 * DAY;

/// For how long a dead event is kept.
pub const DEAD_KEPT_FOR: u64 = 30 * DAY;

/// How often settled events are looked through for those whose time is over: they are kept at most this much longer.
pub const SWEEP_PAUSE: u64 = 6 * HOUR;
