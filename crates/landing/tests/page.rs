//! The page as a browser reads it: parsed, not searched.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod document;

use proptest::prelude::*;
use wxedge_landing::{Doors, Href, Html, Language, OpenTag, Page, Trouble, Visitor, error_page, page};

use document::Document;

const SCHEME: &str = "weixin://dl/business/?t=aBcDeFgHiJk&cq=a%3D1";
const URL_LINK: &str = "https://wxaurl.cn/aBcDeFgHiJk?cq=a%3D1";
const PLAIN: &str = "weixin://dl/business/?appid=wx0123456789abcdef&path=pages%2Fa";
const WEB: &str = "https://www.example.com/summer?a=1&b=2";
const ADDRESS: &str = "https://go.example.com/go/summer?a=1&b=2";
const TAG: OpenTag<'_> = OpenTag {
    service_appid: "wxfedcba9876543210",
    timestamp: 1_414_587_457,
    nonce_str: "Wm3WZYTPz0wzccnW",
    signature: "f4d90daf4b3bca3078ab155816175ba34c443a7b",
    appid: "wx0123456789abcdef",
    path: "/pages/sale/index",
    query: "a=1&b=2",
    env_version: "trial",
};
const NONE: Doors<'_> = Doors { openlink: None, url_link: None, plain_scheme: None, open_tag: None };

const VISITORS: [Visitor; 8] = [
    Visitor::WechatIos,
    Visitor::WechatAndroid,
    Visitor::WechatDesktop,
    Visitor::MiniProgram,
    Visitor::Wecom,
    Visitor::Ios,
    Visitor::Android,
    Visitor::Desktop,
];
const LANGUAGES: [Language; 2] = [Language::Chinese, Language::English];

fn visit(visitor: Visitor, doors: Doors<'_>) -> Page<'_> {
    Page {
        visitor,
        language: Language::Chinese,
        title: Some("夏日茶饮"),
        web_url: None,
        address: ADDRESS,
        doors,
    }
}

/// Each visitor with each set of doors, with and without a web page, in both languages.
fn all_pages() -> Vec<Page<'static>> {
    let sets = [
        NONE,
        Doors { openlink: Some(SCHEME), ..NONE },
        Doors { url_link: Some(URL_LINK), ..NONE },
        Doors { plain_scheme: Some(PLAIN), ..NONE },
        Doors { open_tag: Some(TAG), ..NONE },
    ];
    let mut pages = Vec::new();
    for visitor in VISITORS {
        for doors in sets {
            for web_url in [None, Some(WEB)] {
                for language in LANGUAGES {
                    pages.push(Page { language, web_url, ..visit(visitor, doors) });
                }
            }
        }
    }
    pages
}

#[test]
fn each_visitor_finds_his_door_behind_the_button() {
    let links = Doors { url_link: Some(URL_LINK), ..NONE };
    for (visitor, doors, door, href) in [
        (Visitor::Ios, Doors { openlink: Some(SCHEME), ..links }, "scheme", SCHEME),
        (Visitor::Wecom, Doors { openlink: Some(SCHEME), ..links }, "scheme", SCHEME),
        (Visitor::Android, links, "url_link", URL_LINK),
        (Visitor::WechatIos, links, "url_link", URL_LINK),
        (Visitor::Android, Doors { plain_scheme: Some(PLAIN), ..NONE }, "plain_scheme", PLAIN),
        (Visitor::Android, NONE, "web", WEB),
    ] {
        let html = page(&Page { web_url: Some(WEB), ..visit(visitor, doors) });
        let document = Document::parse(&html.body);
        assert_eq!(document.attribute("main", "data-door"), door, "{visitor:?}");
        assert_eq!(document.hrefs().first().map(String::as_str), Some(href), "{visitor:?}");
        assert_eq!(document.hrefs().len(), if door == "web" { 1 } else { 2 }, "{visitor:?}");
        assert!(document.hrefs().contains(&WEB.to_string()), "{visitor:?} may go on to the web page");
    }
}

#[test]
fn the_open_tag_carries_its_page_and_its_signature() {
    let html = page(&visit(Visitor::WechatAndroid, Doors { open_tag: Some(TAG), ..NONE }));
    let document = Document::parse(&html.body);
    for (name, expected) in [
        ("appid", "wx0123456789abcdef"),
        ("path", "pages/sale/index.html?a=1&b=2"),
        ("env-version", "trial"),
        ("data-appid", "wxfedcba9876543210"),
        ("data-timestamp", "1414587457"),
        ("data-nonce", "Wm3WZYTPz0wzccnW"),
        ("data-signature", "f4d90daf4b3bca3078ab155816175ba34c443a7b"),
    ] {
        assert_eq!(document.attribute("wx-open-launch-weapp", name), expected);
    }
    assert_eq!(document.script_sources(), ["https://res.wx.qq.com/open/js/jweixin-1.6.0.js"]);
}

#[test]
fn the_page_speaks_the_language_of_the_visitor() {
    for (language, lang, label) in
        [(Language::Chinese, "zh-CN", "打开小程序"), (Language::English, "en", "Open in WeChat")]
    {
        let doors = Doors { openlink: Some(SCHEME), ..NONE };
        let html = page(&Page { language, ..visit(Visitor::Ios, doors) });
        let document = Document::parse(&html.body);
        assert_eq!(document.attribute("html", "lang"), lang);
        assert_eq!(document.text("a"), label);
    }
}

#[test]
fn a_link_without_a_title_gets_one() {
    for (title, expected) in [
        (Some("夏日茶饮"), "夏日茶饮".to_string()),
        (None, "打开小程序".to_string()),
        (Some(""), "打开小程序".to_string()),
        (Some(" \n"), "打开小程序".to_string()),
        (Some("茶".repeat(80).as_str()), "茶".repeat(80)),
        (Some("茶".repeat(81).as_str()), "茶".repeat(80) + "…"),
    ] {
        let html = page(&Page { title, ..visit(Visitor::Ios, NONE) });
        let document = Document::parse(&html.body);
        assert_eq!(document.text("title"), expected);
        assert_eq!(document.text("h1"), expected);
    }
}

#[test]
fn an_address_too_long_for_a_qr_is_said_in_words() {
    for (length, drawn) in [(40, true), (1000, true), (1001, false), (10_000, false)] {
        let address = format!("https://a.cn/{}", "b".repeat(length - 13));
        let html = page(&Page { address: &address, ..visit(Visitor::Desktop, NONE) });
        assert_eq!(html.body.contains("role=\"img\""), drawn, "{length}");
        assert_eq!(html.body.contains("id=\"address\""), !drawn, "{length}");
    }
}

#[test]
fn every_page_is_small() {
    let title = "茶".repeat(30);
    let web_url = format!("https://www.example.com/{}", "a".repeat(500));
    let scheme = format!("{SCHEME}{}", "%26".repeat(85));
    let address = format!("https://go.example.com/go/summer?{}", "a1b2c3d4".repeat(41));
    for given in all_pages() {
        let doors = Doors { openlink: given.doors.openlink.map(|_| scheme.as_str()), ..given.doors };
        let web_url = given.web_url.map(|_| web_url.as_str());
        let html = page(&Page { title: Some(&title), web_url, address: &address, doors, ..given });
        assert!(html.body.len() < 10 * 1024, "{} bytes: {given:?}", html.body.len());
    }
}

#[test]
fn the_policy_allows_what_is_on_the_page_and_nothing_else() {
    let errors = LANGUAGES.map(|language| error_page(language, Trouble::Unavailable));
    for html in all_pages().iter().map(page).chain(errors) {
        let document = Document::parse(&html.body);
        let open_tag = document.has("wx-open-launch-weapp");
        let style = if open_tag { "'unsafe-inline'".into() } else { document.hashes("style").join(" ") };
        let mut scripts = document.hashes("script");
        if open_tag {
            scripts.push("https://res.wx.qq.com".into());
        }
        let mut expected = vec![
            "default-src 'none'".to_string(),
            "base-uri 'none'".into(),
            "form-action 'none'".into(),
            "frame-ancestors 'none'".into(),
            format!("style-src {style}"),
        ];
        if !scripts.is_empty() {
            expected.push(format!("script-src {}", scripts.join(" ")));
        }
        if open_tag {
            expected.push("frame-src https://*.qq.com webcompt:".into());
            expected.push("img-src https://open.weixin.qq.com".into());
        }
        assert_eq!(html.policy.split("; ").collect::<Vec<_>>(), expected);
        assert!(html.policy.is_ascii());
        assert!(document.attribute_names().iter().all(|name| *name != "style" && !name.starts_with("on")));
    }
}

#[test]
fn an_error_is_said_in_the_same_dress() {
    for (trouble, status, chinese, english) in [
        (Trouble::UnknownLink, 404, "链接不存在", "Link not found"),
        (Trouble::TooLong, 400, "链接过长", "Link too long"),
        (Trouble::Unavailable, 503, "暂时无法打开", "Cannot open right now"),
    ] {
        assert_eq!(trouble.status(), status);
        for (language, title) in LANGUAGES.into_iter().zip([chinese, english]) {
            let document = Document::parse(&error_page(language, trouble).body);
            assert_eq!(document.text("h1"), title);
            assert_eq!(document.text("title"), title);
            assert!(document.hrefs().is_empty());
        }
    }
}

#[test]
fn every_page_keeps_its_address_to_itself() {
    for html in all_pages().iter().map(page) {
        assert!(html.body.contains("<meta name=\"referrer\" content=\"no-referrer\">"));
        assert!(html.body.contains("<meta name=\"robots\" content=\"noindex\">"));
    }
}

#[test]
fn hostile_values_end_as_inert_text() {
    for value in [
        "</title><script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "a\r\nSet-Cookie: b=c\r\n\r\n<html>",
        "javascript:alert(1)",
        "javascript://%0aalert(1)",
        "weixin://x\"><script>",
        "https://a.cn/\"onclick=\"alert(1)",
        "</script><script>alert(1)</script>",
        "<!--",
        "]]>",
        "&lt;script&gt;",
        "\u{0}\u{1}\u{7f}\u{2028}",
        "\u{202e}nigol",
        "%3Cscript%3E%0d%0a..%2f..%2f",
        &"<\"'&>".repeat(2000),
    ] {
        assert_inert(value);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_value_becomes_markup(value in "([<>\"'&=/a-z:\\r\\n\\x00 -]|</?script>|javascript:|weixin://|https://.|\\PC){0,40}") {
        assert_inert(&value);
    }
}

/// A page with the value in every place has the same elements and attributes as one with a harmless value of that
/// kind and length, and links only to what a page may link to.
fn assert_inert(value: &str) {
    let harmless = harmless(value);
    for visitor in VISITORS {
        for door in 0..5 {
            let hostile = page_full_of(value, visitor, door);
            let document = Document::parse(&hostile.body);
            let expected = Document::parse(&page_full_of(&harmless, visitor, door).body);
            assert_eq!(document.elements(), expected.elements(), "{value:?} {visitor:?} {door}");
            assert!(
                document.hrefs().iter().all(|href| Href::parse(href).is_some()),
                "{:?}",
                document.hrefs()
            );
            assert!(!hostile.body.contains(['\0', '\r']));
            assert_eq!(hostile.policy, page_full_of(&harmless, visitor, door).policy);
        }
    }
}

fn page_full_of(value: &str, visitor: Visitor, door: u8) -> Html {
    let open_tag = OpenTag {
        service_appid: value,
        nonce_str: value,
        signature: value,
        appid: value,
        path: value,
        query: value,
        env_version: value,
        ..TAG
    };
    let doors = Doors {
        openlink: (door == 1).then_some(value),
        url_link: (door == 2).then_some(value),
        plain_scheme: (door == 3).then_some(value),
        open_tag: (door == 4).then_some(open_tag),
    };
    page(&Page { title: Some(value), web_url: Some(value), address: value, ..visit(visitor, doors) })
}

fn harmless(value: &str) -> String {
    let start = if Href::web(value).is_some() {
        "https://x"
    } else if Href::scheme(value).is_some() {
        "weixin://x"
    } else {
        ""
    };
    start.chars().chain(std::iter::repeat('x')).take(value.len()).collect()
}
