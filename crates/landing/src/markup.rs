use alloc::string::String;

use crate::policy::{Asset, Policy};
use crate::text::escape_into;
use crate::{Href, Html};

/// A document that grows from the template's own words and from values, and the policy that grows with it.
///
/// The template is `'static`, so nothing that came with a request can pass for it; values are escaped on their way in.
#[derive(Default)]
pub(crate) struct Markup {
    body: String,
    policy: Policy,
}

impl Markup {
    /// Adds a piece of the template.
    pub(crate) fn add(&mut self, template: &'static str) -> &mut Self {
        self.body.push_str(template);
        self
    }

    /// Adds a value: text of an element, or of an attribute in double quotes.
    pub(crate) fn value(&mut self, value: &str) -> &mut Self {
        escape_into(value, &mut self.body);
        self
    }

    /// Adds the value of an `href`.
    pub(crate) fn href(&mut self, href: Href<'_>) -> &mut Self {
        self.value(href.as_str())
    }

    /// Adds a style sheet.
    pub(crate) fn style(&mut self, asset: &Asset) -> &mut Self {
        self.policy.allow_style(asset);
        self.add("<style>").add(asset.text).add("</style>\n")
    }

    /// Adds a script.
    pub(crate) fn script(&mut self, asset: &Asset) -> &mut Self {
        self.policy.allow_script(asset);
        self.add("<script>").add(asset.text).add("</script>\n")
    }

    /// Adds WeChat's script for the open tag, in the first version that knows it.
    pub(crate) fn wechat_script(&mut self) -> &mut Self {
        self.policy.allow_open_tag();
        self.add("<script src=\"https://res.wx.qq.com/open/js/jweixin-1.6.0.js\"></script>\n")
    }

    /// The document and its policy.
    pub(crate) fn finish(self) -> Html {
        Html { policy: self.policy.text(), body: self.body }
    }
}
