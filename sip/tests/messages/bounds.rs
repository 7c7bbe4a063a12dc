//! Every bound of `sip::limits` at its edge.

use bytes::Bytes;
use sip::limits::{MAX_HEADERS, MAX_MESSAGE, MAX_TOKEN, MAX_URI};
use sip::msg::{Fault, Frame, Framer, Unframeable, lex};

use crate::request_with;

const HEAD: &str = "OPTIONS sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\n\
                    From: <sip:a@b>;tag=a\r\nTo: <sip:b@c>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n";

/// A good request of that many octets, the body being most of it.
fn of_length(octets: usize) -> Vec<u8> {
    let mut body = octets - HEAD.len() - "Content-Length: \r\n\r\n".len();
    body -= body.to_string().len();
    let mut bytes = format!("{HEAD}Content-Length: {body}\r\n\r\n").into_bytes();
    bytes.resize(octets, b'x');
    bytes
}

#[test]
fn a_datagram_may_have_so_many_octets() {
    let largest = lex(Bytes::from(of_length(MAX_MESSAGE))).unwrap();
    assert_eq!(largest.verify(), Ok(()));
    assert_eq!(largest.bytes().len(), MAX_MESSAGE);
    assert_eq!(
        largest.content_length(),
        u32::try_from(largest.body().len()).ok()
    );
    assert_eq!(
        lex(Bytes::from(of_length(MAX_MESSAGE + 1))),
        Err(Unframeable::TooLarge)
    );
}

#[test]
fn the_index_reaches_the_last_octet() {
    let filler = "y".repeat(MAX_MESSAGE - HEAD.len() - "X: \r\nZ: end\r\n\r\n".len());
    let message = lex(Bytes::from(format!("{HEAD}X: {filler}\r\nZ: end\r\n\r\n"))).unwrap();
    assert_eq!(message.bytes().len(), MAX_MESSAGE);
    assert_eq!(message.other("z"), Some(&b"end"[..]));
}

#[test]
fn a_stream_message_may_have_so_many_octets() {
    for limit in [1_000, MAX_MESSAGE, usize::MAX] {
        let largest = limit.min(MAX_MESSAGE);
        let mut framer = Framer::new(limit);
        framer.push(&of_length(largest));
        assert!(matches!(framer.next(), Some(Ok(Frame::Message(m))) if m.verify().is_ok()));

        // Too large by its own word: the head comes out, so that it can be answered.
        framer.push(&of_length(largest + 1));
        let Some(Ok(Frame::Message(last))) = framer.next() else {
            panic!("no last message")
        };
        assert_eq!(
            last.verify(),
            Err(Fault {
                status: 413,
                reason: "Request Entity Too Large"
            })
        );
        assert!(last.body().is_empty());
        assert_eq!(framer.next(), Some(Err(Unframeable::TooLarge)));
        framer.push(&of_length(500));
        assert_eq!(
            framer.next(),
            Some(Err(Unframeable::TooLarge)),
            "a lost stream stays lost"
        );
        assert_eq!(framer.pending(), 0);
    }
}

#[test]
fn a_head_without_end_is_cut_off() {
    let mut framer = Framer::new(4_000);
    framer.push(HEAD.as_bytes());
    framer.push("X: ".as_bytes());
    framer.push(&vec![b'y'; 4_000 - HEAD.len() - 3]);
    assert_eq!((framer.next(), framer.pending()), (None, 4_000));
    framer.push(b"y");
    assert_eq!(framer.next(), Some(Err(Unframeable::TooLarge)));
}

#[test]
fn a_message_may_have_so_many_headers() {
    let with = |count: usize| {
        let more = "X: y\r\n".repeat(count - HEAD.lines().count() + 1);
        format!("{HEAD}{more}\r\n")
    };
    let most = lex(Bytes::from(with(MAX_HEADERS))).unwrap();
    assert_eq!(
        (most.headers().count(), most.verify()),
        (MAX_HEADERS, Ok(()))
    );
    let more = lex(Bytes::from(with(MAX_HEADERS + 1))).unwrap();
    assert_eq!(more.headers().count(), MAX_HEADERS);
    assert_eq!(more.verify(), Err(Fault::bad_request("Too many headers")));

    // On a stream a Content-Length behind them is not seen, so the end is not known.
    let mut framer = Framer::new(MAX_MESSAGE);
    framer.push(with(MAX_HEADERS + 1).as_bytes());
    assert!(matches!(framer.next(), Some(Ok(Frame::Message(m))) if m.verify().is_err()));
    assert_eq!(framer.next(), Some(Err(Unframeable::NoLength)));
}

#[test]
fn a_request_uri_may_have_so_many_octets() {
    let with = |length: usize| {
        let uri = format!(
            "sip:{}@example.com",
            "a".repeat(length - "sip:@example.com".len())
        );
        let text = HEAD.replacen("sip:bob@example.com", &uri, 1);
        lex(Bytes::from(format!("{text}\r\n"))).unwrap().verify()
    };
    assert_eq!(with(MAX_URI), Ok(()));
    assert_eq!(
        with(MAX_URI + 1),
        Err(Fault {
            status: 414,
            reason: "Request-URI Too Long"
        })
    );
}

#[test]
fn keys_may_have_so_many_octets() {
    let too_long = Err(Fault::bad_request("Call-ID, tag or branch too long"));
    for (length, expected) in [(MAX_TOKEN, Ok(())), (MAX_TOKEN + 1, too_long)] {
        let token = "t".repeat(length);
        for (old, new) in [
            ("Call-ID: 1", format!("Call-ID: {token}")),
            ("tag=a", format!("tag={token}")),
            ("<sip:b@c>", format!("<sip:b@c>;tag={token}")),
            ("z9hG4bKx", token.clone()),
        ] {
            let text = HEAD.replacen(old, &new, 1);
            assert_eq!(
                lex(Bytes::from(format!("{text}\r\n"))).unwrap().verify(),
                expected,
                "{old}"
            );
        }
    }
    assert_eq!(request_with("").verify(), Ok(()));
}
