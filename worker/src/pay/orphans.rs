//! Notifications about a number that nobody has made an order of: they are kept beside it.

use edge::Changes;
use wxedge_contract::{JsonValue, fields, parse_object};

use super::shelf::{Asked, Done, Listed, Row};

/// Before the key of a notification.
const ORPHANS: &str = "orphan/";
/// How many are kept of one number.
const MOST_ORPHANS: u32 = 20;

pub(super) const ROWS: [Row; 1] = [Row {
    word: "orphan",
    prefix: ORPHANS,
    is_of_one: false,
    limit: MOST_ORPHANS,
    from_the_last: false,
    decide: keep,
}];

fn keep(asked: &Asked<'_>, kept: &Listed) -> Done {
    let key = [ORPHANS, asked.words[0]].concat();
    let is_full = u32::try_from(kept.len()).is_ok_and(|count| count >= MOST_ORPHANS);
    let mut changes = Changes::default();
    if !is_full && !kept.iter().any(|(known, _)| *known == key) {
        changes.puts.push((key, asked.body.to_owned()));
    }
    Done::changing(changes)
}

fields! {
    any struct Ids {
        transaction_id: JsonValue,
        refund_id: JsonValue,
    }
}

/// The same for all repeats of a notification, and without a space.
pub(super) fn key_of(event_type: &str, plaintext: &str) -> String {
    let Ids { transaction_id, refund_id } = parse_object(plaintext.as_bytes()).unwrap_or_default();
    let mut key = event_type.to_owned();
    for id in [transaction_id, refund_id] {
        if let JsonValue::Text(id) = id {
            key.extend(["/", &id]);
        }
    }
    key.replace(' ', "_")
}
