//! The life of an `access_token` as a pure state machine.
//!
//! A [`Keeper`] is all that one owner of a token knows. It is told the time, the reads, the refusals and how each
//! fetch ended; it says which token to use, when to fetch, whom to let wait and whom to turn away. It does no I/O and
//! reads no clock, so the whole of it is tested by simulation.
//!
//! The rules it keeps:
//! - One refresh is in flight at a time, however many ask.
//! - A token is renewed when `WeChat` counts under five minutes to its end, and is served until then.
//! - A refused token causes one refresh. When the token that this brings is refused too, there is no other for five
//!   minutes.
//! - A refusal of any token but the current one changes nothing: the caller is given the current one.
//! - Failures back off. Whatever happens, an hour sees at most [`REFRESHES_PER_HOUR`] refreshes.
//! - Nobody waits while there is a usable token, and nobody is given one that is known dead.
//!
//! The same rules fit both APIs of `WeChat`, so the keeper need not know which one it is. `getStableAccessToken` may
//! bring the token that we hold, with fewer seconds left; `getAccessToken` always brings another, and lets the old one
//! work for about five minutes more, which is the most that an old one has left when it is renewed.
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

pub use failure::{Failure, Kind};
pub use keeper::Keeper;
pub use limits::{
    FLIGHT_LIMIT, LONGEST_LIFE, REFRESHES_AT_ONCE, REFRESHES_PER_HOUR, REFUSAL_PAUSE, RENEW_BEFORE,
};
pub use reading::{Answer, Fresh, Reading, Ticket, Why};
pub use state::{LastError, State};
