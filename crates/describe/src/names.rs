//! The names of types, the same in the document and in TypeScript.

use crate::routes::Route;

/// `LoginReply` of the route `login`.
pub(crate) fn type_name(route: &Route, kind: &str) -> String {
    capitalised(route.id).chain(kind.chars()).collect()
}

/// `InvalidRequest` of `invalid_request`.
pub(crate) fn pascal_case(word: &str) -> String {
    word.split('_').flat_map(capitalised).collect()
}

fn capitalised(word: &str) -> impl Iterator<Item = char> {
    let mut letters = word.chars();
    letters.next().map(|letter| letter.to_ascii_uppercase()).into_iter().chain(letters)
}
