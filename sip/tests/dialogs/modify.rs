//! Our re-INVITE and UPDATE, and our other requests in the dialog (RFC 3261 sections 12.2.1 and 14.1, RFC 3311).

use std::time::Duration;

use sip::dialog::Input;
use sip::msg::{Method, Name};

use crate::desk::{Desk, START, Usage, flow, sdp, text};

const REINVITE: Input<'_> = Input::Reinvite { offer: None };

fn offer(text: &str) -> Input<'static> {
    Input::Reinvite {
        offer: Some(sdp(text)),
    }
}

#[test]
fn a_reinvite_with_offer_is_acknowledged_at_once() {
    let mut desk = Desk::established();
    assert_eq!(desk.give(offer("hold")), "INVITE+hold");
    let (_, invite) = desk.last(&Method::Invite);
    assert_eq!(invite.cseq(), Ok((2, Method::Invite)));
    assert_eq!(
        text(&invite, Name::Contact),
        "<sip:192.0.2.1:5080;transport=udp>"
    );
    assert!(invite.lists(Name::Allow, "BYE"));
    assert_eq!(desk.hears(&Method::Invite, 100, ""), "");
    assert_eq!(
        desk.hears(&Method::Invite, 200, "held"),
        "ACK, modified+held"
    );
    assert_eq!(desk.hears(&Method::Invite, 200, "held"), "ACK");
    let acks = desk.acks();
    assert_eq!(acks[1].cseq(), Ok((2, Method::Ack)));
    assert_eq!(acks[1].bytes(), acks[2].bytes());
    // The target moved with the 2xx.
    assert_eq!(acks[1].request_uri(), Some("sip:alice@192.0.2.9:5064"));
    // Our first ACK is not forgotten.
    assert_eq!(desk.invite_hears(200, "a1"), "ACK");
    assert_eq!(desk.acks()[3].bytes(), acks[0].bytes());
}

#[test]
fn a_reinvite_without_offer_holds_the_ack_for_the_answer() {
    let mut desk = Desk::established();
    assert_eq!(desk.give(REINVITE), "INVITE");
    assert_eq!(desk.hears(&Method::Invite, 200, "offer"), "modified+offer");
    assert_eq!(desk.hears(&Method::Invite, 200, "offer"), "");
    // Nothing else is offered meanwhile, by either side.
    assert_eq!(desk.give(offer("later")), "");
    assert_eq!(desk.peer(&Method::Invite, "a1", "x"), "491 to INVITE");
    let ack = Input::Ack {
        body: Some(sdp("answer")),
    };
    assert_eq!(desk.give(ack), "ACK+answer, INVITE+later");
}

#[test]
fn a_held_ack_of_a_reinvite_is_not_held_for_ever() {
    let mut desk = Desk::established();
    desk.give(REINVITE);
    desk.hears(&Method::Invite, 200, "offer");
    assert_eq!(
        desk.wait(Duration::from_secs(40)),
        "32s ACK, BYE, ended: lost"
    );
}

#[test]
fn a_reinvite_that_rings_can_be_withdrawn() {
    let mut desk = Desk::established();
    desk.give(offer("hold"));
    // RFC 3261 section 9.1: no CANCEL before a 1xx.
    assert_eq!(desk.give(Input::Withdraw), "");
    assert_eq!(desk.hears(&Method::Invite, 180, ""), "CANCEL");
    assert_eq!(desk.hears(&Method::Invite, 180, ""), "");
    assert_eq!(desk.hears(&Method::Invite, 487, ""), "not modified 487");
    desk.give(offer("again"));
    assert_eq!(desk.hears(&Method::Invite, 180, ""), "modifying 180");
    assert_eq!(desk.give(Input::Withdraw), "CANCEL");
    assert_eq!(desk.give(Input::Withdraw), "");
    // The 2xx crosses.
    assert_eq!(
        desk.hears(&Method::Invite, 200, "held"),
        "ACK, modified+held"
    );
}

#[test]
fn a_wish_that_has_not_left_is_withdrawn_at_once() {
    let mut desk = Desk::established();
    desk.give(offer("hold"));
    assert_eq!(desk.hears(&Method::Invite, 491, ""), "");
    assert_eq!(desk.give(Input::Withdraw), "not modified");
    assert_eq!(desk.wait(Duration::from_secs(5)), "");
    desk.give(offer("hold"));
    desk.give(Input::Withdraw);
    assert_eq!(desk.hears(&Method::Invite, 491, ""), "not modified 491");
}

#[test]
fn a_wish_waits_until_the_first_ack_is_sent() {
    let mut desk = Desk::uac();
    desk.invite_hears(200, "a1");
    assert_eq!(desk.give(offer("one")), "");
    assert_eq!(desk.give(offer("two")), "not modified");
    assert_eq!(
        desk.give(Input::Ack { body: None }),
        "ACK, INVITE+two, confirmed"
    );
}

#[test]
fn a_wish_waits_for_the_one_under_way() {
    let mut desk = Desk::established();
    desk.give(offer("one"));
    assert_eq!(desk.give(offer("two")), "");
    assert_eq!(
        desk.hears(&Method::Invite, 488, ""),
        "not modified 488, INVITE+two"
    );
    assert_eq!(desk.hears(&Method::Invite, 200, "ok"), "ACK, modified+ok");
}

#[test]
fn a_wish_waits_for_the_peers_own() {
    let mut desk = Desk::established();
    let (id, theirs) = desk.peer_request(&Method::Invite, "a1", "hold");
    desk.ask(id, &theirs);
    assert_eq!(desk.give(offer("ours")), "");
    let answer = Input::Respond {
        id,
        status: 200,
        headers: &[],
        body: Some(sdp("held")),
    };
    assert_eq!(desk.give(answer), "200 to INVITE+held");
    let (cseq, _) = theirs.cseq().expect("CSeq");
    assert_eq!(desk.peer_acks(cseq, "a1", ""), "peer ack, INVITE+ours");
}

#[test]
fn glare_is_retried_in_the_band_of_who_made_the_call_id() {
    for seed in 0..50_u8 {
        let mut desk = Desk::established();
        desk.ids = sip::name::Ids::new([seed; 32], 0);
        desk.give(offer("ours"));
        assert_eq!(desk.hears(&Method::Invite, 491, ""), "");
        let wait = desk.usage.deadline().expect("a back-off").since(START);
        let band = Duration::from_millis(2_100)..=Duration::from_millis(4_000);
        assert!(band.contains(&wait), "{wait:?}");
        assert_eq!(wait.as_millis() % 10, 0);
        // The peer's own one, which caused it, comes first.
        let (id, theirs) = desk.peer_request(&Method::Invite, "a1", "theirs");
        assert_eq!(desk.ask(id, &theirs), "asked INVITE+theirs");
        assert_eq!(desk.give(Input::Decline(id)), "488 to INVITE");
        assert!(desk.wait(Duration::from_secs(4)).ends_with("INVITE+ours"));
    }
}

#[test]
fn glare_is_retried_sooner_by_the_other_side() {
    for seed in 0..50_u8 {
        let mut desk = Desk::uas();
        desk.ids = sip::name::Ids::new([seed; 32], 0);
        desk.act(|uas, now, out| uas.answer(now, None, out));
        desk.peer_acks(1, "a1", "");
        desk.give(offer("ours"));
        assert_eq!(desk.hears(&Method::Invite, 491, ""), "");
        let at = desk.usage.deadline();
        let wait = at.expect("a back-off").since(START);
        assert!(wait <= Duration::from_secs(2), "{wait:?}");
        assert!(desk.wait(Duration::from_secs(2)).ends_with("INVITE+ours"));
    }
}

#[test]
fn glare_without_end_is_given_up() {
    let mut desk = Desk::established();
    desk.give(offer("ours"));
    for _ in 1..8 {
        assert_eq!(desk.hears(&Method::Invite, 491, ""), "");
        desk.wait(Duration::from_secs(4));
    }
    assert_eq!(desk.hears(&Method::Invite, 491, ""), "not modified 491");
    assert_eq!(desk.sent(&Method::Invite).len(), 1 + 8);
    assert_eq!(Usage::deadline(&desk.usage), None);
}

#[test]
fn an_update_needs_no_ack() {
    let mut desk = Desk::established();
    let update = Input::Update {
        offer: Some(sdp("hold")),
    };
    assert_eq!(desk.give(update), "UPDATE+hold");
    assert_eq!(desk.hears(&Method::Update, 200, "held"), "modified+held");
    assert_eq!(desk.hang_up(), "BYE");
    let (_, bye) = desk.last(&Method::Bye);
    assert_eq!(bye.request_uri(), Some("sip:alice@192.0.2.9:5064"));
    assert_eq!(bye.cseq(), Ok((3, Method::Bye)));
}

#[test]
fn a_refused_change_leaves_the_session() {
    for status in [302, 401, 403, 415, 420, 488, 500, 503, 606] {
        let mut desk = Desk::established();
        desk.give(offer("x"));
        let said = desk.hears(&Method::Invite, status, "");
        assert_eq!(said, format!("not modified {status}"));
        assert_eq!(desk.peer(&Method::Options, "a1", ""), "200 to OPTIONS");
    }
}

#[test]
fn a_change_that_finds_no_dialog_ends_ours() {
    let mut desk = Desk::established();
    desk.give(offer("x"));
    // The peer does not know the dialog: no BYE.
    assert_eq!(
        desk.hears(&Method::Invite, 481, ""),
        "not modified 481, ended: lost 481"
    );
    let mut desk = Desk::established();
    desk.give(offer("x"));
    assert_eq!(
        desk.hears(&Method::Invite, 408, ""),
        "not modified 408, BYE, ended: lost 408"
    );
    let mut desk = Desk::established();
    desk.give(Input::Update { offer: None });
    let (update, _) = desk.last(&Method::Update);
    let said = desk.give(Input::TimedOut(update));
    assert_eq!(said, "not modified, BYE, ended: lost");
}

#[test]
fn a_change_that_cannot_be_sent_leaves_the_session() {
    let mut desk = Desk::established();
    desk.give(offer("x"));
    let (invite, _) = desk.last(&Method::Invite);
    assert_eq!(desk.give(Input::Unreachable(invite)), "not modified 503");
    assert_eq!(desk.hang_up(), "BYE");
}

fn info(mark: u32) -> Input<'static> {
    Input::Send {
        mark,
        method: &Method::Info,
        headers: &[("Info-Package", "dtmf")],
        body: Some(sdp("5")),
    }
}

#[test]
fn other_requests_are_told_apart_by_their_mark() {
    let mut desk = Desk::established();
    assert_eq!(desk.give(info(1)), "INFO+5");
    let (first, request) = desk.last(&Method::Info);
    assert_eq!(text(&request, Name::InfoPackage), "dtmf");
    assert_eq!(request.raw(Name::Contact), None);
    assert_eq!(desk.give(info(2)), "INFO+5");
    assert_eq!(desk.hears(&Method::Info, 200, ""), "replied 2:200");
    assert_eq!(desk.hears(&Method::Info, 200, ""), "");
    assert_eq!(desk.give(Input::Unreachable(first)), "replied 1:none");
    assert_eq!(desk.give(info(3)), "INFO+5");
    assert_eq!(desk.hang_up(), "replied 3:none, BYE");
}

#[test]
fn a_request_that_finds_no_dialog_ends_ours() {
    let mut desk = Desk::established();
    desk.give(info(1));
    assert_eq!(
        desk.hears(&Method::Info, 481, ""),
        "replied 1:481, ended: lost 481"
    );
    let mut desk = Desk::established();
    desk.give(info(1));
    let (id, _) = desk.last(&Method::Info);
    let said = desk.give(Input::TimedOut(id));
    assert_eq!(said, "replied 1:none, BYE, ended: lost");
    // A subscription has a life of its own.
    let mut desk = Desk::established();
    desk.give(Input::Send {
        mark: 1,
        method: &Method::Notify,
        headers: &[("Event", "refer"), ("Subscription-State", "active")],
        body: None,
    });
    assert_eq!(desk.hears(&Method::Notify, 481, ""), "replied 1:481");
}

#[test]
fn what_has_an_input_of_its_own_is_not_sent_by_hand() {
    let own = [
        Method::Invite,
        Method::Ack,
        Method::Bye,
        Method::Cancel,
        Method::Update,
    ];
    for method in &own {
        let mut desk = Desk::established();
        let said = desk.give(Input::Send {
            mark: 1,
            method,
            headers: &[],
            body: None,
        });
        assert_eq!(said, "replied 1:none");
    }
}

#[test]
fn only_so_many_requests_wait() {
    let mut desk = Desk::established();
    for mark in 0..32 {
        assert_eq!(desk.give(info(mark)), "INFO+5");
    }
    assert_eq!(desk.give(info(99)), "replied 99:none");
}

#[test]
fn a_new_connection_is_used_and_a_new_port_is_not() {
    let mut tcp = flow();
    tcp.transport = sip::name::Transport::Tcp;
    tcp.connection = sip::name::ConnectionId(1);
    let mut desk = Desk::uac_with(tcp, None);
    let response = desk.to_invite(200, "a1");
    let request = desk.id_of_invite();
    let mut newer = tcp;
    newer.connection = sip::name::ConnectionId(2);
    desk.give(Input::Response {
        request,
        response: &response,
        flow: &newer,
    });
    assert_eq!(desk.usage.dialog().map(|d| *d.flow()), Some(newer));

    let mut desk = Desk::established();
    let (id, options) = desk.peer_request(&Method::Options, "a1", "");
    let mut elsewhere = flow();
    elsewhere.peer.set_port(40_000);
    desk.give(Input::Request {
        id,
        request: &options,
        flow: &elsewhere,
    });
    assert_eq!(desk.usage.dialog().map(|d| *d.flow()), Some(flow()));
    desk.usage.set_flow(elsewhere);
    assert_eq!(desk.usage.dialog().map(|d| *d.flow()), Some(elsewhere));
}
