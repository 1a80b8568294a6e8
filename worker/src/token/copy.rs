//! The copy of the token in KV, which every location reads.

use futures_util::FutureExt;
use serde::Serialize;
use wxedge_contract::{read_own_json, record, to_json};
use wxedge_crypto::Secret;

use crate::platform::Platform;

/// The shortest life that KV takes, in seconds.
const SHORTEST_LIFE: u64 = 60;
/// For how long a location may serve its own copy of the token, in seconds: the shortest that KV takes. A copy that is
/// stale costs one retry, never more.
const TOKEN_CACHE: u64 = 60;

record! {
    /// The copy of the `access_token` that every location reads. The keeper alone writes it.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    pub(crate) struct TokenCopy {
        pub(crate) token: Secret,
        /// Unix seconds.
        pub(crate) expires_at: u64,
    }
}

impl TokenCopy {
    /// Reads it. One that cannot be read counts as absent: the keeper is asked instead.
    pub(crate) fn read(platform: &Platform, appid: &str) -> impl Future<Output = Option<Self>> + use<> {
        platform.kv_text(&key(appid), TOKEN_CACHE).map(|text| read_own_json(text?.as_bytes()))
    }

    /// Writes it, unless it would live shorter than KV allows; tells whether that worked.
    pub(crate) async fn write(&self, platform: &Platform, appid: &str) -> bool {
        let life = self.expires_at.saturating_sub(platform.now());
        if life < SHORTEST_LIFE {
            return true;
        }
        let text = to_json(self);
        platform.kv_put_text(&key(appid), &text, Some(life)).await
    }
}

fn key(appid: &str) -> String {
    format!("token:{appid}")
}
