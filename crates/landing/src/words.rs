use crate::Language;

/// What the page says, in one language.
pub(crate) struct Words {
    pub(crate) title: &'static str,
    pub(crate) opens_in_wechat: &'static str,
    pub(crate) open: &'static str,
    pub(crate) web: &'static str,
    pub(crate) web_only: &'static str,
    pub(crate) open_in_browser: &'static str,
    pub(crate) open_in_wechat: &'static str,
    pub(crate) scan: &'static str,
    pub(crate) scan_how: &'static str,
    pub(crate) qr: &'static str,
    pub(crate) open_on_phone: &'static str,
    pub(crate) help: &'static str,
    pub(crate) help_outside: [&'static str; 3],
    pub(crate) menu_steps: [&'static str; 3],
    pub(crate) browser_steps: [&'static str; 3],
    pub(crate) wechat_steps: [&'static str; 3],
    pub(crate) copy: &'static str,
    pub(crate) copied: &'static str,
    pub(crate) unknown_link: (&'static str, &'static str),
    pub(crate) too_long: (&'static str, &'static str),
    pub(crate) unavailable: (&'static str, &'static str),
}

impl Words {
    pub(crate) fn of(language: Language) -> &'static Self {
        match language {
            Language::Chinese => &CHINESE,
            Language::English => &ENGLISH,
        }
    }
}

const CHINESE: Words = Words {
    title: "打开小程序",
    opens_in_wechat: "将在微信小程序中打开",
    open: "打开小程序",
    web: "继续访问网页版",
    web_only: "小程序暂时无法打开，可以先访问网页版。",
    open_in_browser: "请在浏览器中打开此链接",
    open_in_wechat: "请在微信中打开此链接",
    scan: "请用手机微信扫一扫",
    scan_how: "在微信右上角的“＋”中点“扫一扫”。",
    qr: "本页链接的二维码",
    open_on_phone: "请在手机上打开此链接",
    help: "打不开？试试这样",
    help_outside: [
        "确认这部手机已安装微信。",
        "系统询问是否打开微信时，请选择“打开”。",
        "如果正在其他应用中浏览，请复制链接，到手机自带的浏览器中打开。",
    ],
    menu_steps: ["点右上角的“···”。", "选择“在浏览器打开”。", "在浏览器中点“打开小程序”。"],
    browser_steps: [
        "复制下面的链接。",
        "打开手机自带的浏览器，粘贴到地址栏。",
        "在打开的页面中点“打开小程序”。",
    ],
    wechat_steps: ["复制下面的链接。", "打开微信，发送给“文件传输助手”。", "在聊天中点开这个链接。"],
    copy: "复制链接",
    copied: "已复制",
    unknown_link: ("链接不存在", "这个链接可能已被删除，或者地址有误。请向提供链接的人确认。"),
    too_long: ("链接过长", "链接中的参数超过了微信允许的长度，请使用较短的链接。"),
    unavailable: ("暂时无法打开", "服务正忙，请稍后刷新页面重试。"),
};

const ENGLISH: Words = Words {
    title: "Open the mini program",
    opens_in_wechat: "Opens as a mini program in WeChat",
    open: "Open in WeChat",
    web: "Continue on the web",
    web_only: "The mini program cannot be opened right now. You can continue on the web.",
    open_in_browser: "Please open this link in a browser",
    open_in_wechat: "Please open this link in WeChat",
    scan: "Scan with WeChat on your phone",
    scan_how: "In WeChat, tap + at the top right, then Scan.",
    qr: "QR code of the address of this page",
    open_on_phone: "Please open this link on your phone",
    help: "Not opening? Try this",
    help_outside: [
        "Make sure that WeChat is installed on this phone.",
        "When you are asked whether to open WeChat, choose Open.",
        "If you are inside another app, copy the link and open it in the browser of your phone.",
    ],
    menu_steps: [
        "Tap ··· at the top right.",
        "Choose Open in Browser.",
        "In the browser, tap Open in WeChat.",
    ],
    browser_steps: [
        "Copy the link below.",
        "Open the browser of your phone and paste it into the address bar.",
        "On the page that opens, tap Open in WeChat.",
    ],
    wechat_steps: [
        "Copy the link below.",
        "Open WeChat and send it to File Transfer.",
        "Tap the link in the chat.",
    ],
    copy: "Copy link",
    copied: "Copied",
    unknown_link: (
        "Link not found",
        "This link may have been removed, or its address is wrong. Please check with whoever gave it to you.",
    ),
    too_long: ("Link too long", "The link carries more than WeChat allows. Please ask for a shorter one."),
    unavailable: ("Cannot open right now", "The service is busy. Please reload this page in a moment."),
};
