//! The part of an object that is the index of a day of Beijing's: each order that was made then, as its route shows it.

use edge::Changes;

use super::shelf::{Asked, Done, Listed, Row};

/// Before the moment at which an order was made, and its number.
const ORDERS: &str = "order/";
/// How many are looked at for one answer.
const LOOKED_AT: u32 = 200;
/// How many one answer holds.
const MOST_LISTED: usize = 50;

pub(super) const ROWS: [Row; 2] = [
    Row { word: "note", prefix: ORDERS, is_of_one: true, limit: 1, from_the_last: false, decide: note },
    Row {
        word: "page",
        prefix: ORDERS,
        is_of_one: false,
        limit: LOOKED_AT,
        from_the_last: true,
        decide: page,
    },
];

/// Notes how an order stands. A note that comes late changes nothing: its number rises.
fn note(asked: &Asked<'_>, known: &Listed) -> Done {
    let [order, seq, order_state] = asked.words;
    let key = [ORDERS, order].concat();
    let is_late = |known: u32| seq.parse().is_ok_and(|seq: u32| seq < known);
    let known = known.iter().find(|(other, _)| *other == key).and_then(|(_, note)| note.split_once(' '));
    let mut changes = Changes::default();
    if !known.and_then(|(seq, _)| seq.parse().ok()).is_some_and(is_late) {
        changes.puts.push((key, [seq, order_state, asked.body].join(" ")));
    }
    Done::changing(changes)
}

/// The orders of a state, or all, made before one: the newest first, as JSON.
fn page(asked: &Asked<'_>, listed: &Listed) -> Done {
    let [wanted, ..] = asked.words;
    let is_full = u32::try_from(listed.len()).is_ok_and(|count| count == LOOKED_AT);
    let mut views = Vec::new();
    let mut last = None;
    let mut cursor = listed.last().map(|(key, _)| key).filter(|_| is_full);
    for (key, note) in listed {
        let mut parts = note.splitn(3, ' ').skip(1);
        let (Some(order_state), Some(view)) = (parts.next(), parts.next()) else { continue };
        if !wanted.is_empty() && order_state != wanted {
            continue;
        }
        if views.len() >= MOST_LISTED {
            cursor = last;
            break;
        }
        views.push(view);
        last = Some(key);
    }
    let cursor = cursor.and_then(|key| key.strip_prefix(ORDERS));
    let cursor = cursor.map(|cursor| [r#","cursor":""#, cursor, "\""].concat()).unwrap_or_default();
    Done::saying([r#"{"orders":["#, &views.join(","), "]", &cursor, "}"].concat())
}
