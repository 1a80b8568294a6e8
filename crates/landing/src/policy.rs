//! The static parts of the page, and the Content-Security-Policy under which nothing else may run.

use alloc::string::String;

/// A static part of the page, which a policy allows by its hash.
pub(crate) struct Asset {
    pub(crate) text: &'static str,
    /// SHA-256 in base64. A test compares it with the text.
    hash: &'static str,
}

/// What every page looks like.
pub(crate) const STYLE: Asset =
    Asset { text: include_str!("../assets/page.css"), hash: "2hQNxbqEO4gnYUNe0wN00iTkL7UrThLpCq0S7GKWIkY=" };
/// Of the QR.
pub(crate) const QR_STYLE: Asset =
    Asset { text: include_str!("../assets/qr.css"), hash: "v8ci3iCSHDUu8V0o0rKzNUGfU1Ku2NwhjuOxSuiJHIc=" };
/// Of steps, help and the address in words.
pub(crate) const WAYS_STYLE: Asset =
    Asset { text: include_str!("../assets/ways.css"), hash: "YyhJrCP+ON9A/1mY6Gg7awMiOYu14yrtXlsef3Bokw0=" };
/// Copies the address, and opens the help after a tap that led nowhere.
pub(crate) const SCRIPT: Asset =
    Asset { text: include_str!("../assets/page.js"), hash: "4l2Gr++w9fkgNSrI2YDUWUOWpnPOMvddPhD2Jq+VrVc=" };
/// Starts the open tag, and opens the help where it cannot be had.
pub(crate) const OPEN_TAG_SCRIPT: Asset = Asset {
    text: include_str!("../assets/open-tag.js"),
    hash: "++xeV6Su99Shps+5NaAheFLGHPGkhLX6kUrDQ/4BNR0=",
};
/// Of the button within the open tag, which the style of the page does not reach.
pub(crate) const OPEN_TAG_STYLE: &str = include_str!("../assets/open-tag.css");

/// The policy of one page: it allows what has been put on it.
#[derive(Default)]
pub(crate) struct Policy {
    styles: String,
    scripts: String,
    open_tag: bool,
}

impl Policy {
    pub(crate) fn allow_style(&mut self, asset: &Asset) {
        allow(&mut self.styles, asset);
    }

    pub(crate) fn allow_script(&mut self, asset: &Asset) {
        allow(&mut self.scripts, asset);
    }

    /// Allows WeChat's script and what it does to draw the open tag.
    pub(crate) fn allow_open_tag(&mut self) {
        self.open_tag = true;
    }

    /// The value of `Content-Security-Policy`. No base, no form, no frame around the page, and all that is not named
    /// is refused.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from(
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src",
        );
        // The button in the tag brings its own style, and how WeChat inserts it is not documented. Hashes would switch
        // `unsafe-inline` off.
        text.push_str(if self.open_tag { " 'unsafe-inline'" } else { &self.styles });
        if !self.scripts.is_empty() {
            text.push_str("; script-src");
            text.push_str(&self.scripts);
        }
        if self.open_tag {
            // WeChat's script; the frame that it draws the tag in, as its guide to the open tags asks for; and where it
            // reports how long its start took.
            text.push_str(" https://res.wx.qq.com; frame-src https://*.qq.com webcompt:");
            text.push_str("; img-src https://open.weixin.qq.com");
        }
        text
    }
}

fn allow(sources: &mut String, asset: &Asset) {
    sources.push_str(" 'sha256-");
    sources.push_str(asset.hash);
    sources.push('\'');
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use sha2::{Digest, Sha256};

    use super::{OPEN_TAG_SCRIPT, QR_STYLE, SCRIPT, STYLE, WAYS_STYLE};

    #[test]
    fn each_hash_is_of_its_text() {
        for asset in [STYLE, QR_STYLE, WAYS_STYLE, SCRIPT, OPEN_TAG_SCRIPT] {
            assert_eq!(BASE64_STANDARD.encode(Sha256::digest(asset.text)), asset.hash, "{}", asset.text);
            assert!(!asset.text.contains("</"), "ends its element: {}", asset.text);
        }
    }
}
