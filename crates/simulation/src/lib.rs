//! What the simulations of the state machines have in common. A simulation runs thousands of schedules of a world that goes
//! wrong in every way; everything in a schedule follows from its seed, so that a broken promise is replayed by it. For tests
//! alone.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test is to stop at what it does not expect"
)]

mod dice;
mod replay;
mod run;

pub use dice::Dice;
pub use replay::replay;
pub use run::{Simulation, run};
