//! `received` and `rport` on arrival, and where responses go (RFC 3261 sections 18.2.1 and 18.2.2, RFC 3581 section 4).

use sip::limits::MAX_MESSAGE;
use sip::msg::{Message, Name, last_resort, lex, response_flow};
use sip::name::{ConnectionId, Flow, Transport};

use crate::message;

fn flow(transport: Transport, peer: &str) -> Flow {
    let local = "192.0.2.9:5080".parse().expect("an address");
    Flow {
        transport,
        local,
        peer: peer.parse().expect("an address"),
        connection: ConnectionId(7),
    }
}

fn request(via: &str) -> Message {
    message(&format!(
        "OPTIONS sip:a@b SIP/2.0\nX: y\nVia: {via}\nFrom: <sip:a@b>\nContent-Length: 4\n\nbody"
    ))
}

#[test]
fn the_top_via_tells_where_the_request_came_from() {
    let from = "198.51.100.7:40000";
    let cases = [
        // as sent, peer, as stamped
        (
            "SIP/2.0/UDP h;branch=x",
            from,
            "SIP/2.0/UDP h;branch=x;received=198.51.100.7",
        ),
        (
            "SIP/2.0/UDP h;rport;branch=x",
            from,
            "SIP/2.0/UDP h;branch=x;received=198.51.100.7;rport=40000",
        ),
        (
            "SIP/2.0/UDP h ; RPORT ; branch=x",
            from,
            "SIP/2.0/UDP h ; branch=x;received=198.51.100.7;rport=40000",
        ),
        (
            "SIP/2.0/UDP 198.51.100.7;branch=x",
            from,
            "SIP/2.0/UDP 198.51.100.7;branch=x",
        ),
        (
            "SIP/2.0/UDP 198.51.100.7;rport;branch=x",
            from,
            "SIP/2.0/UDP 198.51.100.7;branch=x;received=198.51.100.7;rport=40000",
        ),
        (
            "SIP/2.0/UDP h;received=203.0.113.1;branch=x;rport=1",
            from,
            "SIP/2.0/UDP h;branch=x;received=198.51.100.7;rport=40000",
        ),
        (
            "SIP/2.0/UDP 198.51.100.7;received=203.0.113.1",
            from,
            "SIP/2.0/UDP 198.51.100.7",
        ),
        (
            "SIP/2.0/UDP h;branch=x,SIP/2.0/UDP i;rport",
            from,
            "SIP/2.0/UDP h;branch=x;received=198.51.100.7,SIP/2.0/UDP i;rport",
        ),
        (
            "SIP/2.0/UDP h;rport",
            "[2001:db8::7]:5060",
            "SIP/2.0/UDP h;received=2001:db8::7;rport=5060",
        ),
        (
            "SIP/2.0/UDP [2001:DB8::7]",
            "[2001:db8::7]:5060",
            "SIP/2.0/UDP [2001:DB8::7]",
        ),
        (
            "SIP/2.0/UDP 198.51.100.7",
            "[::ffff:198.51.100.7]:40000",
            "SIP/2.0/UDP 198.51.100.7",
        ),
        (
            "SIP/2.0/UDP h;x=\"a;rport\" ",
            from,
            "SIP/2.0/UDP h;x=\"a;rport\";received=198.51.100.7",
        ),
    ];
    for (sent, peer, expected) in cases {
        let sent = request(sent);
        let stamped = sent.stamped(&flow(Transport::Udp, peer));
        assert_eq!(
            stamped
                .raw(Name::Via)
                .map(|via| String::from_utf8_lossy(via).into_owned())
                .as_deref(),
            Some(expected)
        );
        // The index that was moved is the one that reading again gives.
        let again = lex(stamped.bytes().clone()).unwrap();
        let lines = |m: &Message| {
            m.headers()
                .map(|h| (h.name(), h.text().to_owned(), h.value().to_vec()))
                .collect::<Vec<_>>()
        };
        assert_eq!(lines(&stamped), lines(&again));
        assert_eq!(
            (stamped.body(), stamped.request_uri()),
            (again.body(), again.request_uri())
        );
        let spliced = sip::msg::splice::Splice::new(&stamped)
            .append(Name::To, "x")
            .prepend(Name::From, "y")
            .finish();
        assert_eq!(
            spliced,
            sip::msg::splice::Splice::new(&again)
                .append(Name::To, "x")
                .prepend(Name::From, "y")
                .finish()
        );
    }
}

#[test]
fn a_request_that_needs_nothing_is_not_copied() {
    let sent = request("SIP/2.0/UDP 198.51.100.7;branch=x");
    let stamped = sent.stamped(&flow(Transport::Udp, "198.51.100.7:5060"));
    assert_eq!(stamped.bytes().as_ptr(), sent.bytes().as_ptr());
}

#[test]
fn what_has_no_room_or_no_via_stays_as_it_is() {
    let mut full = b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;rport\r\n\r\n".to_vec();
    full.resize(MAX_MESSAGE, b'x');
    let full = lex(full.into()).unwrap();
    assert_eq!(
        full.stamped(&flow(Transport::Udp, "198.51.100.7:5060")),
        full
    );
    for via in [
        "nonsense",
        "SIP/2.0/UDP h;rport junk;branch=x",
        "SIP/2.0/UDP h;rport;x=\"open",
        "SIP/2.0/UDP h;rport;;x",
    ] {
        let without = request(via);
        assert_eq!(
            without.stamped(&flow(Transport::Udp, "198.51.100.7:5060")),
            without
        );
        assert!(without.verify().is_err());
    }
}

#[test]
fn responses_go_back() {
    let cases = [
        ("SIP/2.0/UDP h:5070;branch=x", "198.51.100.7:5070"),
        ("SIP/2.0/UDP h;branch=x", "198.51.100.7:5060"),
        ("SIP/2.0/UDP h:5070;rport;branch=x", "198.51.100.7:40000"),
        (
            "SIP/2.0/UDP h:5070;received=203.0.113.1;rport=9",
            "198.51.100.7:40000",
        ),
        ("SIP/2.0/UDP h:5070;maddr=203.0.113.1", "198.51.100.7:5070"),
        (
            "SIP/2.0/UDP h:5070;rport;maddr=224.2.0.1;ttl=1",
            "224.2.0.1:5070",
        ),
        ("nonsense", "198.51.100.7:40000"),
    ];
    let came = flow(Transport::Udp, "198.51.100.7:40000");
    for (via, expected) in cases {
        let goes = response_flow(&request(via), &came);
        assert_eq!(goes.peer.to_string(), expected, "{via}");
        assert_eq!((goes.local, goes.connection), (came.local, came.connection));
        for stream in [
            Transport::Tcp,
            Transport::Tls,
            Transport::Ws,
            Transport::Wss,
        ] {
            let came = flow(stream, "198.51.100.7:40000");
            assert_eq!(
                response_flow(&request(via), &came),
                came,
                "a stream answers where it was asked"
            );
        }
    }
}

#[test]
fn section_18_2_2_a_response_whose_connection_is_gone_goes_to_where_sent_by_says() {
    let cases = [
        ("SIP/2.0/TCP 10.0.0.1:5070", Some("198.51.100.7:5070")),
        ("SIP/2.0/TCP 10.0.0.1", Some("198.51.100.7:5060")),
        ("SIP/2.0/TLS phone.invalid", Some("198.51.100.7:5061")),
        // Neither a forged `received` nor `maddr` turns it elsewhere.
        (
            "SIP/2.0/TCP h:5070;received=203.0.113.1;maddr=203.0.113.2",
            Some("198.51.100.7:5070"),
        ),
        ("nonsense", None),
    ];
    for (via, expected) in cases {
        let text = format!("SIP/2.0 200 OK\r\nVia: {via}\r\nContent-Length: 0\r\n\r\n");
        let response = lex(text.into()).unwrap();
        let mut came = flow(Transport::Tcp, "198.51.100.7:40000");
        came.connection = ConnectionId(7);
        let goes = last_resort(&response, &came);
        assert_eq!(goes.map(|flow| flow.peer.to_string()).as_deref(), expected);
        assert!(goes.is_none_or(|flow| flow.connection == ConnectionId::NONE));
        let datagram = flow(Transport::Udp, "198.51.100.7:40000");
        assert_eq!(last_resort(&response, &datagram), None);
        assert_eq!(last_resort(&request(via), &came), None);
    }
}
