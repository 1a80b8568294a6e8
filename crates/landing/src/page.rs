use alloc::string::{String, ToString};

use crate::markup::Markup;
use crate::policy::{OPEN_TAG_SCRIPT, OPEN_TAG_STYLE, Policy, SCRIPT, STYLE};
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
/// It has less than 10 KB, unless the address is longer than some 400 characters and drawn as a QR.
#[must_use]
pub fn page(page: &Page<'_>) -> Html {
    let words = Words::of(page.language);
    let door = Door::best(page.visitor, page.doors, page.web_url);
    let title = page.title.filter(|title| !title.trim().is_empty()).unwrap_or(words.title);
    let mut out = Markup::default();
    begin(&mut out, page.language, title, door.name());
    out.add(MARK);
    heading(&mut out, title);
    let policy = way_in(&mut out, page, words, door);
    end(&mut out);
    Html { body: out.finish(), policy: policy.text() }
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
    begin(&mut out, language, title, "none");
    out.add(TROUBLE_MARK);
    heading(&mut out, title);
    lead(&mut out, text);
    end(&mut out);
    Html { body: out.finish(), policy: Policy::Still.text() }
}

/// What follows the title: the door, the web page, and help. Says which policy that needs.
fn way_in(out: &mut Markup, page: &Page<'_>, words: &Words, door: Door<'_>) -> Policy {
    match door {
        Door::Scheme(href) | Door::UrlLink(href) | Door::PlainScheme(href) => {
            lead(out, words.opens_in_wechat);
            button(out, words.open, href);
            web_page(out, page, words);
            help_of(out, page, words)
        }
        Door::OpenTag(tag) => {
            lead(out, words.opens_in_wechat);
            open_tag(out, words.open, tag);
            web_page(out, page, words);
            help(out, words, |out| steps(out, &words.menu_steps));
            script(out, OPEN_TAG_SCRIPT.text);
            Policy::OpenTag
        }
        Door::Web(href) => {
            lead(out, words.web_only);
            button(out, words.web, href);
            Policy::Still
        }
        Door::Guidance => {
            let policy = guidance(out, page, words);
            web_page(out, page, words);
            policy
        }
        Door::Qr => {
            scan(out, page.address, words);
            web_page(out, page, words);
            Policy::Still
        }
    }
}

fn begin(out: &mut Markup, language: Language, title: &str, door: &'static str) {
    out.add("<!doctype html>\n<html lang=\"").value(language.tag());
    out.add("\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
    shown(out, title, MAX_TITLE);
    out.add("</title>\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
    out.add("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
    out.add("<meta name=\"robots\" content=\"noindex\">\n<style>").add(STYLE.text);
    out.add("</style>\n</head>\n<body>\n<main data-door=\"").value(door).add("\">\n");
}

fn end(out: &mut Markup) {
    out.add("</main>\n</body>\n</html>\n");
}

fn heading(out: &mut Markup, title: &str) {
    out.add("<h1>");
    shown(out, title, MAX_TITLE);
    out.add("</h1>\n");
}

fn lead(out: &mut Markup, text: &str) {
    out.add("<p class=\"lead\">").value(text).add("</p>\n");
}

fn button(out: &mut Markup, label: &str, href: Href<'_>) {
    out.add("<a class=\"button\" id=\"open\" href=\"").href(href).add("\">").value(label).add("</a>\n");
}

fn web_page(out: &mut Markup, page: &Page<'_>, words: &Words) {
    if let Some(href) = page.web_url.and_then(Href::web) {
        out.add("<a class=\"second\" href=\"").href(href).add("\">").value(words.web).add("</a>\n");
    }
}

/// The tag takes the place of the button; what is inside is drawn by WeChat, apart from the page.
fn open_tag(out: &mut Markup, label: &str, tag: OpenTag<'_>) {
    out.add("<wx-open-launch-weapp id=\"tag\" appid=\"").value(tag.appid);
    out.add("\" path=\"").value(&tag.full_path());
    out.add("\" env-version=\"").value(tag.env_version);
    out.add("\" data-appid=\"").value(tag.service_appid);
    out.add("\" data-timestamp=\"").value(&tag.timestamp.to_string());
    out.add("\" data-nonce=\"").value(tag.nonce_str);
    out.add("\" data-signature=\"").value(tag.signature);
    out.add("\"><script type=\"text/wxtag-template\"><style>").add(OPEN_TAG_STYLE);
    out.add("</style><button class=\"open\">").value(label);
    out.add("</button></script></wx-open-launch-weapp>\n");
}

/// Help beside a button: in WeChat its menu, elsewhere what may keep WeChat from opening.
fn help_of(out: &mut Markup, page: &Page<'_>, words: &Words) -> Policy {
    if page.visitor.in_wechat() {
        help(out, words, |out| steps(out, &words.menu_steps));
    } else {
        help(out, words, |out| {
            steps(out, &words.help_outside);
            copy(out, page.address, words);
        });
    }
    script(out, SCRIPT.text);
    Policy::Script
}

fn help(out: &mut Markup, words: &Words, content: impl FnOnce(&mut Markup)) {
    out.add("<details id=\"help\"><summary>").value(words.help).add("</summary>\n");
    content(out);
    out.add("</details>\n");
}

/// Where to open the address instead: the browser for whoever is in WeChat, WeChat for whoever is not.
fn guidance(out: &mut Markup, page: &Page<'_>, words: &Words) -> Policy {
    match page.visitor {
        Visitor::WechatIos | Visitor::WechatAndroid => {
            lead(out, words.open_in_browser);
            out.add(POINTER);
            steps(out, &words.menu_steps);
            Policy::Still
        }
        Visitor::MiniProgram => {
            lead(out, words.open_in_browser);
            steps(out, &words.browser_steps);
            copy(out, page.address, words);
            script(out, SCRIPT.text);
            Policy::Script
        }
        _ => {
            lead(out, words.open_in_wechat);
            steps(out, &words.wechat_steps);
            copy(out, page.address, words);
            script(out, SCRIPT.text);
            Policy::Script
        }
    }
}

fn steps(out: &mut Markup, steps: &[&str]) {
    out.add("<ol>\n");
    for step in steps {
        out.add("<li>").value(step).add("</li>\n");
    }
    out.add("</ol>\n");
}

/// The address, and a button to copy it that only a script can bring to life.
fn copy(out: &mut Markup, address: &str, words: &Words) {
    address_text(out, address);
    out.add("<button type=\"button\" id=\"copy\" hidden data-done=\"").value(words.copied).add("\">");
    out.value(words.copy).add("</button>\n<p class=\"status\" id=\"status\" role=\"status\"></p>\n");
}

fn address_text(out: &mut Markup, address: &str) {
    out.add("<p class=\"address\" id=\"address\" dir=\"ltr\">");
    shown(out, address, MAX_ADDRESS);
    out.add("</p>\n");
}

/// The address as a QR, or in words where it is too long for one.
fn scan(out: &mut Markup, address: &str, words: &Words) {
    let Some(qr) = Qr::of(address) else {
        lead(out, words.open_on_phone);
        address_text(out, address);
        return;
    };
    lead(out, words.scan);
    let side = qr.side.to_string();
    out.add("<svg class=\"qr").add(if qr.side > DENSE { " dense" } else { "" });
    out.add("\" role=\"img\" aria-label=\"").value(words.qr);
    out.add("\" viewBox=\"0 0 ").value(&side).add(" ").value(&side);
    out.add("\"><path d=\"").value(&qr.path).add("\"/></svg>\n<p class=\"hint\">");
    out.value(words.scan_how).add("</p>\n");
}

fn script(out: &mut Markup, text: &'static str) {
    if core::ptr::eq(text, OPEN_TAG_SCRIPT.text) {
        out.add("<script src=\"https://res.wx.qq.com/open/js/jweixin-1.6.0.js\"></script>\n");
    }
    out.add("<script>").add(text).add("</script>\n");
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
