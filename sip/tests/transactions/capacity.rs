//! The bound of the layer, at its edge; and names that outlive their transaction.

use bytes::Bytes;
use sip::name::Transport::{Tcp, Udp};
use sip::transaction::{Full, Gone, Timers};

use crate::rig::{Rig, request};

const NOTHING: [&str; 0] = [];

#[test]
fn a_bye_finds_room_where_a_call_does_not_up_to_a_bound() {
    let mut rig = Rig::with(Udp, Timers::RFC, 8);
    for n in 0..8 {
        let invite = request("INVITE", &format!("z9hG4bK{n}"), "");
        assert_eq!(rig.receive(&invite), ["request INVITE"]);
    }
    let more = request("INVITE", "z9hG4bKmore", "");
    assert_eq!(rig.receive(&more), ["overload INVITE"]);
    let bye = |n: u32| request("BYE", &format!("z9hG4bKbye{n}"), "");
    assert_eq!(rig.receive(&bye(1)), ["request BYE"]);
    assert_eq!(rig.receive(&bye(2)), ["overload BYE"]);
}

#[test]
fn a_full_layer_begins_nothing_and_finishes_everything() {
    let mut rig = Rig::with(Udp, Timers::RFC, 2);
    rig.send("INVITE");
    rig.hear(180, "INVITE");
    assert_eq!(
        rig.receive(&request("OPTIONS", "z9hG4bKx", "")),
        ["request OPTIONS"]
    );
    assert_eq!(rig.layer.len(), 2);

    let more = Bytes::from(request("OPTIONS", "z9hG4bKmore", ""));
    let refused = rig
        .layer
        .request(rig.now(), more, rig.flow, "mine", &mut rig.out);
    assert_eq!(refused, Err(Full));
    assert!(rig.out.is_empty(), "nothing was sent");
    assert_eq!(
        rig.receive(&request("INVITE", "z9hG4bKy", "")),
        ["overload INVITE"]
    );
    assert_eq!(
        rig.receive(&request("ACK", "z9hG4bKy", "")),
        ["ack"],
        "that of the 503"
    );
    assert_eq!(
        rig.receive(&request("CANCEL", "z9hG4bKy", "")),
        ["send 481"]
    );

    assert_eq!(
        rig.receive(&request("OPTIONS", "z9hG4bKx", "")),
        NOTHING,
        "known"
    );
    assert_eq!(rig.cancel(), ["send CANCEL"], "a CANCEL always finds room");
    assert_eq!(rig.layer.len(), 3);
    assert_eq!(rig.answer(200), ["send 200"]);
    assert_eq!(rig.hear(200, "CANCEL"), NOTHING);
    assert_eq!(rig.hear(487, "INVITE"), ["send ACK", "response 487"]);
    rig.run_out();
    assert!(rig.layer.is_empty());
    assert_eq!(
        rig.receive(&request("INVITE", "z9hG4bKy", "")),
        ["request INVITE"]
    );
}

#[test]
fn a_name_never_means_another_transaction() {
    let mut rig = Rig::new(Tcp);
    rig.receive(&request("OPTIONS", "z9hG4bK1", ""));
    let old = rig.id.expect("a request came");
    rig.answer(200);
    rig.receive(&request("OPTIONS", "z9hG4bK2", ""));
    assert_ne!(rig.id, Some(old));
    let late = rig.layer.respond(
        rig.now(),
        old,
        Bytes::from_static(b"SIP/2.0 200 OK\r\n\r\n"),
        &mut rig.out,
    );
    assert_eq!(late, Err(Gone));
    assert!(rig.out.is_empty());
    assert_eq!(rig.answer(200), ["send 200"]);
}

#[test]
fn a_request_that_cannot_be_told_apart_is_unreachable() {
    let mut rig = Rig::new(Udp);
    rig.send("OPTIONS");
    assert_eq!(
        rig.send("OPTIONS"),
        ["unreachable mine"],
        "the same branch again"
    );
    for bad in [
        "no message",
        "OPTIONS sip:a SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n",
    ] {
        let sent = rig
            .layer
            .request(rig.now(), Bytes::from(bad), rig.flow, "mine", &mut rig.out);
        assert_eq!(sent, Ok(()));
        assert!(rig.out.transmit.is_empty());
        assert_eq!(rig.out.events.len(), 1);
        rig.out.events.clear();
    }
    assert_eq!(rig.layer.len(), 1);
}
