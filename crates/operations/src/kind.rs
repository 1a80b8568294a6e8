/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line of text.
    String,
    /// A text that may have several lines.
    Text,
    /// A text that holds JSON.
    Json,
    /// A text that holds base64.
    Base64,
    /// A number. What is written by a row is whole, since nothing on the wire of ours is not.
    Number,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// An object whose fields are told.
    Object,
    /// An object whose keys are the caller's; what is told are the fields of each value.
    Map,
    /// A part of an upload, or bytes as a reply.
    File,
    /// `null`, beside another kind.
    Null,
    /// Anything.
    Any,
}

impl Kind {
    /// The kind of a word of the grammar.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "string" => Self::String,
            "text" => Self::Text,
            "json" => Self::Json,
            "base64" => Self::Base64,
            "number" => Self::Number,
            "integer" => Self::Integer,
            "boolean" => Self::Boolean,
            "object" => Self::Object,
            "map" => Self::Map,
            "file" => Self::File,
            "null" => Self::Null,
            "any" => Self::Any,
            _ => return None,
        })
    }

    /// Whether it is a text of any sort.
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::String | Self::Text | Self::Json | Self::Base64)
    }

    /// Whether it is a number of any sort.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::Integer)
    }

    /// Whether its line breaks may stand in it.
    #[must_use]
    pub const fn has_lines(self) -> bool {
        matches!(self, Self::Text | Self::Json | Self::Base64)
    }
}
