use alloc::string::String;

use crate::{Href, Visitor};

/// The longest page with its query that the open tag is given, in bytes. The platform allows 1024 for a query.
const MAX_TAG_PATH: usize = 1280;

/// A door that has to be made at WeChat, by a call that counts against a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// An encrypted scheme (generateScheme).
    Scheme,
    /// A URL Link (generateUrlLink).
    UrlLink,
}

/// The doors that are there for one visit; what could not be made, or is not configured, is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doors<'a> {
    /// An encrypted scheme, `cq` included.
    pub openlink: Option<&'a str>,
    /// A URL Link, `cq` included.
    pub url_link: Option<&'a str>,
    /// A plaintext scheme. It works where the console of the mini program declares its path.
    pub plain_scheme: Option<&'a str>,
    /// The open tag, signed for this address.
    pub open_tag: Option<OpenTag<'a>>,
}

/// What the open tag `wx-open-launch-weapp` and `wx.config` need. Source: 微信开放标签; JS-SDK guide, appendix 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenTag<'a> {
    /// The appid of the service account whose ticket signed the address.
    pub service_appid: &'a str,
    /// Of the signature, in Unix seconds.
    pub timestamp: u64,
    /// Of the signature.
    pub nonce_str: &'a str,
    /// SHA-1 in lower-case hex over the address as it is visited.
    pub signature: &'a str,
    /// The appid of the mini program.
    pub appid: &'a str,
    /// The page of the mini program, without a query, with or without a leading slash.
    pub path: &'a str,
    /// The query of the page, without `?`; may be empty.
    pub query: &'a str,
    /// `release`, `trial` or `develop`.
    pub env_version: &'a str,
}

impl OpenTag<'_> {
    /// The page as the tag takes it: with `.html`, which older versions of WeChat ask for, and the query behind it.
    pub(crate) fn full_path(&self) -> String {
        let mut full = String::from(self.path.trim_start_matches('/'));
        full.push_str(".html");
        if !self.query.is_empty() {
            full.push('?');
            full.push_str(self.query);
        }
        full
    }

    fn fits(&self) -> bool {
        self.path.len().saturating_add(self.query.len()) <= MAX_TAG_PATH
    }
}

/// The one way into the mini program that a visitor is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door<'a> {
    /// The open tag: in WeChat only.
    OpenTag(OpenTag<'a>),
    /// A button with an encrypted scheme.
    Scheme(Href<'a>),
    /// A button with a URL Link.
    UrlLink(Href<'a>),
    /// A button with a plaintext scheme.
    PlainScheme(Href<'a>),
    /// A button to the web page of the link.
    Web(Href<'a>),
    /// Words that say where to open the address instead.
    Guidance,
    /// A QR of the address, to be scanned with a phone.
    Qr,
}

impl<'a> Door<'a> {
    /// The best of the doors that are there for a visitor. An address that is no [`Href`] is no door.
    #[must_use]
    pub fn best(visitor: Visitor, doors: Doors<'a>, web_url: Option<&'a str>) -> Self {
        let Doors { openlink, url_link, plain_scheme, open_tag } = doors;
        let link = || url_link.and_then(Href::url_link).map(Self::UrlLink);
        let web = || web_url.and_then(Href::web).map(Self::Web);
        match visitor {
            Visitor::Ios | Visitor::Android | Visitor::Wecom => openlink
                .and_then(Href::scheme)
                .map(Self::Scheme)
                .or_else(link)
                .or_else(|| plain_scheme.and_then(Href::scheme).map(Self::PlainScheme))
                .or_else(web)
                .unwrap_or(Self::Guidance),
            Visitor::WechatIos | Visitor::WechatAndroid => {
                open_tag.filter(OpenTag::fits).map(Self::OpenTag).or_else(link).unwrap_or(Self::Guidance)
            }
            Visitor::MiniProgram => Self::Guidance,
            Visitor::WechatDesktop | Visitor::Desktop => Self::Qr,
        }
    }

    /// A stable word for it, for JSON, logs and tests.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::OpenTag(_) => "open_tag",
            Self::Scheme(_) => "scheme",
            Self::UrlLink(_) => "url_link",
            Self::PlainScheme(_) => "plain_scheme",
            Self::Web(_) => "web",
            Self::Guidance => "guidance",
            Self::Qr => "qr",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Door, Doors, OpenTag};
    use crate::Visitor::{
        self, Android, Desktop, Ios, MiniProgram, WechatAndroid, WechatDesktop, WechatIos, Wecom,
    };

    const TAG: OpenTag<'_> = OpenTag {
        service_appid: "wxfedcba9876543210",
        timestamp: 1_414_587_457,
        nonce_str: "n",
        signature: "s",
        appid: "wx0123456789abcdef",
        path: "pages/a",
        query: "",
        env_version: "release",
    };
    const ALL: Doors<'_> = Doors {
        openlink: Some("weixin://dl/business/?t=a"),
        url_link: Some("https://wxaurl.cn/a"),
        plain_scheme: Some("weixin://dl/business/?appid=a&path=b"),
        open_tag: Some(TAG),
    };
    const NONE: Doors<'_> = Doors { openlink: None, url_link: None, plain_scheme: None, open_tag: None };

    #[test]
    fn each_visitor_gets_the_best_door_that_is_left() {
        let link = Doors { openlink: None, ..ALL };
        let plain = Doors { url_link: None, ..link };
        let untagged = Doors { open_tag: None, ..ALL };
        let scheme = Doors { openlink: ALL.openlink, ..NONE };
        let rows: [(&[Visitor], Doors<'_>, bool, &str); 14] = [
            (&[Ios, Android, Wecom], ALL, true, "scheme"),
            (&[Ios, Android, Wecom], link, true, "url_link"),
            (&[Ios, Android, Wecom], plain, true, "plain_scheme"),
            (&[Ios, Android, Wecom], NONE, true, "web"),
            (&[Ios, Android, Wecom], NONE, false, "guidance"),
            (&[WechatIos, WechatAndroid], ALL, true, "open_tag"),
            (&[WechatIos, WechatAndroid], untagged, true, "url_link"),
            (&[WechatIos, WechatAndroid], scheme, true, "guidance"),
            (&[WechatIos, WechatAndroid], NONE, false, "guidance"),
            (&[MiniProgram], ALL, true, "guidance"),
            (&[MiniProgram], NONE, false, "guidance"),
            (&[Desktop, WechatDesktop], ALL, true, "qr"),
            (&[Desktop, WechatDesktop], NONE, true, "qr"),
            (&[Desktop, WechatDesktop], NONE, false, "qr"),
        ];
        for (visitors, doors, web, expected) in rows {
            for &visitor in visitors {
                let web_url = web.then_some("https://example.com/");
                assert_eq!(Door::best(visitor, doors, web_url).name(), expected, "{visitor:?} {doors:?}");
            }
        }
    }

    #[test]
    fn the_tag_takes_the_page_with_html_and_the_query_behind_it() {
        for (path, query, expected) in [
            ("pages/a", "", "pages/a.html"),
            ("/pages/a", "", "pages/a.html"),
            ("pages/a", "b=1&c=%E8%8C%B6", "pages/a.html?b=1&c=%E8%8C%B6"),
        ] {
            assert_eq!(OpenTag { path, query, ..TAG }.full_path(), expected);
        }
    }

    #[test]
    fn a_tag_with_a_path_too_long_is_no_door() {
        let query = "q".repeat(1280);
        let doors = Doors { open_tag: Some(OpenTag { query: &query, ..TAG }), ..ALL };
        assert_eq!(Door::best(WechatIos, doors, None).name(), "url_link");
    }

    #[test]
    fn an_address_of_another_kind_is_no_door() {
        let swapped = Doors {
            openlink: Some("https://wxaurl.cn/a"),
            url_link: Some("weixin://dl/business/?t=a"),
            plain_scheme: Some("javascript:alert(1)"),
            open_tag: None,
        };
        for web_url in ["javascript:alert(1)", "weixin://dl/business/?t=a", "http://example.com", ""] {
            assert_eq!(Door::best(Ios, swapped, Some(web_url)), Door::Guidance, "{web_url}");
        }
    }
}
