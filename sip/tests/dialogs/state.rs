//! The dialog by itself (RFC 3261 section 12): what it is made of, what requests in it look like, what it takes.

use bytes::Bytes;
use sip::dialog::{Dialog, Origin, Reject};
use sip::msg::build::Request;
use sip::msg::{Message, Method, Name, lex};
use sip::name::{Branch, CallId, Tag, Transport};

use crate::desk::{flow, text};

fn origin() -> Origin {
    Origin {
        call_id: CallId::new("call-1"),
        tag: Tag::new("us"),
        from: "\"Bob\" <sip:bob@click.test>;tag=us".into(),
        contact: "<sip:192.0.2.1:5080>".into(),
        target: "sip:alice@192.0.2.7".into(),
        cseq: 1,
        flow: flow(),
        host: None,
    }
}

fn response(headers: &str) -> Message {
    let text = format!(
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK1\r\n\
         From: \"Bob\" <sip:bob@click.test>;tag=us\r\nTo: \"Alice\" <sip:alice@click.test>;tag=them\r\n\
         Call-ID: call-1\r\nCSeq: 1 INVITE\r\n{headers}Content-Length: 0\r\n\r\n"
    );
    lex(Bytes::from(text)).expect("a response")
}

fn request(method: &Method, (from, to): (&str, &str), cseq: u32, more: &str) -> Message {
    let text = format!(
        "{method} sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK2\r\n\
         From: <sip:alice@click.test>{from}\r\nTo: <sip:bob@click.test>{to}\r\n\
         Call-ID: call-1\r\nCSeq: {cseq} {method}\r\n{more}Content-Length: 0\r\n\r\n"
    );
    lex(Bytes::from(text)).expect("a request")
}

const THEIRS: (&str, &str) = (";tag=them", ";tag=us");

fn bye(dialog: &mut Dialog) -> Message {
    let draft: Request<'_> = dialog.request(&Method::Bye, &Branch::new("z9hG4bKbye"));
    lex(draft.finish()).expect("a request")
}

fn routes(message: &Message) -> Vec<String> {
    message
        .values(Name::Route)
        .map(|route| String::from_utf8_lossy(route).into_owned())
        .collect()
}

#[test]
fn the_caller_turns_the_record_route_round() {
    let response = response(
        "Record-Route: <sip:p2.test;lr>, <sip:p1.test;lr>\r\nRecord-Route: <sip:p0.test;lr>\r\n\
         Contact: <sip:alice@10.1.1.1:5062;transport=udp>\r\n",
    );
    let mut dialog = Dialog::uac(&origin(), &response);
    assert_eq!(dialog.next_hop(), "sip:p0.test;lr");
    let bye = bye(&mut dialog);
    assert_eq!(
        bye.request_uri(),
        Some("sip:alice@10.1.1.1:5062;transport=udp")
    );
    assert_eq!(
        routes(&bye),
        ["<sip:p0.test;lr>", "<sip:p1.test;lr>", "<sip:p2.test;lr>"]
    );
    assert_eq!(bye.cseq(), Ok((2, Method::Bye)));
    assert_eq!(
        text(&bye, Name::From),
        "\"Bob\" <sip:bob@click.test>;tag=us"
    );
    assert_eq!(
        text(&bye, Name::To),
        "\"Alice\" <sip:alice@click.test>;tag=them"
    );
    assert_eq!(bye.max_forwards(), Ok(Some(70)));
    let via = bye.via().expect("Via");
    assert_eq!((via.branch(), via.port()), (Some("z9hG4bKbye"), Some(5080)));
}

#[test]
fn the_callee_keeps_the_record_route_as_it_is() {
    let invite = request(
        &Method::Invite,
        (";tag=them", ""),
        5,
        "Record-Route: <sip:p1.test;lr>, <sip:p2.test;lr>\r\nContact: <sip:alice@10.1.1.1>\r\n",
    );
    let mut dialog = Dialog::uas(&invite, &Tag::new("us"), "<sip:us>", &flow());
    let bye = bye(&mut dialog);
    assert_eq!(routes(&bye), ["<sip:p1.test;lr>", "<sip:p2.test;lr>"]);
    assert_eq!(bye.request_uri(), Some("sip:alice@10.1.1.1"));
    assert_eq!(text(&bye, Name::From), "<sip:bob@click.test>;tag=us");
    assert_eq!(text(&bye, Name::To), "<sip:alice@click.test>;tag=them");
    assert_eq!(dialog.remote_cseq(), Some(5));
    assert_eq!(bye.cseq(), Ok((1, Method::Bye)));
}

#[test]
fn a_strict_router_stands_in_the_request_uri() {
    let response = response(
        "Record-Route: <sip:p2.test>, <sip:p1.test;maddr=10.9.9.9?Subject=x>\r\nContact: <sip:alice@10.1.1.1>\r\n",
    );
    let mut dialog = Dialog::uac(&origin(), &response);
    let bye = bye(&mut dialog);
    assert_eq!(bye.request_uri(), Some("sip:p1.test;maddr=10.9.9.9"));
    assert_eq!(routes(&bye), ["<sip:p2.test>", "<sip:alice@10.1.1.1>"]);
}

#[test]
fn the_route_set_of_the_2xx_replaces_that_of_the_1xx() {
    let ringing = response("Record-Route: <sip:old.test;lr>\r\nContact: <sip:a@10.1.1.1>\r\n");
    let mut dialog = Dialog::uac(&origin(), &ringing);
    dialog.confirm(&response(
        "Record-Route: <sip:new.test;lr>\r\nContact: <sip:a@10.1.1.2>\r\n",
    ));
    let bye = bye(&mut dialog);
    assert_eq!(routes(&bye), ["<sip:new.test;lr>"]);
    assert_eq!(bye.request_uri(), Some("sip:a@10.1.1.2"));
}

#[test]
fn a_contact_that_is_missing_or_bad_leaves_the_target() {
    for contact in [
        "",
        "Contact: *\r\n",
        "Contact: <sip:a b@x>\r\n",
        "Contact: <>\r\n",
    ] {
        let mut dialog = Dialog::uac(&origin(), &response(contact));
        assert_eq!(dialog.target(), "sip:alice@192.0.2.7", "{contact}");
        let bye = bye(&mut dialog);
        assert_eq!(bye.verify(), Ok(()));
        assert_eq!(bye.request_uri(), Some("sip:alice@192.0.2.7"));
        assert_eq!(routes(&bye), [""; 0]);
    }
}

#[test]
fn only_what_refreshes_a_target_or_makes_a_usage_has_a_contact() {
    let mut dialog = Dialog::uac(&origin(), &response(""));
    for (method, has) in [
        (Method::Invite, true),
        (Method::Update, true),
        (Method::Refer, true),
        (Method::Bye, false),
        (Method::Info, false),
        (Method::Options, false),
    ] {
        let draft = dialog.request(&method, &Branch::new("z9hG4bKx"));
        let message = lex(draft.finish()).expect("a request");
        let contact = message.text(Name::Contact);
        assert_eq!(
            contact.as_deref(),
            has.then_some("<sip:192.0.2.1:5080>"),
            "{method}"
        );
    }
    let draft = dialog.ack(1, &Branch::new("z9hG4bKy"));
    let ack = lex(draft.finish()).expect("an ACK");
    assert_eq!(ack.cseq(), Ok((1, Method::Ack)));
    assert_eq!(dialog.local_cseq(), 7);
}

#[test]
fn tags_and_call_id_say_whose_a_request_is() {
    let mut dialog = Dialog::uac(&origin(), &response(""));
    let foreign = [
        (";tag=them", ";tag=other"),
        (";tag=other", ";tag=us"),
        ("", ";tag=us"),
        (";tag=them", ""),
        (";tag=us", ";tag=them"),
    ];
    for tags in foreign {
        let request = request(&Method::Info, tags, 1, "");
        assert_eq!(dialog.receive(&request), Err(Reject { status: 481 }));
    }
    assert_eq!(dialog.remote_cseq(), None);
    let mut receive = |cseq| dialog.receive(&request(&Method::Info, THEIRS, cseq, ""));
    assert_eq!(receive(7), Ok(()));
    assert_eq!(receive(6), Err(Reject { status: 500 }));
    assert_eq!(receive(8), Ok(()));
    assert_eq!(dialog.remote_cseq(), Some(8));
}

#[test]
fn a_peer_of_rfc_2543_has_no_tag() {
    let text = String::from_utf8(response("").bytes().to_vec()).expect("text");
    let old = lex(Bytes::from(text.replace(";tag=them", ""))).expect("a response");
    let mut dialog = Dialog::uac(&origin(), &old);
    assert_eq!(dialog.id().remote_tag.as_str(), "");
    assert_eq!(bye(&mut dialog).to().expect("To").tag(), None);
    assert_eq!(
        dialog.receive(&request(&Method::Bye, ("", ";tag=us"), 1, "")),
        Ok(())
    );
}

#[test]
fn only_sips_over_tls_is_secure() {
    for (target, transport, is_secure) in [
        ("sips:a@x", Transport::Tls, true),
        ("sips:a@x", Transport::Tcp, false),
        ("sip:a@x", Transport::Tls, false),
    ] {
        let mut origin = origin();
        origin.target = target.into();
        origin.flow.transport = transport;
        let dialog = Dialog::uac(&origin, &response(""));
        assert_eq!(dialog.is_secure(), is_secure, "{target} {transport}");
    }
}
