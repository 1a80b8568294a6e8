use alloc::string::String;
use alloc::vec::Vec;

use crate::delimiter;

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
        let page = delimiter::before(path, b'?');
        let query = page.len() < path.len();
        let mut name = page;
        while let Some(rest) = name.strip_prefix('/') {
            name = rest;
        }
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

    /// The page that is meant, when only a few characters in one place differ.
    fn nearest(&self, name: &str) -> Option<&'a str> {
        let differences = self.pages.iter().map(|page| (difference(name, page), *page));
        differences.filter(|(difference, _)| *difference <= 2).min().map(|(_, page)| page)
    }
}

fn without_extension(name: &str) -> &str {
    match delimiter::rsplit_once(name, b'.') {
        Some((before, extension)) if !extension.bytes().any(|byte| byte == b'/') => before,
        _ => name,
    }
}

/// How many bytes lie between what two texts have in common at their beginning and at their end; case does not count.
fn difference(one: &str, other: &str) -> usize {
    let same = |(a, b): &(u8, u8)| a.eq_ignore_ascii_case(b);
    let beginning = one.bytes().zip(other.bytes()).take_while(same).count();
    let end = one.bytes().rev().zip(other.bytes().rev()).take_while(same).count();
    let shorter = one.len().min(other.len());
    one.len().max(other.len()).saturating_sub(beginning.saturating_add(end).min(shorter))
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec;

    use proptest::prelude::*;

    use super::{AppPages, difference};

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
    fn the_difference_is_what_lies_between_common_ends() {
        for (one, other, expected) in [
            ("", "", 0),
            ("abc", "ABC", 0),
            ("abc", "axc", 1),
            ("abc", "ab", 1),
            ("abc", "xabc", 1),
            ("abdc", "acdb", 3),
            ("a/b/c", "a/c", 2),
            ("abc", "xyz", 3),
        ] {
            assert_eq!(difference(one, other), expected, "{one} {other}");
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
