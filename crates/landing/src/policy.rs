//! The style and the scripts of the page, and the Content-Security-Policy under which nothing else may run.

use alloc::format;
use alloc::string::String;

/// A static part of the page, which a policy allows by its hash.
pub(crate) struct Asset {
    pub(crate) text: &'static str,
    /// SHA-256 in base64. A test compares it with the text.
    pub(crate) hash: &'static str,
}

pub(crate) const STYLE: Asset =
    Asset { text: include_str!("../assets/page.css"), hash: "tvqxUBpUYpRzfWmLLZQQGy5G32lHroPxv2cd/DZkZH0=" };
pub(crate) const SCRIPT: Asset =
    Asset { text: include_str!("../assets/page.js"), hash: "4l2Gr++w9fkgNSrI2YDUWUOWpnPOMvddPhD2Jq+VrVc=" };
pub(crate) const OPEN_TAG_SCRIPT: Asset = Asset {
    text: include_str!("../assets/open-tag.js"),
    hash: "++xeV6Su99Shps+5NaAheFLGHPGkhLX6kUrDQ/4BNR0=",
};
/// The style of the button within the open tag, which the style of the page does not reach.
pub(crate) const OPEN_TAG_STYLE: &str = include_str!("../assets/open-tag.css");

/// No base, no form, no frame around the page; all that is not named is refused.
const CLOSED: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a page may do, by what is on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// Its own style, and no script at all.
    Still,
    /// Its own style and script.
    Script,
    /// The open tag.
    OpenTag,
}

impl Policy {
    /// The value of `Content-Security-Policy`.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Still => format!("{CLOSED}; style-src 'sha256-{}'", STYLE.hash),
            Self::Script => {
                format!("{CLOSED}; style-src 'sha256-{}'; script-src 'sha256-{}'", STYLE.hash, SCRIPT.hash)
            }
            Self::OpenTag => with_open_tag(),
        }
    }
}

/// - `script-src`: WeChat's script beside our own.
/// - `frame-src https://*.qq.com webcompt:`: WeChat draws the tag in a frame; its guide to the open tags asks for both.
/// - `style-src 'unsafe-inline'`: the button in the tag brings its own style, and how WeChat inserts it is not
///   documented. A hash beside it would switch `unsafe-inline` off.
/// - `img-src`: WeChat's script reports there how long its start took.
fn with_open_tag() -> String {
    format!(
        "{CLOSED}; style-src 'unsafe-inline'; script-src 'sha256-{}' https://res.wx.qq.com; \
         frame-src https://*.qq.com webcompt:; img-src https://open.weixin.qq.com",
        OPEN_TAG_SCRIPT.hash
    )
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use sha2::{Digest, Sha256};

    use super::{OPEN_TAG_SCRIPT, SCRIPT, STYLE};

    #[test]
    fn each_hash_is_of_its_text() {
        for asset in [STYLE, SCRIPT, OPEN_TAG_SCRIPT] {
            assert_eq!(BASE64_STANDARD.encode(Sha256::digest(asset.text)), asset.hash, "{}", asset.text);
            assert!(!asset.text.contains("</"), "ends its element: {}", asset.text);
        }
    }
}
