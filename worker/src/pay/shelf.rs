//! The parts of an object that only keep something: each question reads by one range, decides, and writes at once.

use edge::{Changes, Range};
use wxedge_contract::Problem;

use crate::platform::ObjectState;

/// A question to an object: a word, what belongs to it, and a text.
pub(super) struct Asked<'a> {
    pub(super) word: &'a str,
    pub(super) words: [&'a str; 3],
    pub(super) body: &'a str,
    /// In Unix milliseconds.
    pub(super) now: u64,
}

impl<'a> Asked<'a> {
    pub(super) fn new(question: &'a str, body: &'a str, now: u64) -> Self {
        let mut all = question.split(' ');
        let mut next = || all.next().unwrap_or_default();
        Self { word: next(), words: [next(), next(), next()], body, now }
    }
}

/// Texts with their keys, in the order of these.
pub(super) type Listed = [(String, String)];

/// What comes of a question.
pub(super) struct Done {
    pub(super) answer: Result<String, Problem>,
    /// Made where it is answered.
    pub(super) changes: Changes,
    /// Whether all that the object holds goes instead.
    pub(super) clears: bool,
}

impl Done {
    pub(super) fn saying(answer: String) -> Self {
        Self { answer: Ok(answer), changes: Changes::default(), clears: false }
    }

    pub(super) fn changing(changes: Changes) -> Self {
        Self { changes, ..Self::saying(String::new()) }
    }

    pub(super) fn refusing(problem: Problem) -> Self {
        Self { answer: Err(problem), ..Self::saying(String::new()) }
    }
}

/// Decides about a question by what was read.
pub(super) type Decide = fn(&Asked<'_>, &Listed) -> Done;

/// A question that an object answers by what it keeps.
pub(super) struct Row {
    pub(super) word: &'static str,
    /// Before the keys that are read.
    pub(super) prefix: &'static str,
    /// Whether the first word belongs to the prefix, so that little more than one key is read.
    pub(super) is_of_one: bool,
    /// How many are read at most; from the last on where it is the second word that the keys stand before.
    pub(super) limit: u32,
    pub(super) from_the_last: bool,
    pub(super) decide: Decide,
}

/// Answers a question, if it is one of these.
pub(super) async fn answer(
    state: &ObjectState,
    rows: &[&[Row]],
    asked: &Asked<'_>,
) -> Result<Option<String>, Problem> {
    let row = rows.iter().copied().flatten().find(|row| row.word == asked.word);
    let Some(row) = row else { return Ok(None) };
    let [first, second, _] = asked.words;
    let prefix = [row.prefix, if row.is_of_one { first } else { "" }].concat();
    let end = [row.prefix, second].concat();
    let end = Some(end.as_str()).filter(|_| row.from_the_last && !second.is_empty());
    let range = Range { prefix: &prefix, end, reverse: row.from_the_last, limit: row.limit };
    let listed = state.storage.list(range).await?;
    let Done { answer, changes, clears } = (row.decide)(asked, &listed);
    let answer = answer?;
    if clears {
        state.storage.delete_all().await?;
    } else if !changes.puts.is_empty() || !changes.deletes.is_empty() || changes.alarm.is_some() {
        state.storage.write(changes).await?;
    }
    Ok(Some(answer))
}
