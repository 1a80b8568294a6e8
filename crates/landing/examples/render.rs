//! Writes every kind of page to a folder, so that a person can look at them:
//! `cargo run -p wxedge-landing --example render -- FOLDER`.

use std::fs;
use std::path::PathBuf;

use wxedge_landing::{Doors, Language, OpenTag, Page, Trouble, Visitor, error_page, page};

const ADDRESS: &str = "https://go.example.com/go/summer-sale?from=poster&shop=7";
const SCHEME: &str = "weixin://dl/business/?t=aBcDeFgHiJk&cq=from%3Dposter%26shop%3D7";
const URL_LINK: &str = "https://wxaurl.cn/aBcDeFgHiJk?cq=from%3Dposter%26shop%3D7";
const WEB: &str = "https://www.example.com/summer?from=poster";

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/landing".into()));
    fs::create_dir_all(&folder)?;
    for language in [Language::Chinese, Language::English] {
        let tag = language.tag();
        for (name, page) in pages(language) {
            fs::write(folder.join(format!("{name}.{tag}.html")), with_policy(&page))?;
        }
        for trouble in [Trouble::UnknownLink, Trouble::TooLong, Trouble::Unavailable] {
            let html = error_page(language, trouble);
            fs::write(folder.join(format!("error-{}.{tag}.html", trouble.status())), with_policy(&html))?;
        }
    }
    Ok(())
}

fn pages(language: Language) -> Vec<(&'static str, wxedge_landing::Html)> {
    let title = Some(match language {
        Language::Chinese => "夏日茶饮节 · 第二杯半价",
        Language::English => "Summer Tea Festival",
    });
    let long = format!("{ADDRESS}&campaign={}", "a".repeat(900));
    let longer = format!("{ADDRESS}&campaign={}", "a".repeat(1200));
    let middle = format!("{ADDRESS}&campaign={}", "a1b2".repeat(75));
    let base = Page {
        visitor: Visitor::Ios,
        language,
        title,
        web_url: None,
        address: ADDRESS,
        doors: Doors::default(),
    };
    let scheme = Doors { openlink: Some(SCHEME), ..Doors::default() };
    let link = Doors { url_link: Some(URL_LINK), ..Doors::default() };
    let open_tag = Doors { open_tag: Some(TAG), ..Doors::default() };
    let kinds = [
        ("ios-scheme", Page { doors: scheme, ..base }),
        ("ios-scheme-untitled-web", Page { doors: scheme, title: None, web_url: Some(WEB), ..base }),
        ("android-url-link", Page { visitor: Visitor::Android, doors: link, ..base }),
        ("android-web", Page { visitor: Visitor::Android, web_url: Some(WEB), ..base }),
        ("android-guidance", Page { visitor: Visitor::Android, ..base }),
        ("wechat-open-tag", Page { visitor: Visitor::WechatIos, doors: open_tag, ..base }),
        ("wechat-url-link", Page { visitor: Visitor::WechatAndroid, doors: link, ..base }),
        ("wechat-guidance", Page { visitor: Visitor::WechatAndroid, ..base }),
        ("wechat-guidance-web", Page { visitor: Visitor::WechatIos, web_url: Some(WEB), ..base }),
        ("mini-program", Page { visitor: Visitor::MiniProgram, ..base }),
        ("desktop-qr", Page { visitor: Visitor::Desktop, ..base }),
        ("desktop-qr-web", Page { visitor: Visitor::WechatDesktop, web_url: Some(WEB), ..base }),
        ("desktop-qr-400", Page { visitor: Visitor::Desktop, address: &middle, ..base }),
        ("desktop-qr-dense", Page { visitor: Visitor::Desktop, address: &long, ..base }),
        ("desktop-too-long", Page { visitor: Visitor::Desktop, address: &longer, ..base }),
    ];
    kinds.map(|(name, given)| (name, page(&given))).into()
}

const TAG: OpenTag<'_> = OpenTag {
    service_appid: "wxfedcba9876543210",
    timestamp: 1_414_587_457,
    nonce_str: "Wm3WZYTPz0wzccnW",
    signature: "f4d90daf4b3bca3078ab155816175ba34c443a7b",
    appid: "wx0123456789abcdef",
    path: "pages/sale/index",
    query: "from=poster&shop=7",
    env_version: "release",
};

/// A file has no headers, so its policy goes into the page; `frame-ancestors` counts in a header only.
fn with_policy(html: &wxedge_landing::Html) -> String {
    let policy = html.policy.replace("; frame-ancestors 'none'", "");
    let meta = format!("<head>\n<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">");
    html.body.replacen("<head>", &meta, 1)
}
