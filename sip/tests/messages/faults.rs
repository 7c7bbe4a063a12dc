//! The second verdict: framed, but bad (RFC 3261 sections 7.3.1, 8.1.1, 8.2 and 16.3).

use bytes::Bytes;
use sip::msg::build::Response;
use sip::msg::{Fault, lex};

use crate::{message, request_with, text};

/// A good request, one line of it replaced.
fn with(line: &str, instead: &str) -> Result<(), Fault> {
    let good = "OPTIONS sip:bob@example.com SIP/2.0\n\
                Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\n\
                From: <sip:alice@example.com>;tag=a\n\
                To: <sip:bob@example.com>\n\
                Call-ID: 1@192.0.2.1\n\
                CSeq: 1 OPTIONS\n\
                Content-Length: 0\n\n";
    let start = good.find(line).expect("a line of the good request");
    let end = start + good[start..].find('\n').expect("a line end");
    message(&format!("{}{instead}{}", &good[..start], &good[end..])).verify()
}

#[test]
fn every_fault_has_its_status_and_its_reason() {
    let cases = [
        ("CSeq", "CSeq: 1 OPTIONS", Ok(())),
        (
            "CSeq",
            "CSeq: 1 INVITE",
            Err((400, "CSeq names another method")),
        ),
        ("CSeq", "CSeq: OPTIONS 1", Err((400, "Malformed CSeq"))),
        ("CSeq", "X: y", Err((400, "Missing CSeq"))),
        (
            "CSeq",
            "CSeq: 1 OPTIONS\nCSeq: 1 OPTIONS",
            Err((400, "A single header given twice")),
        ),
        ("Via", "X: y", Err((400, "Missing Via"))),
        ("Via", "Via: SIP/2.0/UDP", Err((400, "Malformed Via"))),
        (
            "Via",
            "Via: SIP/2.0/UDP h;;branch=x",
            Err((400, "Malformed Via")),
        ),
        (
            "Via",
            "Via: SIP/2.0/UDP h;x=\"open",
            Err((400, "Malformed Via")),
        ),
        (
            "Via",
            "Via: SIP/2.0/UDP h;rport (comment)",
            Err((400, "Malformed Via")),
        ),
        ("From", "X: y", Err((400, "Missing From"))),
        ("From", "From: <sip:a@b>;x y", Err((400, "Malformed From"))),
        (
            "To",
            "To: \"Joe\" <sip:joe@example.org>;;,;,,",
            Err((400, "Malformed To")),
        ),
        ("From", "From: <sip:a@b", Err((400, "Malformed address"))),
        (
            "From",
            "From: <sip:>;tag=1",
            Err((400, "Malformed URI in an address")),
        ),
        ("From", "From: sip:alice@example.com", Ok(())),
        ("From", "f: <urn:service:sos>;tag=1", Ok(())),
        ("To", "X: y", Err((400, "Missing To"))),
        (
            "To",
            "To: \"Mr. J. User <sip:j.user@example.com>",
            Err((400, "Malformed address")),
        ),
        (
            "To",
            "To: <sip:b@c>\nt: <sip:b@c>",
            Err((400, "A single header given twice")),
        ),
        ("Call-ID", "X: y", Err((400, "Missing Call-ID"))),
        ("Call-ID", "Call-ID:", Err((400, "Malformed Call-ID"))),
        ("Call-ID", "Call-ID: a b", Err((400, "Malformed Call-ID"))),
        ("Call-ID", "i: w3b!%~+_`'(){}[]<>:\\\"/?@h", Ok(())),
        (
            "Content-Length",
            "Content-Length: 1",
            Err((400, "Content-Length larger than the datagram")),
        ),
        (
            "Content-Length",
            "Content-Length: 9999",
            Err((400, "Content-Length larger than the datagram")),
        ),
        (
            "Content-Length",
            "Content-Length: 18446744073709551616",
            Err((400, "Content-Length larger than the datagram")),
        ),
        (
            "Content-Length",
            "Content-Length: -999",
            Err((400, "Malformed Content-Length")),
        ),
        (
            "Content-Length",
            "Content-Length: +0",
            Err((400, "Malformed Content-Length")),
        ),
        (
            "Content-Length",
            "Content-Length:",
            Err((400, "Malformed Content-Length")),
        ),
        (
            "Content-Length",
            "Content-Length: 0, 0",
            Err((400, "Malformed Content-Length")),
        ),
        (
            "Content-Length",
            "Content-Length: 0\nl: 0",
            Err((400, "Content-Length given twice")),
        ),
        (
            "Content-Length",
            "Content-Length: 0\nl: 1",
            Err((400, "Contradicting Content-Length")),
        ),
        (
            "Content-Length",
            "no colon",
            Err((400, "Malformed header line")),
        ),
        (
            "Content-Length",
            ": no name",
            Err((400, "Malformed header line")),
        ),
        (
            "Content-Length",
            "two words: x",
            Err((400, "Malformed header line")),
        ),
        (
            "Content-Length",
            "Max-Forwards: 300",
            Err((400, "Malformed Max-Forwards")),
        ),
        (
            "OPTIONS",
            "OPTIONS sip:bob@example.com SIP/7.0",
            Err((505, "Version Not Supported")),
        ),
        ("OPTIONS", "OPTIONS sip:bob@example.com sip/2.0", Ok(())),
        (
            "OPTIONS",
            "OPTIONS  sip:bob@example.com  SIP/2.0",
            Err((400, "Malformed Request-Line")),
        ),
        (
            "OPTIONS",
            "OPTIONS sip:bob@example.com; lr SIP/2.0",
            Err((400, "Malformed Request-Line")),
        ),
        (
            "OPTIONS",
            "OPTIONS sip:bob@example.com SIP/2.0  ",
            Err((400, "Malformed Request-Line")),
        ),
        (
            "OPTIONS",
            "OPTIONS  SIP/2.0",
            Err((400, "Malformed Request-Line")),
        ),
        (
            "OPTIONS",
            "OPTIONS SIP/2.0",
            Err((400, "Malformed Request-Line")),
        ),
        (
            "OPTIONS",
            "OPTIONS <sip:bob@example.com> SIP/2.0",
            Err((400, "Malformed Request-URI")),
        ),
        (
            "OPTIONS",
            "OPTIONS bob SIP/2.0",
            Err((400, "Malformed Request-URI")),
        ),
        ("OPTIONS", "OPTIONS tel:+12015550123 SIP/2.0", Ok(())),
        (
            "OPTIONS",
            "OPTIONS sip:bob@example.com?Route=%3Csip:us%3E SIP/2.0",
            Err((400, "Headers in the Request-URI")),
        ),
        ("Via", "Via: SIP/7.0/UDP h;branch=z9hG4bKx", Ok(())),
        (
            "OPTIONS",
            "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0",
            Err((416, "Unsupported URI Scheme")),
        ),
        ("OPTIONS", "SIP/2.0 200 OK", Ok(())),
        (
            "OPTIONS",
            "SIP/2.0 4294967301 better not break the receiver",
            Err((400, "Malformed Status-Line")),
        ),
        (
            "OPTIONS",
            "SIP/2.0 099 x",
            Err((400, "Malformed Status-Line")),
        ),
        (
            "OPTIONS",
            "SIP/2.0 700 x",
            Err((400, "Malformed Status-Line")),
        ),
        (
            "OPTIONS",
            "SIP/2.0 200OK",
            Err((400, "Malformed Status-Line")),
        ),
        (
            "OPTIONS",
            "SIP/2.1 200 OK",
            Err((505, "Version Not Supported")),
        ),
    ];
    for (line, instead, expected) in cases {
        let expected = expected.map_err(|(status, reason)| Fault { status, reason });
        assert_eq!(with(line, instead), expected, "{instead}");
    }
}

#[test]
fn a_bad_request_can_still_be_answered() {
    let bad = message(
        "INVITE sip:a@b SIP/7.0\n\
         Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\n\
         what is this\n\
         To: <sip:bob@example.com\n\
         Call-ID: 1\n\
         CSeq: x INVITE\n\
         Content-Length: 77\n\n",
    );
    let fault = bad.verify().unwrap_err();
    let answer = Response::to(&bad, fault.status, Some(fault.reason), None).finish();
    assert_eq!(
        text(&answer),
        "SIP/2.0 505 Version Not Supported\n\
         Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\n\
         To: <sip:bob@example.com\n\
         Call-ID: 1\n\
         CSeq: x INVITE\n\
         Content-Length: 0\n\n"
    );
}

#[test]
fn a_response_needs_what_its_request_had() {
    let response = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n\
                    To: <sip:c@d>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\n\r\n";
    assert_eq!(
        lex(Bytes::from_static(response.as_bytes()))
            .unwrap()
            .verify(),
        Ok(())
    );
    for line in ["Via", "From", "To", "Call-ID", "CSeq"] {
        let without = response.replacen(&format!("\r\n{line}:"), "\r\nX:", 1);
        assert!(
            lex(Bytes::from(without)).unwrap().verify().is_err(),
            "{line}"
        );
    }
}

#[test]
fn the_first_fault_is_told() {
    let twice = request_with("no colon\nContent-Length: x");
    assert_eq!(
        twice.verify(),
        Err(Fault::bad_request("Malformed header line"))
    );
    assert_eq!(
        twice.verify().unwrap_err().to_string(),
        "400 Malformed header line"
    );
}
