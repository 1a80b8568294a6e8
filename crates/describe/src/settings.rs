//! The settings of the Worker as documents tell them.

use crate::texts::blocks;

const SETTINGS: &str = include_str!("../data/settings.txt");

/// A setting.
#[derive(Debug)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// Whether it is a secret, and no variable.
    pub is_secret: bool,
    /// What counts without it; `required` and `none` say that nothing does.
    pub default: &'static str,
    /// What it is, in English.
    pub en: &'static str,
    /// What it is, in Chinese.
    pub zh: &'static str,
}

/// Reads the settings.
///
/// # Errors
/// The block that cannot be read.
pub fn settings() -> Result<Vec<Setting>, String> {
    let setting = |text: crate::texts::Text| {
        let mut words = text.head.split(' ');
        let (name, kind, default) = (words.next()?, words.next()?, words.next()?);
        let is_secret = match kind {
            "secret" => true,
            "var" => false,
            _ => return None,
        };
        words.next().is_none().then_some(Setting { name, is_secret, default, en: text.en, zh: text.zh })
    };
    let read = |text: crate::texts::Text| {
        setting(text).ok_or_else(|| format!("a setting is name, var or secret, default: {}", text.head))
    };
    blocks(SETTINGS)?.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::settings;

    #[test]
    fn every_setting_that_is_read_is_told_and_no_other() {
        let told: Vec<_> = settings().unwrap().iter().map(|setting| setting.name.to_owned()).collect();
        let unique: BTreeSet<_> = told.iter().cloned().collect();
        assert_eq!(unique.len(), told.len());
        assert_eq!(unique, wxedge_worker::table::settings().into_iter().collect());
    }
}
