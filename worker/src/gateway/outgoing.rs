//! A call on its way to WeChat.

use edge::Method;
use wxedge_crypto::Secret;
use wxedge_operations::Operation;

use super::body::Body;
use super::query::Query;

/// A call of a service's, with everything but the token.
pub(super) struct Outgoing {
    pub(super) operation: Operation,
    pub(super) method: Method,
    pub(super) query: Query,
    pub(super) body: Body,
}

impl Outgoing {
    /// The whole address under `base`, which does not end in a slash.
    pub(super) fn url(&self, base: &str, token: &Secret) -> Secret {
        Secret::new([base, "/", self.operation.path(), "?", self.query.with_token(token).expose()].concat())
    }
}
