use alloc::string::{String, ToString};

use crate::markup::Markup;
use crate::policy::{Asset, OPEN_TAG_SCRIPT, OPEN_TAG_STYLE, QR_STYLE, SCRIPT, STYLE, WAYS_STYLE};
use crate::qr::Qr;
use crate::text::cut;
use crate::words::Words;
use crate::{Door, Doors, Href, Language, OpenTag, Visitor};

/// The longest title that is shown, in characters; the rest is cut off.
const MAX_TITLE: usize = 80;
/// The longest address that is shown, in characters; the rest is cut off. Copying takes it whole.
const MAX_ADDRESS: usize = 300;
/// A code with more modules than this on a side is drawn larger.
const DENSE: i32 = 57;

/// One visit to a link, as the page shows it.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Where it is opened.
    pub visitor: Visitor,
    /// In which language it speaks.
    pub language: Language,
    /// The title of the link, of which 80 characters are shown; a default one where there is none.
    pub title: Option<&'a str>,
    /// The page on the web for whoever cannot or does not want to open the mini program. What is no [`Href`] is left
    /// out.
    pub web_url: Option<&'a str>,
    /// The absolute address of this page as it is visited, or a shorter one that leads to the same. It is shown up to
    /// 300 characters, and drawn as a QR up to [`MAX_QR_ADDRESS`](crate::MAX_QR_ADDRESS) bytes.
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
///
/// It has less than 10 KB, unless a QR is drawn of an address of more than 360 characters.
#[must_use]
pub fn page(page: &Page<'_>) -> Html {
    let words = Words::of(page.language);
    let door = Door::best(page.visitor, page.doors, page.web_url);
    let title = page.title.filter(|title| !title.trim().is_empty()).unwrap_or(words.title);
    let qr = if door == Door::Qr { Qr::of(page.address) } else { None };
    let styles = if qr.is_some() { [STYLE, QR_STYLE] } else { [STYLE, WAYS_STYLE] };
    let mut out = Markup::default();
    begin(&mut out, page.language, title, &styles);
    out.add("<main data-door=\"").add(door.name()).add("\">\n").add(MARK);
    heading(&mut out, title);
    match door {
        Door::Scheme(href) | Door::UrlLink(href) | Door::PlainScheme(href) => {
            link(&mut out, page, words, href);
        }
        Door::OpenTag(tag) => open_tag(&mut out, page, words, tag),
        Door::Web(href) => web(&mut out, words, href),
        Door::Guidance => guidance(&mut out, page, words),
        Door::Qr => scan(&mut out, page, words, qr),
    }
    end(&mut out);
    out.finish()
}

/// Writes a page that says what is wrong, in the same dress.
#[must_use]
pub fn error_page(language: Language, trouble: Trouble) -> Html {
    let words = Words::of(language);
    let (title, text) = match trouble {
        Trouble::UnknownLink => words.unknown_link,
        Trouble::TooLong => words.too_long,
        Trouble::Unavailable => words.unavailable,
    };
    let mut out = Markup::default();
    begin(&mut out, language, title, &[STYLE]);
    out.add("<main>\n").add(TROUBLE_MARK);
    heading(&mut out, title);
    lead(&mut out, text);
    end(&mut out);
    out.finish()
}

/// A button that opens the mini program, and help for whoever tapped it in vain.
fn link(out: &mut Markup, page: &Page<'_>, words: &Words, href: Href<'_>) {
    lead(out, words.opens_in_wechat);
    button(out, words.open, href);
    second_way(out, page, words);
    help(out, words, |out| {
        if page.visitor.in_wechat() {
            steps(out, &words.menu_steps);
        } else {
            steps(out, &words.help_outside);
            copy(out, page.address, words);
        }
    });
    out.script(&SCRIPT);
}

/// The tag in the place of the button; what is inside is drawn by WeChat, apart from the page.
fn open_tag(out: &mut Markup, page: &Page<'_>, words: &Words, tag: OpenTag<'_>) {
    lead(out, words.opens_in_wechat);
    out.add("<wx-open-launch-weapp id=\"tag\" appid=\"").value(tag.appid);
    out.add("\" path=\"").value(&tag.full_path());
    out.add("\" env-version=\"").value(tag.env_version);
    out.add("\" data-appid=\"").value(tag.service_appid);
    out.add("\" data-timestamp=\"").value(&tag.timestamp.to_string());
    out.add("\" data-nonce=\"").value(tag.nonce_str);
    out.add("\" data-signature=\"").value(tag.signature);
    out.add("\"><script type=\"text/wxtag-template\"><style>").add(OPEN_TAG_STYLE);
    out.add("</style><button class=\"open\">").add(words.open);
    out.add("</button></script></wx-open-launch-weapp>\n");
    second_way(out, page, words);
    help(out, words, |out| steps(out, &words.menu_steps));
    out.wechat_script().script(&OPEN_TAG_SCRIPT);
}

/// The web page in the place of a mini program that cannot be opened.
fn web(out: &mut Markup, words: &Words, href: Href<'_>) {
    lead(out, words.web_only);
    button(out, words.web, href);
}

/// Where to open the address instead: in a browser for whoever is in WeChat, in WeChat for whoever is not.
fn guidance(out: &mut Markup, page: &Page<'_>, words: &Words) {
    if page.visitor.in_wechat() {
        lead(out, words.open_in_browser);
        out.add(POINTER);
        steps(out, &words.menu_steps);
        second_way(out, page, words);
        return;
    }
    let (text, how) = match page.visitor {
        Visitor::MiniProgram => (words.open_in_browser, &words.browser_steps),
        _ => (words.open_in_wechat, &words.wechat_steps),
    };
    lead(out, text);
    steps(out, how);
    copy(out, page.address, words);
    second_way(out, page, words);
    out.script(&SCRIPT);
}

/// The address as a QR, or in words where it is too long for one.
fn scan(out: &mut Markup, page: &Page<'_>, words: &Words, qr: Option<Qr>) {
    if let Some(qr) = qr {
        lead(out, words.scan);
        picture(out, words, &qr);
    } else {
        lead(out, words.open_on_phone);
        address_text(out, page.address);
    }
    second_way(out, page, words);
}

fn begin(out: &mut Markup, language: Language, title: &str, styles: &[Asset]) {
    out.add("<!doctype html>\n<html lang=\"").add(language.tag());
    out.add("\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
    shown(out, title, MAX_TITLE);
    out.add("</title>\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
    out.add("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
    out.add("<meta name=\"robots\" content=\"noindex\">\n<meta name=\"format-detection\" content=\"telephone=no\">\n");
    for style in styles {
        out.style(style);
    }
    out.add("</head>\n<body>\n");
}

fn end(out: &mut Markup) {
    out.add("</main>\n</body>\n</html>\n");
}

fn heading(out: &mut Markup, title: &str) {
    out.add("<h1>");
    shown(out, title, MAX_TITLE);
    out.add("</h1>\n");
}

fn lead(out: &mut Markup, text: &'static str) {
    out.add("<p class=\"lead\">").add(text).add("</p>\n");
}

fn button(out: &mut Markup, label: &'static str, href: Href<'_>) {
    out.add("<a class=\"button\" id=\"open\" href=\"").href(href).add("\">").add(label).add("</a>\n");
}

/// The web page for whoever does not want the mini program.
fn second_way(out: &mut Markup, page: &Page<'_>, words: &Words) {
    if let Some(href) = page.web_url.and_then(Href::web) {
        out.add("<a class=\"second\" href=\"").href(href).add("\">").add(words.web).add("</a>\n");
    }
}

fn help(out: &mut Markup, words: &Words, content: impl FnOnce(&mut Markup)) {
    out.add("<details id=\"help\"><summary>").add(words.help).add("</summary>\n");
    content(out);
    out.add("</details>\n");
}

fn steps(out: &mut Markup, steps: &[&'static str]) {
    out.add("<ol>\n");
    for step in steps {
        out.add("<li>").add(step).add("</li>\n");
    }
    out.add("</ol>\n");
}

/// The address, and a button to copy it that only a script can bring to life.
fn copy(out: &mut Markup, address: &str, words: &Words) {
    address_text(out, address);
    out.add("<button type=\"button\" class=\"second\" id=\"copy\" hidden data-done=\"")
        .add(words.copied)
        .add("\">");
    out.add(words.copy).add("</button>\n<p class=\"status\" id=\"status\" role=\"status\"></p>\n");
}

fn address_text(out: &mut Markup, address: &str) {
    out.add("<p class=\"address\" id=\"address\" dir=\"ltr\">");
    shown(out, address, MAX_ADDRESS);
    out.add("</p>\n");
}

fn picture(out: &mut Markup, words: &Words, qr: &Qr) {
    out.add("<svg class=\"qr").add(if qr.side > DENSE { " dense" } else { "" });
    out.add("\" role=\"img\" aria-label=\"").add(words.qr);
    out.add("\" viewBox=\"").value(&qr.view_box());
    out.add("\"><path d=\"").value(&qr.path).add("\"/></svg>\n<p class=\"hint\">");
    out.add(words.scan_how).add("</p>\n");
}

fn shown(out: &mut Markup, value: &str, limit: usize) {
    let (kept, more) = cut(value, limit);
    out.value(kept).add(if more { "…" } else { "" });
}

const MARK: &str = "<svg class=\"mark\" viewBox=\"0 0 72 72\" aria-hidden=\"true\"><rect width=\"72\" height=\"72\" rx=\"20\"/>\
<path d=\"M40 20h8a4 4 0 0 1 4 4v24a4 4 0 0 1-4 4h-8M19 36h22m-8-9 9 9-9 9\"/></svg>\n";

const TROUBLE_MARK: &str = "<svg class=\"mark trouble\" viewBox=\"0 0 72 72\" aria-hidden=\"true\">\
<rect width=\"72\" height=\"72\" rx=\"20\"/><path d=\"M36 20v18m0 12v.1\"/></svg>\n";

/// An arrow to the menu at the top right of WeChat's browser.
const POINTER: &str = "<svg class=\"pointer\" viewBox=\"0 0 72 72\" aria-hidden=\"true\">\
<path d=\"M8 64C10 36 26 18 58 14m-14-9 15 9-11 14\"/></svg>\n";
