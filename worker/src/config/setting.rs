//! One setting: its text, and what is wrong with it.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;

use wxedge_contract::{Code, Problem};

use super::rules::is_base;

/// A setting, or what is wrong with it. Routes that need a wrong one answer `misconfigured`; the others work.
pub(crate) type Setting<T> = Result<T, SettingError>;

/// What is wrong with a setting: its name, and the rule that it breaks. It never holds the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SettingError(Box<(&'static str, Cow<'static, str>)>);

impl SettingError {
    /// Says that the setting breaks the rule, which is read behind its name.
    #[cold]
    #[inline(never)]
    pub(crate) fn new(name: &'static str, rule: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new((name, rule.into())))
    }

    pub(crate) fn name(&self) -> &'static str {
        self.0.0
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, rule) = &*self.0;
        write!(f, "{name} {rule}")
    }
}

impl From<SettingError> for Problem {
    fn from(error: SettingError) -> Self {
        (&error).into()
    }
}

impl From<&SettingError> for Problem {
    #[cold]
    #[inline(never)]
    fn from(error: &SettingError) -> Self {
        Self::new(Code::Misconfigured, format!("{error}."))
            .hint("Set it in wrangler.toml, a secret with `wrangler secret put`; GET /v1/health lists every setting that is wrong.")
    }
}

/// The variables and secrets as texts. An empty one counts as absent: a dashboard cannot hold nothing.
#[derive(Clone, Copy)]
pub(super) struct Variables<'a> {
    text: &'a dyn Fn(&str) -> Option<String>,
    is_bound: &'a dyn Fn(&str) -> bool,
}

impl<'a> Variables<'a> {
    pub(super) fn new(text: &'a dyn Fn(&str) -> Option<String>, is_bound: &'a dyn Fn(&str) -> bool) -> Self {
        Self { text, is_bound }
    }

    pub(super) fn text(self, name: &str) -> Option<String> {
        (self.text)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    pub(super) fn is_bound(self, binding: &str) -> bool {
        (self.is_bound)(binding)
    }

    /// A text that passes `is_sound`; an absent one does not.
    pub(super) fn required(
        self,
        name: &'static str,
        is_sound: fn(&str) -> bool,
        rule: &'static str,
    ) -> Setting<String> {
        self.text(name).filter(|text| is_sound(text)).ok_or_else(|| SettingError::new(name, rule))
    }

    /// The base of an API, without a slash at the end.
    pub(super) fn base(self, name: &'static str, default: &str) -> Setting<String> {
        let base = self.text(name).unwrap_or_else(|| default.to_owned());
        let base = base.trim_end_matches('/');
        if is_base(base) {
            return Ok(base.to_owned());
        }
        Err(SettingError::new(
            name,
            "must be an https address without query, http only on loopback, such as https://api.weixin.qq.com",
        ))
    }

    pub(super) fn seconds(
        self,
        name: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
    ) -> Setting<u64> {
        let Some(text) = self.text(name) else { return Ok(default) };
        let rule = || format!("must be whole seconds, {} to {}", range.start(), range.end());
        let seconds = text.parse().ok().filter(|seconds| range.contains(seconds));
        seconds.ok_or_else(|| SettingError::new(name, rule()))
    }

    /// Texts between commas that all pass `is_sound`; none where there is nothing.
    pub(super) fn list(
        self,
        name: &'static str,
        is_sound: fn(&str) -> bool,
        rule: &'static str,
    ) -> Setting<Vec<String>> {
        let text = self.text(name).unwrap_or_default();
        let items: Vec<_> = text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
        if items.iter().all(|item| is_sound(item)) {
            return Ok(items.into_iter().map(str::to_owned).collect());
        }
        Err(SettingError::new(name, rule))
    }

    /// One of the known words; the first where there is nothing.
    pub(super) fn word<T: Copy>(
        self,
        name: &'static str,
        words: &[(&'static str, T)],
        rule: &'static str,
    ) -> Setting<T> {
        let text = self.text(name);
        let known = match &text {
            None => words.first(),
            Some(text) => words.iter().find(|(word, _)| word == text),
        };
        known.map(|(_, value)| *value).ok_or_else(|| SettingError::new(name, rule))
    }
}
