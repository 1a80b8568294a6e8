//! The three kinds of code image, and what makes two of them the same.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wxedge_contract::{FieldError, record};
use wxedge_crypto::lower_hex;
use wxedge_operations::{Operation, known};
use wxedge_wechat::Call;

/// Which API makes the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CodeKind {
    WxaCode,
    WxaCodeUnlimited,
    QrCode,
}

impl CodeKind {
    const fn operation(self) -> Operation {
        const WXACODE: Operation = known("wxa/getwxacode");
        const WXACODE_UNLIMITED: Operation = known("wxa/getwxacodeunlimit");
        const QRCODE: Operation = known("cgi-bin/wxaapp/createwxaqrcode");
        match self {
            Self::WxaCode => WXACODE,
            Self::WxaCodeUnlimited => WXACODE_UNLIMITED,
            Self::QrCode => QRCODE,
        }
    }
}

record! {
    /// One code image to be made.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub(crate) struct CodeOrder {
        kind: CodeKind,
        /// The body with every default spelled out and its fields in a fixed order.
        body: String,
    }
}

impl CodeOrder {
    /// Reads and checks the body of a request. `now` is in Unix seconds.
    pub(crate) fn parse(kind: CodeKind, body: &[u8], now: u64) -> Result<Self, FieldError> {
        Ok(Self { kind, body: kind.operation().check_body(body, now)?.to_json() })
    }

    /// Whether it counts against the 100,000 codes that an account makes in its life.
    pub(crate) const fn is_limited(&self) -> bool {
        matches!(self.kind, CodeKind::WxaCode | CodeKind::QrCode)
    }

    /// The call that makes it.
    pub(crate) fn call(&self) -> Call {
        Call::post(self.kind.operation(), self.body.clone())
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
        let name = |kind, body: &str| CodeOrder::parse(kind, body.as_bytes(), 0).unwrap().digest("wx1");
        let one = name(CodeKind::WxaCode, r#"{"path":"pages/a","width":430}"#);
        assert_eq!(one, name(CodeKind::WxaCode, r#"{"width":430,"path":"pages/a","env_version":"release"}"#));
        assert_ne!(one, name(CodeKind::WxaCode, r#"{"path":"pages/a","width":431}"#));
        assert_ne!(one, name(CodeKind::QrCode, r#"{"path":"pages/a","width":430}"#));
        let other = CodeOrder::parse(CodeKind::WxaCode, br#"{"path":"pages/a"}"#, 0).unwrap();
        assert_ne!(one, other.digest("wx2"));
        assert_eq!(one.len(), 64);
    }

    #[test]
    fn an_order_can_be_read_again_on_the_other_side() {
        let order = CodeOrder::parse(CodeKind::WxaCodeUnlimited, br#"{"scene":"a=1"}"#, 0).unwrap();
        let read = CodeOrder::parse(CodeKind::WxaCodeUnlimited, order.body.as_bytes(), 0).unwrap();
        assert_eq!(read, order);
        assert_eq!(read.call().body().unwrap().expose(), order.body);
    }

    /// The name of an image says where it is kept: a new name would have every code of every account made again.
    #[test]
    fn the_name_of_an_image_stays_what_it_was() {
        for (kind, body, name) in [
            (
                CodeKind::WxaCode,
                r#"{"path":"pages/a?b=1"}"#,
                "6ee89367582604b82268332eef7a22161be131df585702a617533dff9e7be758",
            ),
            (
                CodeKind::WxaCodeUnlimited,
                r#"{"page":"pages/a","scene":"a=1"}"#,
                "a4f72cfcd0be32ff5045e88677883f252719b3cf558fd4a7e31a9236a2e0a020",
            ),
            (
                CodeKind::QrCode,
                r#"{"path":"pages/a?b=1"}"#,
                "e4767b8eb0bb5475c5464d2656fcad8d9b3047c185fa946a2b72ec46096e827b",
            ),
        ] {
            let order = CodeOrder::parse(kind, body.as_bytes(), 0).unwrap();
            assert_eq!(order.digest("wx1"), name, "{kind:?}");
        }
    }
}
