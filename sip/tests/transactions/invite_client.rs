//! RFC 3261 17.1.1 with RFC 6026, and CANCEL as its client sends it (9.1).

use sip::name::Transport::{Tcp, Udp};

use crate::rig::Rig;

const NOTHING: [&str; 0] = [];

#[test]
fn without_a_response_a_repeats_and_b_ends() {
    let mut rig = Rig::new(Udp);
    assert_eq!(rig.send("INVITE"), ["send INVITE"]);
    assert_eq!(
        rig.run_out(),
        [
            "500 send INVITE",
            "1500 send INVITE",
            "3500 send INVITE",
            "7500 send INVITE",
            "15500 send INVITE",
            "31500 send INVITE",
            "32000 timed out mine",
            "32000 over",
        ],
    );

    let mut rig = Rig::new(Tcp);
    assert_eq!(rig.send("INVITE"), ["send INVITE"]);
    assert_eq!(rig.run_out(), ["32000 timed out mine", "32000 over"]);
}

#[test]
fn a_provisional_response_stops_a_and_b() {
    for transport in [Udp, Tcp] {
        let mut rig = Rig::new(transport);
        rig.send("INVITE");
        assert_eq!(rig.hear(100, "INVITE"), ["response 100"]);
        assert_eq!(rig.hear(180, "INVITE"), ["response 180"]);
        assert_eq!(rig.run_out(), NOTHING, "ringing takes as long as it takes");
        assert_eq!(rig.layer.len(), 1);
    }
}

#[test]
fn a_2xx_is_passed_up_each_time_until_m() {
    for transport in [Udp, Tcp] {
        for provisional in [false, true] {
            let mut rig = Rig::new(transport);
            rig.send("INVITE");
            if provisional {
                rig.hear(180, "INVITE");
            }
            assert_eq!(
                rig.hear(200, "INVITE"),
                ["response 200"],
                "the ACK is the user's"
            );
            assert_eq!(rig.hear(200, "INVITE"), ["response 200"]);
            assert_eq!(rig.hear(180, "INVITE"), NOTHING, "too late");
            assert_eq!(rig.hear(486, "INVITE"), NOTHING, "too late");
            assert_eq!(rig.broken(), NOTHING);
            assert_eq!(rig.run_out(), ["32000 over"]);
            assert_eq!(rig.hear(200, "INVITE"), ["stray 200"]);
        }
    }
}

#[test]
fn a_failure_is_acknowledged_each_time_until_d() {
    for provisional in [false, true] {
        let mut rig = Rig::new(Udp);
        rig.send("INVITE");
        if provisional {
            rig.hear(180, "INVITE");
        }
        assert_eq!(rig.hear(486, "INVITE"), ["send ACK", "response 486"]);
        assert_eq!(
            rig.hear(486, "INVITE"),
            ["send ACK"],
            "told once, acknowledged twice"
        );
        assert_eq!(rig.hear(180, "INVITE"), NOTHING);
        assert_eq!(rig.hear(200, "INVITE"), NOTHING);
        assert_eq!(rig.run_out(), ["32000 over"]);
        assert_eq!(rig.hear(486, "INVITE"), ["stray 486"]);
    }
}

#[test]
fn on_a_stream_a_failure_ends_at_once() {
    let mut rig = Rig::new(Tcp);
    rig.send("INVITE");
    assert_eq!(rig.hear(486, "INVITE"), ["send ACK", "response 486"]);
    assert!(rig.layer.is_empty());
    assert_eq!(rig.layer.deadline(), None);
}

/// RFC 3261 17.1.1.3.
#[test]
fn the_ack_is_made_of_invite_and_response() {
    let mut rig = Rig::new(Udp);
    rig.send("INVITE");
    rig.layer.handle(
        rig.now(),
        sip::transaction::Input::Message {
            message: sip::msg::lex(crate::rig::response(486, "INVITE", "z9hG4bK1").into())
                .expect("a response"),
            flow: rig.flow,
        },
        &mut rig.out,
    );
    let ack = sip::msg::lex(rig.out.transmit[0].bytes.clone()).expect("an ACK");
    assert_eq!(rig.out.transmit[0].flow, rig.flow);
    assert_eq!(ack.request_uri(), Some("sip:bob@192.0.2.1"));
    assert_eq!(ack.via().expect("a Via").branch(), Some("z9hG4bK1"));
    assert_eq!(ack.vias().count(), 1);
    assert_eq!(ack.to().expect("a To").tag(), Some("b"));
    assert_eq!(ack.from().expect("a From").tag(), Some("a"));
    assert_eq!(ack.call_id(), Ok("one"));
    assert_eq!(ack.cseq(), Ok((1, sip::msg::Method::Ack)));
}

#[test]
fn what_cannot_be_sent_ends() {
    for transport in [Udp, Tcp] {
        let mut rig = Rig::new(transport);
        rig.send("INVITE");
        assert_eq!(rig.broken(), ["unreachable mine"]);
        assert!(rig.layer.is_empty());

        rig.send("INVITE");
        rig.hear(180, "INVITE");
        assert_eq!(
            rig.broken(),
            NOTHING,
            "a response may come by another connection"
        );
        assert_eq!(rig.hear(200, "INVITE"), ["response 200"]);
    }
    let mut rig = Rig::new(Udp);
    rig.send("INVITE");
    rig.hear(486, "INVITE");
    assert_eq!(
        rig.broken(),
        ["unreachable mine"],
        "the ACK does not arrive"
    );
    assert!(rig.layer.is_empty());
}

#[test]
fn a_cancel_waits_for_a_provisional_response() {
    let mut rig = Rig::new(Udp);
    assert_eq!(rig.cancel(), NOTHING, "there is no INVITE");
    rig.send("INVITE");
    assert_eq!(rig.cancel(), NOTHING, "it might overtake the INVITE");
    rig.hear(100, "INVITE");
    assert_eq!(rig.cancel(), ["send CANCEL"]);
    assert_eq!(rig.cancel(), NOTHING, "once is enough");
    assert_eq!(rig.layer.len(), 2);
    assert_eq!(rig.hear(200, "CANCEL"), NOTHING, "swallowed");
    assert_eq!(rig.hear(180, "INVITE"), ["response 180"]);
    assert_eq!(rig.hear(487, "INVITE"), ["send ACK", "response 487"]);
    assert_eq!(rig.cancel(), NOTHING, "it is over");
    assert_eq!(rig.run_out(), ["32000 over"]);
}

/// RFC 3261 9.1.
#[test]
fn the_cancel_goes_the_way_of_its_invite() {
    let mut rig = Rig::new(Udp);
    rig.send("INVITE");
    rig.hear(100, "INVITE");
    let branch = sip::name::Branch::new("z9hG4bK1");
    rig.layer.cancel(rig.now(), &branch, None, &mut rig.out);
    assert!(rig.out.transmit[0].bytes.starts_with(b"CANCEL "));
    assert_eq!(rig.out.transmit[0].flow, rig.flow);
}

#[test]
fn a_200_that_crosses_the_cancel_is_passed_up() {
    let mut rig = Rig::new(Udp);
    rig.send("INVITE");
    rig.hear(180, "INVITE");
    rig.cancel();
    assert_eq!(rig.hear(200, "INVITE"), ["response 200"]);
    assert_eq!(rig.hear(481, "CANCEL"), NOTHING);
    assert_eq!(rig.run_out(), ["32000 over"]);
}

/// RFC 3261 9.1: 64*T1 after the CANCEL the INVITE counts as cancelled.
#[test]
fn a_cancelled_invite_does_not_wait_for_ever() {
    let mut rig = Rig::new(Udp);
    rig.send("INVITE");
    rig.hear(180, "INVITE");
    rig.cancel();
    let lines = rig.run_out();
    let (repetitions, end) = lines.split_at(lines.len() - 2);
    assert_eq!(end, ["32000 timed out mine", "32000 over"]);
    assert_eq!(repetitions[0], "500 send CANCEL");
    assert_eq!(repetitions.len(), 10, "{repetitions:?}");

    let mut rig = Rig::new(Tcp);
    rig.send("INVITE");
    rig.hear(180, "INVITE");
    rig.cancel();
    assert_eq!(
        rig.broken(),
        NOTHING,
        "the failure of a CANCEL is nobody's news"
    );
    assert_eq!(rig.run_out(), ["32000 timed out mine", "32000 over"]);
}
