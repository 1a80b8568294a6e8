//! The rules of the outbox, one by one.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test is to stop at what it does not expect"
)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use wxedge_crypto::Secret;
use wxedge_outbox::{
    Arrival, EventId, MAX_BODY_BYTES, MAX_DELIVERING, MAX_WAITING, MAX_WAITING_BYTES, MAX_WAITING_OF_ONE,
    NewEvent, Order, Outbox, PAUSES, Record, Refusal, State, Step, Stored, TRIED_FOR, TRY_LIMIT, Task,
    Unredeliverable, WebhookSecrets, body_name, record_name, seen_name, shard_of,
};

/// 2026-11-24T15:00:00Z.
const START: u64 = 1_795_532_400_000;
const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;
const DAY: u64 = 24 * HOUR;

/// An outbox, and all that it has stored.
struct Shelf {
    outbox: Outbox,
    storage: BTreeMap<String, String>,
}

impl Shelf {
    fn new(receiver: bool) -> Self {
        let outbox = Outbox::load(3, receiver, &Stored::default(), START);
        Self { outbox, storage: BTreeMap::new() }
    }

    fn store(&mut self, step: Step) -> Step {
        for name in &step.deletes {
            assert!(self.storage.remove(name).is_some(), "{name} was not there");
        }
        for (name, value) in &step.puts {
            self.storage.insert(name.clone(), value.clone());
        }
        step
    }

    fn keep(&mut self, step: Step) {
        let _ = self.store(step);
    }

    fn arrives(&mut self, event: NewEvent, now: u64) -> (EventId, Step) {
        let seen = self.storage.get(&seen_name(&event.key)).cloned();
        let (arrival, step) = self.outbox.arrives(event, seen.as_deref(), now, 7).unwrap();
        match arrival {
            Arrival::New(id) => (id, self.store(step)),
            again @ Arrival::Again { .. } => panic!("{again:?}"),
        }
    }

    fn record(&self, state: State, id: &EventId) -> Record {
        serde_json::from_str(&self.storage[&record_name(state, id)]).unwrap()
    }

    fn restart(&mut self, receiver: bool, now: u64) {
        let pending = self
            .storage
            .iter()
            .filter(|(name, _)| name.starts_with("pending/"))
            .map(|(_, value)| value.clone());
        let settled = self.storage.keys().any(|name| name.starts_with('d'));
        let stored = Stored { pending: pending.collect(), settled, alarm: None };
        self.outbox = Outbox::load(3, receiver, &stored, now);
    }
}

fn event(key: &str, user: Option<&str>) -> NewEvent {
    NewEvent {
        kind: "message.text".into(),
        order: user.map(Order::of_user),
        key: key.into(),
        body: "{}".into(),
        work: false,
        outlives_user: false,
    }
}

fn jobs(step: &Step) -> Vec<(&EventId, Task)> {
    step.jobs.iter().map(|job| (&job.id, job.task)).collect()
}

#[test]
fn events_wait_in_their_order_in_whatever_order_they_are_loaded() {
    let mut shelf = Shelf::new(true);
    let ids: Vec<EventId> =
        ["a", "b", "c"].iter().map(|key| shelf.arrives(event(key, Some("user")), START).0).collect();
    let mut pending: Vec<String> =
        ids.iter().map(|id| shelf.storage[&record_name(State::Pending, id)].clone()).collect();
    for _ in 0..pending.len() {
        pending.rotate_left(1);
        for pending in [pending.clone(), pending.iter().rev().cloned().collect()] {
            let stored = Stored { pending, settled: false, alarm: None };
            let mut outbox = Outbox::load(3, true, &stored, START);
            let begun: Vec<EventId> = outbox.wake(START + HOUR).jobs.into_iter().map(|job| job.id).collect();
            assert_eq!(begun, ids[..1]);
        }
    }
}

#[test]
fn an_event_is_stored_in_three_names_and_a_delivery_changes_two() {
    let mut shelf = Shelf::new(true);
    let (id, step) = shelf.arrives(event("k", Some("oUser")), START);
    assert_eq!(jobs(&step), [(&id, Task::Deliver)], "the receiver is asked at once");
    let names: Vec<&str> = shelf.storage.keys().map(String::as_str).collect();
    assert_eq!(names, [body_name(&id), seen_name("k"), record_name(State::Pending, &id)]);
    assert_eq!(step.alarm, Some(START + TRY_LIMIT), "should the object die now");
    let step = shelf.outbox.delivered(&id, 200, None, START + 50);
    assert_eq!((step.puts.len(), step.deletes.len(), step.alarm), (1, 1, None));
    shelf.keep(step);
    let record = shelf.record(State::Delivered, &id);
    assert_eq!((record.settled_at, record.deliveries.len()), (Some(START + 50), 1));
}

#[test]
fn stored_formats_stay_readable() {
    let mut shelf = Shelf::new(true);
    let (id, _) = shelf.arrives(NewEvent { work: true, ..event("k", Some("oUser")) }, START);
    assert_eq!(id.as_str(), "1a20e1225800000300000007");
    let stored = &shelf.storage[&record_name(State::Pending, &id)];
    let expected = format!(
        r#"{{"id":"{id}","type":"message.text","state":"pending","order":"user:oUser","key":"k","bytes":2,"work":true,"outlives_user":false,"by_hand":false,"tries":1,"next_try":1795532420000,"tried_until":1795791600000}}"#
    );
    assert_eq!(*stored, expected);
    assert_eq!(shelf.storage[&seen_name("k")], format!(r#"{{"id":"{id}"}}"#));
    let short = r#"{"id":"1a20e122580000030000007a","type":"t","state":"dead","key":"k","bytes":2,"tries":1,"next_try":1,"tried_until":1}"#;
    assert_eq!(serde_json::from_str::<Record>(short).unwrap().state, State::Dead);
}

#[test]
fn tries_follow_the_pauses_and_end_in_death_after_three_days() {
    let mut shelf = Shelf::new(true);
    let (id, _) = shelf.arrives(event("k", Some("oUser")), START);
    let mut now = START;
    let mut pauses = Vec::new();
    loop {
        let step = shelf.outbox.failed(&id, 503, now);
        let step = shelf.store(step);
        if let [died] = step.died.as_slice() {
            assert_eq!(died.id, id);
            break;
        }
        let next = shelf.record(State::Pending, &id).next_try;
        pauses.push(next - now);
        assert!(shelf.outbox.wake(next - 1).jobs.is_empty(), "too early");
        now = next;
        let step = shelf.outbox.wake(now);
        assert_eq!(jobs(&shelf.store(step)), [(&id, Task::Deliver)]);
    }
    assert_eq!(now, START + TRIED_FOR);
    assert_eq!(pauses[..6], PAUSES);
    let record = shelf.record(State::Dead, &id);
    assert_eq!((record.tries, record.deliveries.len(), record.deliveries[0].status), (18, 18, 503));
    assert_eq!(shelf.outbox.waiting(), 0);
}

#[test]
fn a_repeat_within_48_hours_is_the_same_event_and_answered_alike() {
    let mut shelf = Shelf::new(true);
    let (id, _) = shelf.arrives(event("k", None), START);
    let again = |shelf: &mut Shelf, seen: Option<&str>, now: u64| {
        let (arrival, step) = shelf.outbox.arrives(event("k", None), seen, now, 0).unwrap();
        assert!(step == Step::default() || matches!(arrival, Arrival::New(_)));
        arrival
    };
    let unanswered = Arrival::Again { id: id.clone(), answer: None };
    assert_eq!(
        again(&mut shelf, None, START + 1),
        unanswered,
        "even if the look for a repeat came too early"
    );
    let step = shelf.outbox.delivered(&id, 200, Some("{}".into()), START + 2);
    shelf.keep(step);
    assert_eq!(again(&mut shelf, None, START + 3), unanswered);
    let seen = shelf.storage[&seen_name("k")].clone();
    let answered = Arrival::Again { id: id.clone(), answer: Some("{}".into()) };
    assert_eq!(again(&mut shelf, Some(&seen), START + 4), answered);
    shelf.restart(true, START + 5);
    assert_eq!(again(&mut shelf, Some(&seen), START + 2 * DAY - 1), answered);
    assert!(matches!(again(&mut shelf, Some(&seen), START + 2 * DAY), Arrival::New(_)));
}

#[test]
fn one_user_s_events_go_one_after_the_other_and_others_beside_them() {
    let mut shelf = Shelf::new(true);
    let (first, _) = shelf.arrives(event("1", Some("a")), START);
    let (second, step) = shelf.arrives(event("2", Some("a")), START);
    assert!(step.jobs.is_empty());
    let (other, step) = shelf.arrives(event("3", Some("b")), START);
    assert_eq!(jobs(&step), [(&other, Task::Deliver)]);
    let (free, step) = shelf.arrives(event("4", None), START);
    assert_eq!(jobs(&step), [(&free, Task::Deliver)]);
    let step = shelf.outbox.failed(&first, 0, START + SECOND);
    assert!(shelf.store(step).jobs.is_empty(), "the second waits for the first");
    let step = shelf.outbox.wake(START + 6 * SECOND);
    assert_eq!(jobs(&shelf.store(step)), [(&first, Task::Deliver)]);
    let step = shelf.outbox.delivered(&first, 204, None, START + 7 * SECOND);
    assert_eq!(jobs(&shelf.store(step)), [(&second, Task::Deliver)], "at once");
    assert_ne!(Order::of_user("a"), Order::of_number("a"));
}

#[test]
fn a_hanging_receiver_holds_up_no_work_and_room_is_taken_as_it_comes_free() {
    let mut shelf = Shelf::new(true);
    let ids: Vec<EventId> =
        (0..MAX_DELIVERING + 2).map(|n| shelf.arrives(event(&n.to_string(), None), START).0).collect();
    assert_eq!(shelf.outbox.wake(START).jobs.len(), 0, "all room is taken");
    let (work, step) = shelf.arrives(NewEvent { work: true, ..event("w", Some("a")) }, START);
    assert_eq!(jobs(&step), [(&work, Task::Work)]);
    let step = shelf.outbox.worked(&work, START + 1);
    assert!(shelf.store(step).jobs.is_empty());
    let step = shelf.outbox.failed(&ids[0], 0, START + 10 * SECOND);
    assert_eq!(jobs(&shelf.store(step)), [(&ids[MAX_DELIVERING], Task::Deliver)]);
}

#[test]
fn a_lost_try_is_given_up_and_made_again_after_its_pause() {
    let mut shelf = Shelf::new(true);
    let (id, _) = shelf.arrives(event("k", None), START);
    assert!(shelf.outbox.wake(START + TRY_LIMIT).jobs.is_empty());
    assert!(shelf.outbox.wake(START + TRY_LIMIT + PAUSES[0] - 1).jobs.is_empty());
    let step = shelf.outbox.wake(START + TRY_LIMIT + PAUSES[0]);
    assert_eq!(jobs(&step), [(&id, Task::Deliver)]);
    // A restart does not make it sooner.
    shelf.restart(true, START + 1);
    assert!(shelf.outbox.wake(START + TRY_LIMIT + PAUSES[0] - 1).jobs.is_empty());
    assert_eq!(shelf.outbox.wake(START + TRY_LIMIT + PAUSES[0]).jobs.len(), 1);
}

#[test]
fn an_event_that_brings_the_object_down_each_time_dies_all_the_same() {
    let mut shelf = Shelf::new(true);
    let (id, _) = shelf.arrives(event("k", None), START);
    let mut now = START;
    for _ in 0..100 {
        shelf.restart(true, now);
        let step = shelf.outbox.wake(now);
        if !shelf.store(step).died.is_empty() {
            break;
        }
        now = shelf.record(State::Pending, &id).next_try;
    }
    assert_eq!(shelf.record(State::Dead, &id).tries, 24);
    assert!(now < START + 5 * DAY);
}

#[test]
fn work_that_fails_for_its_time_holds_up_the_delivery_no_longer() {
    let mut shelf = Shelf::new(true);
    let (id, _) = shelf.arrives(NewEvent { work: true, ..event("k", None) }, START);
    let step = shelf.outbox.failed(&id, 0, START + TRIED_FOR);
    assert_eq!(jobs(&shelf.store(step)), [(&id, Task::Deliver)]);
    let step = shelf.outbox.failed(&id, 0, START + TRIED_FOR + 1);
    assert_eq!(shelf.store(step).died.len(), 1);
}

#[test]
fn a_full_outbox_refuses_and_changes_nothing() {
    let mut shelf = Shelf::new(false);
    for n in 0..MAX_WAITING_OF_ONE {
        let _ = shelf.arrives(event(&n.to_string(), Some("a")), START);
    }
    let refused = |outbox: &mut Outbox, event: NewEvent| outbox.arrives(event, None, START, 0).err();
    assert_eq!(refused(&mut shelf.outbox, event("x", Some("a"))), Some(Refusal::Full), "one user's share");
    for n in MAX_WAITING_OF_ONE..MAX_WAITING {
        assert_eq!(refused(&mut shelf.outbox, event(&n.to_string(), None)), None);
    }
    assert_eq!(refused(&mut shelf.outbox, event("x", None)), Some(Refusal::Full));
    assert_eq!(shelf.outbox.waiting(), MAX_WAITING);
    let mut outbox = Shelf::new(false).outbox;
    let large = |bytes: usize, key: &str| NewEvent { body: "x".repeat(bytes), ..event(key, None) };
    assert_eq!(refused(&mut outbox, large(MAX_BODY_BYTES + 1, "x")), Some(Refusal::TooLarge));
    let fit = MAX_WAITING_BYTES / MAX_BODY_BYTES as u64;
    for n in 0..fit {
        assert_eq!(refused(&mut outbox, large(MAX_BODY_BYTES, &n.to_string())), None);
    }
    assert_eq!(refused(&mut outbox, large(MAX_BODY_BYTES, "x")), Some(Refusal::Full), "too many bytes");
}

#[test]
fn without_a_receiver_events_wait_three_days_and_are_gone() {
    let mut shelf = Shelf::new(false);
    let (id, step) = shelf.arrives(event("k", Some("a")), START);
    assert!(step.jobs.is_empty());
    assert_eq!(step.alarm, Some(START + 3 * DAY));
    let (worked, step) = shelf.arrives(NewEvent { work: true, ..event("w", Some("a")) }, START);
    assert_eq!(jobs(&step), [(&worked, Task::Work)], "the Worker's own work is done all the same");
    let step = shelf.outbox.worked(&worked, START);
    shelf.keep(step);
    let record = shelf.record(State::Pending, &id);
    assert_eq!(shelf.outbox.redeliver(record, START).err(), Some(Unredeliverable::NoReceiver));
    let step = shelf.outbox.wake(START + 3 * DAY);
    shelf.keep(step);
    assert_eq!(shelf.storage, BTreeMap::new());
    assert_eq!(shelf.outbox.wake(START + 3 * DAY).alarm, None);
}

#[test]
fn an_event_that_expires_leaves_the_key_to_a_later_one() {
    let mut shelf = Shelf::new(false);
    let _ = shelf.arrives(event("k", None), START);
    let (later, _) = shelf.arrives(event("k", None), START + 2 * DAY);
    let step = shelf.outbox.wake(START + 3 * DAY);
    shelf.keep(step);
    assert_eq!(shelf.storage[&seen_name("k")], format!(r#"{{"id":"{later}"}}"#));
    assert_eq!(shelf.storage.len(), 3);
}

#[test]
fn a_receiver_that_is_set_later_gets_what_waits() {
    let mut shelf = Shelf::new(false);
    let (first, _) = shelf.arrives(event("1", Some("a")), START);
    let (second, _) = shelf.arrives(event("2", Some("a")), START);
    shelf.restart(true, START + DAY);
    let step = shelf.outbox.wake(START + DAY);
    assert_eq!(jobs(&shelf.store(step)), [(&first, Task::Deliver)]);
    let step = shelf.outbox.delivered(&first, 200, None, START + DAY);
    assert_eq!(jobs(&shelf.store(step)), [(&second, Task::Deliver)]);
}

#[test]
fn an_idle_outbox_writes_nothing_and_asks_for_no_alarm() {
    let mut shelf = Shelf::new(true);
    for now in [START, START + DAY] {
        let step = shelf.outbox.wake(now);
        assert_eq!(step, Step::default());
        shelf.restart(true, now);
    }
}

#[test]
fn an_alarm_is_set_once_however_many_events_come() {
    let mut shelf = Shelf::new(true);
    let mut alarms = 0;
    for n in 0..100 {
        let (id, step) = shelf.arrives(event(&n.to_string(), None), START + n);
        alarms += u64::from(step.alarm.is_some());
        let step = shelf.outbox.delivered(&id, 200, None, START + n);
        alarms += u64::from(shelf.store(step).alarm.is_some());
    }
    assert_eq!(alarms, 1);
}

#[test]
fn settled_events_go_after_their_time_and_their_keys_with_them() {
    let mut shelf = Shelf::new(true);
    let (id, _) = shelf.arrives(event("k", None), START);
    let step = shelf.outbox.delivered(&id, 200, None, START);
    shelf.keep(step);
    assert!(!shelf.outbox.wake(START + 3 * DAY - 1).sweep);
    let step = shelf.outbox.wake(START + 3 * DAY);
    assert!(step.sweep);
    let page = [(shelf.record(State::Delivered, &id), shelf.storage.get(&seen_name("k")).cloned())];
    assert_eq!(shelf.outbox.sweep(&page, START + 3 * DAY - 1), Step::default());
    let newer = r#"{"id":"1a20e122580000030000007a"}"#.to_owned();
    let of_newer = [(page[0].0.clone(), Some(newer))];
    assert_eq!(
        shelf.outbox.sweep(&of_newer, START + 3 * DAY).deletes.len(),
        2,
        "the key is another event's by now"
    );
    let step = shelf.outbox.sweep(&page, START + 3 * DAY);
    shelf.keep(step);
    assert_eq!(shelf.storage, BTreeMap::new());
    assert_eq!(shelf.outbox.swept(false, START + 3 * DAY), Step::default());
    assert_eq!(shelf.outbox.swept(true, START + 3 * DAY).alarm, Some(START + 3 * DAY + 6 * HOUR));
}

#[test]
fn by_hand_a_dead_event_is_delivered_out_of_order_with_its_own_id() {
    let mut shelf = Shelf::new(true);
    let (dead, _) = shelf.arrives(event("1", Some("a")), START);
    let step = shelf.outbox.failed(&dead, 0, START + TRIED_FOR);
    shelf.keep(step);
    let (second, _) = shelf.arrives(event("2", Some("a")), START + TRIED_FOR);
    let step = shelf.outbox.redeliver(shelf.record(State::Dead, &dead), START + 4 * DAY).unwrap();
    let step = shelf.store(step);
    assert!(jobs(&step).contains(&(&dead, Task::Deliver)), "beside {second}");
    let record = shelf.record(State::Pending, &dead);
    assert_eq!((record.by_hand, record.tries, record.tried_until), (true, 1, START + 7 * DAY));
    let step = shelf.outbox.delivered(&dead, 200, None, START + 4 * DAY);
    shelf.keep(step);
    assert_eq!(shelf.record(State::Delivered, &dead).settled_at, Some(START + 4 * DAY));
}

#[test]
fn erasing_a_user_leaves_nothing_but_the_news_of_it_until_that_is_delivered() {
    let mut shelf = Shelf::new(true);
    let (done, _) = shelf.arrives(event("1", Some("a")), START);
    let step = shelf.outbox.delivered(&done, 200, None, START);
    shelf.keep(step);
    let (_, _) = shelf.arrives(event("2", Some("a")), START);
    let (news, _) = shelf.arrives(NewEvent { outlives_user: true, ..event("3", Some("a")) }, START);
    let (other, _) = shelf.arrives(event("4", Some("ab")), START);
    let (order, _) =
        shelf.arrives(NewEvent { order: Some(Order::of_number("a")), ..event("5", None) }, START);
    let step = shelf.outbox.erase("a", START + 1);
    assert_eq!(jobs(&shelf.store(step)), [(&news, Task::Deliver)], "nothing stands before it any more");
    let step = shelf.outbox.erase_settled("a", &[shelf.record(State::Delivered, &done)]);
    shelf.keep(step);
    let left: Vec<&str> = shelf.storage.keys().filter_map(|name| name.strip_prefix("pending/")).collect();
    assert_eq!(left, [news.as_str(), other.as_str(), order.as_str()]);
    assert_eq!(shelf.storage.len(), 9);
    let step = shelf.outbox.delivered(&news, 200, None, START + 2);
    shelf.keep(step);
    let record = shelf.record(State::Delivered, &news);
    assert_eq!((record.order.clone(), shelf.storage.contains_key(&body_name(&news))), (None, false));
    assert_eq!(shelf.outbox.redeliver(record, START + 3).err(), Some(Unredeliverable::Erased));
}

#[test]
fn a_clock_that_is_set_back_changes_no_order() {
    let mut shelf = Shelf::new(true);
    let (first, _) = shelf.arrives(event("1", Some("a")), START);
    let (second, step) = shelf.arrives(event("2", Some("a")), START - DAY);
    assert!(first < second && step.jobs.is_empty());
    let step = shelf.outbox.delivered(&first, 200, None, START - DAY);
    assert_eq!(jobs(&step), [(&second, Task::Deliver)]);
}

#[test]
fn two_steps_of_one_turn_are_stored_as_one() {
    let mut shelf = Shelf::new(true);
    let (id, _) = shelf.arrives(event("k", None), START);
    let died = shelf.outbox.failed(&id, 0, START + TRIED_FOR);
    let (_, alert) = shelf.outbox.arrives(event("alert", None), None, START + TRIED_FOR, 0).unwrap();
    let step = died.and(alert);
    assert_eq!((step.puts.len(), step.deletes.len(), step.jobs.len(), step.died.len()), (4, 1, 1, 1));
}

proptest! {
    #[test]
    fn any_text_for_a_secret_or_stored_value_is_refused_or_read(text: String, seen: String) {
        let _ = WebhookSecrets::parse(&Secret::new(text.clone()));
        let _ = EventId::parse(&text);
        prop_assert!(shard_of(&text) < 16);
        let stored = Stored { pending: vec![text], settled: true, alarm: None };
        let mut outbox = Outbox::load(0, true, &stored, START);
        prop_assert!(outbox.arrives(event("k", None), Some(&seen), START, 0).is_ok());
    }
}
