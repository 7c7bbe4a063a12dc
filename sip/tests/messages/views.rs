//! Typed views (RFC 3261 section 20), as tables of what devices really send.

use sip::msg::{Contact, Fault, Method, Name, NameAddr, Values, Via};
use sip::name::{Host, Transport};

use crate::request_with;

fn address(value: &str) -> NameAddr<'_> {
    NameAddr::parse(value.as_bytes()).unwrap_or_else(|why| panic!("{value}: {why}"))
}

fn via(value: &str) -> Via<'_> {
    Via::parse(value.as_bytes()).unwrap_or_else(|why| panic!("{value}: {why}"))
}

#[test]
fn addresses_are_taken_apart() {
    let cases = [
        // value, display name, URI, tag
        ("<sip:a@b>", None, "sip:a@b", None),
        ("sip:a@b;tag=1", None, "sip:a@b", Some("1")),
        ("sip:a@b ; tag = 1 ", None, "sip:a@b", Some("1")),
        (
            "\"A. G. Bell\" <sip:a@b>;tag=a48s",
            Some("A. G. Bell"),
            "sip:a@b",
            Some("a48s"),
        ),
        (
            "Anonymous <sip:c8oqz84zk7z@privacy.org>;TAG=hyh8",
            Some("Anonymous"),
            "sip:c8oqz84zk7z@privacy.org",
            Some("hyh8"),
        ),
        (
            "\"Alice\"<sip:a@b;transport=UDP>;tag=x",
            Some("Alice"),
            "sip:a@b;transport=UDP",
            Some("x"),
        ),
        (
            "\"quote \\\" back \\\\ <,;>\" <sip:a@b>",
            Some("quote \" back \\ <,;>"),
            "sip:a@b",
            None,
        ),
        (
            "caller<sip:caller@example.com>;tag=323",
            Some("caller"),
            "sip:caller@example.com",
            Some("323"),
        ),
        ("Two  Words <sip:a@b>", Some("Two  Words"), "sip:a@b", None),
        (
            "Al \"the < one\" Ice <sip:a@b>",
            Some("Al \"the < one\" Ice"),
            "sip:a@b",
            None,
        ),
        ("\"\" <sip:a@b>", None, "sip:a@b", None),
        ("< sip:a@b >;tag=1", None, "sip:a@b", Some("1")),
        (
            "<sip:a@b;x=\"y\">;tag=1",
            None,
            "sip:a@b;x=\"y\"",
            Some("1"),
        ),
        (
            "<sip:a@b?h=v>;q=\"a;tag=no\";tag=yes",
            None,
            "sip:a@b?h=v",
            Some("yes"),
        ),
        ("<sip:a@b>;tag=", None, "sip:a@b", None),
        ("<sip:a@b>;tag", None, "sip:a@b", None),
        ("<urn:service:sos>", None, "urn:service:sos", None),
        (
            "\"J\u{fc}rgen\" <sip:a@b>",
            Some("J\u{fc}rgen"),
            "sip:a@b",
            None,
        ),
        (
            "\"folded\r\n  name\" <sip:a@b>;\r\n tag=1",
            Some("folded name"),
            "sip:a@b",
            Some("1"),
        ),
        ("<sip:a@b>;;tag=1", None, "sip:a@b", Some("1")),
    ];
    for (value, display, uri, tag) in cases {
        let address = address(value);
        assert_eq!(address.display().as_deref(), display, "{value}");
        assert_eq!(address.uri_text(), uri, "{value}");
        assert_eq!(address.tag(), tag, "{value}");
    }
}

#[test]
fn addresses_that_are_none_are_refused() {
    for value in [
        "",
        "<>",
        "<sip:a@b",
        "\"open <sip:a@b>",
        "\"open\\\" <sip:a@b>",
        "sip:a@b?Route=%3Csip:c%3E",
        "sip:a@b, sip:c@d",
        "Alice sip:a@b",
        "<sip:a@b> x",
        "<sip:a@b>x;tag=1",
        ";tag=1",
    ] {
        assert!(NameAddr::parse(value.as_bytes()).is_err(), "{value}");
    }
    // The text of the URI is judged when it is asked for.
    assert!(address("<sip:>").uri().is_err());
}

#[test]
fn an_instance_is_a_parameter_like_others() {
    let contact = address(
        "<sip:a@192.0.2.1>;+sip.instance=\"<urn:uuid:f81d4fae,;>\";reg-id=1;q=0.5;expires=60",
    );
    assert_eq!(
        contact.param("+sip.instance"),
        Some(Some("<urn:uuid:f81d4fae,;>"))
    );
    assert_eq!(contact.param("REG-ID"), Some(Some("1")));
    assert_eq!((contact.q(), contact.expires()), (Some(500), Some(60)));
    let all: Vec<_> = contact.params().map(|(name, _)| name).collect();
    assert_eq!(all, ["+sip.instance", "reg-id", "q", "expires"]);
}

#[test]
fn preferences_and_expiries_are_numbers_or_defaults() {
    for (text, q) in [
        ("0", Some(0)),
        ("1", Some(1_000)),
        ("1.000", Some(1_000)),
        ("0.7", Some(700)),
        ("0.70", Some(700)),
        ("0.123", Some(123)),
        (".5", Some(500)),
        ("0.", Some(0)),
        ("1.001", None),
        ("2", None),
        ("0.1234", None),
        ("-1", None),
        ("x", None),
        ("", None),
    ] {
        assert_eq!(address(&format!("<sip:a@b>;q={text}")).q(), q, "{text:?}");
    }
    for (text, seconds) in [
        (";expires=0", Some(0)),
        (";expires=3600", Some(3_600)),
        (";expires=4294967295", Some(u32::MAX)),
        (";expires=4294967296", Some(u32::MAX)),
        (";expires=280297596632815", Some(u32::MAX)),
        (";expires=\"60\"", Some(60)),
        (";expires=soon", Some(3_600)),
        (";expires", Some(3_600)),
        (";expires=-1", Some(3_600)),
        ("", None),
    ] {
        assert_eq!(
            address(&format!("<sip:a@b>{text}")).expires(),
            seconds,
            "{text:?}"
        );
    }
    assert_eq!(request_with("Expires: 60 ").expires(), Some(60));
    assert_eq!(request_with("Expires: 0xff").expires(), Some(3_600));
    assert_eq!(request_with("").expires(), None);
}

#[test]
fn vias_are_taken_apart() {
    let plain = via("SIP/2.0/UDP pc33.atlanta.example.com:5066;branch=z9hG4bK776asdhds;rport");
    assert_eq!(
        (plain.transport(), plain.transport_text()),
        (Some(Transport::Udp), "UDP")
    );
    assert_eq!(
        (plain.host(), plain.port()),
        (Host::Name("pc33.atlanta.example.com"), Some(5066))
    );
    assert_eq!(plain.branch(), Some("z9hG4bK776asdhds"));
    assert_eq!(
        (plain.rport(), plain.received(), plain.maddr()),
        (Some(None), None, None)
    );

    let blanks = via(
        "SIP  /  2.0\t/ tls   first.example.com : 4000 ; ttl = 16 ;\r\n  maddr = 224.2.0.1 ; branch = z9hG4bKa7c6.1",
    );
    assert_eq!(blanks.transport(), Some(Transport::Tls));
    assert_eq!(
        (blanks.port(), blanks.branch()),
        (Some(4000), Some("z9hG4bKa7c6.1"))
    );
    assert_eq!(blanks.maddr(), Host::parse("224.2.0.1"));
    assert_eq!(blanks.params().count(), 3);

    let v6 =
        via("SIP/2.0/TCP [2001:db8::9:1]:5080;received=[2001:db8::9:255];rport=40000;branch=a=x/y");
    assert_eq!(
        (v6.host().to_string(), v6.port()),
        ("[2001:db8::9:1]".to_owned(), Some(5080))
    );
    assert_eq!(v6.received().unwrap().to_string(), "2001:db8::9:255");
    assert_eq!(
        (v6.rport(), v6.branch()),
        (Some(Some(40_000)), Some("a=x/y"))
    );
    assert_eq!(
        via("SIP/2.0/UDP h;received=2001:db8::9:255").received(),
        v6.received()
    );

    assert_eq!(via("SIP/2.0/UDP h;branch=").branch(), None);
    assert_eq!(via("SIP/2.0/UDP h;rport=x").rport(), Some(None));
    assert_eq!(via("SIP/2.0/UDP h").port_or_default(), 5060);
    assert_eq!(
        via("SIP/2.0/WSS df7jal23ls0d.invalid;branch=x").port_or_default(),
        5061
    );
    let unknown = via("SIP/2.0/UNKNOWN t5.example.com;branch=z9hG4bKkdjuw");
    assert_eq!(
        (unknown.transport(), unknown.transport_text()),
        (None, "UNKNOWN")
    );
}

#[test]
fn vias_that_are_none_are_refused() {
    for value in [
        "",
        "SIP/2.0/UDP",
        "SIP/2.0/UDP ;branch=x",
        "SIP//UDP h",
        "HTTP/2.0/UDP h",
        "SIP/2.0 h",
        "SIP/2.0/UDP h:",
        "SIP/2.0/UDP h:65536",
        "SIP/2.0/UDP h:5060x",
        "SIP/2.0/UDP [::1",
        "SIP/2.0/UDP [::1]x",
        "SIP/2.0/UDP a b",
        "SIP/2.0/UDP h!",
        "/2.0/UDP h",
    ] {
        assert!(Via::parse(value.as_bytes()).is_err(), "{value}");
    }
}

#[test]
fn lists_respect_quotes_and_brackets() {
    let cases: &[(&str, &[&str])] = &[
        ("a", &["a"]),
        ("a,b , c", &["a", "b", "c"]),
        (",, a,,b,", &["a", "b"]),
        (
            "\"x, y\" <sip:a,b@c>, <sip:d>;p=\",\\\",\", e",
            &["\"x, y\" <sip:a,b@c>", "<sip:d>;p=\",\\\",\"", "e"],
        ),
        ("<sip:a>,\r\n <sip:b>", &["<sip:a>", "<sip:b>"]),
        ("\"open, for ever", &["\"open, for ever"]),
        ("<open, for ever", &["<open, for ever"]),
        ("\"a\\", &["\"a\\"]),
        ("", &[]),
        (" \t", &[]),
    ];
    for (line, expected) in cases {
        let values: Vec<_> = Values::new(line.as_bytes())
            .map(|value| std::str::from_utf8(value).unwrap())
            .collect();
        assert_eq!(values, *expected, "{line:?}");
    }
}

#[test]
fn lists_run_on_across_lines() {
    let request = request_with(
        "Route: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>\n\
         Via: SIP/2.0/TCP 192.0.2.2;branch=z9hG4bK2, SIP/2.0/TLS 192.0.2.3;branch=z9hG4bK3\n\
         Route: \"p, 3\" <sip:p3.example.com>\n\
         m: <sip:a@b>;q=0.1, sip:c@d;expires=5\n\
         Record-Route: <sip:r1;lr>\n\
         k: timer, 100rel",
    );
    let routes: Vec<_> = request
        .routes()
        .map(|route| route.unwrap().uri_text())
        .collect();
    assert_eq!(
        routes,
        [
            "sip:p1.example.com;lr",
            "sip:p2.example.com;lr",
            "sip:p3.example.com"
        ]
    );
    let branches: Vec<_> = request.vias().map(|via| via.unwrap().branch()).collect();
    assert_eq!(
        branches,
        [Some("z9hG4bKx"), Some("z9hG4bK2"), Some("z9hG4bK3")]
    );
    let contacts: Vec<_> = request
        .contacts()
        .filter_map(|c| c.unwrap().address().map(|a| a.uri_text()))
        .collect();
    assert_eq!(contacts, ["sip:a@b", "sip:c@d"]);
    assert_eq!(request.record_routes().count(), 1);
    assert!(request.lists(Name::Supported, "100REL") && !request.lists(Name::Supported, "path"));
}

#[test]
fn a_star_is_a_contact_of_its_own() {
    let request = request_with("Contact: *");
    let contacts: Vec<_> = request.contacts().collect();
    assert!(matches!(contacts[..], [Ok(Contact::Star)]));
    assert!(Contact::parse(b" * ").is_ok_and(|contact| contact.address().is_none()));
}

#[test]
fn cseq_is_a_number_and_a_method() {
    for (value, expected) in [
        ("4711 INVITE", Some((4_711, Method::Invite))),
        ("0009\tOPTIONS", Some((9, Method::Options))),
        ("1\r\n  ACK", Some((1, Method::Ack))),
        (
            "4294967295 NEW",
            Some((u32::MAX, Method::Extension("NEW".into()))),
        ),
        ("4294967296 INVITE", None),
        ("36893488147419103232 REGISTER", None),
        ("INVITE", None),
        ("1", None),
        ("1INVITE", None),
        ("-1 INVITE", None),
        ("1 IN VITE", None),
        ("", None),
    ] {
        let text = format!("OPTIONS sip:a@b SIP/2.0\r\nCSeq: {value}\r\n\r\n");
        let request = sip::msg::lex(bytes::Bytes::from(text)).unwrap();
        assert_eq!(request.cseq().ok(), expected, "{value:?}");
    }
}

#[test]
fn small_headers_are_read() {
    let request = request_with(
        "Max-Forwards: 70\nContent-Type: Application/SDP ; charset=utf-8\nContent-Length: 0\nUser-Agent: Phone/1.0 (a, b)",
    );
    assert_eq!(request.max_forwards(), Ok(Some(70)));
    assert_eq!(request.content_type(), Some("Application/SDP"));
    assert_eq!(request.content_length(), Some(0));
    assert_eq!(request.user_agent().as_deref(), Some("Phone/1.0 (a, b)"));
    assert_eq!(request.call_id(), Ok("1@192.0.2.1"));
    assert_eq!(request_with("").max_forwards(), Ok(None));
    for bad in ["256", "300", "-1", "x", ""] {
        assert!(
            request_with(&format!("Max-Forwards: {bad}"))
                .max_forwards()
                .is_err(),
            "{bad}"
        );
    }
}

#[test]
fn what_is_missing_is_named() {
    let empty = crate::message("OPTIONS sip:a@b SIP/2.0\n\n");
    let missing = |reason| Some(Fault::bad_request(reason));
    assert_eq!(empty.via().err(), missing("Missing Via"));
    assert_eq!(empty.from().err(), missing("Missing From"));
    assert_eq!(empty.to().err(), missing("Missing To"));
    assert_eq!(empty.call_id().err(), missing("Missing Call-ID"));
    assert_eq!(empty.cseq().err(), missing("Missing CSeq"));
}
