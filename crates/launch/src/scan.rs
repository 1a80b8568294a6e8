use alloc::borrow::Cow;

use crate::{Link, Params, SceneCode, delimiter};

/// What `wx.scanCode` found.
///
/// Source: wx.scanCode, WeChat mini program device API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scan<'a> {
    /// A code of this mini program that carries a scene.
    Scene(SceneCode<'a>),
    /// A link. Its text is what the code holds, so it is not decoded.
    Link(Link<'a>),
    /// Anything else: the path of a code of this mini program without a scene, a barcode, a text.
    Text(&'a str),
}

impl<'a> Scan<'a> {
    /// Reads `result`, `path` and `scanType`. A `path` is there only for a code of this mini program, and it counts
    /// before `result`. A barcode of one dimension is never a link.
    #[must_use]
    pub fn parse(result: &'a str, path: &'a str, scan_type: &str) -> Self {
        if !path.is_empty() {
            return Self::of_path(path);
        }
        let link = Link::of_decoded(Cow::Borrowed(result), "");
        if link.has_scheme() && !is_barcode(scan_type) { Self::Link(link) } else { Self::Text(result) }
    }

    fn of_path(path: &'a str) -> Self {
        let params =
            delimiter::split_once(path, b'?').map_or_else(Params::default, |(_, query)| Params::parse(query));
        match params.text("scene").filter(|scene| !scene.is_empty()) {
            Some(scene) => Self::Scene(SceneCode::of_decoded(scene.clone())),
            None => Self::Text(path),
        }
    }
}

/// `CODABAR`, `CODE_25` to `CODE_128`, `EAN_8` and its like have one dimension; `QR_CODE`, `DATA_MATRIX`, `WX_CODE` and
/// others have two.
fn is_barcode(scan_type: &str) -> bool {
    ["COD", "EAN", "UPC", "ITF", "RSS"].iter().any(|family| scan_type.starts_with(family))
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::Scan;

    #[test]
    fn a_scan_is_a_scene_a_link_or_a_text() {
        for (result, path, scan_type, expected) in [
            ("", "pages/a?scene=id%3D7", "WX_CODE", "scene id=7"),
            ("", "pages/a?x=1&scene=%7E8fK2", "WX_CODE", "scene ~8fK2"),
            ("https://a.cn", "pages/a?scene=7", "QR_CODE", "scene 7"),
            ("", "pages/a?id=7", "WX_CODE", "text pages/a?id=7"),
            ("", "pages/a?scene=", "WX_CODE", "text pages/a?scene="),
            ("https://a.cn/?x=%2541", "", "QR_CODE", "link https://a.cn/?x=%2541"),
            ("https://a.cn/", "", "", "link https://a.cn/"),
            ("weixin://dl/business/?t=T", "", "QR_CODE", "link weixin://dl/business/?t=T"),
            ("https://a.cn/", "", "CODE_128", "text https://a.cn/"),
            ("6901234567892", "", "EAN_13", "text 6901234567892"),
            ("WIFI:S:home;;", "", "QR_CODE", "text WIFI:S:home;;"),
            ("", "", "", "text "),
        ] {
            let read = match Scan::parse(result, path, scan_type) {
                Scan::Scene(code) => ["scene ", code.raw()].concat(),
                Scan::Link(link) => ["link ", link.url()].concat(),
                Scan::Text(text) => ["text ", text].concat(),
            };
            assert_eq!(read, expected);
        }
    }

    proptest! {
        #[test]
        fn no_scan_breaks_the_parser(result in any::<String>(), path in ".{0,20}(\\?[scen=&%0-9a-f]{0,20})?", kind in "[A-Z_0-9]{0,8}") {
            let scan = Scan::parse(&result, &path, &kind);
            prop_assert!(!matches!(scan, Scan::Text(text) if text != result && text != path));
        }
    }
}
