use alloc::string::String;

use crate::Href;
use crate::text::escape_into;

/// A document that grows from the template's own words and from values.
///
/// The template is `'static`, so nothing that came with a request can pass for it; values are escaped on their way in.
#[derive(Default)]
pub(crate) struct Markup(String);

impl Markup {
    /// Adds a piece of the template.
    pub(crate) fn add(&mut self, template: &'static str) -> &mut Self {
        self.0.push_str(template);
        self
    }

    /// Adds a value: text of an element, or of an attribute in double quotes.
    pub(crate) fn value(&mut self, value: &str) -> &mut Self {
        escape_into(value, &mut self.0);
        self
    }

    /// Adds the value of an `href`.
    pub(crate) fn href(&mut self, href: Href<'_>) -> &mut Self {
        self.value(href.as_str())
    }

    /// The document so far.
    pub(crate) fn finish(self) -> String {
        self.0
    }
}
