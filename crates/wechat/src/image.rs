use wxedge_operations::{Operation, ReplyError, read_status};

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
pub fn read_image(operation: Operation, body: &[u8]) -> Result<ImageType, ReplyError> {
    match ImageType::of(body) {
        Some(kind) if is_whole(kind, body) => Ok(kind),
        Some(_) => Err(ReplyError::Malformed("The image from WeChat is cut off.".into())),
        None => Err(match read_status(operation, body) {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wxedge_operations::{Operation, ReplyError, known};

    use super::{ImageType, read_image};

    const CODE: Operation = known("wxa/getwxacode");

    #[test]
    fn images_are_known_by_their_bytes() {
        let image = |body: &[u8]| read_image(CODE, body);
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
            let _ = read_image(CODE, &body);
        }
    }
}
