//! One schedule: everything in it follows from its seed.

use serde_json::json;
use wxedge_pay::State;

use crate::wechat::{Trade, WeChat};
use crate::witness::Witness;
use crate::world::{EPOCH, Event, Outcomes, Rules, World};
use wxedge_simulation::Dice;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Runs a schedule. Panics where a promise is broken.
pub fn run(seed: u64) -> Outcomes {
    let mut world = build(seed);
    play(&mut world, seed);
    world.outcomes
}

/// Runs a schedule and prints what happened in it.
pub fn replay(seed: u64) {
    let mut world = build(seed);
    world.witness.trace = Some(Vec::new());
    let tell = |world: &World| {
        for line in world.witness.trace.iter().flatten() {
            eprintln!("{line}");
        }
        eprintln!("{:?}", world.outcomes);
    };
    wxedge_simulation::replay(world, |world| play(world, seed), tell);
}

fn build(seed: u64) -> World {
    let mut dice = Dice::new(seed);
    let mut bad = |chance: u64, most: u64| if dice.percent(chance) { dice.within(1..=most) } else { 0 };
    let (lost_calls, lost_answers, errors, probes) = (bad(40, 40), bad(40, 40), bad(30, 30), bad(30, 30));
    let (lost_writes, outbox_down) = (bad(30, 15), bad(30, 60));
    let rules = Rules {
        amount: [1, 100, 100, 12_345][dice.pick(&[1, 4, 4, 1])],
        expires_in: [Some(dice.within(2..=120) * MINUTE), Some(DAY), None][dice.pick(&[6, 2, 1])],
        lost_calls,
        lost_answers,
        errors,
        probes,
        lost_notices: [0, 30, 100][dice.pick(&[3, 4, 5])],
        lost_writes,
        outbox_down,
        clock_is_true: dice.percent(75),
        refunds: [[70, 20, 5, 5], [100, 0, 0, 0], [0, 100, 0, 0], [20, 20, 30, 30]][dice.pick(&[4, 2, 2, 2])],
    };
    World::new(rules, dice)
}

fn play(world: &mut World, seed: u64) {
    let mut dice = Dice::new(!seed);
    let trouble = dice.within(5..=180) * MINUTE;
    plan_life(world, &mut dice, trouble);
    plan_trouble(world, &mut dice, trouble);
    world.run_until(EPOCH + trouble);
    // A person's late deeds: what waits may be settled by hand, and a close may turn out to be none.
    world.calms_down();
    ends_well(world, &mut dice);
}

fn plan_life(world: &mut World, dice: &mut Dice, trouble: u64) {
    let at = |dice: &mut Dice, from: u64, to: u64| EPOCH + dice.within(from..=to.max(from));
    world.plan(EPOCH + 1, Event::Creates);
    for _ in 0..dice.within(0..=3) {
        let moment = at(dice, SECOND, trouble);
        world.plan(moment, if dice.percent(85) { Event::Creates } else { Event::CreatesOther });
    }
    for _ in 0..dice.within(0..=3) {
        let moment = at(dice, SECOND, trouble);
        world.plan(moment, Event::Pays);
    }
    if dice.percent(25) {
        let moment = at(dice, MINUTE, trouble);
        world.plan(moment, Event::Closes);
    }
    if dice.percent(30) {
        for _ in 0..dice.within(1..=3) {
            let moment = at(dice, MINUTE, trouble);
            world.plan(moment, Event::PaysLate);
        }
    }
    for _ in 0..dice.within(0..=6) {
        let moment = at(dice, SECOND, trouble);
        world.plan(moment, Event::Asks);
    }
    let many = dice.percent(5);
    if many {
        world.rules.amount = 12_345;
    }
    for index in 0..if many { 70 } else { dice.within(0..=5) } {
        let moment = at(dice, MINUTE, trouble);
        let (number, amount) =
            if many { (index, 1) } else { (dice.within(0..=index), dice.within(1..=world.rules.amount)) };
        world.plan(moment, Event::Refunds { number: format!("R{number}"), amount });
    }
    if dice.percent(15) {
        let moment = at(dice, MINUTE, trouble);
        let amount = dice.within(1..=world.rules.amount);
        world.plan(moment, Event::ConsoleRefund { amount });
    }
    for _ in 0..dice.within(0..=2) {
        let moment = at(dice, SECOND, trouble);
        let forged = json!({
            "appid": crate::wechat::APPID, "mchid": crate::wechat::MCHID, "out_trade_no": crate::world::NUMBER,
            "trade_state": "SUCCESS", "transaction_id": "4200000000000000000000000001",
            "amount": {"total": world.rules.amount, "currency": "CNY"}, "payer": {"openid": crate::wechat::OPENID},
        });
        let event =
            Event::Notices { plaintext: forged, kind: "TRANSACTION.SUCCESS", tries: 0, genuine: false };
        world.plan(moment, event);
    }
    // WeChat Pay itself says something that contradicts: another amount, payer or merchant.
    if dice.percent(8) {
        let moment = at(dice, SECOND, trouble);
        let mut odd = WeChat::transaction("SUCCESS", world.rules.amount + 1);
        if dice.percent(50) {
            odd["amount"]["total"] = json!(world.rules.amount);
            let (field, value) = [("payer", json!({"openid": "oOther"})), ("mchid", json!("1900000110"))]
                [dice.pick(&[1, 1])]
            .clone();
            odd[field] = value;
        }
        world.plan(
            moment,
            Event::Notices { plaintext: odd, kind: "TRANSACTION.SUCCESS", tries: 0, genuine: true },
        );
    }
}

fn plan_trouble(world: &mut World, dice: &mut Dice, trouble: u64) {
    for _ in 0..dice.within(0..=4) {
        let moment = EPOCH + dice.within(0..=trouble);
        let until = moment + dice.within(1..=30) * MINUTE;
        match dice.within(0..=4) {
            0 | 1 => world.plan(moment, Event::Crash),
            2 if !world.rules.clock_is_true => {
                let by = i64::try_from(dice.within(0..=2 * HOUR)).expect("it fits");
                let by = if dice.percent(50) { by } else { -by };
                world.plan(moment, Event::Jumps { by });
                world.plan(until, Event::Jumps { by: -by });
            }
            3 => {
                let code = ["NOT_ENOUGH", "NO_AUTH", "PARAM_ERROR"][dice.pick(&[2, 1, 1])];
                world.plan(moment, Event::RefusesRefunds { code: Some(code) });
                world.plan(until, Event::RefusesRefunds { code: None });
            }
            4 if dice.percent(40) => {
                world.plan(EPOCH, Event::RefusesOrders { code: Some("PARAM_ERROR") });
                world.plan(until, Event::RefusesOrders { code: None });
            }
            _ => {}
        }
    }
}

/// Whatever happened: every order that was paid is known as paid, given back, or before a person, in time; and the books
/// agree.
fn ends_well(world: &mut World, dice: &mut Dice) {
    let calm = world.now;
    if world.order.is_none() {
        world.plan(calm + 1, Event::Creates);
    }
    // What was planned while the clock was hours fast comes hours later: there are up to four jumps of two hours.
    let slack = if world.rules.clock_is_true { 0 } else { 8 * HOUR };
    world.run_until(calm + 2 * HOUR + slack);
    if world.wechat.is_paid() {
        let state = state(world);
        assert!(!matches!(state, State::Created | State::Paying), "paid, and after hours still {state:?}");
    }
    world.run_until(calm + 30 * HOUR + slack);
    if world.wechat.is_paid() && !world.witness.resolved {
        assert_ne!(state(world), State::Closed, "paid, and after a day still closed");
    }
    if dice.percent(50) {
        let to =
            [State::Paid, State::PartiallyRefunded, State::Refunded, State::Closed][dice.pick(&[1, 1, 1, 1])];
        world.plan(world.now + 1, Event::Resolves { to });
    }
    world.run_until(calm + 60 * DAY);
    let state = state(world);
    count(&mut world.outcomes, state);
    assert!(world.order.as_ref().is_some_and(|order| order.outgoing().is_empty()), "an event never left");
    if world.witness.resolved || Witness::is_before_a_person(state) {
        return;
    }
    let given_back = world.wechat.given_back();
    match world.wechat.state {
        Trade::Paid => match state {
            State::Paid => assert!(given_back == 0 || world.console, "paid, but {given_back} was given back"),
            State::PartiallyRefunded => {
                assert!((0 < given_back && given_back < world.wechat.amount()) || world.console);
            }
            State::Refunded => assert_eq!(given_back, world.wechat.amount(), "not all was given back"),
            other => panic!("it was paid, and ends {other:?}"),
        },
        trade => assert!(matches!(state, State::Closed | State::Failed), "{trade:?}, and ends {state:?}"),
    }
}

fn state(world: &World) -> State {
    world.order.as_ref().expect("there is an order").state()
}

fn count(outcomes: &mut Outcomes, state: State) {
    match state {
        State::Refunded => outcomes.refunded += 1,
        State::PartiallyRefunded => outcomes.partly += 1,
        State::Quarantined => outcomes.quarantined += 1,
        State::RefundAttention => outcomes.attention += 1,
        State::Closed => outcomes.closed += 1,
        State::Failed => outcomes.failed += 1,
        _ => {}
    }
}
