//! The owner of the `access_token`: one object per appid, around the state machine of `wxedge_token`.
//!
//! Order of a refresh: fetch, its own storage, the alarm, then KV. Whoever waits is let go after the alarm is set.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use edge::{Answer, Delay};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wxedge_contract::{Code, Problem, read_own_json, to_json};
use wxedge_crypto::Secret;
use wxedge_operations::{Operation, advice};
use wxedge_token::{Answer as Told, Api, Failure, Fresh, Keeper, Kind, Ticket};
use wxedge_wechat::{ACCESS_TOKEN, AccessToken, STABLE_ACCESS_TOKEN, access_token, stable_access_token};

use super::copy::TokenCopy;
use crate::codes::budget::{self, LimitedCodes};
use crate::config::TokenMode;
use crate::platform::{Asked, AskedForJson, Object, ObjectResult, ObjectState, json};
use crate::{App, events, log, transport};
use edge::SingleFlight;

const NAMESPACE: &str = "TOKEN_KEEPER";
/// Where the state machine lies in the object's storage, as its JSON.
const STATE: &str = "keeper";
/// How often one caller waits for a refresh. The state machine needs one wait, in one rare case two.
const MOST_WAITS: usize = 2;

/// Asks for a token.
pub(crate) fn read(app: &App) -> AskedForJson<TokenCopy> {
    ask(app, "read", &()).json()
}

/// Reports that WeChat refused a token, and asks for one to use instead.
pub(crate) fn refused(app: &App, token: &Secret) -> AskedForJson<TokenCopy> {
    ask(app, "refused", token).json()
}

/// Asks for the state, without the token.
pub(crate) fn state(app: &App) -> impl Future<Output = Result<String, Problem>> + use<> {
    ask(app, "state", &()).text()
}

/// Wakes the keeper, so that it renews the token before anybody waits. The cron's way, beside the object's own alarm.
pub(crate) async fn wake(app: &App) {
    if let Err(problem) = ask(app, "wake", &()).await {
        log::problem("cron", &problem);
    }
}

fn ask(app: &App, question: &str, body: &impl Serialize) -> Asked {
    let name = app.config.appid().map(str::to_owned);
    app.ask(NAMESPACE, name, question, &to_json(body))
}

/// The Durable Object behind `TOKEN_KEEPER`.
pub(crate) struct TokenKeeper {
    state: ObjectState,
    app: App,
    /// Found in the storage when the first question comes.
    keeper: RefCell<Option<Keeper>>,
    refresh: SingleFlight<()>,
}

impl TokenKeeper {
    pub(crate) fn new(state: ObjectState) -> Self {
        let app = App::new(state.platform.clone());
        Self { state, app, keeper: RefCell::new(None), refresh: SingleFlight::new() }
    }
}

impl Object for TokenKeeper {
    fn call(self: Rc<Self>, method: String, body: String) -> LocalBoxFuture<'static, ObjectResult> {
        self.answer(method, body).boxed_local()
    }

    fn alarm(self: Rc<Self>) -> LocalBoxFuture<'static, Result<(), Problem>> {
        self.wake().boxed_local()
    }
}

impl TokenKeeper {
    async fn answer(self: Rc<Self>, question: String, body: String) -> ObjectResult {
        self.load().await?;
        match question.as_str() {
            "read" => self.read(None).await,
            "refused" => self.read(Some(&parse(&body)?)).await,
            "wake" => self.wake().await.map(|()| Answer::NOTHING),
            "state" => self.state().await,
            _ => Err(Problem::new(Code::Internal, "The keeper does not know this question.")),
        }
    }

    /// Finds again what an earlier life of this object knew, and tells the keeper which settings hold now.
    async fn load(&self) -> Result<(), Problem> {
        if self.keeper.borrow().is_none() {
            let mut keeper: Keeper = self.state.storage.load(STATE).await?.unwrap_or_default();
            keeper.configure(&self.app.config.token_settings, self.api());
            // Another question may have come first while the storage was read.
            self.keeper.borrow_mut().get_or_insert(keeper);
        }
        Ok(())
    }

    async fn read(self: &Rc<Self>, refused: Option<&Secret>) -> ObjectResult {
        for turn in 0..=MOST_WAITS {
            let report = refused.filter(|_| turn == 0);
            let (reading, is_news) = self.with(|keeper| match report {
                Some(token) => {
                    let is_news = keeper.is_current(token);
                    (keeper.refused(token, self.now()), is_news)
                }
                None => (keeper.read(self.now()), false),
            })?;
            match reading.refresh {
                Some(ticket) => self.start(ticket).await?,
                None if is_news => self.persist().await?,
                None => {}
            }
            match reading.answer {
                Told::Use { token, expires_in } => {
                    let expires_at = (self.now() / 1000).saturating_add(expires_in);
                    return Ok(json(&TokenCopy { token, expires_at }));
                }
                Told::Fail { retry_after, failure } => return Err(self.problem(&failure, retry_after)),
                Told::Wait => self.wait().await,
            }
        }
        Err(Problem::new(Code::TokenUnavailable, "The access token changes faster than it can be read.")
            .retry_after(1))
    }

    async fn wake(self: Rc<Self>) -> Result<(), Problem> {
        self.load().await?;
        match self.with(|keeper| keeper.wake(self.now()))? {
            Some(ticket) => {
                self.start(ticket).await?;
                self.wait().await;
                Ok(())
            }
            None => self.persist().await,
        }
    }

    async fn state(&self) -> ObjectResult {
        let appid = self.app.config.appid()?;
        let limited_codes = budget::read(&self.state.platform, appid).await;
        self.with(|keeper| json(&StateReply { keeper: keeper.state(self.now()), limited_codes }))
    }

    /// Starts a refresh that goes on whatever becomes of who asked for it.
    async fn start(self: &Rc<Self>, ticket: Ticket) -> Result<(), Problem> {
        let owner = self.clone();
        let run = self.refresh.start(async move { owner.run(ticket).await });
        self.state.wait_until(run);
        self.persist().await
    }

    async fn wait(&self) {
        if let Some(run) = self.refresh.current() {
            run.await;
        }
    }

    async fn run(self: Rc<Self>, ticket: Ticket) {
        if ticket.starts_in > 0 {
            Delay::of(ticket.starts_in).await;
        }
        let started = self.now();
        let fetched = self.fetch(&ticket).await;
        self.log(&ticket, started, &fetched);
        let now = self.now();
        let jitter = edge::random().map_or(now, u64::from_le_bytes);
        let has_token = fetched.is_ok();
        let fetched = fetched.map_err(|problem| failure(&problem));
        if let Err(failure) = &fetched {
            self.alert(failure);
        }
        let landed = self.with(|keeper| match fetched {
            Ok(fresh) => keeper.fetched(&ticket, fresh, now, jitter),
            Err(failure) => keeper.failed(&ticket, failure, now, jitter),
        });
        if landed.is_ok() && self.persist().await.is_ok() && has_token {
            self.state.wait_until(self.clone().publish());
        }
    }

    /// Tells the operator that WeChat gives no token, where only he can mend it.
    fn alert(self: &Rc<Self>, failure: &Failure) {
        if let (Kind::Misconfigured, Some(errcode)) = (failure.kind, failure.errcode) {
            let owner = self.clone();
            let data = to_json(failure);
            self.state.wait_until(async move {
                events::alert(&owner.app, "alert.token_refused", &errcode.to_string(), &data).await;
            });
        }
    }

    async fn fetch(&self, ticket: &Ticket) -> Result<Fresh, Problem> {
        let config = &self.app.config;
        let appid = config.appid()?;
        let call = match *config.token_mode.as_ref()? {
            TokenMode::Stable => stable_access_token(appid, config.secret()?),
            TokenMode::Classic => access_token(appid, config.secret()?),
            TokenMode::Remote => return super::remote::fetch(&self.app, ticket.refused.as_ref()).await,
        };
        let parse = |body: &[u8]| AccessToken::parse(call.operation(), body);
        let fetched = transport::call(&self.app, &call, parse).await?;
        Ok(Fresh { token: fetched.token, expires_in: u64::from(fetched.expires_in) })
    }

    /// Stores what the keeper knows, and sets the alarm by which it renews the token itself.
    async fn persist(&self) -> Result<(), Problem> {
        let (text, alarm) = self.with(|keeper| (to_json(keeper), keeper.next_alarm(self.now())))?;
        self.state.storage.persist_text(STATE, &text).await?;
        self.state.storage.set_alarm(alarm).await
    }

    /// Writes the copy that every location reads. Should that fail, they ask the keeper.
    async fn publish(self: Rc<Self>) {
        let now = self.now();
        let Ok(Told::Use { token, expires_in }) = self.with(|keeper| keeper.peek(now)) else {
            return;
        };
        let copy = TokenCopy { token, expires_at: (now / 1000).saturating_add(expires_in) };
        let Ok(appid) = self.app.config.appid() else { return };
        if !copy.write(&self.state.platform, appid).await {
            log::copy_failed("token");
        }
    }

    /// The problem of somebody who gets no token.
    fn problem(&self, failure: &Failure, retry_after: u64) -> Problem {
        let misconfigured = failure.kind == Kind::Misconfigured;
        let code = match (misconfigured, failure.code.as_ref()) {
            (true, _) => Code::Misconfigured,
            (false, "quota_exhausted") => Code::QuotaExhausted,
            (false, "rate_limited") => Code::RateLimited,
            (false, _) => Code::TokenUnavailable,
        };
        let mut problem = Problem::new(code, format!("There is no usable access token: {}", failure.detail));
        problem.errcode = failure.errcode;
        problem.rid.clone_from(&failure.rid);
        problem.hint =
            failure.errcode.and_then(|errcode| advice(self.operation(), errcode)).map(Cow::Borrowed);
        problem.retry_after(u32::try_from(retry_after).unwrap_or(u32::MAX))
    }

    fn api(&self) -> Api {
        match self.app.config.token_mode {
            Ok(TokenMode::Classic) => Api::Classic,
            _ => Api::Stable,
        }
    }

    fn operation(&self) -> Operation {
        match self.api() {
            Api::Stable => STABLE_ACCESS_TOKEN,
            Api::Classic => ACCESS_TOKEN,
        }
    }

    fn log(&self, ticket: &Ticket, started: u64, fetched: &Result<Fresh, Problem>) {
        log::info(&RefreshLine {
            event: "token_refresh",
            why: ticket.why,
            took_ms: self.now().saturating_sub(started),
            previous_age: ticket.previous_age,
            budget_left: ticket.budget_left,
            expires_in: fetched.as_ref().ok().map(|fresh| fresh.expires_in),
            code: fetched.as_ref().err().map(|problem| problem.code.as_str()),
            errcode: fetched.as_ref().err().and_then(|problem| problem.errcode),
            rid: fetched.as_ref().err().and_then(|problem| problem.rid.clone()),
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut Keeper) -> T) -> Result<T, Problem> {
        let missing = || Problem::new(Code::Internal, "The keeper was asked before it woke up.");
        self.keeper.borrow_mut().as_mut().map(work).ok_or_else(missing)
    }

    fn now(&self) -> u64 {
        self.state.platform.now_ms()
    }
}

/// What an operator sees: the token's state, and how many limited codes the account has made, where WeChat has said so.
#[derive(Serialize)]
struct StateReply {
    #[serde(flatten)]
    keeper: wxedge_token::State,
    #[serde(skip_serializing_if = "Option::is_none")]
    limited_codes: Option<LimitedCodes>,
}

/// One line for each refresh: why, how long, how old the previous token was, the budget left; never the token.
#[derive(Serialize)]
struct RefreshLine {
    event: &'static str,
    why: wxedge_token::Why,
    took_ms: u64,
    previous_age: Option<u64>,
    budget_left: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errcode: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rid: Option<String>,
}

/// What the keeper remembers of a fetch that failed.
fn failure(problem: &Problem) -> Failure {
    let kind = match problem.code {
        Code::Misconfigured => Kind::Misconfigured,
        Code::QuotaExhausted | Code::RateLimited => Kind::Quota,
        _ => Kind::Transient,
    };
    Failure::new(kind, problem.code.as_str(), problem.errcode, &problem.detail).with_rid(problem.rid.clone())
}

fn parse<T: DeserializeOwned>(body: &str) -> Result<T, Problem> {
    read_own_json(body.as_bytes())
        .ok_or_else(|| Problem::new(Code::Internal, "The question to the keeper is unreadable."))
}
