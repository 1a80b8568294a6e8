//! The names of types, the same in the document and in TypeScript.

use crate::routes::Route;

/// `LoginReply` of the route `login`.
pub(crate) fn type_name(route: &Route, kind: &str) -> String {
    let mut letters = route.id.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(kind.chars()).collect()
}
