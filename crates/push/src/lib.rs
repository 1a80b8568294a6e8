//! What `WeChat` pushes: verified, opened, named, and answered.
//!
//! [`PushKeys`] checks and opens a [`Push`], whatever mode and format the console is set to; the push says its type,
//! its user, what tells a repeat, and what `WeChat` takes as an answer; [`PushKeys::reply`] writes that answer. Pure:
//! time and randomness come in as arguments, and nothing here does I/O.
//!
//! Source: message push, `WeChat` mini program guide; `data/push-events.tsv` names the types.

mod aes_key;
mod answer;
mod duplicates;
mod error;
mod field;
mod format;
mod json;
mod kind;
mod limits;
mod push;
mod push_keys;
mod query;
mod xml;

pub use answer::Answer;
pub use error::{Flaw, PushError};
pub use format::Format;
pub use limits::{
    ANSWER_WAIT, MAX_AGE, MAX_AHEAD, MAX_ANSWER_BYTES, MAX_BODY_BYTES, MAX_DEPTH, MAX_VALUES, PLAIN_WINDOW,
    QUESTION_WAIT,
};
pub use push::{Once, Push};
pub use push_keys::{BadKey, PushKeys, Reply};
pub use query::Query;
