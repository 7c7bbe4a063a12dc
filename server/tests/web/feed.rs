//! Events of the shards as the board and its pages come to know them.

use std::sync::Arc;
use std::time::Duration;

use app::model::{Change, ClientHello, Epoch, Frame, Phone, Seq, ServerInfo, Snapshot};
use axum::extract::ws::Utf8Bytes;
use server::binding::{Binding, BindingTexts, Q};
use server::event::{
    CallChange, CallRef, CallState, Event, LegState, Outcome, PhoneCause, PhoneChange, Placed,
    Side, What,
};
use server::limits;
use server::live::{Feed, Joined};
use sip::name::{Aor, ConnectionId, Flow, Transport};
use sip::time::Instant;
use tokio::sync::broadcast::error::TryRecvError;

pub(crate) const START: Instant = Instant::from_unix_micros(1_700_000_000_000_000);

pub(crate) fn after(seconds: u64) -> Instant {
    START + Duration::from_secs(seconds)
}

pub(crate) fn bound(display_name: &str, user_agent: &str, expires: u64) -> Arc<Binding> {
    let flow = Flow {
        transport: Transport::Udp,
        local: "127.0.0.1:5080".parse().unwrap(),
        peer: "127.0.0.1:5070".parse().unwrap(),
        connection: ConnectionId::NONE,
    };
    let texts = BindingTexts {
        contact: "sip:phone@127.0.0.1:5070",
        display_name,
        user_agent,
        call_id: "c",
        instance: "",
        path: "",
    };
    Arc::new(Binding::new(flow, after(expires), 1, None, Q::MAX, texts))
}

pub(crate) fn phone(aor: &str, version: u64, bindings: Vec<Arc<Binding>>) -> Event {
    let why = if bindings.is_empty() {
        PhoneCause::Removed
    } else {
        PhoneCause::Bound
    };
    Event {
        at: after(version),
        what: What::Phone(PhoneChange {
            aor: Aor::parse(aor).unwrap(),
            version,
            why,
            bindings: bindings.into(),
        }),
    }
}

pub(crate) fn call(at: u64, call: CallRef, change: CallChange) -> Event {
    Event {
        at: after(at),
        what: What::Call(call, change),
    }
}

pub(crate) fn opened() -> CallChange {
    CallChange::Opened {
        from: Aor::parse(ALICE).unwrap(),
        to: Aor::parse("sip:bob@example.com").unwrap(),
        first: Side::A,
        by: "page".into(),
        placed: Placed::Board,
    }
}

const ALICE: &str = "sip:alice@example.com";

pub(crate) fn feed() -> Feed {
    Feed::new(START, ServerInfo::default())
}

pub(crate) fn join(feed: &Feed, since: Option<(Epoch, Seq)>) -> Joined {
    feed.join(&ClientHello { since }, START)
}

fn change(text: &Utf8Bytes) -> Change {
    match Frame::decode(text) {
        Ok(Frame::Delta(delta)) => delta.change,
        other => panic!("not a change: {other:?}"),
    }
}

/// What a page that listens has been sent since it was last asked.
pub(crate) fn heard(page: &mut Joined) -> Vec<Change> {
    std::iter::from_fn(|| page.next.try_recv().ok())
        .map(|text| change(&text))
        .collect()
}

pub(crate) fn snapshot(joined: &Joined) -> Snapshot {
    assert_eq!(joined.first.len(), 1);
    match Frame::decode(&joined.first[0]) {
        Ok(Frame::Snapshot(snapshot)) => snapshot,
        other => panic!("not a snapshot: {other:?}"),
    }
}

fn phones(feed: &Feed) -> Vec<Phone> {
    feed.snapshot(START).phones.iter().cloned().collect()
}

/// A device that changes with each version.
fn device(version: u64) -> Vec<Arc<Binding>> {
    vec![bound("", &version.to_string(), 60)]
}

#[test]
fn a_phone_comes_changes_and_goes() {
    let feed = feed();
    let mut page = join(&feed, None);
    feed.publish(&phone(ALICE, 1, vec![bound("Alice", "by hand", 60)]));
    feed.publish(&phone(
        ALICE,
        2,
        vec![bound("Alice", "by another hand", 120)],
    ));
    feed.publish(&phone(ALICE, 3, vec![]));
    let heard = heard(&mut page);
    assert_eq!(heard.len(), 3, "{heard:#?}");
    assert!(
        matches!(&heard[0], Change::Phone { phone, .. } if phone.name.as_deref() == Some("Alice"))
    );
    assert!(matches!(&heard[1], Change::Phone { .. }));
    assert!(matches!(&heard[2], Change::PhoneGone { .. }));
    assert_eq!(phones(&feed), []);
}

#[test]
fn news_that_come_late_are_no_news() {
    let feed = feed();
    feed.publish(&phone(ALICE, 5, vec![bound("", "new", 60)]));
    let mut page = join(&feed, None);
    feed.publish(&phone(ALICE, 4, vec![]));
    feed.publish(&phone(ALICE, 5, vec![bound("", "old", 60)]));
    assert_eq!(heard(&mut page), []);
    assert_eq!(
        phones(&feed)[0].devices[0].user_agent.as_deref(),
        Some("new")
    );

    feed.publish(&phone(ALICE, 7, vec![]));
    feed.publish(&phone(ALICE, 6, vec![bound("", "late", 60)]));
    assert_eq!(
        phones(&feed),
        [],
        "a phone that has gone does not come back by old news"
    );
    feed.publish(&phone(ALICE, 8, vec![bound("", "back", 60)]));
    assert_eq!(phones(&feed).len(), 1);
}

#[test]
fn a_phone_that_nobody_saw_goes_without_a_word() {
    let feed = feed();
    let mut page = join(&feed, None);
    feed.publish(&phone(ALICE, 1, vec![]));
    assert_eq!(heard(&mut page), []);
}

#[test]
fn a_call_that_is_done_stays_to_be_read_and_then_goes() {
    for (outcome, seconds) in [(Outcome::Answered, 4), (Outcome::Busy, 12)] {
        let feed = feed();
        let id = CallRef::new(START, 0, 7);
        feed.publish(&call(1, id, opened()));
        feed.publish(&call(2, id, CallChange::Leg(Side::A, LegState::Ringing)));
        assert_eq!(feed.sweep(after(3_600)), None, "a call that lives stays");
        feed.publish(&call(10, id, CallChange::State(CallState::Done(outcome))));
        let mut page = join(&feed, None);

        let due = after(10 + seconds);
        let before = after(10 + seconds - 1);
        assert_eq!(feed.sweep(before), Some(due));
        assert_eq!(feed.snapshot(START).calls.len(), 1);
        assert_eq!(feed.sweep(due), None);
        assert!(feed.snapshot(START).calls.is_empty());
        assert!(matches!(heard(&mut page)[..], [Change::CallGone { .. }]));
    }
}

#[test]
fn an_event_that_does_not_fit_takes_no_number() {
    let feed = feed();
    let id = CallRef::new(START, 0, 7);
    feed.publish(&call(1, id, CallChange::Leg(Side::B, LegState::Ringing)));
    assert_eq!(join(&feed, None).seq, Seq(0));
    feed.publish(&call(2, id, opened()));
    assert_eq!(join(&feed, None).seq, Seq(1));
}

#[test]
fn a_page_is_told_what_it_lacks_and_then_everything() {
    let feed = feed();
    let epoch = snapshot(&join(&feed, None)).epoch;
    for version in 1..=3 {
        feed.publish(&phone(ALICE, version, device(version)));
    }
    let mut page = join(&feed, Some((epoch, Seq(1))));
    assert_eq!((page.first.len(), page.seq), (2, Seq(3)));
    feed.publish(&phone(ALICE, 4, vec![]));
    assert!(matches!(heard(&mut page)[..], [Change::PhoneGone { .. }]));

    let other = join(&feed, Some((Epoch(epoch.0 + 1), Seq(1))));
    assert_eq!(snapshot(&other).seq, Seq(4));
    let ahead = join(&feed, Some((epoch, Seq(5))));
    assert_eq!(snapshot(&ahead).seq, Seq(4));
    let level = join(&feed, Some((epoch, Seq(4))));
    assert!(level.first.is_empty());
}

#[test]
fn a_page_that_does_not_read_holds_up_nobody() {
    let feed = feed();
    let (mut slow, mut quick) = (join(&feed, None), join(&feed, None));
    let changes = limits::PAGE_BACKLOG as u64 + 1;
    for version in 1..=changes {
        feed.publish(&phone(ALICE, version, device(version)));
        assert_eq!(heard(&mut quick).len(), 1);
    }
    assert!(matches!(slow.next.try_recv(), Err(TryRecvError::Lagged(_))));
}

#[test]
fn so_many_pages_are_let_in_and_no_more() {
    let feed = feed();
    let mut tickets: Vec<_> = (0..limits::PAGES).map(|_| feed.admit().unwrap()).collect();
    assert_eq!(feed.pages(), limits::PAGES);
    assert!(feed.admit().is_none());
    tickets.pop();
    assert!(feed.admit().is_some());
}

#[test]
fn pages_that_come_together_share_one_text_of_the_board() {
    let feed = feed();
    feed.publish(&phone(ALICE, 1, device(1)));
    let one = feed.join(&ClientHello::default(), after(1));
    feed.publish(&phone(ALICE, 2, device(2)));
    let other = feed.join(&ClientHello::default(), after(2));
    assert_eq!((one.first.len(), one.seq), (1, Seq(1)));
    assert_eq!((other.first.len(), other.seq), (2, Seq(2)));
    assert_eq!(one.first[0].as_ptr(), other.first[0].as_ptr());
    // After a while its clock would be wrong, and nobody is left to share it.
    let late = feed.join(&ClientHello::default(), after(1) + limits::BOARD_TEXT_KEPT);
    assert_eq!(snapshot(&late).seq, Seq(2));
}
