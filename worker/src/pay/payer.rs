//! The part of an object that is what one user has not paid yet, of what sessions made: so that a double tap is one order,
//! and nobody makes more than twenty.

use edge::Changes;
use wxedge_contract::{Code, Problem};
use wxedge_pay::{MOST_UNPAID, SAME_ORDER_FOR, SESSION_EXPIRE, beijing_day};

use super::shelf::{Asked, Decide, Done, Listed, Row};
use super::stubs::{self, Part};
use crate::App;

/// Before the number of an order. What is stored under it: when it was made, and what of.
const UNPAID: &str = "unpaid/";
/// More than are ever there.
const ALL: u32 = 100;

pub(super) const ROWS: [Row; 4] = [
    row("reserve", false, reserve),
    row("settled", true, settled),
    row("wake", false, wake),
    row("erase", false, |_, _| Done { clears: true, ..Done::changing(Changes::default()) }),
];

const fn row(word: &'static str, is_of_one: bool, decide: Decide) -> Row {
    Row { word, prefix: UNPAID, is_of_one, limit: ALL, from_the_last: false, decide }
}

/// The number for an order of this content, with its end in Unix milliseconds: one that is unpaid, or a new one.
fn reserve(asked: &Asked<'_>, listed: &Listed) -> Done {
    let (now, content) = (asked.now, asked.body);
    let (over, open): (Vec<_>, Vec<_>) =
        listed.iter().filter_map(Unpaid::read).partition(|unpaid| unpaid.ends_at() <= now);
    let is_same = |unpaid: &&Unpaid<'_>| {
        unpaid.content == content && now.saturating_sub(unpaid.made_at) < SAME_ORDER_FOR
    };
    if let Some(same) = open.iter().find(is_same) {
        return Done::saying(same.line());
    }
    if open.len() >= MOST_UNPAID {
        return Done::refusing(Problem::new(
            Code::RateLimited,
            format!(
                "This user has {MOST_UNPAID} unpaid orders: pay one, or wait until the oldest has ended."
            ),
        ));
    }
    let Some(number) = new_number(now) else {
        return Done::refusing(Problem::new(Code::Internal, "There is no randomness."));
    };
    let made = Unpaid { number: &number, made_at: now, content };
    let changes = Changes {
        puts: vec![(made.key(), format!("{now} {content}"))],
        deletes: over.iter().map(Unpaid::key).collect(),
        alarm: Some(made.ends_at()),
    };
    Done { changes, ..Done::saying(made.line()) }
}

/// An order is not unpaid any more.
fn settled(asked: &Asked<'_>, _: &Listed) -> Done {
    let deletes = vec![[UNPAID, asked.words[0]].concat()];
    Done::changing(Changes { deletes, ..Changes::default() })
}

/// The alarm: when the last order has ended, all is forgotten. Where there never was one, this is another part's object.
fn wake(asked: &Asked<'_>, listed: &Listed) -> Done {
    let end = listed.iter().filter_map(Unpaid::read).map(|unpaid| unpaid.ends_at()).max();
    let alarm = end.filter(|end| *end > asked.now);
    let clears = end.is_some() && alarm.is_none();
    Done { clears, ..Done::changing(Changes { alarm, ..Changes::default() }) }
}

/// Forgets what a user has not paid, where there is payment.
pub(crate) async fn erase(app: &App, openid: &str) -> Result<(), Problem> {
    let Ok(Some(pay)) = &app.config.pay else { return Ok(()) };
    stubs::ask(app, &stubs::name(pay, Part::Payer, openid), "erase", "").await.map(drop)
}

struct Unpaid<'a> {
    number: &'a str,
    made_at: u64,
    content: &'a str,
}

impl<'a> Unpaid<'a> {
    fn read((key, text): &'a (String, String)) -> Option<Self> {
        let (made_at, content) = text.split_once(' ')?;
        Some(Self { number: key.strip_prefix(UNPAID)?, made_at: made_at.parse().ok()?, content })
    }

    fn key(&self) -> String {
        [UNPAID, self.number].concat()
    }

    fn line(&self) -> String {
        format!("{} {}", self.number, self.ends_at())
    }

    /// To the second, as the order has it.
    fn ends_at(&self) -> u64 {
        let end = self.made_at.saturating_add(SESSION_EXPIRE);
        end.saturating_sub(end % 1_000)
    }
}

/// The day, and what nobody guesses or has twice.
fn new_number(now: u64) -> Option<String> {
    let random = wxedge_crypto::lower_hex(&edge::random::<12>()?);
    Some([&beijing_day(now).replace('-', ""), &random].map(String::as_str).concat())
}
