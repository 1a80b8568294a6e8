use crate::{decimal, delimiter};

/// One line per scene value, ascending: `value`, `name_zh`, `name`, `carries`, separated by tabs, after a heading.
///
/// Source: scene values, WeChat mini program framework documentation; the English names are this project's own.
const TABLE: &str = include_str!("../data/scene-values.tsv");

/// Where the parameters of a launch are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carries {
    /// In `query.scene`, when the code was made with a scene; in the query itself, when it was made with a path.
    Scene,
    /// In the link `query.q`, when a rule for ordinary links matched.
    Link,
    /// In the query itself.
    Query,
    /// Nowhere that the platform documents.
    Nothing,
}

impl Carries {
    /// The word for it: `scene`, `q`, `query` or `none`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scene => "scene",
            Self::Link => "q",
            Self::Query => "query",
            Self::Nothing => "none",
        }
    }
}

/// What is known of a launch's scene value: the number that says from where the mini program was opened.
///
/// The platform adds values several times a year, so an unknown one is no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SceneInfo {
    /// The number itself.
    pub value: u32,
    /// What it means, in English.
    pub name: &'static str,
    /// What it means, as the platform says it.
    pub name_zh: &'static str,
    /// Where the parameters of such a launch are.
    pub carries: Carries,
    /// True when the platform's table has it.
    pub known: bool,
}

impl SceneInfo {
    /// Looks a value up.
    #[must_use]
    pub fn of(value: u32) -> Self {
        find(value).unwrap_or(Self {
            value,
            name: "Unknown",
            name_zh: "未知场景",
            carries: Carries::Nothing,
            known: false,
        })
    }

    /// True for the single-page mode of Moments: no login, no navigation, storage of its own.
    #[must_use]
    pub fn single_page(&self) -> bool {
        self.value == 1154
    }

    /// True when this launch lets a button open the app that opened the mini program. After 1001, 1038, 1089, 1090,
    /// 1131 and 1187 the ability stays as it was at the launch before.
    ///
    /// Source: launchApp, WeChat mini program open abilities.
    #[must_use]
    pub fn can_launch_app(&self) -> bool {
        self.value == 1069
    }

    /// True when the component that follows an official account may show. In a mini program that was opened like this
    /// it may also show after a hot start from 1001, 1038, 1041, 1089, 1090, 1104, 1131 or 1187.
    ///
    /// Source: official-account component, WeChat mini program components.
    #[must_use]
    pub fn official_account(&self) -> bool {
        matches!(self.value, 1011 | 1017 | 1025 | 1047 | 1124)
    }
}

fn find(value: u32) -> Option<SceneInfo> {
    delimiter::split(TABLE, b'\n').filter_map(read_line).find(|info| info.value == value)
}

fn read_line(line: &'static str) -> Option<SceneInfo> {
    let mut columns = delimiter::split(line, b'\t');
    Some(SceneInfo {
        value: u32::try_from(decimal::parse(columns.next()?)?).ok()?,
        name_zh: columns.next()?,
        name: columns.next()?,
        carries: match columns.next()? {
            "scene" => Carries::Scene,
            "q" => Carries::Link,
            "query" => Carries::Query,
            _ => Carries::Nothing,
        },
        known: true,
    })
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Carries, SceneInfo, TABLE, read_line};

    fn table() -> Vec<SceneInfo> {
        TABLE.lines().skip(1).map(|line| read_line(line).unwrap()).collect()
    }

    #[test]
    fn the_table_is_ascending_and_complete() {
        let table = table();
        assert_eq!(table.len(), 236);
        assert!(table.is_sorted_by(|one, next| one.value < next.value));
        for info in table {
            assert!(!info.name.is_empty() && !info.name_zh.is_empty(), "{}", info.value);
        }
    }

    #[test]
    fn every_value_is_found_and_no_other() {
        let table = table();
        for value in 0..2000 {
            let listed = table.iter().find(|info| info.value == value);
            assert_eq!(SceneInfo::of(value).known, listed.is_some(), "{value}");
            if let Some(listed) = listed {
                assert_eq!(&SceneInfo::of(value), listed);
            }
        }
        assert!(!SceneInfo::of(u32::MAX).known);
    }

    #[test]
    fn codes_carry_a_scene_and_scanned_links_a_link() {
        for (values, carries) in [
            (&[1047, 1048, 1049][..], Carries::Scene),
            (&[1011, 1012, 1013], Carries::Link),
            (
                &[1007, 1008, 1014, 1037, 1044, 1065, 1069, 1107, 1124, 1154, 1155, 1167, 1179, 1194, 1286],
                Carries::Query,
            ),
            (&[1001, 1025, 1038, 1089, 1129, 9999], Carries::Nothing),
        ] {
            for value in values {
                assert_eq!(SceneInfo::of(*value).carries, carries, "{value}");
            }
        }
    }

    #[test]
    fn flags_follow_the_platform_rules() {
        let flagged = |flag: fn(&SceneInfo) -> bool| -> Vec<u32> {
            table().iter().filter(|info| flag(info)).map(|info| info.value).collect()
        };
        assert_eq!(flagged(SceneInfo::single_page), [1154]);
        assert_eq!(flagged(SceneInfo::can_launch_app), [1069]);
        assert_eq!(flagged(SceneInfo::official_account), [1011, 1017, 1025, 1047, 1124]);
    }
}
