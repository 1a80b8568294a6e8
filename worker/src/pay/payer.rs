//! The part of an object that is what one user has not paid yet, of what sessions made: so that a double tap is one order,
//! and nobody makes more than twenty.

use edge::{Changes, Range};
use wxedge_contract::{Code, Problem};
use wxedge_pay::{MOST_UNPAID, SAME_ORDER_FOR, SESSION_EXPIRE, beijing_day};

use super::stubs::{self, Part};
use crate::App;
use crate::platform::{ObjectState, Storage};

/// Before the number of an order. What is stored under it: when it was made, and what of.
const UNPAID: &str = "unpaid/";
/// More than are ever there.
const ALL: u32 = 100;

/// The number for an order of this content, with its end in Unix milliseconds: one that is unpaid, or a new one.
pub(super) async fn reserve(state: &ObjectState, content: &str) -> Result<String, Problem> {
    let now = state.platform.now_ms();
    let unpaid = list(&state.storage).await?;
    let (over, open): (Vec<_>, Vec<_>) = unpaid.into_iter().partition(|unpaid| unpaid.ends_at() <= now);
    let is_same =
        |unpaid: &&Unpaid| unpaid.content == content && now.saturating_sub(unpaid.made_at) < SAME_ORDER_FOR;
    if let Some(same) = open.iter().find(is_same) {
        return Ok(format!("{} {}", same.number, same.ends_at()));
    }
    if open.len() >= MOST_UNPAID {
        return Err(Problem::new(
            Code::RateLimited,
            format!(
                "This user has {MOST_UNPAID} unpaid orders: pay one, or wait until the oldest has ended."
            ),
        ));
    }
    let made = Unpaid { number: new_number(now)?, made_at: now, content: content.to_owned() };
    let ends_at = made.ends_at();
    let answer = format!("{} {ends_at}", made.number);
    let changes = Changes {
        puts: vec![(made.key(), format!("{now} {content}"))],
        deletes: over.iter().map(Unpaid::key).collect(),
        alarm: Some(ends_at),
    };
    state.storage.write(changes).await?;
    Ok(answer)
}

/// An order is not unpaid any more.
pub(super) async fn settled(state: &ObjectState, number: &str) -> Result<String, Problem> {
    let deletes = vec![[UNPAID, number].concat()];
    state.storage.write(Changes { deletes, ..Changes::default() }).await?;
    Ok(String::new())
}

/// The alarm: when the last order has ended, all is forgotten.
pub(super) async fn forget(state: &ObjectState) -> Result<(), Problem> {
    let now = state.platform.now_ms();
    let unpaid = list(&state.storage).await?;
    match unpaid.iter().map(Unpaid::ends_at).max() {
        Some(end) if end > now => state.storage.set_alarm(end).await,
        Some(_) => state.storage.delete_all().await,
        None => Ok(()),
    }
}

/// The user is erased; the orders themselves stay.
pub(super) async fn erased(state: &ObjectState) -> Result<String, Problem> {
    state.storage.delete_all().await?;
    Ok(String::new())
}

/// Forgets what a user has not paid, where there is payment.
pub(crate) async fn erase(app: &App, openid: &str) -> Result<(), Problem> {
    let Ok(Some(pay)) = &app.config.pay else { return Ok(()) };
    stubs::ask(app, &stubs::name(pay, Part::Payer, openid), "forget", "").await.map(drop)
}

struct Unpaid {
    number: String,
    made_at: u64,
    content: String,
}

impl Unpaid {
    fn key(&self) -> String {
        [UNPAID, &self.number].concat()
    }

    /// To the second, as the order has it.
    fn ends_at(&self) -> u64 {
        let end = self.made_at.saturating_add(SESSION_EXPIRE);
        end.saturating_sub(end % 1_000)
    }
}

async fn list(storage: &Storage) -> Result<Vec<Unpaid>, Problem> {
    let listed = storage.list(Range { prefix: UNPAID, end: None, reverse: false, limit: ALL }).await?;
    let read = |(key, text): (String, String)| {
        let (made_at, content) = text.split_once(' ')?;
        let number = key.strip_prefix(UNPAID)?.to_owned();
        Some(Unpaid { number, made_at: made_at.parse().ok()?, content: content.to_owned() })
    };
    Ok(listed.into_iter().filter_map(read).collect())
}

/// The day, and what nobody guesses or has twice.
fn new_number(now: u64) -> Result<String, Problem> {
    let random =
        edge::random::<12>().ok_or_else(|| Problem::new(Code::Internal, "There is no randomness."))?;
    Ok([&beijing_day(now).replace('-', ""), &wxedge_crypto::lower_hex(&random)].map(String::as_str).concat())
}
