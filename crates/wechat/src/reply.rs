use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use wxedge_contract::{Code, FieldError, Fields, JsonValue, Problem, fields, parse_fields};

use crate::endpoint::Endpoint;
use crate::refusal::Refusal;

/// Why a reply of WeChat's is no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplyError {
    /// WeChat refused the call.
    Refused(Refusal),
    /// The reply is neither what was asked for nor a refusal; the text says what is wrong, without showing it.
    Malformed(Cow<'static, str>),
    /// The reply was made for another mini program, by its watermark.
    WrongApp,
}

impl ReplyError {
    /// The same error with `clean` applied to everything that WeChat said.
    #[must_use]
    pub fn cleaned(self, clean: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(refusal.cleaned(clean)),
            error => error,
        }
    }

    /// The problem that the caller gets.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::Refused(refusal) => refusal.problem(),
            Self::Malformed(what) => Problem::new(Code::UpstreamMalformed, what.clone())
                .hint("Try again; if it stays so, look at what stands between the Worker and WeChat (WECHAT_API_BASE)."),
            Self::WrongApp => Problem::new(Code::WrongApp, "The watermark of WeChat's reply names another mini program.")
                .hint("Check that the client runs the mini program of WECHAT_APPID."),
        }
    }
}

/// What WeChat says when it refuses the `access_token` of a call, so that a fresh one may help; `None` for any other
/// reply.
#[must_use]
pub fn token_refusal(endpoint: Endpoint, body: &[u8]) -> Option<ReplyError> {
    match read_status(endpoint, body) {
        Err(ReplyError::Refused(refusal)) if refusal.is_token_refused() => Some(ReplyError::Refused(refusal)),
        _ => None,
    }
}

impl From<FieldError> for ReplyError {
    fn from(error: FieldError) -> Self {
        Self::Malformed(format!("In WeChat's reply, {} {}.", error.field, error.rule).into())
    }
}

/// The kind of an image, by its first bytes: the headers of image replies cannot be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageType {
    /// `FF D8 FF`.
    Jpeg,
    /// `89 50 4E 47`.
    Png,
}

impl ImageType {
    /// The kind of these bytes, if they are an image.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            Some(Self::Jpeg)
        } else if bytes.starts_with(&[0x89, b'P', b'N', b'G']) {
            Some(Self::Png)
        } else {
            None
        }
    }

    /// Its Content-Type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// Reads the reply of a call that gives an image: the bytes themselves, or a refusal as JSON.
///
/// # Errors
/// The refusal, or `Malformed` when the body is neither image nor JSON, or is an image that was cut off.
pub fn read_image(endpoint: Endpoint, body: &[u8]) -> Result<ImageType, ReplyError> {
    match ImageType::of(body) {
        Some(kind) if is_whole(kind, body) => Ok(kind),
        Some(_) => Err(ReplyError::Malformed("The image from WeChat is cut off.".into())),
        None => Err(match read_status(endpoint, body) {
            Err(error) => error,
            Ok(_) => ReplyError::Malformed("WeChat answered JSON instead of an image.".into()),
        }),
    }
}

/// How far before the end of an image its last mark may stand: some encoders pad.
const TAIL: usize = 64;

/// Whether the image ends as its kind demands. A cut image would otherwise be cached for good.
fn is_whole(kind: ImageType, body: &[u8]) -> bool {
    let end: &[u8] = match kind {
        ImageType::Jpeg => b"\xff\xd9",
        ImageType::Png => b"IEND\xae\x42\x60\x82",
    };
    let tail = body.get(body.len().saturating_sub(TAIL)..).unwrap_or_default();
    tail.windows(end.len()).any(|window| window == end)
}

/// Reads a JSON reply whatever its Content-Type, with the refusal looked for first.
///
/// Source: 服务端能力 (server calls): an absent `errcode` is success, and the HTTP status says nothing.
pub(crate) fn read_object<T: Fields + Default>(endpoint: Endpoint, body: &[u8]) -> Result<T, ReplyError> {
    parse_fields(read_status(endpoint, body)?).map_err(|_| no_object())
}

/// Reads a JSON reply that is no refusal.
pub(crate) fn read_status(endpoint: Endpoint, body: &[u8]) -> Result<JsonValue, ReplyError> {
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(ReplyError::Malformed(match body.len() {
            0 => "WeChat's reply is empty.".into(),
            length => format!("WeChat's reply is no JSON object: {length} bytes of something else.").into(),
        }));
    }
    let reply: JsonValue = serde_json::from_slice(body).map_err(|_| no_object())?;
    let status = status(&reply).map_err(|_| no_object())?;
    match status.errcode()? {
        0 => Ok(reply),
        errcode => Err(ReplyError::Refused(Refusal::new(endpoint, errcode, status.errmsg()))),
    }
}

fn status(reply: &JsonValue) -> Result<Status, FieldError> {
    let JsonValue::Object(entries) = reply else { return Ok(Status::default()) };
    let of_status = entries.iter().filter(|(name, _)| matches!(name.as_str(), "errcode" | "errmsg"));
    parse_fields(JsonValue::Object(of_status.cloned().collect()))
}

pub(crate) fn no_object() -> ReplyError {
    ReplyError::Malformed("WeChat's reply is no whole JSON object.".into())
}

fields! {
    any struct Status {
        errcode: JsonValue,
        errmsg: JsonValue,
    }
}

impl Status {
    /// The code, which is a number but has been seen as a text.
    fn errcode(&self) -> Result<i64, ReplyError> {
        match &self.errcode {
            JsonValue::Absent => Ok(0),
            JsonValue::Integer(number) => Ok(*number),
            JsonValue::Text(text) => text.trim().parse().map_err(|_| no_errcode()),
            _ => Err(no_errcode()),
        }
    }

    fn errmsg(self) -> String {
        match self.errmsg {
            JsonValue::Text(text) => text,
            _ => String::new(),
        }
    }
}

fn no_errcode() -> ReplyError {
    ReplyError::Malformed("In WeChat's reply, errcode is no whole number.".into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wxedge_contract::JsonValue;

    use super::{ImageType, ReplyError, read_image, read_status, token_refusal};
    use crate::endpoint::Endpoint;

    fn read(body: &str) -> Result<JsonValue, ReplyError> {
        read_status(Endpoint::Scheme, body.as_bytes())
    }

    #[test]
    fn an_absent_or_zero_errcode_is_success() {
        for body in ["{}", " \r\n{\"a\":1}", "{\"errcode\":0}", "{\"errcode\":\"0\",\"errmsg\":\"ok\"}"] {
            assert!(read(body).is_ok(), "{body}");
        }
    }

    #[test]
    fn another_errcode_is_a_refusal_as_number_or_text() {
        for body in
            ["{\"errcode\":-1,\"errmsg\":\"busy\"}", "{\"errcode\":\"-1\"}", "{\"errcode\":-1,\"errmsg\":7}"]
        {
            assert!(
                matches!(read(body), Err(ReplyError::Refused(refusal)) if refusal.errcode() == -1),
                "{body}"
            );
        }
    }

    #[test]
    fn only_a_refusal_of_the_token_is_one() {
        for (endpoint, body, is_refusal) in [
            (Endpoint::Scheme, "{\"errcode\":40001}", true),
            (Endpoint::WxaCode, "{\"errcode\":\"42001\"}", true),
            (Endpoint::Scheme, "{\"errcode\":40002}", false),
            (Endpoint::Code2Session, "{\"errcode\":40001}", false),
            (Endpoint::Scheme, "{}", false),
            (Endpoint::Scheme, "<html>", false),
        ] {
            assert_eq!(token_refusal(endpoint, body.as_bytes()).is_some(), is_refusal, "{endpoint:?} {body}");
        }
    }

    #[test]
    fn anything_else_is_malformed() {
        for body in [
            "",
            " ",
            "<html>",
            "[]",
            "null",
            "{",
            "{\"errcode\":null}",
            "{\"errcode\":1.5}",
            "{\"errcode\":\"x\"}",
        ] {
            assert!(matches!(read(body), Err(ReplyError::Malformed(_))), "{body}");
        }
    }

    #[test]
    fn images_are_known_by_their_bytes() {
        let image = |body: &[u8]| read_image(Endpoint::WxaCode, body);
        assert_eq!(image(b"\xff\xd8\xff..\xff\xd9"), Ok(ImageType::Jpeg));
        assert_eq!(image(b"\x89PNG..IEND\xae\x42\x60\x82"), Ok(ImageType::Png));
        assert!(matches!(image(b"\xff\xd8\xff.."), Err(ReplyError::Malformed(_))), "cut off");
        assert!(matches!(image(b"{\"errcode\":41030}"), Err(ReplyError::Refused(_))));
        for body in [&b"{}"[..], b"<html>", b"", b"GIF89a"] {
            assert!(matches!(image(body), Err(ReplyError::Malformed(_))));
        }
    }

    proptest! {
        #[test]
        fn no_reply_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_status(Endpoint::Scheme, &body);
            let _ = read_image(Endpoint::WxaCode, &body);
        }
    }
}
