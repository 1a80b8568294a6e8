//! Merges what the shards have of the wanted events.

use wxedge_outbox::{EventId, Record};

use super::shards::Page;

/// How many events one answer holds at most.
pub(super) const MOST_LISTED: usize = 50;

/// The newest events of all shards, and the event before which the next ones lie.
///
/// Each shard has looked so far back; only what none of them can add to any more is given.
pub(super) fn merged(pages: Vec<Page>) -> (Vec<Record>, Option<EventId>) {
    let looked_to = pages.iter().filter_map(|page| page.looked_to.clone()).max();
    newest(pages.into_iter().map(|page| page.records).collect(), looked_to)
}

/// The newest of some lists, each of which begins with its newest, at most [`MOST_LISTED`] and none before `looked_to`; and the
/// event before which others may lie.
pub(super) fn newest(
    mut lists: Vec<Vec<Record>>,
    looked_to: Option<EventId>,
) -> (Vec<Record>, Option<EventId>) {
    for list in &mut lists {
        list.reverse();
    }
    let mut records: Vec<Record> = Vec::new();
    // The ids tell when events came.
    while let Some(list) = lists.iter_mut().max_by_key(|list| list.last().map(|record| record.id.clone()))
        && let Some(next) = list.pop_if(|record| looked_to.as_ref().is_none_or(|end| record.id >= *end))
    {
        if records.len() == MOST_LISTED {
            let last = records.last().map(|record| record.id.clone());
            return (records, last);
        }
        records.push(next);
    }
    (records, looked_to)
}

#[cfg(test)]
mod tests {
    use wxedge_outbox::{EventId, Record};

    use super::super::shards::Page;
    use super::{MOST_LISTED, merged};

    fn id(number: usize) -> EventId {
        EventId::parse(&format!("{number:024x}")).unwrap()
    }

    fn page(numbers: impl Iterator<Item = usize>, looked_to: Option<usize>) -> Page {
        let record = |number| {
            let json = format!(
                r#"{{"id":"{}","type":"a","state":"dead","key":"","bytes":1,"tries":0,"next_try":0,"tried_until":0}}"#,
                id(number)
            );
            serde_json::from_str::<Record>(&json).unwrap()
        };
        Page { records: numbers.map(record).collect(), looked_to: looked_to.map(id) }
    }

    fn numbers((records, cursor): (Vec<Record>, Option<EventId>)) -> (Vec<String>, Option<EventId>) {
        (records.iter().map(|record| record.id.as_str().trim_start_matches('0').to_owned()).collect(), cursor)
    }

    #[test]
    fn the_newest_come_first_as_far_as_every_shard_has_looked() {
        let pages = vec![page([9, 5].into_iter(), Some(5)), page([8, 4, 2].into_iter(), None)];
        assert_eq!(numbers(merged(pages)), (vec!["9".into(), "8".into(), "5".into()], Some(id(5))));
        let pages = vec![page([3].into_iter(), None), page([4].into_iter(), None)];
        assert_eq!(numbers(merged(pages)), (vec!["4".into(), "3".into()], None));
        let nothing_found = vec![page([].into_iter(), Some(7)), page([6].into_iter(), Some(6))];
        assert_eq!(numbers(merged(nothing_found)), (vec![], Some(id(7))));
    }

    #[test]
    fn no_answer_holds_more_than_its_limit_and_the_next_goes_on_there() {
        let all = || vec![page((1..=MOST_LISTED).rev(), None), page((100..130).rev(), None)];
        let (records, cursor) = merged(all());
        assert_eq!((records.len(), cursor), (MOST_LISTED, Some(id(31))));
    }
}
