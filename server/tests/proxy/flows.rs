//! Flows that are dead (RFC 5626 sections 5.3.1 and 7): whose other flow is tried, and who is told what.

use sip::msg::{Method, Name};
use sip::name::Transport::{Tcp, Udp};

use crate::rig::{ALICE, BOB, CAROL, Rig, address, invite, list, to_bob};
use crate::support::SERVER;

/// The two flows of one phone of Bob's; the one that was registered last stands first.
fn two_flows() -> Rig {
    let mut rig = Rig::new();
    for (peer, reg_id) in [(CAROL, 2), (BOB, 1)] {
        let flow = format!(";reg-id={reg_id};+sip.instance=\"<urn:uuid:1>\"");
        rig.register_by(peer, Tcp, "bob", &flow);
    }
    rig
}

#[test]
fn section_7_a_phone_is_tried_by_one_of_its_flows_at_a_time() {
    for (status, next) in [(430, true), (486, false), (503, false)] {
        let mut rig = two_flows();
        rig.ask(&invite());
        let copy = rig.one(BOB);
        assert_eq!(rig.heard(CAROL), []);
        rig.answer(BOB, &copy, status);
        let tried = rig.heard(CAROL);
        assert_eq!(tried.len(), usize::from(next), "{status}");
        if let Some(copy) = tried.first() {
            rig.answer(CAROL, copy, 200);
            assert_eq!(rig.statuses(ALICE), [200]);
        }
    }
}

#[test]
fn section_7_silence_on_one_flow_has_the_other_tried() {
    let mut rig = two_flows();
    rig.ask(&to_bob("MESSAGE"));
    assert_eq!(rig.one(BOB).method(), Some(&Method::Message));
    rig.run_for(33);
    let copy = rig.one(CAROL);
    rig.answer(CAROL, &copy, 200);
}

#[test]
fn section_7_where_no_flow_is_left_the_phone_is_away() {
    let mut rig = two_flows();
    rig.ask(&invite());
    for peer in [BOB, CAROL] {
        let copy = rig.one(peer);
        rig.answer(peer, &copy, 430);
    }
    assert_eq!(rig.statuses(ALICE), [480], "no phone sees 430");
    rig.assert_over();
}

#[test]
fn section_5_3_1_a_dead_flow_is_told_as_430_to_a_proxy_and_never_to_a_phone() {
    for (by_proxy, status) in [(true, 430), (false, 480)] {
        let mut rig = Rig::new();
        rig.register_by(BOB, Tcp, "bob", "");
        rig.ask(&invite());
        let copy = rig.one(BOB);
        rig.answer(BOB, &copy, 200);
        let answer = rig.heard(ALICE).pop().unwrap();
        rig.net.cut(address(BOB), SERVER);
        rig.wait(50);
        let mut request = to_bob("INFO").cseq(2).with(|r| {
            r.uri = "sip:10.0.0.3:5060".to_owned();
            r.to = "<sip:bob@click.test>;tag=tag-1".to_owned();
        });
        if by_proxy {
            request = request.header("Via", "SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKphone");
        }
        for route in list(&answer, Name::RecordRoute).iter().rev() {
            request = request.header("Route", route);
        }
        let heard = rig.exchange(ALICE, Udp, request.bytes());
        assert_eq!(heard.last().unwrap().status(), Some(status));
    }
}
