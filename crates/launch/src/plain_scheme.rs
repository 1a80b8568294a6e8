use alloc::string::String;

use crate::page::is_page;
use crate::{InvalidArgument, percent};

/// A URL scheme that needs no call to the platform: the page must be declared in the console instead.
///
/// Source: plaintext URL scheme, WeChat mini program open abilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlainScheme<'a> {
    /// The app id: `wx` and 16 lower-case hex digits.
    pub appid: &'a str,
    /// The page, without a query.
    pub path: &'a str,
    /// The query, or empty. At most 512 characters once it is percent-encoded, which is done here.
    pub query: &'a str,
    /// `release`, `trial`, `develop`, or empty for what the platform takes by default.
    pub env_version: &'a str,
}

impl PlainScheme<'_> {
    /// The most characters of the encoded query.
    pub const MAX_QUERY: usize = 512;

    /// Writes the scheme.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn build(&self) -> Result<String, InvalidArgument> {
        let query = percent::encode(self.query.strip_prefix('?').unwrap_or(self.query));
        let invalid = |field, rule| Err(InvalidArgument::new(field, rule));
        if !is_appid(self.appid) {
            return invalid("appid", "must be wx and 16 lower-case hex digits");
        }
        if !is_page(self.path) {
            return invalid(
                "path",
                "must be a page without a query, like pages/index/index: put the query into query",
            );
        }
        if query.len() > Self::MAX_QUERY {
            return invalid("query", "must have at most 512 characters, percent-encoded");
        }
        if !matches!(self.env_version, "" | "release" | "trial" | "develop") {
            return invalid("env_version", "must be release, trial or develop");
        }
        let mut scheme = String::from("weixin://dl/business/");
        for (key, value) in [
            ("?appid=", self.appid),
            ("&path=", self.path),
            ("&query=", &query),
            ("&env_version=", self.env_version),
        ] {
            if !value.is_empty() {
                scheme.push_str(key);
                scheme.push_str(value);
            }
        }
        Ok(scheme)
    }
}

fn is_appid(text: &str) -> bool {
    text.strip_prefix("wx").is_some_and(|digits| {
        digits.len() == 16 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::PlainScheme;
    use crate::Params;

    const APPID: &str = "wx0123456789abcdef";

    #[test]
    fn a_scheme_is_written_as_documented() {
        let scheme = PlainScheme { appid: APPID, path: "pages/a", ..PlainScheme::default() };
        assert_eq!(scheme.build().unwrap(), "weixin://dl/business/?appid=wx0123456789abcdef&path=pages/a");
        let scheme = PlainScheme { query: "id=7&n=茶", env_version: "trial", ..scheme };
        assert_eq!(
            scheme.build().unwrap(),
            "weixin://dl/business/?appid=wx0123456789abcdef&path=pages/a&query=id%3D7%26n%3D%E8%8C%B6&env_version=trial"
        );
        let scheme = PlainScheme { query: "?id=7", env_version: "", ..scheme };
        assert!(scheme.build().unwrap().ends_with("&query=id%3D7"));
    }

    #[test]
    fn every_rule_names_its_field() {
        let long = "a".repeat(513);
        for (appid, path, query, env_version, field) in [
            ("", "pages/a", "", "", "appid"),
            ("wx0123456789ABCDEF", "pages/a", "", "", "appid"),
            ("gh_0123456789ab", "pages/a", "", "", "appid"),
            (APPID, "", "", "", "path"),
            (APPID, "pages/a?x=1", "", "", "path"),
            (APPID, "pages/a", &long, "", "query"),
            (APPID, "pages/a", &"茶".repeat(57), "", "query"),
            (APPID, "pages/a", "", "production", "env_version"),
        ] {
            let scheme = PlainScheme { appid, path, query, env_version };
            assert_eq!(scheme.build().unwrap_err().field, field);
        }
        assert!(
            PlainScheme { appid: APPID, path: "pages/a", query: &long[1..], env_version: "" }.build().is_ok()
        );
    }

    proptest! {
        #[test]
        fn the_query_reads_back(query in any::<String>().prop_filter("mark", |query| !query.starts_with('?'))) {
            let scheme = PlainScheme { appid: APPID, path: "pages/a", query: &query, env_version: "" };
            if let Ok(scheme) = scheme.build() {
                let read = Params::parse(scheme.split_once('?').unwrap().1);
                prop_assert_eq!(read.get("query").unwrap_or_default(), query);
            }
        }
    }
}
