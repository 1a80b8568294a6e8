//! The part of an object that is the index of a day of Beijing's: each order that was made then, as its route shows it.

use edge::{Changes, Range};
use wxedge_contract::Problem;

use crate::platform::ObjectState;

/// Before the moment at which an order was made, and its number.
const ORDERS: &str = "order/";
/// How many are looked at for one answer.
const LOOKED_AT: u32 = 200;
/// How many one answer holds.
const MOST_LISTED: usize = 50;

/// Notes how an order stands. A note that comes late changes nothing: `seq` rises.
pub(super) async fn note(
    state: &ObjectState,
    [order, seq, order_state]: [&str; 3],
    view: &str,
) -> Result<String, Problem> {
    let key = [ORDERS, order].concat();
    let known = state.storage.texts(vec![key.clone()]).await?.pop().flatten();
    let is_late =
        known.as_deref().and_then(seq_of).is_some_and(|known| seq.parse().is_ok_and(|seq: u32| seq < known));
    if !is_late {
        let puts = vec![(key, [seq, order_state, view].join(" "))];
        state.storage.write(Changes { puts, ..Changes::default() }).await?;
    }
    Ok(String::new())
}

fn seq_of(note: &str) -> Option<u32> {
    note.split_once(' ')?.0.parse().ok()
}

/// The orders of a state, or all, made before one: the newest first, as JSON.
pub(super) async fn page(state: &ObjectState, wanted: &str, before: &str) -> Result<String, Problem> {
    let end = [ORDERS, before].concat();
    let end = Some(end.as_str()).filter(|_| !before.is_empty());
    let listed = state.storage.list(Range { prefix: ORDERS, end, reverse: true, limit: LOOKED_AT }).await?;
    let is_full = u32::try_from(listed.len()).is_ok_and(|count| count == LOOKED_AT);
    let mut views = Vec::new();
    let mut last = None;
    let mut cursor = None;
    for (key, note) in &listed {
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
    let cursor = cursor.or_else(|| listed.last().map(|(key, _)| key).filter(|_| is_full));
    let cursor = cursor.and_then(|key| key.strip_prefix(ORDERS));
    let cursor = cursor.map(|cursor| [r#","cursor":""#, cursor, "\""].concat()).unwrap_or_default();
    Ok([r#"{"orders":["#, &views.join(","), "]", &cursor, "}"].concat())
}
