//! The sessions of one user of one mini program: the `session_key`, and which session tokens were deleted.
//!
//! The `session_key` comes in and never goes out. When the last token has expired, the object deletes all it holds.

use serde::{Deserialize, Serialize};
use worker::{DurableObject, Env, Request, Response, State, durable_object};
use wxedge_contract::{Code, Problem};
use wxedge_crypto::{Claims, Secret};

use crate::App;
use crate::border::{Answer, Durable};

/// The binding of these objects.
pub(crate) const NAMESPACE: &str = "SESSIONS";
/// Where the record lies in the object's storage, as its JSON.
const RECORD: &str = "session";
/// How many deleted tokens are remembered at most. A user who deletes more at once has all older tokens deleted too.
const MOST_REVOKED: usize = 64;

/// Keeps the `session_key` of a login whose token is `claims`.
pub(crate) async fn open(app: &App, claims: &Claims, session_key: &Secret) -> Result<(), Problem> {
    let opened = Opened { session_key: session_key.clone(), iat: claims.iat, exp: claims.exp };
    ask(app, claims, "open", &opened).await.map(drop)
}

/// Whether this session token still holds: it was not deleted, and the object knows of it.
pub(crate) async fn is_alive(app: &App, claims: &Claims) -> Result<bool, Problem> {
    let body = ask(app, claims, "is_alive", &Token::of(claims)).await?;
    Ok(body == b"true")
}

/// Deletes this session token.
pub(crate) async fn revoke(app: &App, claims: &Claims) -> Result<(), Problem> {
    ask(app, claims, "revoke", &Token::of(claims)).await.map(drop)
}

async fn ask(app: &App, claims: &Claims, question: &str, body: &impl Serialize) -> Answer {
    let name = format!("{}:{}", claims.iss, claims.sub);
    app.platform.ask(NAMESPACE, &name, app.config.do_location.as_deref()?, question, body).await
}

#[derive(Serialize, Deserialize)]
struct Opened {
    session_key: Secret,
    iat: u64,
    exp: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Token {
    sid: String,
    iat: u64,
    exp: u64,
}

impl Token {
    fn of(claims: &Claims) -> Self {
        Self { sid: claims.sid.clone(), iat: claims.iat, exp: claims.exp }
    }
}

/// What the object stores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    session_key: Secret,
    /// When the `session_key` came, in Unix seconds.
    key_since: u64,
    /// When the last token expires, in Unix seconds.
    last_exp: u64,
    /// Deleted tokens that would otherwise hold.
    revoked: Vec<Token>,
    /// Tokens issued up to this second are deleted.
    revoked_until: u64,
}

impl Record {
    fn holds(&self, token: &Token) -> bool {
        token.iat > self.revoked_until
            && token.exp <= self.last_exp
            && !self.revoked.iter().any(|revoked| revoked.sid == token.sid)
    }

    fn revoke(&mut self, token: Token, now: u64) {
        self.revoked.retain(|revoked| revoked.exp > now);
        if !self.holds(&token) {
            return;
        }
        self.revoked.push(token);
        if self.revoked.len() > MOST_REVOKED {
            self.revoked_until = self.revoked.iter().map(|revoked| revoked.iat).max().unwrap_or_default();
            self.revoked.clear();
        }
    }
}

/// The Durable Object behind `SESSIONS`.
#[durable_object(alarm)]
pub struct Sessions(Durable);

impl DurableObject for Sessions {
    fn new(state: State, env: Env) -> Self {
        Self(Durable::new(state, env))
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        Durable::answer(request, async |question, body| self.answer(&question, &body).await).await
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.forget().await.map_err(|problem| problem.detail.into_owned())?;
        Response::empty()
    }
}

impl Sessions {
    async fn answer(&self, question: &str, body: &[u8]) -> Answer {
        match question {
            "open" => self.open(parse(body)?).await.map(|()| Vec::new()),
            "is_alive" => {
                let token: Token = parse(body)?;
                let holds = self.record().await?.is_some_and(|record| record.holds(&token));
                Ok(holds.to_string().into_bytes())
            }
            "revoke" => self.revoke(parse(body)?).await.map(|()| Vec::new()),
            _ => Err(Problem::new(Code::Internal, "The session object does not know this question.")),
        }
    }

    async fn open(&self, opened: Opened) -> Result<(), Problem> {
        let before = self.record().await?;
        let last_exp = before.as_ref().map_or(0, |record| record.last_exp).max(opened.exp);
        let (revoked, revoked_until) =
            before.map(|record| (record.revoked, record.revoked_until)).unwrap_or_default();
        let record = Record {
            session_key: opened.session_key,
            key_since: opened.iat,
            last_exp,
            revoked,
            revoked_until,
        };
        self.keep(&record).await
    }

    async fn revoke(&self, token: Token) -> Result<(), Problem> {
        match self.record().await? {
            Some(mut record) => {
                record.revoke(token, self.0.platform.now());
                self.keep(&record).await
            }
            None => Ok(()),
        }
    }

    /// Deletes everything once the last token has expired; an alarm that comes early is set again.
    async fn forget(&self) -> Result<(), Problem> {
        match self.record().await? {
            Some(record) if record.last_exp > self.0.platform.now() => self.keep(&record).await,
            _ => self.0.storage.delete_all().await,
        }
    }

    async fn record(&self) -> Result<Option<Record>, Problem> {
        let unreadable = |_| Problem::new(Code::Internal, "The stored session is unreadable.");
        let text = self.0.storage.text(RECORD).await?;
        text.map(|text| serde_json::from_str(&text).map_err(unreadable)).transpose()
    }

    async fn keep(&self, record: &Record) -> Result<(), Problem> {
        let text = serde_json::to_string(record)
            .map_err(|_| Problem::new(Code::Internal, "The session has no JSON form."))?;
        self.0.storage.put_text(RECORD, &text).await?;
        self.0.storage.set_alarm(record.last_exp.saturating_mul(1000)).await
    }
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Problem> {
    serde_json::from_slice(body)
        .map_err(|_| Problem::new(Code::Internal, "The question to the session is unreadable."))
}

#[cfg(test)]
mod tests {
    use wxedge_crypto::Secret;

    use super::{MOST_REVOKED, Record, Token};

    fn record() -> Record {
        Record {
            session_key: Secret::new("k"),
            key_since: 1,
            last_exp: 1000,
            revoked: Vec::new(),
            revoked_until: 0,
        }
    }

    fn token(number: usize) -> Token {
        Token { sid: format!("sid{number}"), iat: 10_u64.saturating_add(number as u64), exp: 500 }
    }

    #[test]
    fn the_stored_form_is_pinned() {
        let mut record = record();
        record.revoke(token(1), 20);
        let text = r#"{"session_key":"k","key_since":1,"last_exp":1000,"revoked":[{"sid":"sid1","iat":11,"exp":500}],"revoked_until":0}"#;
        assert_eq!(serde_json::to_string(&record).unwrap(), text);
        assert_eq!(serde_json::from_str::<Record>(text).unwrap(), record);
    }

    #[test]
    fn a_deleted_token_is_dead_and_the_others_live() {
        let mut record = record();
        record.revoke(token(1), 20);
        assert!(!record.holds(&token(1)));
        assert!(record.holds(&token(2)));
    }

    #[test]
    fn the_list_of_deleted_tokens_is_bounded_and_forgets_none() {
        let mut record = record();
        for number in 0..=MOST_REVOKED {
            record.revoke(token(number), 20);
        }
        assert!(record.revoked.len() <= MOST_REVOKED);
        assert!((0..=MOST_REVOKED).all(|number| !record.holds(&token(number))));
        assert!(record.holds(&token(MOST_REVOKED.saturating_add(1))));
    }

    #[test]
    fn expired_tokens_are_forgotten() {
        let mut record = record();
        record.revoke(token(1), 20);
        record.revoke(token(2), 501);
        assert_eq!(record.revoked, [token(2)]);
    }
}
