//! Every limit of the keeper, with its reason. All are milliseconds unless their name says otherwise.

const SECOND: u64 = 1_000;

/// The longest life that `WeChat` gives a token, in seconds. A larger `expires_in` is taken as this.
pub const LONGEST_LIFE: u64 = 7_200;

/// A token is renewed when it has less than this left.
///
/// `WeChat` renews a stable token five minutes before its end; asking earlier brings the same token. `expires_in` is
/// cut to whole seconds, so one second less makes sure that we do not ask too early.
pub const RENEW_BEFORE: u64 = 299 * SECOND;

/// After a refresh that a refusal caused, the pause before a refusal may cause another: the time for which `WeChat`
/// honours old and new, and so the time in which a second refresh cannot help.
pub const REFUSAL_PAUSE: u64 = 300 * SECOND;

/// A refusal of a token that `WeChat` has vouched for anew no longer than this ago is of an earlier call, since no call takes
/// longer.
pub(crate) const LONGEST_CALL: u64 = 10 * SECOND;

/// A refresh without a result is forgotten after this. A fetch is given up after 10 s, so only one whose task was
/// dropped gets here.
pub const FLIGHT_LIMIT: u64 = 15 * SECOND;

/// The most refreshes that may start together after a quiet time.
pub const REFRESHES_AT_ONCE: u32 = 10;

/// Each refresh has to be earned by this much time, beyond those of [`REFRESHES_AT_ONCE`].
pub(crate) const REFRESH_COST: u64 = 72 * SECOND;

/// The most refreshes that start in any hour: those at once, and one for each 72 s.
///
/// A day then sees at most 1,210, under the 2,000 that older documents of `WeChat` allow, with room for other servers.
pub const REFRESHES_PER_HOUR: u32 = 60;

/// The first and the longest pause after a transient failure: short, since callers fail meanwhile.
pub(crate) const TRANSIENT_PAUSE: (u64, u64) = (SECOND, 60 * SECOND);

/// The first and the longest pause after a spent quota: the shortest of `WeChat`'s quotas counts by the minute.
pub(crate) const QUOTA_PAUSE: (u64, u64) = (60 * SECOND, 600 * SECOND);

/// The first and the longest pause after a wrong setting: it stays wrong until a person mends it, in our settings
/// (which ends the pause) or in `WeChat`'s console (which we only learn by asking).
pub(crate) const MISCONFIGURED_PAUSE: (u64, u64) = (30 * SECOND, 300 * SECOND);

/// The shortest and the longest pause between renewals of a token that was fetched with less than [`RENEW_BEFORE`]
/// left.
pub(crate) const SHORT_LIFE_PAUSE: (u64, u64) = (SECOND, 60 * SECOND);

/// A longer stretch of time counts as this much: longer than anything that the keeper remembers, and short enough
/// that no clock, however wrong, makes its own time overflow.
pub(crate) const LONGEST_GAP: u64 = 86_400 * SECOND;

/// The longest detail of a failure that is kept, in characters.
pub(crate) const LONGEST_DETAIL: usize = 256;
