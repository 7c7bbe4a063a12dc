//! Streams: messages and keep-alives however they are cut (RFC 3261 sections 7.5 and 18.3, RFC 5626 section 3.5.1).

use sip::limits::MAX_MESSAGE;
use sip::msg::{Fault, Frame, Framer, Unframeable};

const ONE: &[u8] =
    b"OPTIONS sip:a@b SIP/2.0\r\nCall-ID: one\r\nContent-Length: 6\r\n\r\n\r\n\r\nxx";
const TWO: &[u8] = b"SIP/2.0 200 OK\r\nl : 0\r\nCall-ID: two\r\n\r\n";

/// What comes out, in words.
fn frames(framer: &mut Framer, words: &mut Vec<String>) {
    while let Some(frame) = framer.next() {
        let (word, is_end) = match frame {
            Ok(Frame::Message(message)) => (
                format!(
                    "{} {}",
                    message.call_id().unwrap_or("?"),
                    message.body().len()
                ),
                false,
            ),
            Ok(Frame::Ping) => ("ping".to_owned(), false),
            Ok(Frame::Pong) => ("pong".to_owned(), false),
            Err(why) => (format!("{why:?}"), true),
        };
        words.push(word);
        if is_end {
            return;
        }
    }
}

fn read(chunks: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Vec<String> {
    let mut framer = Framer::new(MAX_MESSAGE);
    let mut words = Vec::new();
    for chunk in chunks {
        framer.push(chunk.as_ref());
        frames(&mut framer, &mut words);
    }
    words
}

#[test]
fn messages_follow_each_other() {
    let all = [
        ONE,
        TWO,
        b"\r\n\r\n",
        TWO,
        b"\r\n",
        ONE,
        b"\r\n\r\n\r\n\r\n\r\n",
        TWO,
    ]
    .concat();
    let expected = [
        "one 6", "two 0", "ping", "two 0", "pong", "one 6", "ping", "ping", "pong", "two 0",
    ];
    assert_eq!(read([&all]), expected);
    assert_eq!(read(all.chunks(1)), expected, "octet by octet");
    for cut in 0..all.len() {
        let (head, tail) = all.split_at(cut);
        assert_eq!(read([head, tail]), expected, "cut at {cut}");
    }
}

#[test]
fn half_a_keep_alive_waits() {
    assert!(read([b"\r\n"]).is_empty());
    assert_eq!(read([b"\r\n", b"\r\n"]), ["ping"]);
    assert_eq!(read([&b"\r"[..], b"\n\r", b"\n"]), ["ping"]);
    assert_eq!(read([b"\n", b"\n"]), [""; 0], "bare line feeds are noise");
}

#[test]
fn a_message_ends_at_its_length_and_not_before() {
    let mut framer = Framer::new(MAX_MESSAGE);
    let (last, rest) = ONE.split_last().unwrap();
    framer.push(rest);
    assert_eq!(framer.next(), None);
    assert_eq!(framer.pending(), ONE.len() - 1);
    framer.push(&[*last]);
    let Some(Ok(Frame::Message(message))) = framer.next() else {
        panic!("no message")
    };
    assert_eq!(message.bytes(), ONE);
    assert_eq!((framer.next(), framer.pending()), (None, 0));
}

#[test]
fn without_a_length_the_stream_is_lost_but_the_head_is_seen() {
    let cases = [
        ("", "Missing Content-Length on a stream"),
        ("Content-Length: x\r\n", "Malformed Content-Length"),
        ("Content-Length: -1\r\n", "Malformed Content-Length"),
        (
            "Content-Length: 1\r\nContent-Length: 2\r\n",
            "Contradicting Content-Length",
        ),
        (
            "Content-Length: 1\r\nContent-Length: x\r\nContent-Length: 1\r\n",
            "Malformed Content-Length",
        ),
    ];
    for (lines, reason) in cases {
        let mut framer = Framer::new(MAX_MESSAGE);
        framer.push(
            format!("OPTIONS sip:a@b SIP/2.0\r\n{lines}\r\nINVITE sip:smuggled@x SIP/2.0\r\n")
                .as_bytes(),
        );
        let Some(Ok(Frame::Message(last))) = framer.next() else {
            panic!("no last message: {lines}")
        };
        assert_eq!(last.verify(), Err(Fault::bad_request(reason)));
        assert!(last.body().is_empty());
        assert_eq!(framer.next(), Some(Err(Unframeable::NoLength)));
        assert_eq!(framer.next(), Some(Err(Unframeable::NoLength)));
    }
}

#[test]
fn a_length_given_twice_is_bad_but_the_stream_goes_on() {
    let twice = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 2\r\nl: 2\r\n\r\nxx";
    let mut framer = Framer::new(MAX_MESSAGE);
    framer.push(&[&twice[..], TWO].concat());
    let Some(Ok(Frame::Message(first))) = framer.next() else {
        panic!("no message")
    };
    assert_eq!(
        first.verify(),
        Err(Fault::bad_request("Content-Length given twice"))
    );
    assert_eq!(&first.body()[..], b"xx");
    assert!(matches!(framer.next(), Some(Ok(Frame::Message(m))) if m.call_id() == Ok("two")));
}

#[test]
fn lengths_that_overflow_are_too_large() {
    for length in [
        "65536",
        "4294967296",
        "18446744073709551615",
        "18446744073709551616",
        &"9".repeat(400),
    ] {
        let mut framer = Framer::new(MAX_MESSAGE);
        framer.push(
            format!("OPTIONS sip:a@b SIP/2.0\r\nContent-Length: {length}\r\n\r\nx").as_bytes(),
        );
        let Some(Ok(Frame::Message(last))) = framer.next() else {
            panic!("no last message: {length}")
        };
        assert_eq!(last.verify().map_err(|fault| fault.status), Err(413));
        assert_eq!(framer.next(), Some(Err(Unframeable::TooLarge)), "{length}");
    }
}

#[test]
fn what_cannot_become_sip_is_refused_at_once() {
    for bytes in [
        &b"\x16\x03\x01\x02\x00"[..],
        b"\0",
        b"<xml>",
        b"\rx",
        b"\"",
        b"GET / HTTP/1.1\r\n\r\n",
    ] {
        let mut framer = Framer::new(MAX_MESSAGE);
        framer.push(bytes);
        assert_eq!(
            framer.next(),
            Some(Err(Unframeable::NotSip)),
            "{}",
            bytes.escape_ascii()
        );
    }
}

#[test]
fn a_kept_message_does_not_keep_the_buffer() {
    let mut framer = Framer::new(MAX_MESSAGE);
    framer.push(&ONE.repeat(500));
    let mut kept = Vec::new();
    while let Some(Ok(Frame::Message(message))) = framer.next() {
        kept.push(message);
    }
    assert_eq!(kept.len(), 500);
    let mut places: Vec<_> = kept
        .iter()
        .map(|message| message.bytes().as_ptr().addr())
        .collect();
    places.sort_unstable();
    assert!(
        places.windows(2).all(|pair| pair[1] - pair[0] != ONE.len()),
        "each has octets of its own"
    );
}
