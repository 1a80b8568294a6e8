use alloc::string::{String, ToString};

use crate::policy::{OPEN_TAG_SCRIPT, OPEN_TAG_STYLE, SCRIPT, STYLE, WECHAT_SCRIPT, strict, with_open_tag};
use crate::qr::Qr;
use crate::text::{cut, escape_into};
use crate::words::Words;
use crate::{Door, Doors, Href, Language, OpenTag, Visitor};

/// The longest title that is shown, in characters; the rest is cut off.
const MAX_TITLE: usize = 80;
/// The longest address that is shown, in characters; the rest is cut off. Copying takes it whole.
const MAX_ADDRESS: usize = 300;
/// The longest `path` and `query` of the open tag together, in characters: the platform allows 1024 for a query.
const MAX_TAG_PATH: usize = 1200;

/// One visit to a link, as the page shows it.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Where it is opened.
    pub visitor: Visitor,
    /// In which language it speaks.
    pub language: Language,
    /// The title of the link; a default one where there is none.
    pub title: Option<&'a str>,
    /// The page on the web for whoever cannot or does not want to open the mini program. What is no [`Href`] is left
    /// out.
    pub web_url: Option<&'a str>,
    /// The absolute address of this page as it is visited, or a shorter one that leads to the same: it is shown, and
    /// drawn as a QR up to [`MAX_QR_ADDRESS`](crate::MAX_QR_ADDRESS) bytes.
    pub address: &'a str,
    /// The doors that are there.
    pub doors: Doors<'a>,
}

/// A document and the policy that it has to be served under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Html {
    /// The whole document, to be served as `text/html; charset=utf-8`.
    pub body: String,
    /// The value of the header `Content-Security-Policy`.
    pub policy: String,
}

/// Why there is no page to a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No link has that name: 404.
    UnknownLink,
    /// The parameters do not fit behind a link: 400.
    TooLong,
    /// It may work in a moment: 503.
    Unavailable,
}

impl Trouble {
    /// The HTTP status.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::UnknownLink => 404,
            Self::TooLong => 400,
            Self::Unavailable => 503,
        }
    }
}

/// Writes the page of a visit: one door, and beside it the web page and the help that this visitor may need.
#[must_use]
pub fn page(page: &Page<'_>) -> Html {
    let words = Words::of(page.language);
    let door = Door::best(page.visitor, page.doors, page.web_url);
    let title = page.title.filter(|title| !title.trim().is_empty()).unwrap_or(words.title);
    let _ = (OPEN_TAG_SCRIPT, OPEN_TAG_STYLE, SCRIPT, STYLE, WECHAT_SCRIPT, MAX_TITLE, MAX_ADDRESS, MAX_TAG_PATH);
    let mut body = title.to_string();
    escape_into(door.name(), &mut body);
    Html { body, policy: if matches!(door, Door::OpenTag(_)) { with_open_tag() } else { strict(true) } }
}

/// Writes a page that says what is wrong, in the same dress.
#[must_use]
pub fn error_page(language: Language, trouble: Trouble) -> Html {
    let words = Words::of(language);
    let (title, _text) = match trouble {
        Trouble::UnknownLink => words.unknown_link,
        Trouble::TooLong => words.too_long,
        Trouble::Unavailable => words.unavailable,
    };
    Html { body: title.into(), policy: strict(false) }
}
