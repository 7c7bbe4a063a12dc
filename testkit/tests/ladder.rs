//! The ladder diagram, letter by letter.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use sip::msg::Name;
use sip::name::{ConnectionId, Flow, Transport};
use sip::time::Instant;
use sip::transaction::Transmit;
use testkit::ladder::Ladder;
use testkit::net::{Node, VirtualNet};

/// Hears and says nothing.
struct Wall;

impl Node for Wall {
    fn receive(&mut self, _: Instant, _: Flow, _: Bytes, _: &mut Vec<Transmit>) {}

    fn deadline(&self) -> Option<Instant> {
        None
    }

    fn timeout(&mut self, _: Instant, _: &mut Vec<Transmit>) {}
}

fn address(host: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, host], 5060))
}

fn message(first: &str, branch: &str, to_tag: &str, cseq: &str, rest: &str) -> String {
    format!(
        "{first}\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK{branch}\r\nFrom: <sip:a@a>;tag=tag-of-alice\r\n\
         To: <sip:b@b>{to_tag}\r\nCall-ID: random-call\r\nCSeq: {cseq}\r\n{rest}"
    )
}

#[test]
fn a_call_on_three_columns() {
    let mut net = VirtualNet::new(1);
    let nodes = [("alice", 1), ("switch", 2), ("bob", 3)]
        .map(|(name, host)| net.add(name, &[address(host)], Wall));
    net.lose_if(|bytes| bytes.starts_with(b"SIP/2.0 180"));
    let rows = [
        (
            1,
            2,
            message(
                "INVITE sip:b@b SIP/2.0",
                "one",
                "",
                "1 INVITE",
                "Content-Type: application/sdp\r\nContent-Length: 3\r\n\r\nv=0",
            ),
        ),
        (
            2,
            3,
            message(
                "INVITE sip:random-call@b SIP/2.0",
                "two",
                "",
                "1 INVITE",
                "\r\n",
            ),
        ),
        (
            2,
            3,
            message(
                "INVITE sip:random-call@b SIP/2.0",
                "two",
                "",
                "1 INVITE",
                "\r\n",
            ),
        ),
        (
            3,
            2,
            message(
                "SIP/2.0 180 Ringing",
                "two",
                ";tag=tag-of-bob",
                "1 INVITE",
                "\r\n",
            ),
        ),
        (
            1,
            3,
            message(
                "BYE sip:b@b SIP/2.0",
                "three",
                ";tag=tag-of-bob",
                "2 BYE",
                "Reason: SIP;cause=200;text=\"random-call\"\r\n\r\n",
            ),
        ),
        (3, 9, "\r\n\r\n".to_owned()),
    ];
    for (from, to, text) in rows {
        let flow = Flow {
            transport: Transport::Udp,
            local: address(from),
            peer: address(to),
            connection: ConnectionId::NONE,
        };
        let bytes = Bytes::from(text);
        net.act(nodes[usize::from(from) - 1], |_, _, out| {
            out.push(Transmit { flow, bytes })
        });
        net.run_for(Duration::from_millis(2));
    }
    let expected = "\
alice  ->  switch                              INVITE sip:b@b (sdp)  [c1 #1 t1>- b1]
           switch  ->  bob                     INVITE sip:c1@b  [c1 #1 t1>- b2]
           switch  ->  bob                     INVITE sip:c1@b (again)  [c1 #1 t1>- b2]
           switch  x-  bob                     180 Ringing to INVITE  [c1 #1 t1>t2 b2]
alice  ------------->  bob                     BYE sip:b@b  [c1 #2 t1>t2 b3]
                                                 Reason: SIP;cause=200;text=\"c1\"
                       bob  -x  10.0.0.9:5060  4 octets that are no message
";
    assert_eq!(Ladder::of(&net).with(Name::Reason).print(), expected);
}
