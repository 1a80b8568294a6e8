/// The hosts of URL Links. Source: 获取加密 URL Link (generateUrlLink).
const URL_LINK_HOSTS: [&str; 2] = ["wxaurl.cn", "wxmpurl.cn"];
/// The longest address that a page links to, in bytes. An encrypted scheme with its `cq` has some 350, a plain one
/// some 900; web pages rarely have more.
const MAX_LENGTH: usize = 2048;

/// An address that a page may link to: `weixin:`, `https:`, and `http:` on loopback for development.
///
/// Whatever else it is, `javascript:` above all, is no `Href`, so it can never stand in an `href` of a page. What WeChat
/// makes and what an operator names pass the same check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Href<'a>(&'a str);

impl<'a> Href<'a> {
    /// Takes an absolute address of one of those schemes with a host, at most 2048 bytes long, without spaces,
    /// control characters, quotes, backslashes, angle brackets, and a user's name before the host.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let host = host_of(rest);
        if host.contains('@') {
            return None;
        }
        let allowed = match scheme {
            "weixin" | "https" => host.starts_with(|first: char| first.is_alphanumeric()),
            "http" => is_loopback(host),
            _ => false,
        };
        (allowed && text.len() <= MAX_LENGTH && text.chars().all(may_stand)).then_some(Self(text))
    }

    /// A scheme of WeChat: `weixin:` only.
    #[must_use]
    pub fn scheme(text: &'a str) -> Option<Self> {
        Self::parse(text).filter(|href| href.0.starts_with("weixin:"))
    }

    /// A URL Link: `https:` on one of the hosts that WeChat makes them on.
    #[must_use]
    pub fn url_link(text: &'a str) -> Option<Self> {
        let is_of_wechat = |rest| URL_LINK_HOSTS.contains(&host_of(rest));
        Self::parse(text).filter(|href| href.0.strip_prefix("https://").is_some_and(is_of_wechat))
    }

    /// An address on the web: everything but `weixin:`.
    #[must_use]
    pub fn web(text: &'a str) -> Option<Self> {
        Self::parse(text).filter(|href| href.0.starts_with("http"))
    }

    /// The address, as it was given.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

/// What stands before the path of an address without its scheme, a port included.
fn host_of(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn may_stand(character: char) -> bool {
    !character.is_whitespace()
        && !character.is_control()
        && !matches!(character, '"' | '\'' | '<' | '>' | '\\' | '`')
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::Href;

    #[test]
    fn only_addresses_that_lead_where_they_say_can_be_linked() {
        for (text, allowed) in [
            ("weixin://dl/business/?t=aBc&cq=a%3D1", true),
            ("https://wxaurl.cn/aBc", true),
            ("https://wxmpurl.cn/aBc?cq=a%3D1", true),
            ("https://example.com", true),
            ("https://例子.cn/页?a=1#b", true),
            ("http://localhost:8787/a", true),
            ("http://127.0.0.1/a", true),
            ("http://[::1]:80/", true),
            ("http://example.com/", false),
            ("http://localhost.example.com/", false),
            ("http://127.0.0.1@example.com/", false),
            ("http://localhost:80@example.com/", false),
            ("https://wxaurl.cn@evil.example/", false),
            ("https://wxaurl.cn:a@evil.example/", false),
            ("weixin://dl@evil.example/business/?t=a", false),
            ("https://example.com/@a?b=c@d#e@f", true),
            ("javascript:alert(1)", false),
            ("javascript://example.com/%0aalert(1)", false),
            ("JavaScript://x", false),
            ("data:text/html,<script>", false),
            ("vbscript://x", false),
            ("file:///etc/passwd", false),
            ("intent://x#Intent;end", false),
            ("alipays://x", false),
            ("//example.com", false),
            ("/a", false),
            ("", false),
            ("https://", false),
            ("https:///a", false),
            ("https:example.com", false),
            (" https://example.com", false),
            ("https://example.com/\r\nSet-Cookie: a=1", false),
            ("https://example.com/\"onclick=\"x", false),
            ("https://example.com/'x", false),
            ("https://example.com/<script>", false),
            ("https://example.com\\@evil.example", false),
            ("https://example.com/\u{0}", false),
            ("https://example.com/\u{2028}", false),
            ("HTTPS://example.com", false),
        ] {
            assert_eq!(Href::parse(text).is_some(), allowed, "{text:?}");
        }
        let long = |count| alloc::format!("https://example.com/{}", "a".repeat(count));
        assert!(Href::parse(&long(2028)).is_some());
        assert!(Href::parse(&long(2029)).is_none());
    }

    #[test]
    fn a_url_link_is_on_a_host_of_wechat() {
        for (text, holds) in [
            ("https://wxaurl.cn/aBc", true),
            ("https://wxmpurl.cn/aBc?cq=a%3D1", true),
            ("https://wxaurl.cn", true),
            ("https://wxaurl.cn:8443/aBc", false),
            ("https://wxaurl.cn.evil.example/aBc", false),
            ("https://evil.example/wxaurl.cn", false),
            ("https://evil.example?wxaurl.cn", false),
            ("https://wxaurl.cn@evil.example/", false),
            ("https://wxaurl.cn/\"x", false),
            ("https://wxaurl.cn/'x", false),
            ("http://wxaurl.cn/aBc", false),
            ("weixin://wxaurl.cn/aBc", false),
        ] {
            assert_eq!(Href::url_link(text).is_some(), holds, "{text}");
        }
    }

    #[test]
    fn a_scheme_is_of_wechat_and_a_web_address_is_not() {
        assert!(Href::scheme("weixin://dl/business/?t=a").is_some());
        assert!(Href::scheme("https://example.com").is_none());
        assert!(Href::web("https://example.com").is_some());
        assert!(Href::web("weixin://dl/business/?t=a").is_none());
    }

    proptest! {
        #[test]
        fn what_is_taken_begins_with_an_allowed_scheme(text in "(https|http|weixin|javascript|data)?(:|://)?.{0,40}") {
            if let Some(href) = Href::parse(&text) {
                let text: String = href.as_str().into();
                prop_assert!(["weixin://", "https://", "http://"].iter().any(|scheme| text.starts_with(scheme)));
                prop_assert!(!text.contains(['"', '<', '>', '\r', '\n', ' ']));
            }
        }
    }
}
