//! What services have done with a user's `session_key`, which stays in the session object: signatures for calls of WeChat's,
//! and the new key that such a call brought.

use serde::Serialize;
use wxedge_contract::{Code, Problem, record};
use wxedge_crypto::{Secret, session_signature};

use super::record::Record;

/// The questions of services. They name no session token, so they have no space.
pub(super) const SIGN: &str = "sign";
pub(super) const TAKE_OVER: &str = "take_over";

record! {
    #[derive(Serialize)]
    pub(super) struct NewKey {
        pub(super) session_key: Secret,
        pub(super) signature: String,
    }
}

impl NewKey {
    /// Puts it in the place of the key that asked for it; tells whether it did. A login that came meanwhile brought a later
    /// key than this one.
    pub(super) fn replace_in(self, record: &mut Record, now: u64) -> bool {
        let is_current = session_signature(record.session_key(), "") == self.signature;
        if is_current {
            record.reset(self.session_key, now);
        }
        is_current
    }
}

/// The signature of a text, where there is a key to make it with.
pub(super) fn signature(record: Option<&Record>, message: &str) -> Result<String, Problem> {
    let record = record.ok_or_else(|| {
        Problem::new(Code::SessionKeyStale, "This user has no session here, so there is no key to sign with.")
            .hint("The user has to log in by POST /v1/login; or sign the call yourself, and give signature in the query.")
    })?;
    Ok(session_signature(record.session_key(), message))
}
