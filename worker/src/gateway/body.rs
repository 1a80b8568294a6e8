//! The body of a call: read as the endpoint's row wants it, and kept outside the wasm.

use edge::{Blob, Deadline, Incoming, IncomingError, Method};
use wxedge_contract::{Code, Problem};
use wxedge_operations::{Flag, Kind, Operation, Place};

use super::held::Held;
use crate::http::Request;

/// The largest JSON body, in bytes: the contract's 1 MiB.
const LARGEST_JSON: usize = 1024 * 1024;
/// The largest file of an upload, in bytes: the contract's 10 MiB.
const LARGEST_FILE: usize = 10 * 1024 * 1024;
/// What an upload may have beside its files, in bytes: texts and the lines between the parts.
const LARGEST_REST: usize = 64 * 1024;
/// How long a body may take to come, in milliseconds: 10 MiB at 3 Mbit/s.
const TIMEOUT: u32 = 30_000;
/// The longest Content-Type that is sent on, in characters: a boundary has up to 70.
const LONGEST_TYPE: usize = 256;
const JSON: &str = "application/json";

/// Which Content-Types are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Types {
    /// Those that the endpoint documents.
    Documented,
    /// Any for JSON: WeChat reads it whatever it is called, and SDKs call it all kinds of things.
    AsAtWechat,
}

/// What is sent on, as long as its memory is held.
#[derive(Default)]
pub(super) struct Body {
    sent: Option<Sent>,
    _held: Option<Held>,
}

struct Sent {
    content_type: String,
    bytes: Blob,
}

impl Body {
    /// Reads the body that the endpoint takes.
    ///
    /// # Errors
    /// `unsupported_media_type`, `too_large`, `rate_limited`, and `invalid_request` when it does not come.
    pub(super) async fn read(request: &Request, operation: Operation, types: Types) -> Result<Self, Problem> {
        let Some(incoming) = request.incoming().filter(|_| request.method() == Method::Post) else {
            return Ok(Self::default());
        };
        let limit = limit(operation);
        let content_type = content_type(request, operation, types, incoming.announced() == Some(0))?;
        let held = Held::take(size(incoming, limit)?)?;
        let bytes =
            incoming.read(limit, Deadline::after(TIMEOUT)).await.map_err(|error| unread(error, limit))?;
        // Endpoints without a documented body take an empty object.
        let bytes = if bytes.is_empty() && content_type == JSON { Blob::from("{}") } else { bytes };
        let sent = (!bytes.is_empty()).then_some(Sent { content_type, bytes });
        Ok(Self { sent, _held: Some(held) })
    }

    /// Its Content-Type and bytes, if there are any.
    pub(super) fn sent(&self) -> Option<(&str, &Blob)> {
        self.sent.as_ref().map(|sent| (sent.content_type.as_str(), &sent.bytes))
    }

    /// The JSON that is sent, which is brought in only where somebody has to look at it.
    pub(super) fn json(&self) -> Option<Vec<u8>> {
        self.sent.as_ref().filter(|sent| sent.content_type == JSON).map(|sent| sent.bytes.to_vec())
    }

    /// How many bytes of JSON are sent.
    pub(super) fn json_length(&self) -> usize {
        let length = self.sent.as_ref().filter(|sent| sent.content_type == JSON).map(|sent| sent.bytes.len());
        length.and_then(|length| usize::try_from(length).ok()).unwrap_or(0)
    }
}

/// The Content-Type to send, which must be of the kind that the row wants. A body that is free is JSON where it does not say
/// what it is.
fn content_type(
    request: &Request,
    operation: Operation,
    types: Types,
    is_empty: bool,
) -> Result<String, Problem> {
    let given = request.header("content-type").unwrap_or_default();
    if operation.is(Flag::Multipart) {
        let is_multipart = given
            .trim_start()
            .get(..20)
            .is_some_and(|start| start.eq_ignore_ascii_case("multipart/form-data;"));
        return if (is_multipart || is_empty) && given.len() <= LONGEST_TYPE {
            Ok(given.to_owned())
        } else {
            Err(wants("multipart/form-data with its boundary"))
        };
    }
    if is_empty || request.is_json() {
        return Ok(JSON.to_owned());
    }
    let is_free = operation.is(Flag::Free) && !given.is_empty() && given.len() <= LONGEST_TYPE;
    if is_free {
        return Ok(given.to_owned());
    }
    if types == Types::AsAtWechat { Ok(JSON.to_owned()) } else { Err(wants(JSON)) }
}

fn wants(content_type: &str) -> Problem {
    Problem::new(Code::UnsupportedMediaType, format!("This endpoint takes Content-Type: {content_type}."))
}

/// The largest body, by the files that the row has.
fn limit(operation: Operation) -> usize {
    if !operation.is(Flag::Multipart) {
        return LARGEST_JSON;
    }
    let files = operation.fields(Place::Body).iter().filter(|field| field.kind() == Kind::File).count();
    files.saturating_mul(LARGEST_FILE).saturating_add(LARGEST_REST)
}

/// What memory the body takes: where its length is not told, twice the most that it may have.
fn size(incoming: &Incoming, limit: usize) -> Result<usize, Problem> {
    match incoming.announced() {
        Some(length) if length > limit => Err(too_large(limit)),
        Some(length) => Ok(length),
        None => Ok(limit.saturating_mul(2)),
    }
}

fn unread(error: IncomingError, limit: usize) -> Problem {
    match error {
        IncomingError::TooLarge => too_large(limit),
        IncomingError::TimedOut => Problem::new(
            Code::InvalidRequest,
            format!("The body did not come within {} seconds.", TIMEOUT / 1000),
        ),
        IncomingError::Broken => Problem::new(Code::InvalidRequest, "The body broke off."),
    }
}

pub(super) fn too_large(limit: usize) -> Problem {
    Problem::new(Code::TooLarge, format!("The body may have up to {limit} bytes."))
}

#[cfg(test)]
mod tests {
    use wxedge_operations::find;

    use super::{LARGEST_FILE, LARGEST_JSON, LARGEST_REST, limit};
    use crate::gateway::held::MOST_HELD;

    #[test]
    fn a_body_is_as_large_as_its_files() {
        for (path, expected) in [
            ("wxa/getwxacode", LARGEST_JSON),
            ("cgi-bin/media/upload", LARGEST_FILE + LARGEST_REST),
            ("wxa/sec/vod/singlefileupload", 2 * LARGEST_FILE + LARGEST_REST),
        ] {
            assert_eq!(limit(find(path).unwrap()), expected, "{path}");
        }
    }

    #[test]
    fn any_body_fits_the_memory_alone_however_it_comes() {
        for operation in wxedge_operations::all() {
            assert!(limit(operation) * 2 <= MOST_HELD, "{}", operation.path());
        }
    }
}
