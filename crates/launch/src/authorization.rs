use crate::Params;

/// What to do next about a permission of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizationStep {
    /// Go ahead.
    Granted,
    /// Ask with `wx.authorize`, or with the call itself: the platform shows its question.
    Ask,
    /// The platform will not ask again: explain, and let the user open the settings.
    OpenSetting,
}

impl AuthorizationStep {
    /// Decides for a scope such as `scope.userLocation`, given `authSetting` of `wx.getSetting` as texts. A scope that
    /// is missing there was never asked for, unless the user has refused since.
    ///
    /// Source: authorization, WeChat mini program open abilities.
    #[must_use]
    pub fn of(scope: &str, auth_setting: &Params<'_>, refused_now: bool) -> Self {
        match auth_setting.get(scope) {
            Some("true") => Self::Granted,
            None if !refused_now => Self::Ask,
            _ => Self::OpenSetting,
        }
    }

    /// The word for it: `granted`, `ask` or `open_setting`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Ask => "ask",
            Self::OpenSetting => "open_setting",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AuthorizationStep;
    use crate::Params;

    #[test]
    fn the_platform_asks_once() {
        for (setting, refused_now, expected) in [
            (Some("true"), false, "granted"),
            (Some("true"), true, "granted"),
            (Some("false"), false, "open_setting"),
            (Some("false"), true, "open_setting"),
            (None, false, "ask"),
            (None, true, "open_setting"),
        ] {
            let settings: Params<'_> = setting
                .map(|value| ("scope.userLocation", value))
                .into_iter()
                .chain([("scope.camera", "true")])
                .collect();
            let step = AuthorizationStep::of("scope.userLocation", &settings, refused_now);
            assert_eq!(step.as_str(), expected, "{setting:?} {refused_now}");
        }
    }
}
