//! The board as signals: one change wakes one place, and a snapshot wakes only what differs.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::model::{CallState, Change, Delta, Frame, LegState, Refreshed, Seq, Side, Snapshot};
use app::state::Board;
use app::state::board::Followed;
use leptos::prelude::*;
use support::{Story, aor, phone};

/// A signal looked at as a view would: counts how often it had to be looked at again.
struct Watch {
    look: Box<dyn Fn()>,
    looks: Arc<AtomicUsize>,
}

impl Watch {
    fn new(read: impl Fn() + Send + Sync + 'static) -> Self {
        let looks = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&looks);
        let memo = Memo::new(move |_| {
            read();
            counter.fetch_add(1, Ordering::Relaxed)
        });
        let watch = Self {
            look: Box::new(move || {
                memo.get_untracked();
            }),
            looks,
        };
        watch.painted();
        watch
    }

    /// How often it was painted since the last question: 0 or 1.
    fn painted(&self) -> usize {
        let before = self.looks.load(Ordering::Relaxed);
        (self.look)();
        self.looks.load(Ordering::Relaxed) - before
    }
}

const USERS: [&str; 3] = ["alice", "bob", "carol"];

/// Every place of a board of three.
struct Places {
    cells: Vec<(String, Watch)>,
    phones: Vec<(String, Watch)>,
    order: Watch,
}

impl Places {
    fn of(board: Board) -> Self {
        let mut cells = Vec::new();
        let mut phones = Vec::new();
        for from in USERS {
            for to in USERS.into_iter().filter(|to| *to != from) {
                let cell = board.cell(&aor(from), &aor(to));
                cells.push((format!("{from} {to}"), Watch::new(move || cell.track())));
            }
            let signals = board.phone(&aor(from)).expect("it is registered");
            phones.push((format!("{from} card"), {
                let phone = signals.phone.clone();
                Watch::new(move || phone.track())
            }));
            phones.push((
                format!("{from} label"),
                Watch::new(move || signals.label.track()),
            ));
            phones.push((
                format!("{from} presence"),
                Watch::new(move || signals.presence.track()),
            ));
        }
        Self {
            cells,
            phones,
            order: Watch::new(move || board.order.track()),
        }
    }

    /// The names of the places that were painted anew.
    fn painted(&self) -> Vec<&str> {
        let places = self.cells.iter().chain(&self.phones);
        let mut painted: Vec<_> = places
            .filter(|(_, watch)| watch.painted() > 0)
            .map(|(name, _)| name.as_str())
            .collect();
        if self.order.painted() > 0 {
            painted.push("order");
        }
        painted
    }
}

fn of_three() -> (Story, Board, Places) {
    let mut story = Story::new();
    for user in USERS {
        story.registers(user, None);
    }
    let board = Board::new(story.board.clone());
    let places = Places::of(board);
    (story, board, places)
}

fn follow(board: Board, delta: Delta) {
    assert_eq!(board.follow(Frame::Delta(delta)), Followed::Yes);
}

#[test]
fn one_change_paints_one_place() {
    let owner = Owner::new();
    owner.set();
    let (mut story, board, places) = of_three();

    follow(board, story.opens("alice", "bob"));
    assert_eq!(places.painted(), ["alice bob"]);
    follow(board, story.leg(Side::A, LegState::Inviting));
    assert_eq!(places.painted(), ["alice bob", "alice presence"]);
    follow(board, story.leg(Side::A, LegState::Ringing));
    assert_eq!(places.painted(), ["alice bob"]);

    let fresh = |user, expires_at| Refreshed {
        aor: aor(user),
        expires_at: vec![expires_at],
    };
    // One of them says what is shown already.
    let as_shown = phone("bob", None).devices[0].expires_at;
    let phones = vec![fresh("bob", as_shown), fresh("carol", 1)];
    follow(board, story.tell(Change::PhonesRefreshed { phones }));
    assert_eq!(places.painted(), ["carol card"]);
}

#[test]
fn a_snapshot_paints_only_what_differs() {
    let owner = Owner::new();
    owner.set();
    let (mut story, board, places) = of_three();
    story.opens("bob", "carol");
    let snapshot = Frame::Snapshot(story.board.clone());
    assert_eq!(board.follow(snapshot.clone()), Followed::Yes);
    assert_eq!(places.painted(), ["bob carol"]);
    assert_eq!(board.follow(snapshot), Followed::Yes);
    assert_eq!(places.painted(), [""; 0]);
    assert_eq!(board.position(), (story.board.epoch, story.board.seq));
}

#[test]
fn a_phone_that_comes_is_one_row_and_one_column_more() {
    let owner = Owner::new();
    owner.set();
    let (mut story, board, places) = of_three();
    follow(board, story.registers("dave", None));
    assert_eq!(places.painted(), ["order"]);
    assert_eq!(board.order.get_untracked().len(), 4);
    assert_eq!(board.registered.get_untracked(), 4);
    follow(board, story.leaves("dave"));
    assert_eq!(board.order.get_untracked().len(), 3);
    assert!(board.phone(&aor("dave")).is_none());
}

#[test]
fn a_phone_stays_until_its_call_is_off_the_board() {
    let owner = Owner::new();
    owner.set();
    let (mut story, board, _) = of_three();
    follow(board, story.opens("alice", "bob"));
    follow(board, story.leaves("bob"));
    assert_eq!(board.order.get_untracked().len(), 3);
    assert_eq!(board.registered.get_untracked(), 2);
    let bob = board.phone(&aor("bob")).expect("he is still in a call");
    assert_eq!(bob.phone.get_untracked(), None);
    follow(
        board,
        story.state(CallState::Done(app::model::Outcome::Failed)),
    );
    follow(
        board,
        story.tell(app::model::Change::CallGone {
            call: support::call_ref(),
        }),
    );
    assert_eq!(board.order.get_untracked().len(), 2);
}

#[test]
fn a_cell_shows_what_lives_before_what_has_ended() {
    let owner = Owner::new();
    owner.set();
    let (mut story, board, _) = of_three();
    let shown = || {
        let cell = board.cell(&aor("alice"), &aor("bob"));
        cell.get_untracked().map(|call| call.id)
    };
    let (first, second) = (support::call_ref(), app::model::CallRef::new("z"));
    follow(board, story.opens("alice", "bob"));
    let opened = Change::CallOpened {
        call: second.clone(),
        from: aor("alice"),
        to: aor("bob"),
        first: app::model::Party::From,
        placed: app::model::Placed::Phone,
    };
    follow(board, story.tell(opened));
    assert_eq!(shown(), Some(second.clone()));
    let done = Change::CallState {
        call: second.clone(),
        state: CallState::Done(app::model::Outcome::Busy),
    };
    follow(board, story.tell(done));
    assert_eq!(shown(), Some(first));
    follow(
        board,
        story.state(CallState::Done(app::model::Outcome::Failed)),
    );
    assert_eq!(shown(), Some(second));
}

#[test]
fn a_gap_is_reported_and_changes_nothing() {
    let owner = Owner::new();
    owner.set();
    let (mut story, board, places) = of_three();
    let missed = story.opens("alice", "bob");
    let next = story.leg(Side::A, LegState::Ringing);
    assert_eq!(board.follow(Frame::Delta(next)), Followed::Gap);
    assert_eq!(places.painted(), [""; 0]);
    assert_eq!(
        board.follow(Frame::Beat {
            seq: Seq(missed.seq.0),
            now: 1
        }),
        Followed::Gap
    );
    assert_eq!(board.follow(Frame::Delta(missed)), Followed::Yes);
    assert_eq!(
        board.follow(Frame::Snapshot(Snapshot::default())),
        Followed::Yes
    );
    assert_eq!(board.order.get_untracked().len(), 0);
}

#[test]
fn what_an_operator_wants_to_hear_is_said_and_no_more() {
    let owner = Owner::new();
    owner.set();
    let board = Board::new(Story::new().board);
    let heard = move || {
        board
            .announcements
            .with_untracked(|all| all.iter().last().map(|(_, sentence)| sentence.to_string()))
    };
    let mut story = Story::new();
    let mut said = Vec::new();
    let mut changes = vec![
        story.registers("alice", Some("Alice")),
        story.registers("bob", Some("Bob")),
    ];
    changes.push(story.opens("alice", "bob"));
    changes.push(story.leg(Side::A, LegState::Inviting));
    changes.push(story.leg(Side::A, LegState::Ringing));
    changes.push(story.leg(Side::A, LegState::Answered));
    changes.push(story.state(CallState::CallingB));
    changes.push(story.leg(Side::B, LegState::Ringing));
    changes.push(story.leg(Side::B, LegState::Answered));
    changes.push(story.leg(Side::B, LegState::Confirmed));
    changes.push(story.state(CallState::Talking));
    changes.push(story.leaves("bob"));
    for change in changes {
        follow(board, change);
        if heard() != said.last().cloned() {
            said.extend(heard());
        }
    }
    assert_eq!(
        said,
        [
            "Alice registered",
            "Bob registered",
            "Alice rings",
            "Alice answered",
            "Bob rings",
            "Bob answered",
            "Alice and Bob are talking",
            "Bob unregistered",
        ]
    );
}
