//! The UAS usage (RFC 3261 sections 13.3, 14.2, 15): each state against each input, and the 2xx until its ACK.

use std::time::Duration;

use sip::dialog::Input;
use sip::dialog::invite_uas::{InviteUas, State};
use sip::msg::{Method, Name};

use crate::desk::{Desk, Usage, sdp, text};

fn answered() -> Desk<InviteUas> {
    let mut desk = Desk::uas();
    desk.act(|uas, _, out| uas.progress(180, None, out));
    let said = desk.act(|uas, now, out| uas.answer(now, Some(sdp("offer")), out));
    assert_eq!(said, "200 to INVITE+offer");
    desk
}

fn established() -> Desk<InviteUas> {
    let mut desk = answered();
    assert_eq!(desk.peer_acks(1, "a1", "answer"), "confirmed+answer");
    desk
}

fn cancel(desk: &mut Desk<InviteUas>) -> String {
    let id = desk.id_of_peers_invite();
    desk.give(Input::PeerCancel { id, reason: None })
}

#[test]
fn what_it_says_to_an_invite() {
    let mut desk = Desk::uas();
    assert_eq!(desk.act(|uas, _, out| uas.progress(100, None, out)), "");
    assert_eq!(desk.act(|uas, _, out| uas.progress(200, None, out)), "");
    let said = desk.act(|uas, _, out| uas.progress(183, Some(sdp("early")), out));
    assert_eq!(said, "183 to INVITE+early");
    let ringing = desk.last_response();
    assert!(ringing.to().expect("To").tag().is_some());
    let contact = text(&ringing, Name::Contact);
    assert_eq!(contact, "<sip:192.0.2.1:5080;transport=udp>");
    let recorded: Vec<_> = ringing.values(Name::RecordRoute).collect();
    let expected: [&[u8]; 2] = [b"<sip:p2.test;lr>;own=param", b"<sip:p1.test;lr;x=y>"];
    assert_eq!(recorded, expected);
    desk.act(|uas, now, out| uas.answer(now, None, out));
    let ok = desk.last_response();
    assert_eq!(ok.to().expect("To").tag(), ringing.to().expect("To").tag());
    assert!(ok.lists(Name::Allow, "INVITE"));
    assert_eq!(text(&ok, Name::Supported), "");
    assert_eq!(desk.act(|uas, _, out| uas.progress(180, None, out)), "");
    assert_eq!(desk.act(|uas, _, out| uas.refuse(486, &[], out)), "");
    assert_eq!(desk.act(|uas, now, out| uas.answer(now, None, out)), "");
}

#[test]
fn proceeding() {
    let fresh = || {
        let mut desk = Desk::uas();
        desk.act(|uas, _, out| uas.progress(180, None, out));
        desk
    };
    let mut desk = fresh();
    let said = desk.act(|uas, _, out| uas.refuse(302, &[("Contact", "<sip:c@x>")], out));
    assert_eq!(said, "302 to INVITE, ended: refused 302");
    assert_eq!(text(&desk.last_response(), Name::Contact), "<sip:c@x>");
    assert_eq!(fresh().hang_up(), "480 to INVITE, ended: hung up");
    let mut desk = fresh();
    assert_eq!(cancel(&mut desk), "487 to INVITE, ended: remote cancel");
    assert_eq!(cancel(&mut desk), "");
    assert_eq!(
        fresh().peer(&Method::Bye, "a1", ""),
        "200 to BYE, 487 to INVITE, ended: remote bye"
    );
    assert_eq!(fresh().peer(&Method::Options, "a1", ""), "200 to OPTIONS");
    assert_eq!(fresh().peer(&Method::Options, "zz", ""), "481 to OPTIONS");
    assert_eq!(fresh().peer(&Method::Invite, "a1", "x"), "491 to INVITE");
    assert_eq!(
        fresh().give(Input::Reinvite { offer: None }),
        "not modified"
    );
    assert_eq!(fresh().wait(Duration::from_secs(300)), "");
}

#[test]
fn the_answer_is_repeated_until_its_ack() {
    let mut desk = answered();
    let said = desk.wait(Duration::from_secs(10));
    let times: Vec<&str> = said
        .split(", ")
        .map(|part| part.split(' ').next().expect("a time"))
        .collect();
    assert_eq!(times, ["0.5s", "1.5s", "3.5s", "7.5s"]);
    assert_eq!(desk.peer_acks(1, "a1", "answer"), "confirmed+answer");
    assert_eq!(desk.peer_acks(1, "a1", "answer"), "");
    assert_eq!(desk.wait(Duration::from_secs(300)), "");
}

#[test]
fn no_ack_comes() {
    let mut desk = answered();
    let said = desk.wait(Duration::from_secs(60));
    assert_eq!(said.matches("200 to INVITE").count(), 10);
    assert!(said.ends_with("32s BYE, ended: lost"), "{said}");
    assert_eq!(desk.hears(&Method::Bye, 481, ""), "");
}

#[test]
fn a_hang_up_waits_for_the_ack() {
    let mut desk = answered();
    assert_eq!(desk.hang_up(), "");
    assert_eq!(desk.hang_up(), "");
    assert_eq!(desk.peer_acks(1, "a1", "answer"), "confirmed+answer, BYE");
    assert_eq!(desk.usage.state(), State::Releasing);
    assert_eq!(desk.hears(&Method::Bye, 200, ""), "ended: hung up");
}

#[test]
fn answered_and_not_acknowledged() {
    assert_eq!(cancel(&mut answered()), "");
    assert_eq!(
        answered().peer(&Method::Bye, "a1", ""),
        "200 to BYE, ended: remote bye"
    );
    assert_eq!(answered().peer(&Method::Invite, "a1", "x"), "491 to INVITE");
    // An ACK of another dialog, or to another INVITE, is none.
    let mut desk = answered();
    assert_eq!(desk.peer_acks(2, "a1", ""), "");
    assert_eq!(desk.peer_acks(1, "zz", ""), "");
    assert_eq!(desk.usage.state(), State::Answered);
}

#[test]
fn established_and_released() {
    let mut desk = established();
    assert_eq!(desk.hang_up(), "BYE");
    assert_eq!(
        desk.peer(&Method::Bye, "a1", ""),
        "200 to BYE, ended: hung up"
    );
    let mut desk = established();
    desk.hang_up();
    let (bye, _) = desk.last(&Method::Bye);
    assert_eq!(desk.give(Input::TimedOut(bye)), "ended: hung up");
    assert_eq!(
        established().peer(&Method::Bye, "a1", ""),
        "200 to BYE, ended: remote bye"
    );
    let mut desk = established();
    assert_eq!(desk.give(Input::Reinvite { offer: None }), "INVITE");
    assert_eq!(
        desk.hears(&Method::Invite, 481, ""),
        "not modified 481, ended: lost 481"
    );
    assert_eq!(Usage::deadline(&desk.usage), None);
}

#[test]
fn a_reinvite_of_the_caller() {
    let mut desk = established();
    let (id, invite) = desk.peer_request(&Method::Invite, "a1", "hold");
    assert_eq!(desk.ask(id, &invite), "asked INVITE+hold");
    // A CANCEL of the first INVITE, long answered, is not one of this.
    assert_eq!(cancel(&mut desk), "");
    let input = Input::PeerCancel { id, reason: None };
    assert_eq!(desk.give(input), "487 to INVITE, withdrawn");
    assert_eq!(desk.usage.state(), State::Established);
}
