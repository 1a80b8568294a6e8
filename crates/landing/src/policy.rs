//! The style and the scripts of the page, and the Content-Security-Policy under which nothing else may run.

use alloc::format;
use alloc::string::String;

/// A static part of the page, which a policy allows by its hash.
pub(crate) struct Asset {
    pub(crate) text: &'static str,
    /// SHA-256 in base64. A test compares it with the text.
    pub(crate) hash: &'static str,
}

pub(crate) const STYLE: Asset = Asset { text: include_str!("../assets/page.css"), hash: "" };
pub(crate) const SCRIPT: Asset = Asset { text: include_str!("../assets/page.js"), hash: "" };
pub(crate) const OPEN_TAG_SCRIPT: Asset = Asset { text: include_str!("../assets/open-tag.js"), hash: "" };
/// The style of the button within the open tag, which the style of the page does not reach.
pub(crate) const OPEN_TAG_STYLE: &str = include_str!("../assets/open-tag.css");

/// WeChat's script for the open tag, and the version that knows it.
pub(crate) const WECHAT_SCRIPT: &str = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js";

/// No base, no form, no frame around the page; all that is not named is refused.
const CLOSED: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The policy of a page without the open tag: its own style, and its own script if it has one.
pub(crate) fn strict(script: bool) -> String {
    let mut policy = format!("{CLOSED}; style-src 'sha256-{}'", STYLE.hash);
    if script {
        policy.push_str(&format!("; script-src 'sha256-{}'", SCRIPT.hash));
    }
    policy
}

/// The policy of a page with the open tag.
///
/// - `script-src`: WeChat's script.
/// - `frame-src https://*.qq.com webcompt:`: WeChat draws the tag in a frame; its guide to the open tags names both.
/// - `style-src 'unsafe-inline'`: the button in the tag brings its style along, which WeChat may insert in several
///   ways; a hash would switch `unsafe-inline` off.
/// - `img-src`: WeChat's script reports there how long its start took, and logs an error where it may not.
pub(crate) fn with_open_tag() -> String {
    format!(
        "{CLOSED}; style-src 'unsafe-inline'; script-src 'sha256-{}' 'sha256-{}' https://res.wx.qq.com; \
         frame-src https://*.qq.com webcompt:; img-src https://open.weixin.qq.com",
        SCRIPT.hash, OPEN_TAG_SCRIPT.hash
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
