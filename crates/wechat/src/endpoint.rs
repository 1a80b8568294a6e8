/// The calls of WeChat's server API that wxedge makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `getAccessToken`: each call kills the previous token.
    AccessToken,
    /// `getStableAccessToken`: the same token until it is renewed.
    StableAccessToken,
    /// `code2Session`.
    Code2Session,
    /// `checkSessionKey`.
    CheckSessionKey,
    /// `resetUserSessionKey`.
    ResetSessionKey,
    /// `getPhoneNumber`.
    PhoneNumber,
    /// `getQRCode`.
    WxaCode,
    /// `getUnlimitedQRCode`.
    WxaCodeUnlimited,
    /// `createQRCode`.
    QrCode,
    /// `generateScheme`.
    Scheme,
    /// `generateNFCScheme`.
    NfcScheme,
    /// `queryScheme`.
    SchemeQuery,
    /// `generateUrlLink`.
    UrlLink,
    /// `queryUrlLink`.
    UrlLinkQuery,
    /// `generateShortLink`.
    ShortLink,
    /// The `jsapi_ticket` of a service account.
    JsapiTicket,
}

/// What an endpoint is about, as far as the meaning of error codes depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Token,
    Login,
    SessionKey,
    Phone,
    Image,
    Link,
    Ticket,
}

impl Endpoint {
    /// The path under the base of the API.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::AccessToken => "/cgi-bin/token",
            Self::StableAccessToken => "/cgi-bin/stable_token",
            Self::Code2Session => "/sns/jscode2session",
            Self::CheckSessionKey => "/wxa/checksession",
            Self::ResetSessionKey => "/wxa/resetusersessionkey",
            Self::PhoneNumber => "/wxa/business/getuserphonenumber",
            Self::WxaCode => "/wxa/getwxacode",
            Self::WxaCodeUnlimited => "/wxa/getwxacodeunlimit",
            Self::QrCode => "/cgi-bin/wxaapp/createwxaqrcode",
            Self::Scheme => "/wxa/generatescheme",
            Self::NfcScheme => "/wxa/generatenfcscheme",
            Self::SchemeQuery => "/wxa/queryscheme",
            Self::UrlLink => "/wxa/generate_urllink",
            Self::UrlLinkQuery => "/wxa/query_urllink",
            Self::ShortLink => "/wxa/genwxashortlink",
            Self::JsapiTicket => "/cgi-bin/ticket/getticket",
        }
    }

    /// Whether the call carries an `access_token`.
    #[must_use]
    pub const fn takes_token(self) -> bool {
        !matches!(self, Self::AccessToken | Self::StableAccessToken | Self::Code2Session)
    }

    pub(crate) const fn subject(self) -> Subject {
        match self {
            Self::AccessToken | Self::StableAccessToken => Subject::Token,
            Self::Code2Session => Subject::Login,
            Self::CheckSessionKey | Self::ResetSessionKey => Subject::SessionKey,
            Self::PhoneNumber => Subject::Phone,
            Self::WxaCode | Self::WxaCodeUnlimited | Self::QrCode => Subject::Image,
            Self::Scheme
            | Self::NfcScheme
            | Self::SchemeQuery
            | Self::UrlLink
            | Self::UrlLinkQuery
            | Self::ShortLink => Subject::Link,
            Self::JsapiTicket => Subject::Ticket,
        }
    }
}
