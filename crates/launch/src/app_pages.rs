use alloc::string::String;
use alloc::vec::Vec;

/// The pages of an app, as its `app.json` or `pages.json` lists them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppPages<'a> {
    pages: Vec<&'a str>,
}

impl<'a> AppPages<'a> {
    /// Takes the paths of all pages, those of subpackages with their root.
    #[must_use]
    pub fn new(pages: Vec<&'a str>) -> Self {
        Self { pages }
    }

    /// What is wrong with the path that a code or a link names, if anything: a sentence to be read after the path.
    #[must_use]
    pub fn problem(&self, path: &str) -> Option<String> {
        if self.pages.contains(&path) {
            return None;
        }
        let (page, query) = path.split_once('?').map_or((path, false), |(page, _)| (page, true));
        let name = page.trim_start_matches('/');
        let mut problem = String::from(if page.is_empty() {
            "is empty"
        } else if name.len() < page.len() {
            "must not begin with a slash"
        } else if query {
            "must have no query: codes and links take it apart from the page"
        } else if self.pages.contains(&without_extension(name)) {
            "must have no extension"
        } else {
            "is not among the pages of the app"
        });
        if let Some(page) = self.nearest(without_extension(name)) {
            problem.push_str(": write ");
            problem.push_str(page);
        }
        Some(problem)
    }

    /// The page that is meant, when only a few characters differ.
    fn nearest(&self, name: &str) -> Option<&'a str> {
        let tolerated = name.len() / 4;
        let near = self.pages.iter().map(|page| (distance(name, page, tolerated), *page));
        near.filter(|(distance, _)| *distance <= tolerated)
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, page)| page)
    }
}

fn without_extension(name: &str) -> &str {
    let file = name.rfind('/').unwrap_or(0);
    match name.rfind('.') {
        Some(dot) if dot > file => name.get(..dot).unwrap_or(name),
        _ => name,
    }
}

/// How many bytes must be put in, taken out or changed to make one text of the other; case does not count.
/// More than `limit` characters of difference in length are not looked into.
fn distance(one: &str, other: &str, limit: usize) -> usize {
    if one.len().abs_diff(other.len()) > limit {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, byte) in one.bytes().enumerate() {
        let mut diagonal = at;
        let mut left = at.saturating_add(1);
        let mut cells = row.iter_mut();
        if let Some(first) = cells.next() {
            *first = left;
        }
        for (cell, other) in cells.zip(other.bytes()) {
            let changed = diagonal.saturating_add(usize::from(!byte.eq_ignore_ascii_case(&other)));
            diagonal = *cell;
            left = changed.min(diagonal.saturating_add(1)).min(left.saturating_add(1));
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec;

    use proptest::prelude::*;

    use super::{AppPages, distance};

    fn app() -> AppPages<'static> {
        AppPages::new(vec!["pages/index/index", "pages/cart/cart", "sub/detail/detail", "pages/v1.2/a"])
    }

    #[test]
    fn a_path_with_a_problem_is_told_what_to_write() {
        for (path, expected) in [
            ("pages/index/index", None),
            ("sub/detail/detail", None),
            ("pages/v1.2/a", None),
            ("", Some("is empty")),
            ("/pages/cart/cart", Some("must not begin with a slash: write pages/cart/cart")),
            ("/pages/nothing/like/it", Some("must not begin with a slash")),
            (
                "pages/cart/cart?id=1",
                Some(
                    "must have no query: codes and links take it apart from the page: write pages/cart/cart",
                ),
            ),
            ("pages/cart/cart.html", Some("must have no extension: write pages/cart/cart")),
            ("pages/Index/index", Some("is not among the pages of the app: write pages/index/index")),
            ("pages/indx/index", Some("is not among the pages of the app: write pages/index/index")),
            ("detail/detail", Some("is not among the pages of the app")),
            ("pages/secret/admin", Some("is not among the pages of the app")),
        ] {
            assert_eq!(app().problem(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn the_distance_counts_changed_characters() {
        for (one, other, expected) in [
            ("", "", 0),
            ("abc", "ABC", 0),
            ("abc", "axc", 1),
            ("abc", "ab", 1),
            ("abc", "xabc", 1),
            ("abc", "cab", 2),
        ] {
            assert_eq!(distance(one, other, 3), expected, "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn no_path_breaks_the_check(path in any::<String>()) {
            prop_assert!(app().problem(&path).is_some());
            prop_assert!(AppPages::new(vec![&path]).problem(&path).is_none());
        }
    }
}
