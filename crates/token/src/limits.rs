//! Every limit of the keeper, with its reason. All are milliseconds unless their name says otherwise.

const SECOND: u64 = 1_000;

/// The longest life that `WeChat` gives a token, in seconds. A larger `expires_in` is taken as this.
pub const LONGEST_LIFE: u64 = 7_200;

/// A token is renewed when it has less than this left.
///
/// `WeChat` renews a stable token five minutes before its end; asking earlier brings the same token. `expires_in` is
/// cut to whole seconds, so one second less makes sure that we do not ask too early.
pub const RENEW_BEFORE: u64 = 299 * SECOND;

/// For so long after `WeChat` has brought a refused token again, a refusal of it changes nothing: it is mostly of a call
/// from before. A later one is asked about, which costs `stable` nothing, and `classic` never brings a token again.
pub(crate) const VOUCHED_FOR: u64 = SECOND;

/// A refresh without a result is forgotten after this. A fetch is given up after 10 s, so only one whose task was
/// dropped gets here.
pub const FLIGHT_LIMIT: u64 = 15 * SECOND;

/// How often a token call may be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// The most refreshes after a quiet time before each has to be earned.
    pub(crate) at_once: u32,
    /// The time that earns one.
    pub(crate) cost: u64,
    /// The least time from one to the next.
    pub(crate) gap: u64,
}

/// `getStableAccessToken` kills nothing in its normal mode and may be called 10,000 times a minute: so one a second, and
/// at most 600 in any hour, which leaves the rest to others of the account.
pub(crate) const STABLE: Allowance = Allowance { at_once: 300, cost: 12 * SECOND, gap: SECOND };

/// Each `getAccessToken` ends the token before: so at most 60 in any hour, and 1,210 on a day, under the 2,000 that older
/// documents of `WeChat` allow, with room for other servers.
pub(crate) const CLASSIC: Allowance = Allowance { at_once: 10, cost: 72 * SECOND, gap: 0 };

/// A refresh that the budget allows within this is ordered at once, to start then: a short wait is better than an error.
pub(crate) const LONGEST_HOLD: u64 = SECOND;

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
