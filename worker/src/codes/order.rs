//! The three kinds of code image, and what makes two of them the same.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wxedge_contract::FieldError;
use wxedge_crypto::{Secret, lower_hex};
use wxedge_wechat::{Call, QrCode, WxaCode, WxaCodeUnlimited};

/// Which API makes the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CodeKind {
    WxaCode,
    WxaCodeUnlimited,
    QrCode,
}

impl CodeKind {
    /// Reads and checks the body that this API takes, and gives the call.
    pub(crate) fn call(self, body: &[u8]) -> Result<Call, FieldError> {
        match self {
            Self::WxaCode => WxaCode::parse(body).map(|code| code.call()),
            Self::WxaCodeUnlimited => WxaCodeUnlimited::parse(body).map(|code| code.call()),
            Self::QrCode => QrCode::parse(body).map(|code| code.call()),
        }
    }
}

/// One code image to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CodeOrder {
    kind: CodeKind,
    /// The body with every default spelled out and its fields in a fixed order.
    body: String,
}

impl CodeOrder {
    /// Reads and checks the body of a request.
    pub(crate) fn parse(kind: CodeKind, body: &[u8]) -> Result<Self, FieldError> {
        let call = kind.call(body)?;
        Ok(Self { kind, body: call.body().map(Secret::expose).unwrap_or_default().to_owned() })
    }

    /// Whether it counts against the 100,000 codes that an account makes in its life.
    pub(crate) const fn is_limited(&self) -> bool {
        matches!(self.kind, CodeKind::WxaCode | CodeKind::QrCode)
    }

    /// The call that makes it.
    pub(crate) fn call(&self) -> Result<Call, FieldError> {
        self.kind.call(self.body.as_bytes())
    }

    /// The name of this image, the same for equal parameters whatever their order: the SHA-256 of the mini program,
    /// the API and the body, in hex.
    pub(crate) fn digest(&self, appid: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(format!("{appid}\n{:?}\n", self.kind));
        hash.update(&self.body);
        lower_hex(&hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::{CodeKind, CodeOrder};

    #[test]
    fn equal_codes_have_one_name_whatever_their_order_and_defaults() {
        let name = |kind, body: &str| CodeOrder::parse(kind, body.as_bytes()).unwrap().digest("wx1");
        let one = name(CodeKind::WxaCode, r#"{"path":"pages/a","width":430}"#);
        assert_eq!(one, name(CodeKind::WxaCode, r#"{"width":430,"path":"pages/a","env_version":"release"}"#));
        assert_ne!(one, name(CodeKind::WxaCode, r#"{"path":"pages/a","width":431}"#));
        assert_ne!(one, name(CodeKind::QrCode, r#"{"path":"pages/a","width":430}"#));
        assert_ne!(one, CodeOrder::parse(CodeKind::WxaCode, br#"{"path":"pages/a"}"#).unwrap().digest("wx2"));
        assert_eq!(one.len(), 64);
    }

    #[test]
    fn an_order_can_be_read_again_on_the_other_side() {
        let order = CodeOrder::parse(CodeKind::WxaCodeUnlimited, br#"{"scene":"a=1"}"#).unwrap();
        let call = order.call().unwrap();
        assert_eq!(call.body().unwrap().expose(), order.body);
    }
}
