use crate::operation::{Flag, Operation};
use crate::table::all;

/// The longest path that a neighbour is looked for, in bytes: the longest that WeChat has is 66.
pub const LONGEST_PATH: usize = 96;

/// How far two texts may differ to be neighbours, in letters changed, added or left out.
const FARTHEST: usize = 6;

/// The documented path that looks most like `path`, which has none: the one with the fewest letters changed, else the one
/// with the most of the same parts at its end. It takes at most [`LONGEST_PATH`] × 13 steps for each path that is known.
#[must_use]
pub fn nearest(path: &str) -> Option<&'static str> {
    let path = path.trim_matches('/');
    if path.is_empty() || path.len() > LONGEST_PATH {
        return None;
    }
    let known = || {
        all().filter(|operation| !operation.is(Flag::Internal)).map(|operation: Operation| operation.path())
    };
    let near = known().filter_map(|one| Some((distance(path, one, FARTHEST)?, one)));
    near.min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= (path.len() / 4).max(1))
        .or_else(|| {
            let alike = known().map(|one| (usize::MAX.saturating_sub(same_end(path, one)), one));
            alike.min_by_key(|(rank, _)| *rank).filter(|(rank, _)| *rank < usize::MAX)
        })
        .map(|(_, one)| one)
}

/// How many letters of whole parts two paths share at their ends; the short words that many paths end in count for
/// nothing alone.
fn same_end(one: &str, other: &str) -> usize {
    let parts = one.rsplit('/').zip(other.rsplit('/'));
    let letters =
        parts.take_while(|(one, other)| one.eq_ignore_ascii_case(other)).map(|(one, _)| one.len()).sum();
    if letters > 6 { letters } else { 0 }
}

/// In how many letters two texts differ, whatever their case; nothing when in more than `farthest`.
///
/// Levenshtein's distance, in the band around the diagonal in which no way is longer than `farthest`.
pub(crate) fn distance(one: &str, other: &str, farthest: usize) -> Option<usize> {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len().abs_diff(other.len()) > farthest || one.len() > LONGEST_PATH || other.len() > LONGEST_PATH {
        return None;
    }
    let far = farthest.saturating_add(1);
    let mut row = [far; LONGEST_PATH + 1];
    for (column, cell) in row.iter_mut().enumerate().take(far) {
        *cell = column;
    }
    for (line, letter) in one.iter().enumerate() {
        let from = line.saturating_sub(farthest);
        let to = line.saturating_add(far).min(other.len());
        let mut diagonal = row.get(from).copied().unwrap_or(far);
        // Left of the band nothing is near, but at the edge of the table.
        let mut left = if from == 0 { line.saturating_add(1) } else { far };
        if let Some(cell) = row.get_mut(from) {
            *cell = left;
        }
        for column in from..to {
            let above = row.get(column.saturating_add(1)).copied().unwrap_or(far);
            let same = other.get(column).is_some_and(|other| other.eq_ignore_ascii_case(letter));
            let here = diagonal
                .saturating_add(usize::from(!same))
                .min(left.saturating_add(1))
                .min(above.saturating_add(1))
                .min(far);
            if let Some(cell) = row.get_mut(column.saturating_add(1)) {
                *cell = here;
            }
            diagonal = above;
            left = here;
        }
        // Right of the band nothing is near.
        if let Some(cell) = row.get_mut(to.saturating_add(1)) {
            *cell = far;
        }
    }
    row.get(other.len()).copied().filter(|distance| *distance <= farthest)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::{LONGEST_PATH, distance, nearest};
    use crate::table::all;

    #[test]
    fn a_wrong_path_names_the_one_that_was_meant() {
        for (wrong, right) in [
            ("/wxa/getwxacodeunlimited", "wxa/getwxacodeunlimit"),
            ("WXA/GETWXACODE", "wxa/getwxacode"),
            ("wxa/generateurllink", "wxa/generate_urllink"),
            ("cgi-bin/message/subscribe/sent", "cgi-bin/message/subscribe/send"),
            ("message/subscribe/send", "cgi-bin/message/subscribe/send"),
            ("wxa/business/msg_sec_check", "wxa/msg_sec_check"),
            ("retail/b2b/getorder", "retail/B2b/getorder"),
            ("datacube/getweanalysisappiduserportrai", "datacube/getweanalysisappiduserportrait"),
        ] {
            assert_eq!(nearest(wrong), Some(right), "{wrong}");
        }
        for wrong in ["", "/", "x", "admin", "cgi-bin/ticket/getticket/x/y/z/q/r", "a/get", "名/名"] {
            assert_eq!(nearest(wrong), None, "{wrong}");
        }
        assert_eq!(nearest(&"wxa/".repeat(1000)), None);
    }

    #[test]
    fn no_path_is_too_long_to_be_found() {
        assert!(all().all(|operation| operation.path().len() <= LONGEST_PATH));
    }

    #[expect(clippy::arithmetic_side_effects, reason = "of short texts")]
    fn plain_distance(one: &[u8], other: &[u8]) -> usize {
        let mut row: Vec<usize> = (0..=other.len()).collect();
        for (line, letter) in one.iter().enumerate() {
            let mut diagonal = row[0];
            row[0] = line + 1;
            for column in 0..other.len() {
                let above = row[column + 1];
                let same = other[column].eq_ignore_ascii_case(letter);
                row[column + 1] = (diagonal + usize::from(!same)).min(row[column] + 1).min(above + 1);
                diagonal = above;
            }
        }
        row[other.len()]
    }

    proptest! {
        #[test]
        fn the_band_changes_no_distance(one in "[a-cA]{0,12}", other in "[a-cA]{0,12}", farthest in 0_usize..7) {
            let plain = plain_distance(one.as_bytes(), other.as_bytes());
            prop_assert_eq!(distance(&one, &other, farthest), Some(plain).filter(|plain| *plain <= farthest));
        }

        #[test]
        fn no_path_breaks_the_search(path in "\\PC{0,120}") {
            let _ = nearest(&path);
        }
    }
}
