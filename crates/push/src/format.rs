use crate::field::Fields;
use crate::limits::MAX_BODY_BYTES;
use crate::{Flaw, json, xml};

/// In which of the console's two formats a push came, and so its answer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A JSON object.
    Json,
    /// An `<xml>` element.
    Xml,
}

impl Format {
    /// Reads a body in the format that its first character shows.
    pub(crate) fn read(body: &[u8]) -> Result<(Self, Fields), Flaw> {
        if body.len() > MAX_BODY_BYTES {
            return Err(Flaw::TooLarge);
        }
        let text = core::str::from_utf8(body).map_err(|_| Flaw::NotUtf8)?;
        let text = text.trim_start_matches('\u{feff}').trim_ascii();
        match text.as_bytes().first() {
            Some(b'{') => json::read(text).map(|fields| (Self::Json, fields)),
            Some(b'<') => xml::read(text).map(|fields| (Self::Xml, fields)),
            _ => Err(Flaw::NotWellFormed),
        }
    }

    /// Writes fields. `None` where the format cannot hold them.
    pub(crate) fn write(self, fields: &Fields) -> Option<String> {
        match self {
            Self::Json => Some(json::write(fields)),
            Self::Xml => xml::write(fields),
        }
    }

    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Xml => "application/xml; charset=utf-8",
        }
    }
}
