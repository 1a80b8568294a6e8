//! What an SDK says where it shows its `AppSecret`: in the query, and by `POST` in a body too, of JSON or of a form.

use edge::{Deadline, IncomingError};
use wxedge_contract::{Code, JsonValue, Problem, read_object};
use wxedge_crypto::Secret;
use wxedge_launch::Params;

use crate::gateway::body::too_large;
use crate::http::Request;

/// The largest body, in bytes: an API key has up to 4096 characters, each up to three in a form.
const LARGEST: usize = 16 * 1024;
/// How long it may take to come, in milliseconds.
const TIMEOUT: u32 = 10_000;

/// Parameters by their names. The body's count where both have one.
pub(super) struct Parameters(Vec<(String, Secret)>);

impl Parameters {
    /// Reads them.
    ///
    /// # Errors
    /// `too_large`, and `invalid_request` (47001) for a body that is neither, or does not come.
    pub(super) async fn read(request: &Request) -> Result<Self, Problem> {
        let mut all = Vec::new();
        if let Some(incoming) = request.incoming() {
            let body = incoming.read(LARGEST, Deadline::after(TIMEOUT)).await.map_err(unread)?;
            take_body(&body.to_vec(), &mut all).ok_or_else(unreadable)?;
        }
        take_pairs(request.query(), &mut all);
        Ok(Self(all))
    }

    /// The value of one; nothing where it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&Secret> {
        let found = self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        found.filter(|value| !value.expose().is_empty())
    }

    /// Whether one is there with this value.
    pub(super) fn says(&self, name: &str, value: &str) -> bool {
        self.get(name).is_some_and(|given| given.expose() == value)
    }
}

fn take_body(body: &[u8], all: &mut Vec<(String, Secret)>) -> Option<()> {
    if body.trim_ascii_start().first() == Some(&b'{') {
        let entries = read_object(body).ok()?;
        all.extend(entries.into_iter().filter_map(|(name, value)| match value {
            JsonValue::Text(text) => Some((name, Secret::new(text))),
            _ => None,
        }));
    } else {
        take_pairs(core::str::from_utf8(body).ok()?, all);
    }
    Some(())
}

fn take_pairs(text: &str, all: &mut Vec<(String, Secret)>) {
    all.extend(Params::parse(text).iter().map(|(name, value)| (name.to_owned(), Secret::new(value))));
}

fn unread(error: IncomingError) -> Problem {
    match error {
        IncomingError::TooLarge => too_large(LARGEST),
        IncomingError::TimedOut | IncomingError::Broken => unreadable(),
    }
}

fn unreadable() -> Problem {
    super::refusal::refuse(Code::InvalidRequest, 47001, "data format error")
}

#[cfg(test)]
mod tests {
    use super::{Parameters, take_body, take_pairs};

    fn read(body: &str, query: &str) -> Option<Parameters> {
        let mut all = Vec::new();
        take_body(body.as_bytes(), &mut all)?;
        take_pairs(query, &mut all);
        Some(Parameters(all))
    }

    #[test]
    fn json_a_form_and_the_query_say_the_same() {
        for (body, query) in [
            ("", "appid=wx1&secret=a%2Bb&force_refresh="),
            ("appid=wx1&secret=a%2Bb", ""),
            (r#" {"appid":"wx1","secret":"a+b","force_refresh":true}"#, ""),
            (r#"{"appid":"wx1"}"#, "appid=wx2&secret=a+b"),
        ] {
            let all = read(body, query).unwrap();
            assert!(all.says("appid", "wx1") && all.says("secret", "a+b"), "{body} {query}");
            assert!(all.get("force_refresh").is_none());
        }
        for body in [r#"{"appid":"wx1""#, r#"{"appid":"wx1"} {}"#] {
            assert!(read(body, "").is_none(), "{body}");
        }
    }
}
