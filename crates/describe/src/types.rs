//! The bodies and replies of routes that clients call, as TypeScript: `pkg/api.d.ts`.

use std::fmt::Write;

use wxedge_operations::documents::FieldDocument;
use wxedge_operations::{Field, Kind};

use crate::names::type_name;
use crate::routes::{Reply, Route};
use crate::schema::{ANY_OTHERS, comment};

const HEAD: &str = "// Written by `npm run describe` from crates/describe/data/routes.txt.\n";

/// The declarations of every route that is open to clients.
#[must_use]
pub fn types(routes: &[Route]) -> String {
    let mut text = HEAD.to_owned();
    for route in routes.iter().filter(|route| route.row.cors) {
        let line = format!("`{} {}`", route.row.method, route.row.path);
        let (en, zh) = route.summary;
        if !route.body.is_empty() {
            interface(
                &mut text,
                &format!("What {line} takes. {en} {zh}"),
                &type_name(route, "Body"),
                &route.body,
            );
        }
        if route.reply == Reply::Json && !route.fields.is_empty() {
            interface(
                &mut text,
                &format!("The reply to {line}. {en} {zh}"),
                &type_name(route, "Reply"),
                &route.fields,
            );
        }
    }
    text
}

/// The longest line, in characters, as the formatter of the repository has it. A type of more values has a line for each.
const LONGEST_LINE: usize = 140;

fn interface(text: &mut String, comment: &str, name: &str, fields: &[FieldDocument]) {
    // Writing to a text does not fail.
    let _ = write!(text, "\n/** {comment} */\nexport interface {name} {{\n{}}}\n", members(fields, 1));
}

/// The members of an object, a line each, so far from the left.
fn members(fields: &[FieldDocument], level: usize) -> String {
    let indent = "  ".repeat(level);
    let mut text = String::new();
    for document in fields {
        let field = &document.field;
        if !field.comment().is_empty() {
            let _ = writeln!(text, "{indent}/** {} */", comment(field));
        }
        let mark = if field.required { "" } else { "?" };
        let is = type_of(document, level);
        let line = format!("{indent}{}{mark}: {is};", field.name);
        if line.contains('\n') || line.chars().count() <= LONGEST_LINE {
            let _ = writeln!(text, "{line}");
        } else {
            let values = is.replace(" | ", &format!("\n{indent}  | "));
            let _ = writeln!(text, "{indent}{}{mark}:\n{indent}  | {values};", field.name);
        }
    }
    text
}

fn type_of(document: &FieldDocument, level: usize) -> String {
    let kinds = document.field.spelled().0.split('|');
    let types: Vec<_> = kinds
        .map(|word| match word.strip_suffix("[]") {
            Some(item) => format!("{}[]", in_brackets(plain(document, item, level))),
            None => plain(document, word, level),
        })
        .collect();
    types.join(" | ")
}

fn in_brackets(text: String) -> String {
    if text.contains(" | ") && !text.starts_with('{') { format!("({text})") } else { text }
}

fn plain(document: &FieldDocument, word: &str, level: usize) -> String {
    let kind = Kind::of(word).unwrap_or(Kind::Any);
    match kind {
        Kind::Object => object(document, level),
        Kind::Map => "{ [name: string]: unknown }".to_owned(),
        Kind::Null => "null".to_owned(),
        Kind::Any | Kind::File => "unknown".to_owned(),
        kind if kind.is_text() => literals(&document.field, "'").unwrap_or_else(|| "string".to_owned()),
        Kind::Boolean => literals(&document.field, "").unwrap_or_else(|| "boolean".to_owned()),
        _ => literals(&document.field, "").unwrap_or_else(|| "number".to_owned()),
    }
}

/// The values of a field that has no others.
fn literals(field: &Field, quote: &str) -> Option<String> {
    let values = field.values().filter(|values| values.closed)?;
    Some(values.iter().map(|value| format!("{quote}{value}{quote}")).collect::<Vec<_>>().join(" | "))
}

fn object(document: &FieldDocument, level: usize) -> String {
    let takes_any = document.field.values().is_some_and(|values| values.holds(ANY_OTHERS));
    let inner = level.saturating_add(1);
    let indent = "  ".repeat(inner);
    let others = if takes_any { format!("{indent}[field: string]: unknown;\n") } else { String::new() };
    format!("{{\n{others}{}{}}}", members(&document.fields, inner), "  ".repeat(level))
}
