//! What we write: requests, responses, and the requests that others dictate.

use sip::msg::build::{Address, Request, Response, ack_non_2xx, cancel};
use sip::msg::{Method, Name, allow, lex, reason_phrase};
use sip::name::{Branch, Ids, Tag, Transport};

use crate::{message, text};

#[test]
fn a_request_is_written_as_it_is_given() {
    let sent_by: std::net::SocketAddr = "[2001:db8::1]:5080".parse().unwrap();
    let bytes = Request::new(&Method::Invite, "sip:bob@192.0.2.4")
        .via(Transport::Tcp, sent_by, &Branch::new("z9hG4bKabc"))
        .max_forwards(70)
        .from(Address {
            display: "Al \"x\" \\ ice",
            uri: "sip:alice@example.com",
            tag: Some("1"),
        })
        .to(Address::new("sip:bob@example.com"))
        .call_id("cid")
        .cseq(314_159, &Method::Invite)
        .contact("<sip:board@192.0.2.1:5080>")
        .route("<sip:p1;lr>")
        .route("<sip:p2;lr>")
        .header(Name::Supported, "timer")
        .raw("X-Own", b"value")
        .body("application/sdp", b"v=0\r\n\xff")
        .finish();
    assert_eq!(
        text(&bytes[..bytes.len() - 1]),
        "INVITE sip:bob@192.0.2.4 SIP/2.0\n\
         Via: SIP/2.0/TCP [2001:db8::1]:5080;rport;branch=z9hG4bKabc\n\
         Max-Forwards: 70\n\
         From: \"Al \\\"x\\\" \\\\ ice\" <sip:alice@example.com>;tag=1\n\
         To: <sip:bob@example.com>\n\
         Call-ID: cid\n\
         CSeq: 314159 INVITE\n\
         Contact: <sip:board@192.0.2.1:5080>\n\
         Route: <sip:p1;lr>\n\
         Route: <sip:p2;lr>\n\
         Supported: timer\n\
         X-Own: value\n\
         Content-Type: application/sdp\n\
         Content-Length: 6\n\n\
         v=0\n"
    );
    let read = lex(bytes).unwrap();
    assert_eq!(read.verify(), Ok(()));
    assert_eq!(&read.body()[..], b"v=0\r\n\xff");
    assert_eq!(
        read.from().unwrap().display().as_deref(),
        Some("Al \"x\" \\ ice")
    );
}

#[test]
fn no_text_breaks_out_of_its_line() {
    let evil = "x\r\nEvil: yes\r\n\r\nbody\0\x7f";
    let bytes = Request::new(&Method::Options, "sip:a@b\r\nEvil: yes")
        .via(Transport::Udp, evil, &Branch::new(evil))
        .from(Address {
            display: evil,
            uri: "sip:a@b",
            tag: Some(evil),
        })
        .call_id(evil)
        .header(Name::Subject, evil)
        .raw("X", evil.as_bytes())
        .body("text/plain\r\nEvil: yes", b"")
        .finish();
    let read = lex(bytes).unwrap();
    assert_eq!(
        read.headers()
            .filter(|header| header.text() == "Evil")
            .count(),
        0,
        "{read:?}"
    );
    assert!(read.body().is_empty());
    let answer = lex(Response::to(&read, 400, Some(evil), Some(&Tag::new(evil))).finish()).unwrap();
    assert_eq!(
        answer
            .headers()
            .filter(|header| header.text() == "Evil")
            .count(),
        0,
        "{answer:?}"
    );
}

const INVITE: &str = "INVITE sip:bob@example.com;x=y SIP/2.0\n\
    Via: SIP/2.0/UDP 192.0.2.9:5080;rport;branch=z9hG4bKtop , SIP/2.0/TCP p;branch=z9hG4bKmid\n\
    Record-Route: <sip:p1;lr>,\n <sip:p2;lr>\n\
    v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKlow\n\
    Route: <sip:r1;lr>\n\
    f: \"Alice\" <sip:alice@example.com>;tag=88sja8x\n\
    To : Bob <sip:bob@example.com>\n\
    i: 987asjd97y7atg\n\
    CSeq: 986759 INVITE\n\
    Timestamp: 54\n\
    Route: <sip:r2;lr>\n\
    Max-Forwards: 12\n\
    Content-Type: application/sdp\n\
    l: 3\n\n\
    v=0";

#[test]
fn a_response_copies_what_8_2_6_2_says() {
    let invite = message(INVITE);
    let ringing = Response::to(&invite, 180, None, Some(&Tag::new("t1")))
        .record_route(&invite)
        .contact("<sip:us>")
        .finish();
    assert_eq!(
        text(&ringing),
        "SIP/2.0 180 Ringing\n\
         Via: SIP/2.0/UDP 192.0.2.9:5080;rport;branch=z9hG4bKtop , SIP/2.0/TCP p;branch=z9hG4bKmid\n\
         Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKlow\n\
         From: \"Alice\" <sip:alice@example.com>;tag=88sja8x\n\
         To: Bob <sip:bob@example.com>;tag=t1\n\
         Call-ID: 987asjd97y7atg\n\
         CSeq: 986759 INVITE\n\
         Record-Route: <sip:p1;lr>,   <sip:p2;lr>\n\
         Contact: <sip:us>\n\
         Content-Length: 0\n\n"
    );
    assert_eq!(lex(ringing).unwrap().verify(), Ok(()));
}

#[test]
fn trying_carries_the_timestamp_and_no_tag_of_ours() {
    let trying = lex(Response::to(&message(INVITE), 100, None, None).finish()).unwrap();
    assert_eq!(trying.raw(Name::Timestamp), Some(&b"54"[..]));
    assert_eq!(trying.to().unwrap().tag(), None);
    let ok = lex(Response::to(&message(INVITE), 200, None, None).finish()).unwrap();
    assert_eq!(ok.raw(Name::Timestamp), None);
}

#[test]
fn a_tag_that_is_there_stays() {
    let bye =
        message("BYE sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=x\nTo: <sip:a@b> ; TAG=there\n\n");
    let answer = lex(Response::to(&bye, 481, None, Some(&Tag::new("ours"))).finish()).unwrap();
    assert_eq!(answer.to().unwrap().tag(), Some("there"));
    assert_eq!(answer.reason(), "Call/Transaction Does Not Exist");
}

#[test]
fn the_ack_of_a_failure_follows_17_1_1_3() {
    let invite = message(INVITE);
    let response =
        lex(Response::to(&invite, 486, None, Some(&Tag::new("callee"))).finish()).unwrap();
    assert_eq!(
        text(&ack_non_2xx(&invite, &response)),
        "ACK sip:bob@example.com;x=y SIP/2.0\n\
         Via: SIP/2.0/UDP 192.0.2.9:5080;rport;branch=z9hG4bKtop\n\
         From: \"Alice\" <sip:alice@example.com>;tag=88sja8x\n\
         To: Bob <sip:bob@example.com>;tag=callee\n\
         Call-ID: 987asjd97y7atg\n\
         CSeq: 986759 ACK\n\
         Max-Forwards: 70\n\
         Route: <sip:r1;lr>\n\
         Route: <sip:r2;lr>\n\
         Content-Length: 0\n\n"
    );
}

#[test]
fn a_cancel_follows_9_1() {
    let invite = message(INVITE);
    let plain = cancel(&invite, None);
    assert_eq!(
        text(&plain),
        "CANCEL sip:bob@example.com;x=y SIP/2.0\n\
         Via: SIP/2.0/UDP 192.0.2.9:5080;rport;branch=z9hG4bKtop\n\
         From: \"Alice\" <sip:alice@example.com>;tag=88sja8x\n\
         To: Bob <sip:bob@example.com>\n\
         Call-ID: 987asjd97y7atg\n\
         CSeq: 986759 CANCEL\n\
         Max-Forwards: 70\n\
         Route: <sip:r1;lr>\n\
         Route: <sip:r2;lr>\n\
         Content-Length: 0\n\n"
    );
    assert_eq!(lex(plain).unwrap().verify(), Ok(()));
    let reasoned = lex(cancel(
        &invite,
        Some("SIP;cause=200;text=\"Call completed elsewhere\""),
    ))
    .unwrap();
    assert_eq!(
        reasoned.text(Name::Reason).as_deref(),
        Some("SIP;cause=200;text=\"Call completed elsewhere\"")
    );
}

#[test]
fn an_octet_buffer_is_exact_and_drafts_do_not_mix() {
    let first = Request::new(&Method::Options, "sip:a@b").call_id("first");
    let second = Request::new(&Method::Options, "sip:a@b").call_id("second");
    let (second, first) = (second.finish(), first.finish());
    assert!(
        text(&first).contains("Call-ID: first\n") && text(&second).contains("Call-ID: second\n")
    );
    assert_eq!(text(&first).len() + 1, text(&second).len());
    drop(Request::new(&Method::Options, "sip:given@up"));
    assert!(!text(&Request::new(&Method::Bye, "sip:a@b").finish()).contains("given"));
}

#[test]
fn phrases_are_those_of_the_rfcs() {
    for (status, phrase) in [
        (100, "Trying"),
        (180, "Ringing"),
        (181, "Call Is Being Forwarded"),
        (183, "Session Progress"),
        (199, "Early Dialog Terminated"),
        (200, "OK"),
        (202, "Accepted"),
        (204, "No Notification"),
        (302, "Moved Temporarily"),
        (400, "Bad Request"),
        (401, "Unauthorized"),
        (403, "Forbidden"),
        (404, "Not Found"),
        (405, "Method Not Allowed"),
        (407, "Proxy Authentication Required"),
        (408, "Request Timeout"),
        (413, "Request Entity Too Large"),
        (414, "Request-URI Too Long"),
        (416, "Unsupported URI Scheme"),
        (417, "Unknown Resource-Priority"),
        (420, "Bad Extension"),
        (422, "Session Interval Too Small"),
        (423, "Interval Too Brief"),
        (430, "Flow Failed"),
        (439, "First Hop Lacks Outbound Support"),
        (480, "Temporarily Unavailable"),
        (481, "Call/Transaction Does Not Exist"),
        (482, "Loop Detected"),
        (483, "Too Many Hops"),
        (486, "Busy Here"),
        (487, "Request Terminated"),
        (488, "Not Acceptable Here"),
        (491, "Request Pending"),
        (500, "Server Internal Error"),
        (501, "Not Implemented"),
        (503, "Service Unavailable"),
        (504, "Server Time-out"),
        (505, "Version Not Supported"),
        (513, "Message Too Large"),
        (600, "Busy Everywhere"),
        (603, "Decline"),
        (604, "Does Not Exist Anywhere"),
        (606, "Not Acceptable"),
        (607, "Unwanted"),
        (608, "Rejected"),
        (299, "OK"),
        (499, "Bad Request"),
        (0, "Unknown"),
        (799, "Unknown"),
        (u16::MAX, "Unknown"),
    ] {
        assert_eq!(reason_phrase(status), phrase, "{status}");
    }
    for status in 100..700 {
        assert!(!reason_phrase(status).is_empty());
    }
}

#[test]
fn methods_are_listed_for_allow() {
    let methods = [
        Method::Invite,
        Method::Ack,
        Method::Prack,
        Method::Extension("NEW".into()),
        Method::Bye,
    ];
    assert_eq!(allow(&methods), "INVITE, ACK, PRACK, BYE, NEW");
    assert_eq!(allow(&[Method::Extension("NEW".into())]), "NEW");
    assert_eq!(allow(&[]), "");
}

#[test]
fn identifiers_of_ours_go_through_unchanged() {
    let mut ids = Ids::new([5; 32], 1);
    let (branch, tag, call_id) = (ids.branch(), ids.tag(), ids.call_id());
    let read = lex(Request::new(&Method::Register, "sip:example.com")
        .via(Transport::Udp, "192.0.2.1:5080", &branch)
        .from(Address {
            display: "",
            uri: "sip:a@b",
            tag: Some(tag.as_str()),
        })
        .call_id(&call_id)
        .finish())
    .unwrap();
    assert_eq!(read.via().unwrap().branch(), Some(branch.as_str()));
    assert_eq!(read.from().unwrap().tag(), Some(tag.as_str()));
    assert_eq!(read.call_id(), Ok(call_id.as_str()));
}
