use core::cmp::Ordering;

use wxedge_launch::delimiter::{rsplit_once, split, split_once};

use crate::operation::Operation;

/// The Worker's lines of every row, sorted by path.
const ROWS: &str = include_str!(concat!(env!("OUT_DIR"), "/rows.txt"));

/// What stands between two rows: ASCII's record separator.
const BETWEEN: u8 = 0x1e;

/// The row of a path, exactly as it is written, without a slash before it.
#[must_use]
pub const fn find(path: &str) -> Option<Operation> {
    // The row is in this part of the text, which begins and ends where rows do.
    let mut part = ROWS;
    while !part.is_empty() {
        let (before, row, after) = middle(part);
        let Some(operation) = Operation::parse(row) else { return None };
        part = match order(path.as_bytes(), operation.path().as_bytes()) {
            Ordering::Equal => return Some(operation),
            Ordering::Less => before,
            Ordering::Greater => after,
        };
    }
    None
}

/// The row of a path that stands in the code. As a constant it is looked up when the Worker is built.
///
/// # Panics
/// There is no such row, which for a constant is an error of the build.
#[must_use]
#[expect(clippy::panic, reason = "of a constant: it ends the build, never the Worker")]
pub const fn known(path: &str) -> Operation {
    match find(path) {
        Some(operation) => operation,
        None => panic!("there is no row of this path"),
    }
}

/// Every row, sorted by path.
pub fn all() -> impl Iterator<Item = Operation> {
    split(ROWS, BETWEEN).filter_map(Operation::parse)
}

/// The row in the middle of a text of rows, what stands before it, and what after.
const fn middle(rows: &'static str) -> (&'static str, &'static str, &'static str) {
    let (first, second) = rows.split_at(rows.floor_char_boundary(rows.len() / 2));
    let (before, start) = match rsplit_once(first, BETWEEN) {
        Some(parts) => parts,
        None => ("", first),
    };
    let (end, after) = match split_once(second, BETWEEN) {
        Some(parts) => parts,
        None => (second, ""),
    };
    let (_, from_row) = rows.split_at(first.len().saturating_sub(start.len()));
    let (row, _) = from_row.split_at(start.len().saturating_add(end.len()));
    (before, row, after)
}

/// As slices are ordered, for the compiler to do.
const fn order(mut one: &[u8], mut other: &[u8]) -> Ordering {
    loop {
        match (one, other) {
            ([first, rest @ ..], [others, others_rest @ ..]) => {
                if *first != *others {
                    return if *first < *others { Ordering::Less } else { Ordering::Greater };
                }
                (one, other) = (rest, others_rest);
            }
            ([], []) => return Ordering::Equal,
            ([], _) => return Ordering::Less,
            (_, []) => return Ordering::Greater,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{ROWS, all, find};

    #[test]
    fn every_row_is_found_by_its_path_and_no_other() {
        for operation in all() {
            assert_eq!(find(operation.path()).unwrap().path(), operation.path());
            for wrong in [
                alloc::format!("/{}", operation.path()),
                alloc::format!("{}/", operation.path()),
                alloc::format!("{}x", operation.path()),
                operation.path().get(1..).unwrap().into(),
            ] {
                assert!(find(&wrong).is_none(), "{wrong}");
            }
        }
        for wrong in
            ["", "/", "a", "zzz", "wxa", "wxa/", "POST", "\n\n", "wxa/getwxacode image", "WXA/getwxacode"]
        {
            assert!(find(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn paths_are_unique_sorted_and_plain() {
        let paths: Vec<_> = all().map(|operation| operation.path()).collect();
        assert!(paths.len() >= 445, "a call is lost: {} of 445", paths.len());
        assert_eq!(paths.len(), ROWS.split('\x1e').count());
        assert!(paths.is_sorted_by(|one, next| one < next));
        for path in paths {
            assert!(
                path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte)),
                "{path}"
            );
            assert!(!path.starts_with('/') && !path.ends_with('/') && !path.contains("//"), "{path}");
        }
    }
}
