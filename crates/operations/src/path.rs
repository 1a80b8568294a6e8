use alloc::string::String;

/// Where a value stands: names with dots between them. It is text only when somebody asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path<'a> {
    above: Option<&'a Path<'a>>,
    name: &'a str,
}

impl<'a> Path<'a> {
    /// The whole body or query.
    pub(crate) const TOP: Path<'static> = Path { above: None, name: "" };

    /// The value of this name below here.
    pub(crate) const fn below(&'a self, name: &'a str) -> Path<'a> {
        Path { above: Some(self), name }
    }

    /// The text of it.
    pub(crate) fn text(&self) -> String {
        self.beside(self.name)
    }

    /// The text of the value of another name in the same object.
    pub(crate) fn beside(&self, name: &str) -> String {
        let mut text = self.above.map_or_else(String::new, Path::text);
        if !text.is_empty() {
            text.push('.');
        }
        text.push_str(name);
        text
    }
}
