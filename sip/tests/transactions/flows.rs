//! Which way a message goes, and whom a broken flow concerns.

use std::net::SocketAddr;

use sip::name::Transport::{Tcp, Udp};
use sip::name::{ConnectionId, Flow};
use sip::transaction::Input;

use crate::rig::{Rig, flow, request};

const NOTHING: [&str; 0] = [];

fn from_port(port: u16) -> Flow {
    Flow {
        peer: SocketAddr::from(([192, 0, 2, 2], port)),
        ..flow(Udp)
    }
}

/// RFC 3261 18.2.2 and RFC 3581.
#[test]
fn a_response_goes_where_the_top_via_says() {
    let asks = "OPTIONS sip:bob@192.0.2.1 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKr;received=192.0.2.2;rport=7777\r\n\
         From: <sip:a@a>;tag=a\r\nTo: <sip:b@b>\r\nCall-ID: one\r\nCSeq: 1 OPTIONS\r\n\r\n";
    for (text, port) in [
        (asks.to_owned(), 7777),
        (request("OPTIONS", "z9hG4bK1", ""), 5060),
    ] {
        let mut rig = Rig::new(Udp);
        rig.receive_on(from_port(7777), &text);
        let id = rig.id.expect("a request came");
        let response = bytes::Bytes::from_static(b"SIP/2.0 200 OK\r\n\r\n");
        rig.layer
            .respond(rig.now(), id, response, &mut rig.out)
            .expect("it lives");
        assert_eq!(rig.out.transmit[0].flow, from_port(port));
    }
}

#[test]
fn a_broken_flow_concerns_its_own_transactions_only() {
    let mut rig = Rig::new(Udp);
    for (branch, port) in [
        ("z9hG4bKa", 5060),
        ("z9hG4bKb", 6060),
        ("z9hG4bKc", 5060),
        ("z9hG4bKd", 5060),
    ] {
        let text = request("OPTIONS", branch, "");
        let sent = rig.layer.request(
            rig.now(),
            text.into(),
            from_port(port),
            branch,
            &mut rig.out,
        );
        assert_eq!(sent, Ok(()));
    }
    rig.out.transmit.clear();
    // The middle one of the chain goes first, so that the chain has been mended once.
    assert_eq!(rig.layer.len(), 4);
    let message =
        sip::msg::lex(crate::rig::response(404, "OPTIONS", "z9hG4bKc").into()).expect("a response");
    rig.layer.handle(
        rig.now(),
        Input::Message {
            message,
            flow: flow(Udp),
        },
        &mut rig.out,
    );
    rig.out.events.clear();
    let mut lost = rig.handle(Input::Broken(from_port(5060)));
    lost.sort();
    assert_eq!(lost, ["unreachable z9hG4bKa", "unreachable z9hG4bKd"]);
    assert_eq!(rig.handle(Input::Broken(from_port(5060))), NOTHING);
    assert_eq!(
        rig.handle(Input::Broken(from_port(6060))),
        ["unreachable z9hG4bKb"]
    );
}

#[test]
fn another_connection_is_another_flow() {
    let mut rig = Rig::new(Tcp);
    rig.send("INVITE");
    let other = Flow {
        connection: ConnectionId(99),
        ..rig.flow
    };
    assert_eq!(rig.handle(Input::Broken(other)), NOTHING);
    assert_eq!(rig.broken(), ["unreachable mine"]);
}
