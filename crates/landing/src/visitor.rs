use crate::Made;

/// Where the page is opened, as far as a User-Agent can tell.
///
/// Source: 获取小程序链接, H5 part; the order of the tests follows its sample (`wxwork` before `micromessenger`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visitor {
    /// WeChat's own browser on an iPhone or iPad.
    WechatIos,
    /// WeChat's own browser on Android or HarmonyOS.
    WechatAndroid,
    /// WeChat for Windows, macOS or Linux. It gets what a desktop gets: the open tag is made for phones.
    WechatDesktop,
    /// The web-view of a mini program on a phone: no tag and no link opens another mini program from there.
    MiniProgram,
    /// WeCom on a phone. It counts as outside WeChat.
    Wecom,
    /// A browser or app on an iPhone or iPad. Safari of an iPad that asks for desktop pages names itself a Mac and
    /// cannot be told from one.
    Ios,
    /// A browser or app on Android or HarmonyOS.
    Android,
    /// Anything else: desktops, bots, an empty User-Agent.
    Desktop,
}

impl Visitor {
    /// Reads a User-Agent, whatever its case and length.
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        let agent = user_agent.to_ascii_lowercase();
        let device = Device::of(&agent);
        let wecom = agent.contains("wxwork");
        match device {
            Device::Desktop if !wecom && is_wechat(&agent) => Self::WechatDesktop,
            Device::Desktop => Self::Desktop,
            _ if wecom => Self::Wecom,
            _ if is_wechat(&agent) && is_web_view(&agent) => Self::MiniProgram,
            Device::Ios if is_wechat(&agent) => Self::WechatIos,
            Device::Ios => Self::Ios,
            Device::Android if is_wechat(&agent) => Self::WechatAndroid,
            Device::Android => Self::Android,
        }
    }

    /// A stable word for it, for JSON and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WechatIos => "wechat_ios",
            Self::WechatAndroid => "wechat_android",
            Self::WechatDesktop => "wechat_desktop",
            Self::MiniProgram => "mini_program",
            Self::Wecom => "wecom",
            Self::Ios => "ios",
            Self::Android => "android",
            Self::Desktop => "desktop",
        }
    }

    /// What has to be made at WeChat for this visitor, best first: the second only where the first cannot be had.
    ///
    /// Empty for whoever needs no call: a desktop gets a QR of the page's own address, a web-view is told where to
    /// go, and in WeChat the open tag, where `open_tag` says that one is configured, does without.
    #[must_use]
    pub fn needs(self, open_tag: bool) -> &'static [Made] {
        match self {
            Self::Ios | Self::Android | Self::Wecom => &[Made::Scheme, Made::UrlLink],
            Self::WechatIos | Self::WechatAndroid if !open_tag => &[Made::UrlLink],
            _ => &[],
        }
    }

    /// True where the page is shown inside WeChat on a phone, whose address bar and menu are WeChat's.
    pub(crate) fn in_wechat(self) -> bool {
        matches!(self, Self::WechatIos | Self::WechatAndroid)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Device {
    Ios,
    Android,
    Desktop,
}

impl Device {
    /// `agent` is in lower case.
    fn of(agent: &str) -> Self {
        let has = |word: &str| agent.contains(word);
        // Windows Phone called itself Android and iPhone too, and WeChat for desktops may name the phone's engine.
        if has("windows") || has("macwechat") || has("openharmony") && has("(pc;") {
            Self::Desktop
        } else if has("iphone") || has("ipad") || has("ipod") || has("macintosh") && is_ipad_app(agent) {
            Self::Ios
        } else if has("android") || has("harmonyos") || has("openharmony") {
            Self::Android
        } else {
            Self::Desktop
        }
    }
}

/// An iPad that asks for desktop pages names itself a Mac; its apps, but not Safari, still say that they are mobile.
fn is_ipad_app(agent: &str) -> bool {
    ["mobile/", "crios/", "fxios/", "edgios/"].iter().any(|word| agent.contains(word))
}

fn is_wechat(agent: &str) -> bool {
    agent.contains("micromessenger")
}

/// A web-view says `miniProgram`; `MiniProgramEnv` stands in the browser of WeChat for Windows as well.
fn is_web_view(agent: &str) -> bool {
    agent.split("miniprogram").skip(1).any(|after| !after.starts_with("env"))
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use proptest::prelude::*;

    use super::Visitor;

    /// One line per User-Agent: the visitor, what it is, and the text itself, separated by tabs, after a heading.
    const TABLE: &str = include_str!("../tests/data/user-agents.tsv");

    #[test]
    fn each_user_agent_is_who_it_is() {
        let rows: alloc::vec::Vec<_> = TABLE.lines().skip(1).collect();
        assert!(rows.len() >= 60, "{} rows", rows.len());
        for row in rows {
            let [visitor, what, agent] = row.splitn(3, '\t').collect::<alloc::vec::Vec<_>>()[..] else {
                panic!("three columns: {row}");
            };
            assert_eq!(Visitor::of(agent).name(), visitor, "{what}: {agent}");
            assert_eq!(Visitor::of(&agent.to_uppercase()).name(), visitor, "{what} in capitals");
        }
    }

    #[test]
    fn nobody_costs_a_call_who_can_do_without() {
        for (visitor, open_tag, needs) in [
            (Visitor::Ios, true, 2),
            (Visitor::Android, true, 2),
            (Visitor::Wecom, false, 2),
            (Visitor::WechatIos, false, 1),
            (Visitor::WechatAndroid, false, 1),
            (Visitor::WechatIos, true, 0),
            (Visitor::WechatAndroid, true, 0),
            (Visitor::WechatDesktop, false, 0),
            (Visitor::MiniProgram, false, 0),
            (Visitor::Desktop, false, 0),
        ] {
            assert_eq!(visitor.needs(open_tag).len(), needs, "{visitor:?} {open_tag}");
        }
    }

    proptest! {
        #[test]
        fn no_user_agent_breaks_the_reader(agent in any::<String>()) {
            prop_assert!(!Visitor::of(&agent).name().is_empty());
        }
    }
}
