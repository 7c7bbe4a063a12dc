//! Datagrams: what is a message, and where it ends (RFC 3261 sections 7 and 18.3).

use bytes::Bytes;
use sip::msg::{Method, Name, Unframeable, lex};

use crate::{message, request_with, wire};

#[test]
fn a_request_line_is_read() {
    let invite = request_with("");
    assert!(invite.is_request());
    assert_eq!(invite.method(), Some(&Method::Options));
    assert_eq!(invite.request_uri(), Some("sip:bob@example.com"));
    assert_eq!((invite.status(), &*invite.reason()), (None, ""));
    assert_eq!(invite.verify(), Ok(()));
}

#[test]
fn status_lines_are_read() {
    let cases = [
        ("SIP/2.0 200 OK", 200, "OK"),
        ("sip/2.0 486 Busy Here", 486, "Busy Here"),
        ("SIP/2.0 100 ", 100, ""),
        ("SIP/2.0 183", 183, ""),
        (
            "SIP/2.0 200 = 2**3 * 5**2 \u{43d}\u{43e}",
            200,
            "= 2**3 * 5**2 \u{43d}\u{43e}",
        ),
    ];
    for (line, status, reason) in cases {
        let response = message(&format!("{line}\nCSeq: 1 INVITE\n\n"));
        assert!(!response.is_request());
        assert_eq!(response.status(), Some(status), "{line}");
        assert_eq!(response.reason(), reason, "{line}");
        assert_eq!((response.method(), response.request_uri()), (None, None));
    }
}

#[test]
fn unknown_methods_are_kept_and_case_counts() {
    let odd = "!interesting-Method0123456789_*+`.%indeed'~";
    for method in [odd, "invite", "NEWMETHOD"] {
        let request = message(&format!("{method} sip:b@example.com SIP/2.0\n\n"));
        assert_eq!(request.method(), Some(&Method::Extension(method.into())));
    }
    for method in [
        "ACK",
        "BYE",
        "CANCEL",
        "INFO",
        "INVITE",
        "MESSAGE",
        "NOTIFY",
        "OPTIONS",
        "PRACK",
        "PUBLISH",
        "REFER",
        "REGISTER",
        "SUBSCRIBE",
        "UPDATE",
    ] {
        let request = message(&format!("{method} sip:b@example.com SIP/2.0\n\n"));
        let read = request.method().cloned();
        assert_eq!(read.as_ref().map(Method::as_str), Some(method));
        assert!(!matches!(read, Some(Method::Extension(_))), "{method}");
    }
}

#[test]
fn what_is_not_sip_is_refused() {
    let cases: &[(&[u8], Unframeable)] = &[
        (b"", Unframeable::Empty),
        (b"\r\n\r\n", Unframeable::Empty),
        (b"\n", Unframeable::Empty),
        (b"\0\0\0\0", Unframeable::NotSip),
        (b"\x00\x01\x00\x00\x21\x12\xa4\x42", Unframeable::NotSip),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", Unframeable::NotSip),
        (b"hello\r\n\r\n", Unframeable::NotSip),
        (b" INVITE sip:a@b SIP/2.0\r\n\r\n", Unframeable::NotSip),
        (b"IN[]VITE sip:a@b SIP/2.0\r\n\r\n", Unframeable::NotSip),
        (b"INVITE sip:a@b\r\n\r\n", Unframeable::NotSip),
        (b"INVITE sip:a@b SIP/2.0", Unframeable::Truncated),
        (b"INVITE sip:a@b SIP/2.0\r\n", Unframeable::Truncated),
        (
            b"INVITE sip:a@b SIP/2.0\r\nTo: x\r\n",
            Unframeable::Truncated,
        ),
        (
            b"INVITE sip:a@b SIP/2.0\r\nTo: x\r\n\r",
            Unframeable::Truncated,
        ),
    ];
    for (bytes, why) in cases {
        assert_eq!(
            lex(Bytes::from_static(bytes)),
            Err(*why),
            "{}",
            bytes.escape_ascii()
        );
    }
}

#[test]
fn line_ends_before_the_message_are_skipped() {
    let bytes = Bytes::from_static(b"\r\n\r\n\nOPTIONS sip:a@b SIP/2.0\r\nTo: x\r\n\r\n");
    let request = lex(bytes).unwrap();
    assert_eq!(request.raw(Name::To), Some(&b"x"[..]));
    assert!(request.bytes().starts_with(b"OPTIONS"));
}

#[test]
fn the_body_is_what_content_length_says() {
    let head = "OPTIONS sip:a@b SIP/2.0\r\n";
    let cases = [
        ("\r\nrest", "rest"),
        ("Content-Length: 4\r\n\r\nbodyand trailing octets", "body"),
        ("l: 0\r\n\r\nnothing of this", ""),
        ("Content-Length: 0004\r\n\r\nbody", "body"),
        ("Content-Length : 4 \r\n\r\nbody", "body"),
        ("Content-Length:\r\n 4\r\n\r\nbody", "body"),
        ("\r\n", ""),
    ];
    for (rest, body) in cases {
        let request = lex(Bytes::from(format!("{head}{rest}"))).unwrap();
        assert_eq!(request.body(), body.as_bytes(), "{rest:?}");
        assert!(
            request.bytes().ends_with(body.as_bytes()),
            "what trails is no part of the message"
        );
    }
}

#[test]
fn names_are_known_in_every_form() {
    for &name in Name::ALL {
        let long = name.as_str();
        for form in [Some(long), name.compact()].into_iter().flatten() {
            for spelling in [form.to_owned(), form.to_uppercase(), form.to_lowercase()] {
                assert_eq!(Name::parse(spelling.as_bytes()), name, "{spelling}");
            }
            assert_eq!(Name::parse(format!("{form}x").as_bytes()), Name::Other);
            assert_eq!(Name::parse(format!("{form} ").as_bytes()), Name::Other);
            assert_eq!(
                Name::parse(form.replace('-', "\r").as_bytes()) == name,
                !form.contains('-')
            );
        }
    }
    assert_eq!(Name::parse(b""), Name::Other);
    assert_eq!(Name::Other.as_str(), "");
}

#[test]
fn the_compact_forms_are_those_of_the_registry() {
    let forms: Vec<_> = Name::ALL
        .iter()
        .filter_map(|name| {
            name.compact()
                .map(|compact| format!("{compact}={}", name.as_str()))
        })
        .collect();
    let mut sorted = forms.clone();
    sorted.sort();
    assert_eq!(
        sorted.join(" "),
        "a=Accept-Contact b=Referred-By c=Content-Type d=Request-Disposition e=Content-Encoding f=From i=Call-ID \
         j=Reject-Contact k=Supported l=Content-Length m=Contact o=Event r=Refer-To s=Subject t=To u=Allow-Events \
         v=Via x=Session-Expires y=Identity"
    );
}

#[test]
fn headers_may_be_written_in_odd_ways() {
    let request = message(
        "OPTIONS sip:a@b SIP/2.0\n\
         TO :\n \u{20}sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\n\
         subject: one\n  two\n\t three  \n\
         v:  SIP  / 2.0\n  /UDP\n    192.0.2.2;branch=390skdjuw\n\
         X-Empty:\n\
         s:\n\
         NewFangledHeader:   newfangled value\n continued newfangled value\n\n",
    );
    assert_eq!(
        request.text(Name::Subject).as_deref(),
        Some("one two three")
    );
    assert_eq!(
        request.raw(Name::Subject),
        Some(&b"one\r\n  two\r\n\t three"[..])
    );
    assert_eq!(request.to().unwrap().tag(), Some("1918181833n"));
    assert_eq!(request.via().unwrap().branch(), Some("390skdjuw"));
    assert_eq!(request.other("x-empty"), Some(&b""[..]));
    assert_eq!(request.all(Name::Subject).count(), 2);
    let other = request
        .headers()
        .find(|header| header.text() == "NewFangledHeader")
        .unwrap();
    assert_eq!(other.name(), Name::Other);
    assert_eq!(
        other.value(),
        b"newfangled value\r\n continued newfangled value"
    );
    assert_eq!(request.headers().count(), 6);
}

#[test]
fn bare_line_feeds_end_lines_too() {
    let text = "OPTIONS sip:a@b SIP/2.0\nTo: <sip:x@y>\nSubject: a\n b\n\nbody";
    let request = lex(Bytes::from_static(text.as_bytes())).unwrap();
    assert_eq!(request.to().unwrap().uri_text(), "sip:x@y");
    assert_eq!(request.text(Name::Subject).as_deref(), Some("a b"));
    assert_eq!(&request.body()[..], b"body");
}

#[test]
fn octets_that_are_not_utf8_lose_nothing() {
    let mut bytes = wire("OPTIONS sip:a@b SIP/2.0\nSubject: caf").to_vec();
    bytes.extend_from_slice(b"\xe9\r\nFrom: \"\xff\\\"\" <sip:a@b>;tag=1;x=\xfe\r\nServer: \xc3\xa9\r\n\r\n\xff\x00\xfe");
    let request = lex(Bytes::from(bytes)).unwrap();
    assert_eq!(request.raw(Name::Subject), Some(&b"caf\xe9"[..]));
    assert_eq!(request.text(Name::Subject).as_deref(), Some("caf\u{fffd}"));
    let from = request.from().unwrap();
    assert_eq!(from.display().as_deref(), Some("\u{fffd}\""));
    assert_eq!((from.tag(), from.param("x")), (Some("1"), None));
    assert_eq!(request.text(Name::Server).as_deref(), Some("é"));
    assert_eq!(&request.body()[..], b"\xff\x00\xfe");
}

#[test]
fn clones_share_their_octets() {
    let request = request_with("Subject: x");
    let clone = request.clone();
    assert_eq!(clone, request);
    assert_eq!(clone.bytes().as_ptr(), request.bytes().as_ptr());
    assert!(
        format!("{request:?}")
            .starts_with("Message(\"OPTIONS sip:bob@example.com SIP/2.0\\r\\nVia")
    );
}
