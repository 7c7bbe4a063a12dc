//! The second reader: what it must notice, and each known fault of it shown by the message that triggers it.

use sip::msg::build::{Address, Request, Response};
use sip::msg::{Method, Name, lex};
use sip::name::{Branch, Tag, Transport};
use testkit::second::{Field, KnownFault, agrees};

const GOOD: &str = "OPTIONS sip:bob@example.com SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.0.2.1:5080;rport;branch=z9hG4bKx\r\n\
    Max-Forwards: 70\r\n\
    From: \"Alice\" <sip:alice@example.com>;tag=a\r\n\
    To: <sip:bob@example.com>;tag=b\r\n\
    Call-ID: 1@192.0.2.1\r\n\
    CSeq: 1 OPTIONS\r\n\
    Content-Length: 4\r\n\r\nbody";

#[test]
fn what_we_write_is_read_alike() {
    let invite = Request::new(&Method::Invite, "sip:bob@192.0.2.4:5060;transport=udp")
        .via(Transport::Udp, "192.0.2.1:5080", &Branch::new("z9hG4bKabc"))
        .max_forwards(70)
        .from(Address {
            display: "Alice \"x\"",
            uri: "sip:alice@example.com",
            tag: Some("1"),
        })
        .to(Address::new("sip:bob@example.com"))
        .call_id("cid.xp00")
        .cseq(1, &Method::Invite)
        .contact("<sip:crosspoint@192.0.2.1:5080>")
        .header(Name::Supported, "timer")
        .body("application/sdp", b"v=0\r\n\xff\x00")
        .finish();
    assert_eq!(agrees(&invite), Ok(vec![]));
    let invite = lex(invite).unwrap();
    for status in [100, 180, 200, 299, 302, 404, 486, 487, 503, 603] {
        let response =
            Response::to(&invite, status, Some("Any words"), Some(&Tag::new("2"))).finish();
        assert_eq!(agrees(&response), Ok(vec![]), "{status}");
    }
}

#[test]
fn a_difference_that_nothing_excuses_is_told() {
    assert_eq!(agrees(GOOD.as_bytes()), Ok(vec![]));
    // rsip takes all that follows for the body, which no message of ours may rely on.
    let longer = format!("{GOOD} and more");
    let told = agrees(longer.as_bytes()).unwrap_err();
    assert_eq!(
        (told.field, &*told.ours, &*told.theirs),
        (Field::Body, "body", "body and more")
    );
    assert!(told.to_string().contains("OPTIONS sip:bob@example.com"));
    let nonsense = agrees(b"nonsense\r\n\r\n").unwrap_err();
    assert_eq!(nonsense.field, Field::Whole);
    let lower = GOOD.replace("OPTIONS sip", "options sip");
    assert!(matches!(agrees(lower.as_bytes()), Err(told) if told.field == Field::Start));
}

#[test]
fn every_known_fault_is_still_there() {
    use KnownFault::*;
    let cases: [(KnownFault, &str, &str); 15] = [
        (NotUtf8, "", ""),
        (BareLineFeed, "SIP/2.0\r\n", "SIP/2.0\n"),
        (FoldedLine, "Max-Forwards: 70", "Subject: a\r\n b"),
        (BlankBeforeColon, "Max-Forwards:", "Max-Forwards :"),
        (CompactName, "Call-ID:", "i:"),
        (UnknownMethod, "OPTIONS", "NEW"),
        (
            ForeignScheme,
            "sip:bob@example.com SIP",
            "tel:+12015550123 SIP",
        ),
        (UnknownTransport, "SIP/2.0/UDP", "SIP/2.0/QUIC"),
        (
            BracketedHost,
            "bob@example.com SIP",
            "bob@[2001:db8::1] SIP",
        ),
        (
            DottedUser,
            "sip:bob@example.com SIP",
            "sip:bob.b@example.com SIP",
        ),
        (
            UriHeaders,
            "sip:bob@example.com SIP",
            "sip:bob@example.com?a=b SIP",
        ),
        (BracketInQuotes, "\"Alice\"", "\"A<b>c\""),
        (BlankAtParam, ";rport;branch", ";rport; branch"),
        (ParamValue, ";rport;branch", ";received=2001:db8::1;branch"),
        (BlankInCseq, "1 OPTIONS", "1\tOPTIONS"),
    ];
    for (fault, good, odd) in cases {
        let mut octets = GOOD.replace(good, odd).into_bytes();
        if fault == NotUtf8 {
            octets = GOOD.replace("Alice", "Al#ce").into_bytes();
            octets
                .iter_mut()
                .filter(|octet| **octet == b'#')
                .for_each(|octet| *octet = 0xed);
        }
        assert_eq!(agrees(&octets), Ok(vec![fault]));
    }
    assert!(cases.iter().map(|(fault, ..)| *fault).eq(KnownFault::ALL));
}

#[test]
fn the_corpus_holds_no_unknown_difference() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/parse");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let octets = std::fs::read(&path).unwrap();
        let Ok(message) = lex(octets.clone().into()) else {
            continue;
        };
        // rsip reads more than the message where something follows it.
        if message.verify().is_ok()
            && octets == *message.bytes()
            && let Err(told) = agrees(&octets)
        {
            panic!("{}: {told}", path.display());
        }
    }
}
