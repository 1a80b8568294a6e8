//! The sessions of one user of one mini program: the `session_key`, and which session tokens were deleted.
//!
//! The `session_key` comes in and never goes out: whatever needs it happens in here. When the last token has expired,
//! the object deletes all it holds.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use edge::{Answer, Changes};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wxedge_contract::{Code, EncryptedTexts, Problem, SignedTexts, read_own_json, record, to_json};
use wxedge_crypto::{Claims, Encrypted, OpenError, OpenedData, Secret, verify_raw_data};
use wxedge_wechat::{check_session_key, read_check, read_reset, reset_session_key};

use super::call_allowance::CallAllowance;
use super::erasure::Erasure;
pub(crate) use super::record::NewCode;
use super::record::{Record, Token};
use super::signing;
use crate::platform::{Asked, AskedForJson, Object, ObjectResult, ObjectState, json, read_sound};
use crate::token::calls;
use crate::{App, log};

const NAMESPACE: &str = "SESSIONS";
/// Where the record lies in the object's storage, as its JSON.
const RECORD: &str = "session";
/// Where it lies that the user was erased, as JSON.
const ERASURE: &str = "erased";
/// The question that erases. Those of a session token have it behind them.
const ERASE: &str = "erase";

/// Refuses to go on when a login could not be kept: it is asked before a code is spent.
pub(crate) fn require(app: &App) -> Result<(), Problem> {
    app.config.session_key_grace.as_ref()?;
    app.config.do_location.as_ref()?;
    app.platform.require(NAMESPACE)
}

/// Keeps the `session_key` of a login whose token is `claims`.
pub(crate) fn open(app: &App, claims: &Claims, session_key: &Secret) -> Asked {
    let login = Login { session_key: session_key.clone(), token: Token::of(claims) };
    ask(app, claims, "open", &to_json(&login))
}

/// Refuses to go on when this session token was deleted, or the object does not know of it. Every other question does
/// so too before it is answered.
pub(crate) fn require_alive(app: &App, claims: &Claims) -> Asked {
    ask_with_token(app, claims, "is_alive", &())
}

/// Deletes this session token.
pub(crate) fn revoke(app: &App, claims: &Claims) -> Asked {
    ask_with_token(app, claims, "revoke", &())
}

/// Asks WeChat whether the `session_key` is still the user's current one.
pub(crate) fn check(app: &App, claims: &Claims) -> AskedForJson<bool> {
    ask_with_token(app, claims, "check", &claims.sub).json()
}

/// Has WeChat replace the `session_key`.
pub(crate) fn reset(app: &App, claims: &Claims) -> Asked {
    ask_with_token(app, claims, "reset", &claims.sub)
}

/// Decrypts data of the user's; gives the JSON text as it was encrypted.
pub(crate) fn decrypt(
    app: &App,
    claims: &Claims,
    data: &EncryptedTexts,
) -> impl Future<Output = Result<String, Problem>> + use<> {
    ask_with_token(app, claims, "decrypt", data).text()
}

/// Verifies that the user's signature fits the data.
pub(crate) fn verify(app: &App, claims: &Claims, data: &SignedTexts) -> Asked {
    ask_with_token(app, claims, "verify", data)
}

/// Counts a call to WeChat that this user causes. What asks WeChat in here counts itself.
///
/// # Errors
/// `rate_limited` when he has caused enough for a minute.
pub(crate) fn count_call(app: &App, claims: &Claims) -> Asked {
    ask_with_token(app, claims, "count_call", &())
}

/// Counts what is new of a code that this user asks for.
///
/// # Errors
/// `rate_limited` when he has caused enough for a day; then nothing is counted.
pub(crate) fn count_code(app: &App, claims: &Claims, new: NewCode) -> Asked {
    ask_with_token(app, claims, "count_code", &new)
}

/// The `signature` of a text by the `session_key` of a user.
///
/// # Errors
/// `session_key_stale` when he has no session here.
pub(crate) fn sign(
    app: &App,
    openid: &str,
    message: &str,
) -> impl Future<Output = Result<String, Problem>> + use<> {
    ask_for_service(app, openid, signing::SIGN, message).text()
}

/// Hands over the key that WeChat gave in place of the one that made `signature` over nothing. A user without a session here
/// needs none.
pub(crate) fn take_over(app: &App, openid: &str, session_key: Secret, signature: String) -> Asked {
    let body = to_json(&signing::NewKey { session_key, signature });
    ask_for_service(app, openid, signing::TAKE_OVER, &body)
}

/// Erases what is kept of a user. His tokens are dead, and stay so after a new login.
pub(crate) fn erase(app: &App, openid: &str) -> Asked {
    ask_for_service(app, openid, ERASE, "")
}

/// Asks on behalf of a session token, which goes with the name of the question.
fn ask_with_token(app: &App, claims: &Claims, question: &str, body: &impl Serialize) -> Asked {
    let question = format!("{question} {}", Token::of(claims).to_text());
    ask(app, claims, &question, &to_json(body))
}

fn ask(app: &App, claims: &Claims, question: &str, body: &str) -> Asked {
    app.ask(NAMESPACE, Ok(object_name(&claims.iss, &claims.sub)), question, body)
}

/// Asks on behalf of a service, which shows no session token.
fn ask_for_service(app: &App, openid: &str, question: &str, body: &str) -> Asked {
    let name = app.config.appid().map(|appid| object_name(appid, openid));
    app.ask(NAMESPACE, name, question, body)
}

fn object_name(appid: &str, openid: &str) -> String {
    format!("{appid}:{openid}")
}

record! {
    #[derive(Serialize)]
    struct Login {
        session_key: Secret,
        token: Token,
    }
}

/// The Durable Object behind `SESSIONS`.
pub(crate) struct Sessions {
    state: ObjectState,
    app: App,
    /// The record as stored, once it was read. All changes happen here, at once, and are then written, so that two
    /// questions never work on two copies.
    record: RefCell<Option<Record>>,
    /// That the user was erased, while older tokens would live.
    erasure: RefCell<Option<Erasure>>,
    was_read: Cell<bool>,
    calls: RefCell<CallAllowance>,
}

impl Sessions {
    pub(crate) fn new(state: ObjectState) -> Self {
        let app = App::new(state.platform.clone());
        Self {
            state,
            app,
            record: RefCell::new(None),
            erasure: RefCell::new(None),
            was_read: Cell::new(false),
            calls: RefCell::new(CallAllowance::default()),
        }
    }
}

impl Object for Sessions {
    fn call(self: Rc<Self>, method: String, body: String) -> LocalBoxFuture<'static, ObjectResult> {
        self.answer(method, body).boxed_local()
    }

    fn alarm(self: Rc<Self>) -> LocalBoxFuture<'static, Result<(), Problem>> {
        self.expire().boxed_local()
    }
}

impl Sessions {
    async fn answer(self: Rc<Self>, question: String, body: String) -> ObjectResult {
        let (question, body) = (question.as_str(), body.as_str());
        self.load().await?;
        if question == ERASE {
            return self.erase().await.map(nothing);
        }
        let Some((question, token)) = question.split_once(' ') else {
            return match question {
                signing::SIGN => signing::signature(self.record.borrow().as_ref(), body).map(Answer::Text),
                signing::TAKE_OVER => self.take_over(parse(body)?).await.map(nothing),
                _ => self.open(parse(body)?).await.map(nothing),
            };
        };
        let token = Token::parse(token).filter(|token| self.is_alive(token)).ok_or_else(deleted)?;
        match question {
            "is_alive" => Ok(Answer::NOTHING),
            "revoke" => self.revoke(token).await.map(nothing),
            "check" => self.check(&parse::<String>(body)?).await.map(truth),
            "reset" => self.reset(&parse::<String>(body)?).await.map(nothing),
            "decrypt" => self.decrypt(&parse(body)?).await.map(Answer::Text),
            "count_code" => self.count_code(parse(body)?).await.map(nothing),
            "count_call" => self.count_call().map(nothing),
            "verify" => self.verify(&parse(body)?).map(nothing),
            _ => Err(Problem::new(Code::Internal, "The session object does not know this question.")),
        }
    }

    async fn open(&self, login: Login) -> Result<(), Problem> {
        let grace = self.app.config.session_key_grace.clone()?;
        match &mut *self.record.borrow_mut() {
            Some(record) => record.log_in(login.session_key, &login.token, grace),
            none => *none = Some(Record::new(login.session_key, &login.token)),
        }
        if let Some(erasure) = &mut *self.erasure.borrow_mut() {
            erasure.log_in(&login.token);
        }
        self.persist().await
    }

    fn is_alive(&self, token: &Token) -> bool {
        let holds = self.record.borrow().as_ref().is_some_and(|record| record.holds(token));
        holds && self.erasure.borrow().as_ref().is_none_or(|erasure| erasure.spares(token))
    }

    /// Forgets everything but the moment, and that too once no token is left that it ends.
    async fn erase(&self) -> Result<(), Problem> {
        let Some(record) = self.record.take() else { return Ok(()) };
        let until = self.erasure.borrow().as_ref().map_or(0, |erasure| erasure.until);
        *self.erasure.borrow_mut() = Some(Erasure::new(self.now(), until.max(record.last_exp())));
        self.persist().await
    }

    async fn revoke(&self, token: Token) -> Result<(), Problem> {
        let now = self.now();
        self.with(|record| record.revoke(token, now))?;
        self.persist().await
    }

    async fn check(&self, openid: &str) -> Result<bool, Problem> {
        self.count_call()?;
        let call = check_session_key(openid, &self.with(|record| record.session_key().clone())?);
        calls::call(&self.app, &call, read_check).await
    }

    async fn reset(&self, openid: &str) -> Result<(), Problem> {
        self.count_call()?;
        let used = self.with(|record| record.session_key().clone())?;
        let call = reset_session_key(openid, &used);
        let fresh = calls::call(&self.app, &call, |body| read_reset(body, openid)).await?;
        let now = self.now();
        // A login that came meanwhile brought a later key than this one.
        self.with(|record| {
            if *record.session_key() == used {
                record.reset(fresh, now);
            }
        })?;
        self.persist().await
    }

    async fn take_over(&self, key: signing::NewKey) -> Result<(), Problem> {
        let now = self.now();
        let is_changed = self.record.borrow_mut().as_mut().is_some_and(|record| key.replace_in(record, now));
        if is_changed { self.persist().await } else { Ok(()) }
    }

    async fn decrypt(&self, data: &EncryptedTexts) -> Result<String, Problem> {
        let now = self.now();
        if let Some(seconds) = self.with(|record| record.pause(now))? {
            return Err(too_many_failures(seconds));
        }
        let encrypted = Encrypted::parse(&data.encrypted_data, &data.iv).map_err(|damaged| {
            Problem::new(Code::EncryptedDataDamaged, format!("{} {}.", damaged.field, damaged.rule))
                .hint("Send encryptedData and iv exactly as wx gave them.")
        })?;
        let (outcome, is_changed) = self.open_with_keys(&encrypted, now)?;
        if is_changed {
            self.persist().await?;
        }
        match outcome {
            Ok(json) => Ok(json),
            Err(OpenError::WrongApp) => {
                Err(Problem::new(Code::WrongApp, "The watermark of the data names another mini program.")
                    .hint("Check that the client runs the mini program of WECHAT_APPID."))
            }
            Err(error) => {
                self.with(|record| record.fail(now))?;
                self.persist().await?;
                log::decryption_failed(error);
                Err(stale())
            }
        }
    }

    /// Tries the current key, then the one that a login replaced a moment ago. A key that fails says nothing of the
    /// other, so both are always tried when the current one fails. Says too whether that changed what is to be stored.
    fn open_with_keys(
        &self,
        encrypted: &Encrypted,
        now: u64,
    ) -> Result<(Result<String, OpenError>, bool), Problem> {
        let appid = self.app.config.appid()?;
        let max_age = Some(self.app.config.watermark_max_age.clone()?).filter(|seconds| *seconds > 0);
        let is_final =
            |outcome: &Result<OpenedData, OpenError>| matches!(outcome, Ok(_) | Err(OpenError::WrongApp));
        self.with(|record| {
            let current = encrypted.open(record.session_key(), appid, now, max_age);
            let replaced = record.replaced_key(now).filter(|_| !is_final(&current));
            let Some(key) = replaced else { return (current.map(|opened| opened.json), false) };
            let outcome = encrypted.open(key, appid, now, max_age);
            let timestamp = outcome.as_ref().ok().map(|opened| opened.watermark.timestamp);
            let is_reordered = timestamp.is_some_and(|timestamp| record.opened_with_replaced(timestamp));
            (outcome.map(|opened| opened.json), is_reordered)
        })
    }

    fn count_call(&self) -> Result<(), Problem> {
        self.calls.borrow_mut().take(self.now()).map_err(|seconds| {
            Problem::new(Code::RateLimited, "This user has asked WeChat often enough for a minute.")
                .retry_after(u32::try_from(seconds).unwrap_or(u32::MAX))
        })
    }

    async fn count_code(&self, new: NewCode) -> Result<(), Problem> {
        let now = self.now();
        let counted = self.with(|record| record.count_code(new, now))?;
        if let Err(seconds) = counted {
            return Err(Problem::new(
                Code::RateLimited,
                "This user has had enough new code images for a day.",
            )
            .hint("Images that were made before are still served.")
            .retry_after(u32::try_from(seconds).unwrap_or(u32::MAX)));
        }
        self.persist().await
    }

    fn verify(&self, data: &SignedTexts) -> Result<(), Problem> {
        let now = self.now();
        let fits = self.with(|record| {
            record.keys(now).any(|key| verify_raw_data(&data.raw_data, key, &data.signature))
        })?;
        if fits {
            return Ok(());
        }
        Err(Problem::new(
            Code::SignatureMismatch,
            "signature does not fit rawData under the user's session key.",
        )
        .hint("Call wx.login and POST /v1/login first, get the data after that, and send rawData unchanged."))
    }

    /// Forgets what has run out, and everything once the last token has expired.
    async fn expire(self: Rc<Self>) -> Result<(), Problem> {
        self.load().await?;
        let now = self.now();
        self.record.borrow_mut().take_if(|record| !record.expire(now));
        self.erasure.borrow_mut().take_if(|erasure| erasure.until <= now);
        self.persist().await
    }

    async fn load(&self) -> Result<(), Problem> {
        if !self.was_read.get() {
            let keys = vec![RECORD.to_owned(), ERASURE.to_owned()];
            let mut texts = self.state.storage.texts(keys).await?.into_iter();
            let record = read_sound(texts.next().flatten())?;
            let erasure = read_sound(texts.next().flatten())?;
            // Another question may have come first while the storage was read.
            if !self.was_read.replace(true) {
                *self.record.borrow_mut() = record;
                *self.erasure.borrow_mut() = erasure;
            }
        }
        Ok(())
    }

    /// Stores what is known, and sets the alarm for what runs out next. Where nothing is left, nothing is stored.
    async fn persist(&self) -> Result<(), Problem> {
        let mut changes = Changes::default();
        let expiry = {
            let (record, erasure) = (self.record.borrow(), self.erasure.borrow());
            keep(&mut changes, RECORD, record.as_ref());
            keep(&mut changes, ERASURE, erasure.as_ref());
            let until = erasure.as_ref().map(|erasure| erasure.until);
            record.as_ref().map(Record::next_expiry).into_iter().chain(until).min()
        };
        let Some(expiry) = expiry else { return self.state.storage.delete_all().await };
        changes.alarm = Some(expiry.saturating_mul(1000));
        self.state.storage.write(changes).await
    }

    fn with<T>(&self, work: impl FnOnce(&mut Record) -> T) -> Result<T, Problem> {
        let ended = || {
            Problem::new(Code::SessionExpired, "The session has ended.")
                .hint("Log in again with POST /v1/login.")
        };
        self.record.borrow_mut().as_mut().map(work).ok_or_else(ended)
    }

    fn now(&self) -> u64 {
        self.state.platform.now()
    }
}

/// The change by which this lies under the key, or nothing does.
fn keep(changes: &mut Changes, key: &str, kept: Option<&impl Serialize>) {
    match kept {
        Some(kept) => changes.puts.push((key.to_owned(), to_json(kept))),
        None => changes.deletes.push(key.to_owned()),
    }
}

/// The one answer to every failure between the shape of the data and a valid watermark: anything finer would be a
/// padding oracle.
fn stale() -> Problem {
    Problem::new(Code::SessionKeyStale, "The data does not open with the user's session key.").hint(
        "Call wx.login and POST /v1/login first, and get the data after that: a login may replace the key.",
    )
}

fn deleted() -> Problem {
    Problem::new(Code::SessionExpired, "The session was deleted.").hint("Log in again with POST /v1/login.")
}

fn too_many_failures(seconds: u64) -> Problem {
    Problem::new(Code::RateLimited, "Too much data of this user could not be opened.")
        .retry_after(u32::try_from(seconds).unwrap_or(u32::MAX))
}

fn parse<T: DeserializeOwned>(body: &str) -> Result<T, Problem> {
    read_own_json(body.as_bytes())
        .ok_or_else(|| Problem::new(Code::Internal, "The question to the session is unreadable."))
}

fn nothing((): ()) -> Answer {
    Answer::NOTHING
}

fn truth(is_so: bool) -> Answer {
    json(&is_so)
}
