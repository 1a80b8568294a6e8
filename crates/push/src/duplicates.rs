//! What tells a repeat of a push from a new one.

use sha2::{Digest, Sha256};
use wxedge_crypto::lower_hex;

use crate::field::{Field, Fields};
use crate::json;
use crate::kind::Kind;

/// Changes between the repeats of one push of virtual payment, so it is in no key.
const CHANGES: &str = "RetryTimes";

/// A hash that is the same for all repeats of a push and for no other: of its type and the fields that the table
/// names. Where the table has no such push, or a field of the key is missing, `MsgId` takes its place, else all
/// fields but the count of repeats.
///
/// Verified and unverified pushes never have the same, so that nobody can make us drop a real one.
pub(crate) fn key(name: &str, kind: &Kind, fields: &Fields, verified: bool) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        hash.update(length.to_be_bytes());
        hash.update(part);
    };
    add(if verified { "verified" } else { "unverified" });
    add(name);
    if let Some((paths, values)) = alternative(kind.key, fields).or_else(|| alternative("MsgId", fields)) {
        add(paths);
        for value in &values {
            add(value);
        }
    } else {
        let rest = fields.0.iter().filter(|(name, _)| name != CHANGES).cloned().collect();
        add(&json::write(&Fields(rest)));
    }
    lower_hex(&hash.finalize())
}

/// The first of the alternatives whose fields are all there, and their values.
fn alternative<'a>(key: &'a str, fields: &Fields) -> Option<(&'a str, Vec<String>)> {
    key.split('|').filter(|paths| !paths.is_empty()).find_map(|paths| {
        let values: Option<Vec<String>> = paths.split('+').map(|path| value(path, fields)).collect();
        Some((paths, values?))
    })
}

/// What is at a path, as one text, whatever its format was.
fn value(path: &str, fields: &Fields) -> Option<String> {
    let (path, of_day) = path.strip_suffix("@day").map_or((path, false), |path| (path, true));
    let found = fields.at(path);
    if found.iter().all(|text| text.is_empty()) {
        return None;
    }
    if of_day {
        const EIGHT_HOURS: u64 = 8 * 3_600;
        let time: u64 = found.first()?.parse().ok()?;
        return Some((time.saturating_add(EIGHT_HOURS) / 86_400).to_string());
    }
    let items = found.iter().map(|text| Field::Text((*text).to_owned())).collect();
    Some(json::write(&Fields(vec![(String::new(), Field::List(items))])))
}

/// The hash of a body, which is taken once for its timestamp and nonce.
pub(crate) fn digest(body: &[u8]) -> String {
    lower_hex(&Sha256::digest(body))
}
