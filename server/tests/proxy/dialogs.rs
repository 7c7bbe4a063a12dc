//! What belongs to a dialog follows it: RFC 3261 sections 16.4, 16.6 step 4, 16.12 and 18.1.1, RFC 3327, RFC 5626.

use sip::msg::{Message, Method, Name};
use sip::name::Transport::{Tcp, Tls, Udp};

use crate::rig::{ALICE, BOB, Rig, invite, list, to_bob};
use crate::support::Request;

/// Alice and Bob are in a dialog; his copy of the INVITE, and the 200 that she heard.
pub fn talking(rig: &mut Rig) -> (Message, Message) {
    rig.ask(&invite());
    let copy = rig.one(BOB);
    rig.answer(BOB, &copy, 200);
    let answer = rig.heard(ALICE).pop().unwrap();
    assert_eq!(answer.status(), Some(200));
    (copy, answer)
}

/// A request of Alice's in the dialog.
pub fn in_dialog(method: &str, cseq: u32, answer: &Message) -> Request {
    let mut routes = list(answer, Name::RecordRoute);
    routes.reverse();
    let mut request = to_bob(method).cseq(cseq).with(|r| {
        r.uri = "sip:10.0.0.3:5060".to_owned();
        r.to = "<sip:bob@click.test>;tag=tag-1".to_owned();
    });
    for route in routes {
        request = request.header("Route", route);
    }
    request
}

/// A request of Bob's in the dialog.
pub fn back(method: &str, cseq: u32, copy: &Message) -> Request {
    let request = Request::new(method).cseq(cseq).with(|r| {
        r.uri = "sip:alice@10.0.0.2:5060".to_owned();
        r.via = format!("SIP/2.0/UDP 10.0.0.3:5060;rport;branch=z9hG4bK-b{cseq}");
        r.from = "<sip:bob@click.test>;tag=tag-1".to_owned();
        r.to = "<sip:alice@click.test>;tag=from".to_owned();
    });
    let routes = list(copy, Name::RecordRoute).into_iter();
    routes.fold(request, |request, route| request.header("Route", route))
}

#[test]
fn section_16_6_step_4_both_sides_are_recorded_the_callee_s_above() {
    let mut rig = Rig::new();
    rig.register_by(BOB, Tcp, "bob", "");
    rig.ask(&invite());
    let copy = rig.one(BOB);
    let routes = list(&copy, Name::RecordRoute);
    assert_eq!(routes.len(), 2);
    assert!(
        routes[0].ends_with("@10.0.0.1:5080;transport=tcp;lr>"),
        "{routes:?}"
    );
    assert!(
        routes[1].ends_with("@10.0.0.1:5080;transport=udp;lr>"),
        "{routes:?}"
    );
    // A MESSAGE begins no dialog.
    rig.ask(&to_bob("MESSAGE").cseq(2));
    assert_eq!(list(&rig.one(BOB), Name::RecordRoute), [""; 0]);
}

#[test]
fn section_16_6_step_4_what_goes_to_sips_is_recorded_as_sips() {
    for (asked, path) in [
        ("sips:bob@click.test", None),
        ("sip:bob@click.test", Some("<sips:edge@10.0.0.3:5060;lr>")),
    ] {
        let mut rig = Rig::new();
        let mut register = Request::register("bob")
            .call_id("r")
            .contact("<sip:bob@10.0.0.3:5060>");
        if let Some(path) = path {
            register = register.header("Supported", "path").header("Path", path);
        }
        rig.register_with(BOB, Tls, register);
        let call = invite().with(|r| {
            r.uri = asked.to_owned();
            r.via = r.via.replace("UDP", "TLS");
        });
        rig.exchange(ALICE, Tls, call.bytes());
        let routes = list(&rig.one(BOB), Name::RecordRoute);
        let is_sips = |route: &String| route.starts_with("<sips:");
        assert!(
            routes.len() == 2 && routes.iter().all(is_sips),
            "{routes:?}"
        );
    }
}

#[test]
fn section_16_12_requests_of_a_dialog_go_from_side_to_side_whatever_their_method() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    let (copy, answer) = talking(&mut rig);
    let methods = [
        "INVITE",
        "UPDATE",
        "INFO",
        "PRACK",
        "REFER",
        "NOTIFY",
        "MESSAGE",
        "SUBSCRIBE",
        "OPTIONS",
        "DANCE",
        "BYE",
    ];
    for (cseq, method) in (2..).zip(methods) {
        rig.ask(&in_dialog(method, cseq, &answer));
        let passed = rig.one(BOB);
        assert_eq!(passed.method().map(Method::as_str), Some(method));
        assert_eq!(passed.request_uri(), Some("sip:10.0.0.3:5060"));
        assert_eq!(passed.raw(Name::Route), None);
        rig.answer(BOB, &passed, 200);
        assert_eq!(rig.statuses(ALICE), [200], "{method}");
    }
    for (cseq, method) in (20..).zip(methods) {
        rig.exchange(BOB, Udp, back(method, cseq, &copy).bytes());
        let passed = rig.one(ALICE);
        assert_eq!(passed.method().map(Method::as_str), Some(method));
        assert_eq!(passed.request_uri(), Some("sip:alice@10.0.0.2:5060"));
        rig.answer(ALICE, &passed, 200);
        assert_eq!(rig.statuses(BOB), [200], "{method}");
    }
    rig.assert_over();
}

#[test]
fn section_16_11_the_ack_to_a_2xx_follows_the_dialog() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    let (_, answer) = talking(&mut rig);
    let ack = in_dialog("ACK", 1, &answer).branch("z9hG4bK-ack");
    rig.ask(&ack);
    let passed = rig.one(BOB);
    assert_eq!(passed.method(), Some(&Method::Ack));
    assert_eq!((passed.vias().count(), passed.raw(Name::Route)), (2, None));
    assert_eq!(passed.text(Name::MaxBreadth).unwrap(), "60");
    // The same again looks the same.
    rig.ask(&ack);
    assert_eq!(rig.heard(BOB), []);
    // One that names no dialog of ours leads nowhere.
    rig.ask(&to_bob("ACK").with(|r| r.uri = "sip:victim@203.0.113.9".to_owned()));
    rig.assert_over();
}

#[test]
fn rfc_5626_the_phone_is_reached_on_the_connection_it_opened() {
    let mut rig = Rig::new();
    rig.register_by(BOB, Tcp, "bob", "");
    let (_, answer) = talking(&mut rig);
    rig.ask(&in_dialog("BYE", 2, &answer));
    let bye = rig.one(BOB);
    assert_eq!(bye.via().unwrap().transport(), Some(Tcp));
    // The connection is cut and the phone comes back by another one: the old flow is dead, the phone is not.
    rig.net
        .cut(crate::rig::address(BOB), crate::support::SERVER);
    rig.wait(50);
    rig.register_by(BOB, Tcp, "bob", "");
    let request =
        in_dialog("INFO", 3, &answer).with(|r| r.uri = "sip:bob@10.0.0.3:5060".to_owned());
    rig.ask(&request);
    assert_eq!(rig.one(BOB).method(), Some(&Method::Info));
}

#[test]
fn a_dialog_outlives_the_server_s_memory() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    // The token is of another server, or of this one before it was started again.
    let route = "<sip:AAACAgICE9gKAAACE8Q_0000000000@10.0.0.1:5080;transport=udp;lr>";
    let request = to_bob("BYE").header("Route", route).with(|r| {
        r.uri = "sip:bob@10.0.0.3:5060".to_owned();
        r.to = "<sip:bob@click.test>;tag=old".to_owned();
    });
    rig.ask(&request);
    assert_eq!(rig.one(BOB).request_uri(), Some("sip:bob@10.0.0.3:5060"));
}

#[test]
fn section_16_4_a_strict_router_s_request_is_put_right() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    let (_, answer) = talking(&mut rig);
    let mut routes = list(&answer, Name::RecordRoute);
    routes.reverse();
    // Our first Route stands in the Request-URI, the remote target at the end.
    let request = to_bob("INFO").cseq(2).with(|r| {
        r.uri = routes[0].trim_matches(['<', '>']).to_owned();
        r.to = "<sip:bob@click.test>;tag=tag-1".to_owned();
    });
    let request = request
        .header("Route", &routes[1])
        .header("Route", "<sip:10.0.0.3:5060>");
    rig.ask(&request);
    let passed = rig.one(BOB);
    assert_eq!(passed.request_uri(), Some("sip:10.0.0.3:5060"));
    assert_eq!(passed.raw(Name::Route), None);
}

#[test]
fn section_16_6_step_6_a_strict_router_behind_us_gets_what_it_knows() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    let (_, answer) = talking(&mut rig);
    rig.ask(&in_dialog("INFO", 2, &answer).header("Route", "<sip:old@10.0.0.3:5060>"));
    let passed = rig.one(BOB);
    assert_eq!(passed.request_uri(), Some("sip:old@10.0.0.3:5060"));
    assert_eq!(list(&passed, Name::Route), ["<sip:10.0.0.3:5060>"]);
}

#[test]
fn rfc_3327_a_phone_behind_a_proxy_is_reached_by_its_path() {
    let mut rig = Rig::new();
    let register = Request::register("bob")
        .call_id("path")
        .contact("<sip:bob@192.168.9.9>")
        .header("Supported", "path")
        .header("Path", "<sip:edge@10.0.0.3:5060;lr>");
    rig.register_with(BOB, Udp, register);
    rig.ask(&invite().header("Route", "<sip:10.0.0.1:5080;lr>"));
    let copy = rig.one(BOB);
    assert_eq!(copy.request_uri(), Some("sip:bob@192.168.9.9"));
    assert_eq!(list(&copy, Name::Route), ["<sip:edge@10.0.0.3:5060;lr>"]);
}

#[test]
fn section_18_1_1_what_is_too_large_for_a_datagram_goes_by_a_stream_if_it_can() {
    for (transport, expected) in [("", Tcp), (";transport=udp", Udp)] {
        let mut rig = Rig::new();
        let contact = format!("<sip:bob@10.0.0.3:5060{transport}>");
        let register = Request::register("bob").call_id("r").contact(&contact);
        rig.register_with(BOB, Udp, register);
        let large = invite()
            .header("Content-Type", "application/sdp")
            .body(&"x".repeat(1_200));
        rig.ask(&large);
        let copy = rig.one(BOB);
        assert_eq!(copy.via().unwrap().transport(), Some(expected));
        assert_eq!(copy.body().len(), 1_200);
    }
}

#[test]
fn section_18_1_1_what_finds_no_stream_goes_by_datagram_after_all() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    let body = "x".repeat(1_200);
    let large = invite()
        .header("Content-Type", "application/sdp")
        .body(&body);
    rig.send(ALICE, Udp, large.bytes());
    // The connection breaks before anything has come through.
    let second = std::time::Duration::from_secs(1);
    let by_stream =
        |net: &testkit::net::VirtualNet| net.trace().iter().any(|sent| sent.transport == Tcp);
    assert!(rig.net.run_to(second, by_stream));
    rig.net
        .cut(crate::support::SERVER, crate::rig::address(BOB));
    rig.wait(100);
    let copy = rig.one(BOB);
    assert_eq!(copy.via().unwrap().transport(), Some(Udp));
    assert_eq!(copy.body().len(), 1_200);
    rig.answer(BOB, &copy, 486);
    assert_eq!(rig.statuses(ALICE).last(), Some(&486));
    rig.assert_over();
}
