use alloc::borrow::Cow;

use crate::{Carries, Link, Params, SceneCode, SceneInfo, percent};

/// What one launch carries: the options of `App.onLaunch` and `App.onShow`, read.
///
/// `referrerInfo` holds objects of the host language, so whoever reads the options passes it on by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch<'a> {
    /// The scene value: from where the mini program was opened.
    pub scene: Option<u32>,
    /// The page, without a leading slash.
    pub path: &'a str,
    /// The query; each value is decoded once.
    pub query: Params<'a>,
    /// What the mini program code carries: `query.scene`.
    pub code: Option<SceneCode<'a>>,
    /// The scanned link: `query.q`.
    pub link: Option<Link<'a>>,
}

impl<'a> Launch<'a> {
    /// Reads a launch from its scene value, its path, and the keys and values of its `query` object as they came.
    ///
    /// `q` counts as a link when the scene value says that a link was scanned, or when it begins like one: pages for
    /// searching use the same key for a word.
    #[must_use]
    pub fn parse(scene: Option<u32>, path: &'a str, query: &[(&'a str, &'a str)]) -> Self {
        let mut params = Params::default();
        for &(key, value) in query {
            params.set(percent::decode_value(key), read_value(key, value));
        }
        let code = given(&params, "scene").map(SceneCode::of_decoded);
        let link = given(&params, "q")
            .map(|url| Link::of_decoded(url, params.get("scancode_time").unwrap_or_default()))
            .filter(|link| link.has_scheme() || scene.is_some_and(carries_link));
        Self { scene, path: path.strip_prefix('/').unwrap_or(path), query: params, code, link }
    }

    /// What is known of the scene value.
    #[must_use]
    pub fn source(&self) -> SceneInfo {
        SceneInfo::of(self.scene.unwrap_or_default())
    }
}

fn read_value<'a>(key: &str, value: &'a str) -> Cow<'a, str> {
    match key {
        "scene" => SceneCode::decode(value),
        "q" => Link::decode(value),
        _ => percent::decode_value(value),
    }
}

fn given<'a>(params: &Params<'a>, key: &str) -> Option<Cow<'a, str>> {
    params.text(key).filter(|text| !text.is_empty()).cloned()
}

fn carries_link(scene: u32) -> bool {
    SceneInfo::of(scene).carries == Carries::Link
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::Launch;

    #[test]
    fn a_scanned_code_brings_its_scene() {
        let launch = Launch::parse(Some(1047), "/pages/a", &[("scene", "id%3D7%26t%3D%E8%8C%B6")]);
        assert_eq!(launch.path, "pages/a");
        assert_eq!(launch.query.get("scene"), Some("id=7&t=茶"));
        let code = launch.code.unwrap();
        assert_eq!(code.raw(), "id=7&t=茶");
        assert_eq!(code.params().get("id"), Some("7"));
        assert_eq!(launch.link, None);
    }

    #[test]
    fn a_scanned_link_brings_the_link_and_its_time() {
        let query = [("q", "https%3A%2F%2Fa.cn%2Fs%3Fid%3D1%2525"), ("scancode_time", "1638342000")];
        let launch = Launch::parse(Some(1011), "pages/a", &query);
        let link = launch.link.unwrap();
        assert_eq!(link.url(), "https://a.cn/s?id=1%25");
        assert_eq!(link.params().get("id"), Some("1%"));
        assert_eq!(link.scancode_time(), Some(1_638_342_000));
        assert_eq!(launch.query.get("q"), Some("https://a.cn/s?id=1%25"));
    }

    #[test]
    fn a_word_to_search_for_is_no_link_unless_a_link_was_scanned() {
        for (scene, q, is_link) in [
            (Some(1007), "shoes", false),
            (None, "shoes", false),
            (Some(1011), "shoes", true),
            (Some(1007), "", false),
        ] {
            assert_eq!(Launch::parse(scene, "", &[("q", q)]).link.is_some(), is_link, "{scene:?} {q}");
        }
    }

    #[test]
    fn the_scene_value_is_not_the_scene_of_the_code() {
        let launch = Launch::parse(Some(1011), "", &[]);
        assert_eq!(launch.source().value, 1011);
        assert_eq!(launch.code, None);
        assert!(!Launch::parse(None, "", &[]).source().known);
    }

    proptest! {
        #[test]
        fn no_launch_breaks_the_parser(
            scene in prop::option::of(any::<u32>()),
            path in any::<String>(),
            query in prop::collection::vec(("(scene|q|scancode_time|.{0,4})", "[%0-9a-f:/?&=#~茶]{0,30}"), 0..8),
        ) {
            let query: Vec<(&str, &str)> = query.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            let launch = Launch::parse(scene, &path, &query);
            prop_assert_eq!(launch.scene, scene);
            prop_assert!(launch.query.iter().count() <= query.len());
        }
    }
}
