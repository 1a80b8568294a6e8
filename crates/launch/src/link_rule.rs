use crate::delimiter;

/// Whether a rule for ordinary links, as the console takes it, matches a scanned link.
///
/// Protocol and domain must be equal. A rule that ends with `/` matches every path below it; another one matches its
/// own path only. What a rule has behind `?` must be the beginning of what the link has there. A fragment counts for
/// nothing. All this is compared as it is written, case included: what the platform does about case is not documented.
///
/// One thing only the console knows: a more specific rule that is not published yet keeps the links that it matches
/// from opening the mini program.
///
/// Source: ordinary links as QR codes, WeChat mini program access guide.
#[must_use]
pub fn matches_link_rule(rule: &str, url: &str) -> bool {
    let (Some(rule), Some(link)) = (Parts::of(rule), Parts::of(url)) else { return false };
    let path_matches = match rule.query {
        None if rule.path.ends_with('/') => link.path().starts_with(rule.path),
        _ => link.path() == rule.path(),
    };
    rule.origin == link.origin
        && path_matches
        && rule.query.is_none_or(|query| link.query.unwrap_or_default().starts_with(query))
}

struct Parts<'a> {
    /// Protocol and domain.
    origin: &'a str,
    /// From the slash on, or empty.
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Option<Self> {
        let url = delimiter::before(url, b'#');
        let (place, query) =
            delimiter::split_once(url, b'?').map_or((url, None), |(place, query)| (place, Some(query)));
        let (scheme, behind) = delimiter::split_once(place, b':')?;
        let host = delimiter::before(behind.strip_prefix("//")?, b'/');
        if scheme.is_empty() || host.is_empty() {
            return None;
        }
        let origin = scheme.len().saturating_add("://".len()).saturating_add(host.len());
        let (origin, path) = place.split_at_checked(origin)?;
        Some(Self { origin, path, query })
    }

    /// A bare domain is the same place as its root.
    fn path(&self) -> &'a str {
        if self.path.is_empty() { "/" } else { self.path }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::matches_link_rule;

    #[test]
    fn the_published_examples_hold() {
        for (rule, url, expected) in [
            ("http://www.qq.com/a/b", "https://www.qq.com/a/b", false),
            ("https://www.qq.com/a/b", "https://www.weixin.qq.com/a/b", false),
            ("https://www.qq.com/a/b?id=123", "https://www.qq.com/a/b?id=132", false),
            ("https://www.qq.com/a/b", "https://www.qq.com/a/bc", false),
            ("https://www.qq.com/a/b", "https://www.qq.com/a/b/123", false),
            ("https://www.qq.com/a/b", "https://www.qq.com/a/b", true),
            ("https://www.qq.com/a/", "https://www.qq.com/a/123456", true),
        ] {
            assert_eq!(matches_link_rule(rule, url), expected, "{rule} {url}");
        }
    }

    #[test]
    fn paths_parameters_and_fragments_follow_the_rules() {
        for (rule, url, expected) in [
            ("https://a.cn/s", "https://a.cn/s?id=1", true),
            ("https://a.cn/s/", "https://a.cn/s/?id=1", true),
            ("https://a.cn/s/", "https://a.cn/s/x/y?id=1#z", true),
            ("https://a.cn/s/", "https://a.cn/s", false),
            ("https://a.cn/s", "https://a.cn/s/", false),
            ("https://a.cn/s?id=123", "https://a.cn/s?id=1234&x=1", true),
            ("https://a.cn/s?a=1&b=2", "https://a.cn/s?b=2&a=1", false),
            ("https://a.cn/s?id=1", "https://a.cn/s", false),
            ("https://a.cn/s/?id=1", "https://a.cn/s/x?id=1", false),
            ("https://a.cn/s?p=/", "https://a.cn/s/x?p=/", false),
            ("https://a.cn/s", "https://a.cn/s#top", true),
            ("https://a.cn/s", "https://a.cn/#/s", false),
            ("https://a.cn", "https://a.cn/", true),
            ("https://a.cn/", "https://a.cn", true),
            ("https://a.cn/", "https://a.cn/x", true),
            ("https://a.cn", "https://a.cn/x", false),
            ("https://a.cn", "https://a.cn.evil.cn/", false),
            ("https://a.cn/", "https://a.cn@evil.cn/", false),
            ("https://a.cn:8443/", "https://a.cn/", false),
            ("https://a.cn/S/", "https://a.cn/s/1", false),
            ("a.cn/", "https://a.cn/", false),
            ("https:///", "https:///", false),
            ("", "", false),
        ] {
            assert_eq!(matches_link_rule(rule, url), expected, "{rule} {url}");
        }
    }

    proptest! {
        #[test]
        fn a_rule_matches_itself_and_no_text_breaks_it(text in any::<String>(), path in "[a-z/?=#茶]{0,20}") {
            let url = alloc::format!("https://a.cn/{path}");
            prop_assert!(matches_link_rule(&url, &url));
            prop_assert!(!matches_link_rule(&text, &url) || text.starts_with("https://a.cn"));
            prop_assert!(!matches_link_rule(&url, &text) || text.starts_with("https://a.cn"));
        }
    }
}
