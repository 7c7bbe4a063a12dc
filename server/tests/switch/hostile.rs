//! Whatever comes: nothing panics, nothing waits for ever, nothing grows.

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use sip::name::{ConnectionId, Flow, Transport};
use sip::time::Instant;
use testkit::net::Node;

use crate::support::{House, PEER, Request, SERVER};

/// Messages that are right, to begin with.
fn decent(n: u32) -> Bytes {
    let tagged = |request: Request| request.with(|r| r.to.push_str(";tag=theirs"));
    match n % 10 {
        0 => Request::register("alice").contact("<sip:alice@10.0.0.2>;q=0.5").expires(90),
        1 => Request::register("alice").contact("*").expires(0),
        2 => Request::register("bob")
            .contact("\"B\" <sip:bob@10.0.0.2:5070;transport=udp>;+sip.instance=\"<urn:uuid:1>\";reg-id=1")
            .header("Path", "<sip:10.0.0.9;lr>")
            .header("Supported", "path, gruu"),
        3 => Request::new("OPTIONS").header("Route", "<sip:10.0.0.1:5080;lr>"),
        4 => Request::new("INVITE").with(|r| r.uri = "sip:bob@click.test".to_owned()).body("v=0\r\n"),
        5 => Request::new("ACK"),
        6 => Request::new("CANCEL"),
        7 => tagged(Request::new("BYE")),
        8 => tagged(Request::new("UPDATE")).header("Require", "timer"),
        _ => {
            return "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1:5080;branch=z9hG4bK1;rport\r\nFrom: <sip:a@b>;tag=1\r\n\
                    To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
                .into();
        }
    }
    .branch(&format!("z9hG4bK-{n}"))
    .bytes()
}

/// One change of a message.
#[derive(Clone, Debug)]
enum Harm {
    Put(prop::sample::Index, u8),
    Cut(prop::sample::Index, prop::sample::Index),
    Double(prop::sample::Index, prop::sample::Index),
    Insert(prop::sample::Index, &'static str),
}

/// What a message is made of, and what it is not.
const PIECES: &[&str] = &[
    "\r\n",
    ",",
    ";",
    "\"",
    "<",
    ">",
    "%",
    "\0",
    "\u{fffd}",
    ";tag=x",
    ":",
    "@",
    "*",
    "Via: x\r\n",
    "sips:",
    "[::1]",
    "99999999999999999999",
    ";expires=0",
    "\r\nContact: *",
    "\r\n\r\n",
    "SIP/2.0/TCP ",
    ";rport;received=1.2.3.4",
];

fn harm() -> impl Strategy<Value = Harm> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, octet)| Harm::Put(at, octet)),
        (at(), at()).prop_map(|(from, to)| Harm::Cut(from, to)),
        (at(), at()).prop_map(|(from, to)| Harm::Double(from, to)),
        (at(), prop::sample::select(PIECES)).prop_map(|(at, piece)| Harm::Insert(at, piece)),
    ]
}

fn harmed(bytes: &[u8], harms: &[Harm]) -> Bytes {
    let mut octets = bytes.to_vec();
    for harm in harms {
        let length = octets.len();
        if length == 0 {
            break;
        }
        let span = |from: &prop::sample::Index, to: &prop::sample::Index| {
            let (from, to) = (from.index(length), to.index(length));
            from.min(to)..from.max(to)
        };
        match harm {
            Harm::Put(at, octet) => octets[at.index(length)] = *octet,
            Harm::Cut(from, to) => drop(octets.drain(span(from, to))),
            Harm::Double(from, to) => octets.extend_from_within(span(from, to)),
            Harm::Insert(at, piece) => {
                let at = at.index(length);
                octets.splice(at..at, piece.bytes());
            }
        }
    }
    octets.into()
}

proptest! {
    #[test]
    fn no_message_does_harm(
        shards in prop::sample::select(&[1_u8, 4][..]),
        messages in prop::collection::vec((0..10_u32, prop::collection::vec(harm(), 0..4), any::<bool>()), 1..40),
    ) {
        let mut house = House::new(shards, std::sync::Arc::default());
        house.second_reader = false;
        let mut now = Instant::from_unix_micros(1_767_268_800_000_000);
        let mut out = Vec::new();
        for (n, (kind, harms, stream)) in (0_u32..).zip(messages) {
            let bytes = harmed(&decent(10 * n + kind), &harms);
            let flow = Flow {
                transport: if stream { Transport::Tcp } else { Transport::Udp },
                local: SERVER,
                peer: PEER,
                connection: ConnectionId(u64::from(stream)),
            };
            house.receive(now, flow, bytes, &mut out);
            prop_assert!(out.len() <= 2, "one message makes one answer, and a 100 perhaps: {out:?}");
            out.clear();
            now = now + Duration::from_millis(100);
            if house.deadline().is_some_and(|at| at <= now) {
                house.timeout(now, &mut out);
                out.clear();
            }
        }
        // Two hours later all is forgotten.
        let end = now + Duration::from_secs(7_300);
        while let Some(at) = house.deadline().filter(|at| *at <= end) {
            house.timeout(at, &mut out);
        }
        prop_assert_eq!(house.deadline(), None);
        prop_assert_eq!(house.transactions(), 0);
        prop_assert!(house.location.is_empty());
    }
}
