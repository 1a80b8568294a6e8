use serde::{Serialize, Serializer};
use wxedge_contract::Problem;

use crate::http::Reply;
use crate::route::Call;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    checks: Checks,
}

/// What was found, by name.
struct Checks(Vec<(&'static str, String)>);

impl Serialize for Checks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, found)| (name, found)))
    }
}

/// `GET /v1/health`: whether every setting and binding is right. It spends no quota and calls nobody.
pub(crate) async fn health(Call { app, .. }: Call<'_>) -> Result<Reply, Problem> {
    let mut checks: Vec<(&'static str, String)> =
        app.config.errors().iter().map(|error| (error.name(), error.to_string())).collect();
    let has_no_pay = matches!(app.config.pay, Ok(None));
    let bindings = [
        ("WXEDGE_KV", app.platform.has_kv()),
        ("TOKEN_KEEPER", app.platform.is_bound("TOKEN_KEEPER")),
        ("SESSIONS", app.platform.is_bound("SESSIONS")),
        ("MAKERS", app.platform.is_bound("MAKERS")),
        // Only push and payment need it.
        ("EVENTS", app.platform.is_bound("EVENTS") || matches!(app.config.push_keys, Ok(None)) && has_no_pay),
        ("ORDERS", app.platform.is_bound("ORDERS") || has_no_pay),
    ];
    let missing = bindings.iter().filter(|(_, is_bound)| !is_bound);
    checks.extend(missing.map(|(name, _)| (*name, format!("{name} is not bound: see wrangler.toml"))));
    let is_well = checks.is_empty();
    checks.push(("settings", if is_well { "ok" } else { "wrong" }.to_owned()));
    let status = if is_well { "ok" } else { "misconfigured" };
    let mut reply =
        Reply::json(&Health { status, version: env!("CARGO_PKG_VERSION"), checks: Checks(checks) });
    reply.status = if is_well { 200 } else { 503 };
    Ok(reply)
}
