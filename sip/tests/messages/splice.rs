//! Changes to a message that is passed on: all else stays octet for octet (RFC 3261 section 16.6).

use sip::msg::Name;
use sip::msg::splice::Splice;

use crate::{message, text};

const REQUEST: &str = "INVITE sip:bob@example.com SIP/2.0\n\
    v :  SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1 ,SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2\n\
    X-Odd:\tfolded\n  value  \n\
    Route: <sip:us;lr> , <sip:next;lr>\n\
    Route: <sip:last;lr>\n\
    Max-Forwards: 70\n\
    Content-Length: 4\n\n\
    body";

#[test]
fn nothing_changed_is_nothing_changed() {
    let request = message(REQUEST);
    assert_eq!(Splice::new(&request).finish(), request.bytes());
}

#[test]
fn a_proxy_changes_only_what_it_must() {
    let forwarded = Splice::new(&message(REQUEST))
        .remove_first(Name::Route)
        .replace(Name::MaxForwards, 69)
        .prepend(Name::Via, "SIP/2.0/UDP us;branch=z9hG4bKus")
        .prepend(Name::RecordRoute, "<sip:us;lr>")
        .request_uri("sip:bob@192.0.2.4")
        .append(Name::Other, "never")
        .finish();
    assert_eq!(
        text(&forwarded).replace(": never\n", ""),
        "INVITE sip:bob@192.0.2.4 SIP/2.0\n\
         Via: SIP/2.0/UDP us;branch=z9hG4bKus\n\
         Record-Route: <sip:us;lr>\n\
         v :  SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1 ,SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2\n\
         X-Odd:\tfolded\n  value  \n\
         Route: <sip:next;lr>\n\
         Route: <sip:last;lr>\n\
         Max-Forwards: 69\n\
         Content-Length: 4\n\n\
         body"
    );
}

#[test]
fn lists_lose_their_first_value_one_by_one() {
    let mut current = message(REQUEST);
    for expected in [3, 2, 1, 0, 0] {
        assert_eq!(current.routes().count(), expected);
        let next = Splice::new(&current).remove_first(Name::Route).finish();
        current = sip::msg::lex(next).unwrap();
    }
    assert_eq!(current.all(Name::Route).count(), 0, "no empty line is left");
    let response =
        message("SIP/2.0 200 OK\nVia: SIP/2.0/UDP us;branch=a,\n SIP/2.0/UDP next;branch=b\n\n");
    let passed = Splice::new(&response).remove_first(Name::Via).finish();
    assert_eq!(
        text(&passed),
        "SIP/2.0 200 OK\nVia: SIP/2.0/UDP next;branch=b\n\n"
    );
}

#[test]
fn headers_can_be_removed_and_added() {
    let changed = Splice::new(&message(REQUEST))
        .remove(Name::Route)
        .remove(Name::Subject)
        .replace(Name::Expires, 60)
        .append(Name::Reason, "x\r\nEvil: y")
        .finish();
    assert_eq!(
        text(&changed),
        "INVITE sip:bob@example.com SIP/2.0\n\
         v :  SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1 ,SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2\n\
         X-Odd:\tfolded\n  value  \n\
         Max-Forwards: 70\n\
         Content-Length: 4\n\
         Expires: 60\n\
         Reason: x  Evil: y\n\n\
         body"
    );
}

#[test]
fn a_message_without_headers_can_get_some() {
    let bare = message("OPTIONS sip:a@b SIP/2.0\n\n");
    let changed = Splice::new(&bare)
        .prepend(Name::Via, "SIP/2.0/UDP us")
        .append(Name::To, "<sip:a@b>")
        .finish();
    assert_eq!(
        text(&changed),
        "OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP us\nTo: <sip:a@b>\n\n"
    );
}
