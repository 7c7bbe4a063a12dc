//! The fold: numbers without gaps, every change where it belongs, and small frames.

use app::model::{
    Aor, CallRef, CallState, CallView, Change, ClientHello, Delta, Device, EndedBy, Epoch, Frame,
    LegEnd, LegState, Outcome, Party, Phone, PhoneCause, Refreshed, Seq, ServerInfo, Side,
    Snapshot, Sorted, Transport,
};
use app::state::fold::{Touched, Verdict, apply, call, phone};

const NOW: u64 = 1_764_000_000_000;

fn empty() -> Snapshot {
    Snapshot {
        epoch: Epoch(7),
        seq: Seq(0),
        now: NOW,
        server: ServerInfo::default(),
        phones: Sorted::default(),
        calls: Sorted::default(),
    }
}

fn registered(user: &str) -> Phone {
    Phone {
        aor: Aor::new(&format!("sip:{user}@example.com")),
        name: None,
        devices: vec![Device {
            contact: format!("sip:{user}@192.168.1.20:49152;transport=udp"),
            user_agent: Some("Linphone/5.2.6 (belle-sip/5.3.93)".into()),
            address: "192.168.1.20:49152".into(),
            transport: Transport::Udp,
            expires_at: NOW + 60_000,
            unreachable: false,
            reach: None,
        }],
    }
}

fn call_ref() -> CallRef {
    CallRef::new("019ab6e3-7c00-7a5b-8c1d-2e3f40516200")
}

/// Applies changes with the next numbers, one second apart; returns the last verdict.
fn play(board: &mut Snapshot, changes: Vec<Change>) -> Verdict {
    let mut last = Verdict::Old;
    for change in changes {
        let seq = board.seq.next();
        last = apply(
            board,
            &Delta {
                seq,
                at: NOW + seq.0 * 1_000,
                change,
            },
        );
    }
    last
}

fn came(phone: Phone) -> Change {
    Change::Phone {
        phone,
        why: PhoneCause::Bound,
    }
}

fn opened() -> Change {
    Change::CallOpened {
        call: call_ref(),
        from: registered("alice").aor,
        to: registered("bob").aor,
        first: Party::From,
        placed: app::model::Placed::Board,
    }
}

#[test]
fn phones_stand_in_order_and_are_replaced_in_place() {
    let mut board = empty();
    let verdict = play(
        &mut board,
        vec![came(registered("bob")), came(registered("alice"))],
    );
    assert_eq!(
        verdict,
        Verdict::Applied(Touched::PhoneAdded(registered("alice").aor))
    );
    let users: Vec<_> = board
        .phones
        .iter()
        .filter_map(|phone| phone.aor.user())
        .collect();
    assert_eq!(users, ["alice", "bob"]);

    let renamed = Phone {
        name: Some("Alice".into()),
        ..registered("alice")
    };
    let verdict = play(&mut board, vec![came(renamed.clone())]);
    assert_eq!(
        verdict,
        Verdict::Applied(Touched::Phone(renamed.aor.clone()))
    );
    assert_eq!(phone(&board, &renamed.aor), Some(&renamed));
    assert_eq!(board.phones.len(), 2);
}

#[test]
fn a_refresh_moves_nothing_but_expiry() {
    let mut board = empty();
    let (alice, bob) = (registered("alice").aor, registered("bob").aor);
    let fresh = |aor: &Aor, expires_at: &[u64]| Refreshed {
        aor: aor.clone(),
        expires_at: expires_at.to_vec(),
    };
    let phones = vec![
        fresh(&alice, &[NOW + 120_000]),
        fresh(&bob, &[NOW + 90_000]),
    ];
    let come = [came(registered("alice")), came(registered("bob"))];
    play(&mut board, come.into());
    let verdict = play(&mut board, vec![Change::PhonesRefreshed { phones }]);
    let both = vec![alice.clone(), bob.clone()];
    assert_eq!(verdict, Verdict::Applied(Touched::Refreshed(both)));
    for (user, expires_at) in [("alice", NOW + 120_000), ("bob", NOW + 90_000)] {
        let mut expected = registered(user);
        expected.devices[0].expires_at = expires_at;
        assert_eq!(phone(&board, &expected.aor), Some(&expected));
    }

    // Of one that does not fit, nothing is taken in.
    let before = board.clone();
    let carol = registered("carol").aor;
    for odd in [fresh(&bob, &[1, 2]), fresh(&carol, &[1])] {
        let phones = vec![fresh(&alice, &[1]), odd];
        let verdict = play(&mut board, vec![Change::PhonesRefreshed { phones }]);
        assert_eq!((verdict, &board), (Verdict::Gap, &before));
    }
}

#[test]
fn a_call_goes_through_its_states_with_their_times() {
    let mut board = empty();
    let leg = |side, state| Change::Leg {
        call: call_ref(),
        side,
        state,
    };
    let state = |state| Change::CallState {
        call: call_ref(),
        state,
    };
    play(
        &mut board,
        vec![
            opened(),
            leg(Side::A, LegState::Ringing),
            leg(Side::A, LegState::Answered),
            state(CallState::Talking),
            state(CallState::Releasing),
            state(CallState::Done(Outcome::Answered)),
            Change::Device {
                call: call_ref(),
                side: Side::A,
                name: "Desk phone".to_owned(),
            },
        ],
    );
    let view = call(&board, &call_ref()).expect("the finished call is still to be seen");
    assert_eq!(view.state, CallState::Done(Outcome::Answered));
    assert_eq!(
        (view.a.state.clone(), view.a.since),
        (LegState::Answered, NOW + 3_000)
    );
    assert_eq!(view.b.state, LegState::Planned);
    let devices = [&view.a, &view.b].map(|leg| leg.device.as_deref());
    assert_eq!(devices, [Some("Desk phone"), None]);
    assert_eq!(view.opened_at, NOW + 1_000);
    assert_eq!(view.talking_since, Some(NOW + 4_000));
    assert_eq!(view.ended_at, Some(NOW + 5_000));
    assert_eq!(view.since, NOW + 6_000);

    let (from, to) = (view.from.clone(), view.to.clone());
    let verdict = play(&mut board, vec![Change::CallGone { call: call_ref() }]);
    assert_eq!(verdict, Verdict::Applied(Touched::CallRemoved { from, to }));
    assert!(board.calls.is_empty());
}

#[test]
fn who_stands_on_which_side_follows_the_ring_order() {
    let (alice, bob) = (registered("alice").aor, registered("bob").aor);
    let view = CallView::opened(call_ref(), alice.clone(), bob.clone(), Party::To, NOW);
    assert_eq!(view.party(Side::A), &bob);
    assert_eq!(view.party(Side::B), &alice);
    assert_eq!(view.side_of(Party::From), Side::B);
}

#[test]
fn a_missed_number_changes_nothing() {
    let mut board = empty();
    let delta = Delta {
        seq: Seq(2),
        at: NOW,
        change: came(registered("alice")),
    };
    assert_eq!(apply(&mut board, &delta), Verdict::Gap);
    assert_eq!(board, empty());
}

#[test]
fn a_repeated_number_changes_nothing() {
    let mut board = empty();
    play(&mut board, vec![came(registered("alice"))]);
    let before = board.clone();
    let delta = Delta {
        seq: Seq(1),
        at: NOW,
        change: came(registered("bob")),
    };
    assert_eq!(apply(&mut board, &delta), Verdict::Old);
    assert_eq!(board, before);
}

#[test]
fn a_change_of_what_is_not_there_asks_for_a_snapshot() {
    let gone = |user: &str| Change::PhoneGone {
        aor: registered(user).aor,
        why: PhoneCause::Expired,
    };
    for change in [
        gone("alice"),
        Change::Leg {
            call: call_ref(),
            side: Side::A,
            state: LegState::Ringing,
        },
        Change::CallState {
            call: call_ref(),
            state: CallState::Talking,
        },
        Change::CallGone { call: call_ref() },
    ] {
        let mut board = empty();
        assert_eq!(play(&mut board, vec![change]), Verdict::Gap);
        assert_eq!(board, empty());
    }
    let mut board = empty();
    assert_eq!(play(&mut board, vec![opened(), opened()]), Verdict::Gap);
}

#[test]
fn frames_survive_the_wire_and_stay_below_200_bytes() {
    let ended = LegState::Ended(LegEnd {
        by: EndedBy::B,
        code: Some(486),
        reason: Some("Busy Here".into()),
    });
    let changes = [
        opened(),
        Change::PhonesRefreshed {
            phones: vec![Refreshed {
                aor: registered("alice").aor,
                expires_at: vec![NOW],
            }],
        },
        Change::PhoneGone {
            aor: registered("alice").aor,
            why: PhoneCause::FlowLost,
        },
        Change::Leg {
            call: call_ref(),
            side: Side::B,
            state: ended,
        },
        Change::CallState {
            call: call_ref(),
            state: CallState::Done(Outcome::MediaMismatch),
        },
        Change::CallGone { call: call_ref() },
        came(registered("alice")),
    ];
    let mut total = 0;
    for change in changes {
        let registration = matches!(change, Change::Phone { .. });
        let frame = Frame::Delta(Delta {
            seq: Seq(1_234_567),
            at: NOW,
            change,
        });
        let text = frame.encode();
        assert_eq!(Frame::decode(&text).ok(), Some(frame));
        assert!(
            registration || text.len() < 200,
            "{} bytes: {text}",
            text.len()
        );
        total += text.len();
    }
    assert!(total / 7 < 200, "mean of {} bytes", total / 7);

    let snapshot = Frame::Snapshot(empty());
    assert_eq!(Frame::decode(&snapshot.encode()).ok(), Some(snapshot));
    for hello in [
        ClientHello::default(),
        ClientHello {
            since: Some((Epoch(7), Seq(3))),
        },
    ] {
        assert_eq!(ClientHello::decode(&hello.encode()).ok(), Some(hello));
    }
}
