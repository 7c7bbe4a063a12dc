//! Where a binding's requests will go: RFC 3261 section 18.2.2, RFC 3581, RFC 5626 section 5.3.

use server::event::PhoneCause;
use sip::name::{ConnectionId, Flow, Transport};

use crate::desk::{Desk, tcp, udp};
use crate::support::{Request, addr};

fn bound_by(flow: Flow, via: &str, contact: &str) -> Desk {
    let mut desk = Desk::new();
    desk.flow = flow;
    let request = Request::register("alice")
        .with(|r| r.via = via.to_owned())
        .contact(contact);
    assert_eq!(desk.send(&request).status(), 200);
    desk
}

#[test]
fn rfc_3581_who_asks_for_rport_is_reached_at_the_port_it_sent_from() {
    let desk = bound_by(
        udp("10.0.0.7:40000"),
        "SIP/2.0/UDP 192.168.1.5:5060;rport=40000;received=10.0.0.7;branch=z9hG4bK-1",
        "<sip:alice@192.168.1.5>",
    );
    assert_eq!(desk.only().flow, udp("10.0.0.7:40000"));
}

#[test]
fn section_18_2_2_who_does_not_is_reached_where_its_via_says_it_listens() {
    let desk = bound_by(
        udp("10.0.0.7:40000"),
        "SIP/2.0/UDP 10.0.0.7:5070;branch=z9hG4bK-1",
        "<sip:alice@10.0.0.7:5070>",
    );
    assert_eq!(desk.only().flow, udp("10.0.0.7:5070"));
}

#[test]
fn a_stream_is_the_way_back() {
    let desk = bound_by(
        tcp("10.0.0.7:40000", 9),
        "SIP/2.0/TCP 10.0.0.7:5060;branch=z9hG4bK-1",
        "<sip:alice@10.0.0.7;transport=tcp>",
    );
    assert_eq!(desk.only().flow, tcp("10.0.0.7:40000", 9));
}

#[test]
fn a_closed_connection_takes_the_bindings_with_it_that_only_it_could_reach() {
    let via = "SIP/2.0/TCP 10.0.0.7:40000;branch=z9hG4bK-1";
    for contact in [
        // The port of the moment; another address, so that there is a translator between; a name; an outbound flow;
        // another transport below.
        "<sip:alice@10.0.0.7:40000;transport=tcp>",
        "<sip:alice@192.168.1.5:5060;transport=tcp>",
        "<sip:alice@phone.invalid;transport=ws>",
        "<sip:alice@10.0.0.7:5060>;+sip.instance=\"<urn:x>\";reg-id=1",
    ] {
        let desk = bound_by(tcp("10.0.0.7:40000", 9), via, contact);
        assert_eq!(desk.location.connection_closed(ConnectionId(8)), []);
        let changes = desk.location.connection_closed(ConnectionId(9));
        assert_eq!(changes.len(), 1, "{contact}");
        assert_eq!(
            (changes[0].why, changes[0].bindings.len()),
            (PhoneCause::FlowLost, 0),
            "{contact}"
        );
        assert!(desk.location.is_empty());
        assert_eq!(desk.location.connection_closed(ConnectionId(9)), []);
    }
}

#[test]
fn a_phone_that_listens_itself_is_called_by_a_new_connection() {
    let desk = bound_by(
        tcp("10.0.0.7:40000", 9),
        "SIP/2.0/TCP 10.0.0.7:40000;branch=z9hG4bK-1",
        "<sip:alice@10.0.0.7:5062;transport=tcp>",
    );
    let changes = desk.location.connection_closed(ConnectionId(9));
    assert_eq!(changes[0].why, PhoneCause::Refreshed);
    let flow = desk.only().flow;
    assert_eq!(
        (flow.peer, flow.connection),
        (addr("10.0.0.7:5062"), ConnectionId::NONE)
    );
}

#[test]
fn who_takes_no_connection_where_it_said_it_listens_is_gone() {
    let desk = bound_by(
        tcp("10.0.0.7:40000", 9),
        "SIP/2.0/TCP 10.0.0.7:40000;branch=z9hG4bK-1",
        "<sip:alice@10.0.0.7:5062;transport=tcp>",
    );
    let refused = |address: &str| desk.location.unreachable(Transport::Tcp, addr(address));
    // While its connection stands nothing is said of that.
    assert_eq!(refused("10.0.0.7:5062"), []);
    assert_eq!(refused("10.0.0.7:40000"), []);
    desk.location.connection_closed(ConnectionId(9));
    assert_eq!(refused("10.0.0.7:5060"), []);
    let changes = refused("10.0.0.7:5062");
    assert_eq!(
        (changes[0].why, changes[0].bindings.len()),
        (PhoneCause::FlowLost, 0)
    );
    assert!(desk.location.is_empty());
    assert_eq!(refused("10.0.0.7:5062"), []);
}

#[test]
fn a_closed_connection_leaves_the_other_devices_of_the_user() {
    let mut desk = bound_by(
        tcp("10.0.0.7:40000", 9),
        "SIP/2.0/TCP 10.0.0.7:40000;branch=z9hG4bK-1",
        "<sip:alice@10.0.0.7:40000;transport=tcp>",
    );
    desk.flow = udp("10.0.0.8:5060");
    desk.send(
        &Request::register("alice")
            .call_id("desk-phone")
            .contact("<sip:alice@10.0.0.8>"),
    );
    let changes = desk.location.connection_closed(ConnectionId(9));
    assert_eq!(
        (changes[0].why, changes[0].bindings.len()),
        (PhoneCause::FlowLost, 1)
    );
    assert_eq!(desk.alice(), ["sip:alice@10.0.0.8"]);
}
