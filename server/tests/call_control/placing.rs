//! What an operator may ask for, and what is refused: a refusal sends nothing and tells nothing.

use server::command::Manner;
use server::event::{CallChange, CallRef, CallState, Outcome, Placed, Side};
use server::switch::{HangUpError, PlaceError};
use sip::name::{Aor, Ids};

use crate::desk::{ALICE, BOB, Desk, NOON, binding, device};

fn aor(text: &str) -> Aor {
    Aor::parse(text).unwrap()
}

fn refused(desk: &mut Desk, from: &str, to: &str) -> PlaceError {
    let told = desk.events.len();
    let error = desk.place_call(from, to, Side::A).unwrap_err();
    assert_eq!(desk.events.len(), told, "{error}");
    assert_eq!(desk.sent(), "", "{error}");
    error
}

#[test]
fn a_call_begins_with_the_row() {
    let mut desk = Desk::new();
    desk.place().unwrap();
    assert_eq!(desk.summary(), "A INVITE, CallingA");
    let opened = CallChange::Opened {
        from: aor(ALICE),
        to: aor(BOB),
        first: Side::A,
        by: "test".into(),
        placed: Placed::Board,
    };
    assert_eq!(*desk.changes()[0], opened);
}

#[test]
fn a_call_may_begin_with_the_column() {
    let mut desk = Desk::new();
    desk.place_call(ALICE, BOB, Side::B).unwrap();
    assert_eq!(desk.summary(), "B INVITE, CallingA");
    let opened = CallChange::Opened {
        from: aor(ALICE),
        to: aor(BOB),
        first: Side::B,
        by: "test".into(),
        placed: Placed::Board,
    };
    assert_eq!(*desk.changes()[0], opened);
    assert_eq!(
        desk.play("B200+ A180 A200+"),
        "A INVITE+, A ACK, B ACK+, Talking"
    );
}

#[test]
fn nobody_calls_himself() {
    let mut desk = Desk::new();
    let error = refused(&mut desk, ALICE, "sip:%61lice@CLICK.test;transport=tcp");
    assert_eq!(error, PlaceError::SameParty(aor(ALICE)));
}

#[test]
fn both_must_be_registered() {
    let mut desk = Desk::new();
    let nobody = "sip:nobody@click.test";
    let error = refused(&mut desk, ALICE, nobody);
    assert_eq!(error, PlaceError::NotRegistered(aor(nobody)));
    let error = refused(&mut desk, nobody, BOB);
    assert_eq!(error, PlaceError::NotRegistered(aor(nobody)));
    desk.bind(ALICE, &[]);
    let error = refused(&mut desk, ALICE, BOB);
    assert_eq!(error, PlaceError::NotRegistered(aor(ALICE)));
}

#[test]
fn a_pair_is_called_once_at_a_time_in_whatever_order() {
    let mut desk = Desk::new();
    let call = desk.place().unwrap();
    desk.sent();
    for (from, to) in [(ALICE, BOB), (BOB, ALICE)] {
        let error = refused(&mut desk, from, to);
        assert_eq!(error, PlaceError::AlreadyInCall(call));
    }
    // While it is being released it is not over.
    desk.play("A180 end");
    desk.sent();
    assert_eq!(
        refused(&mut desk, BOB, ALICE),
        PlaceError::AlreadyInCall(call)
    );
    desk.play("A487");
    let next = desk.place_call(BOB, ALICE, Side::A).unwrap();
    assert_ne!(next, call);
}

#[test]
fn others_are_called_meanwhile() {
    let mut desk = Desk::new();
    desk.bind("sip:carol@click.test", &[binding('C', "Carol")]);
    desk.place().unwrap();
    desk.place_call("sip:carol@click.test", ALICE, Side::A)
        .unwrap();
    assert_eq!(desk.calls(), 2);
}

#[test]
fn there_may_be_so_many_calls() {
    let mut desk = Desk::with(|config| config.limits.calls = 1);
    let carol = "sip:carol@click.test";
    desk.bind(carol, &[binding('C', "Carol")]);
    desk.place().unwrap();
    desk.sent();
    let error = refused(&mut desk, ALICE, carol);
    assert_eq!(error, PlaceError::TooManyCalls { limit: 1 });
    desk.play("A486");
    desk.place_call(ALICE, carol, Side::A).unwrap();
}

/// As many calls that are done are remembered as there may be calls: the oldest is forgotten first.
#[test]
fn calls_that_are_done_do_not_pile_up() {
    let over = "A200+ B200+ end A:200 B:200";
    let mut desk = Desk::with(|config| config.limits.calls = 1);
    desk.place().unwrap();
    desk.play(over);
    let first = desk.invite('A').clone();
    desk.place().unwrap();
    assert!(desk.play("").ends_with("CallingA"));
    desk.respond(&first, 'A', "200+");
    assert_eq!(desk.sent(), "A ACK+", "one is remembered");
    desk.play(over);
    desk.sent();
    desk.respond(&first, 'A', "200+");
    assert_eq!(desk.sent(), "", "two are not");
}

#[test]
fn a_server_that_stops_ends_its_calls_and_places_no_new_ones() {
    let mut desk = Desk::after("A180");
    desk.stop();
    assert_eq!(desk.summary(), "A CANCEL 487, Releasing");
    assert_eq!(desk.play("A487"), "A ACK, Done(Cancelled)");
    assert_eq!(refused(&mut desk, ALICE, BOB), PlaceError::Draining);
}

#[test]
fn only_a_call_that_is_can_be_ended() {
    let mut desk = Desk::new();
    let unknown = CallRef::new(NOON, 0, Ids::new([1; 32], 0).random_u64());
    desk.call = Some(unknown);
    assert_eq!(desk.end(), Err(HangUpError::NoSuchCall(unknown)));
    desk.place().unwrap();
    desk.play("A180");
    desk.end().unwrap();
    desk.end().unwrap();
    assert_eq!(desk.play("A487"), "A CANCEL 487, A ACK, Done(Cancelled)");
    assert_eq!(desk.end(), Err(HangUpError::NoSuchCall(desk.call.unwrap())));
}

/// He unregistered while her phone rang.
#[test]
fn b_is_gone_when_a_answers() {
    let mut desk = Desk::after("A180");
    desk.bind(BOB, &[]);
    assert_eq!(desk.play("A200+"), "A ACK+, A BYE 480, Releasing");
    desk.play("A:200");
    assert_eq!(desk.state(), CallState::Done(Outcome::Unreachable));
}

/// A registration that runs out in mid-call takes nothing from the call.
#[test]
fn a_is_gone_while_they_talk() {
    let mut desk = Desk::after("A200+ B200+");
    desk.bind(ALICE, &[]);
    assert_eq!(
        desk.play("B>BYE A:200"),
        "B 200 BYE, A BYE 16, Done(Answered)"
    );
}

/// His connection was lost and he has registered by another one: the BYE goes there. Somebody else's phone under the
/// same address of record is none of the call's business.
#[test]
fn b_has_moved_while_they_talk() {
    let mut desk = Desk::after("A200+ B200+");
    desk.bind(
        BOB,
        &[
            device('F', "another-registration"),
            device('G', "registration"),
        ],
    );
    assert_eq!(desk.play("end"), "A BYE 16, G BYE 16, Releasing");

    let mut desk = Desk::after("A200+ B200+");
    desk.bind(BOB, &[device('F', "another-registration")]);
    assert_eq!(desk.play("end"), "A BYE 16, B BYE 16, Releasing");
}

#[test]
fn a_party_in_another_call_is_disturbed_as_the_settings_say() {
    use server::config::WhenBusy::{Allow, Ask, Refuse};
    const CAROL: &str = "sip:carol@click.test";
    let insisting = Manner {
        despite_busy: true,
        ..Manner::default()
    };
    for (when_busy, manner, is_placed) in [
        (Allow, Manner::default(), true),
        (Refuse, Manner::default(), false),
        (Refuse, insisting, false),
        (Ask, Manner::default(), false),
        (Ask, insisting, true),
    ] {
        let mut desk = Desk::with(|config| config.calls.when_busy = when_busy);
        desk.bind(CAROL, &[binding('C', "")]);
        desk.place().unwrap();
        let placed = desk.place_so(CAROL, BOB, Side::A, manner);
        let busy = PlaceError::PartyBusy {
            aor: Aor::parse(BOB).unwrap(),
            may_insist: when_busy == Ask,
        };
        assert_eq!(placed.is_ok(), is_placed, "{when_busy:?}");
        assert!(is_placed || placed == Err(busy));
    }
}
