//! The life of an `access_token` as a pure state machine.
//!
//! A [`Keeper`] is all that one owner of a token knows. It is told the time, the reads, the refusals and how each
//! fetch ended; it says which token to use, when to fetch, whom to let wait and whom to turn away. It does no I/O and
//! reads no clock, so the whole of it is tested by simulation.
//!
//! The rules it keeps:
//! - One refresh is in flight at a time, however many ask.
//! - A token is renewed when `WeChat` counts under five minutes to its end, and is served until then.
//! - A refused token causes one refresh, and so does each that comes after it: as long as `WeChat` gives a token that is
//!   not one it has refused, nobody is turned away.
//! - A refusal of any token but the current one changes nothing: the caller is given the current one.
//! - Failures back off. Whatever happens, refreshes stay within the budget of the [`Api`] that they call.
//! - Nobody waits while there is a usable token, and nobody is given one that is known dead.
//!
//! But for that budget, the same rules fit both APIs of `WeChat`. `getStableAccessToken` may bring the token that we
//! hold, with fewer seconds left; `getAccessToken` always brings another, and lets the old one work for about five
//! minutes more, which is the most that an old one has left when it is renewed.
//!
//! Source: getAccessToken and getStableAccessToken, `WeChat` server API.
#![no_std]

extern crate alloc;

mod budget;
mod clock;
mod failure;
mod keeper;
mod limits;
mod reading;
mod state;

pub use budget::Api;
pub use failure::{Failure, Kind};
pub use keeper::Keeper;
pub use limits::{FLIGHT_LIMIT, LONGEST_LIFE, RENEW_BEFORE};
pub use reading::{Answer, Fresh, Reading, Ticket, Why};
pub use state::{LastError, State};
