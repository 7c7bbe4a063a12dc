//! What Contact asks for and what the 200 tells: section 10.3 steps 6, 7 and 8.

use server::event::PhoneCause;
use sip::msg::Name;

use crate::desk::{Desk, tcp, tls, udp};
use crate::support::Request;

fn register() -> Request {
    Request::register("alice")
}

#[test]
fn step_6_without_contact_it_is_a_question() {
    let desk = Desk::new();
    let reply = desk.send(&register());
    assert_eq!((reply.status(), reply.contacts().len()), (200, 0));
    assert_eq!(reply.change, None);

    desk.send(&register().contact("<sip:alice@10.0.0.2>").cseq(2));
    let reply = desk.send(&register().cseq(3).expires(0));
    assert_eq!(reply.contacts(), ["<sip:alice@10.0.0.2>;expires=3600"]);
    assert_eq!(reply.change, None);
}

#[test]
fn step_6_star_removes_all() {
    let desk = Desk::new();
    desk.send(&register().contact("<sip:a@10.0.0.2>, <sip:b@10.0.0.3>"));
    desk.send(&register().contact("<sip:c@10.0.0.4>").call_id("another"));
    let reply = desk.send(&register().cseq(2).contact("*").expires(0));
    assert_eq!((reply.status(), reply.contacts().len()), (200, 0));
    assert_eq!(reply.why(), Some(PhoneCause::Removed));
    assert!(desk.location.is_empty());

    let again = desk.send(&register().cseq(3).contact("*").expires(0));
    assert_eq!((again.status(), again.change), (200, None));
}

#[test]
fn step_6_star_stands_alone_and_with_expires_zero() {
    let desk = Desk::new();
    desk.send(&register().contact("<sip:a@10.0.0.2>"));
    let request = || register().cseq(2);
    for bad in [
        request().contact("*"),
        request().contact("*").expires(60),
        request().contact("*").expires("soon"),
        request().contact("*, <sip:a@10.0.0.2>").expires(0),
        request()
            .contact("<sip:a@10.0.0.2>")
            .contact("*")
            .expires(0),
        request().contact("*").contact("*").expires(0),
        request().contact("*;expires=0"),
    ] {
        let reply = desk.send(&bad);
        assert_eq!(reply.status(), 400, "{bad:?}");
        assert_eq!(reply.change, None);
    }
    assert_eq!(desk.alice(), ["sip:a@10.0.0.2"]);
}

#[test]
fn step_7_contacts_are_one_when_their_uris_are_equivalent() {
    for (first, second, same) in [
        (
            "<sip:alice@Phone.Test;transport=TCP>",
            "<sip:alice@phone.test;Transport=tcp>",
            true,
        ),
        ("<sip:%61lice@10.0.0.2>", "sip:alice@10.0.0.2", true),
        ("<sip:alice@10.0.0.2;ob>", "<sip:alice@10.0.0.2>", true),
        ("<sip:alice@10.0.0.2>", "<sip:ALICE@10.0.0.2>", false),
        ("<sip:alice@10.0.0.2>", "<sip:alice@10.0.0.2:5060>", false),
        (
            "<sip:alice@10.0.0.2;transport=udp>",
            "<sip:alice@10.0.0.2;transport=tcp>",
            false,
        ),
        ("<sip:alice@10.0.0.2>", "<sips:alice@10.0.0.2>", false),
        ("<sip:alice@10.0.0.2>", "<sip:alice@10.0.0.3>", false),
    ] {
        let mut desk = Desk::new();
        desk.flow = tls("10.0.0.2:40000", 1);
        assert_eq!(
            desk.send(&register().contact(first)).why(),
            Some(PhoneCause::Bound)
        );
        let reply = desk.send(&register().cseq(2).contact(second));
        let expected = if same {
            (1, PhoneCause::Refreshed)
        } else {
            (2, PhoneCause::Bound)
        };
        assert_eq!(
            (desk.alice().len(), reply.why().unwrap()),
            expected,
            "{first} {second}"
        );
    }
}

#[test]
fn step_7_the_same_instance_replaces_itself_wherever_it_is() {
    let instance = "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\"";
    let other = "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E129>\"";
    let desk = Desk::new();
    desk.send(&register().contact(&format!("<sip:alice@10.0.0.2>;{instance}")));
    let moved = desk.send(
        &register()
            .call_id("rebooted")
            .contact(&format!("<sip:alice@10.0.0.9>;{instance}")),
    );
    assert_eq!(moved.why(), Some(PhoneCause::Refreshed));
    assert_eq!(
        moved.contacts(),
        [format!("<sip:alice@10.0.0.9>;expires=3600;{instance}")]
    );

    // Behind two translators two phones can have one and the same private address.
    desk.send(
        &register()
            .call_id("2")
            .contact(&format!("<sip:alice@10.0.0.9>;{other}")),
    );
    assert_eq!(desk.alice().len(), 2);

    // RFC 5626: each reg-id of an instance is a flow of its own.
    desk.send(
        &register()
            .call_id("3")
            .contact(&format!("<sip:alice@10.0.0.9>;{other};reg-id=1")),
    );
    desk.send(
        &register()
            .call_id("4")
            .contact(&format!("<sip:alice@10.0.0.8>;{other};reg-id=1")),
    );
    assert_eq!(
        desk.alice(),
        [
            "sip:alice@10.0.0.8",
            "sip:alice@10.0.0.9",
            "sip:alice@10.0.0.9"
        ]
    );

    // Who names no instance means a URI.
    desk.send(
        &register()
            .call_id("5")
            .contact("<sip:alice@10.0.0.9>")
            .expires(0),
    );
    assert_eq!(desk.alice(), ["sip:alice@10.0.0.8"]);
}

#[test]
fn step_7_a_strange_instance_counts_as_none() {
    let desk = Desk::new();
    for strange in [
        "+sip.instance",
        "+sip.instance=\"\"",
        "+sip.instance=\"x\"",
        "+sip.instance=\"<a\\\"b>\"",
    ] {
        let reply = desk.send(
            &register()
                .call_id(&strange.len().to_string())
                .contact(&format!("<sip:alice@10.0.0.2>;{strange}")),
        );
        assert_eq!(
            reply.contacts(),
            ["<sip:alice@10.0.0.2>;expires=3600"],
            "{strange}"
        );
    }
}

#[test]
fn step_7_of_two_contacts_that_are_one_the_later_counts() {
    let desk = Desk::new();
    let reply = desk.send(&register().contact("<sip:a@10.0.0.2>;q=0.1, <sip:a@10.0.0.2>;q=0.2"));
    assert_eq!(reply.contacts(), ["<sip:a@10.0.0.2>;expires=3600;q=0.2"]);
    let reply = desk.send(
        &register()
            .cseq(2)
            .contact("<sip:a@10.0.0.2>, <sip:a@10.0.0.2>;expires=0"),
    );
    assert_eq!((reply.status(), reply.contacts().len()), (200, 0));
    assert_eq!(reply.why(), Some(PhoneCause::Removed));
}

#[test]
fn step_7_all_or_nothing() {
    let desk = Desk::new();
    desk.send(&register().contact("<sip:a@10.0.0.2>").cseq(5));
    let before = desk.bindings("sip:alice@click.test");
    for bad in [
        // The second is out of order, too brief, no SIP, no URI at all.
        register()
            .cseq(5)
            .contact("<sip:new@10.0.0.3>, <sip:a@10.0.0.2>;q=0.5"),
        register()
            .cseq(6)
            .contact("<sip:a@10.0.0.2>;expires=0, <sip:new@10.0.0.3>;expires=1"),
        register()
            .cseq(6)
            .contact("<sip:a@10.0.0.2>;expires=0, <mailto:alice@click.test>"),
        register()
            .cseq(6)
            .contact("<sip:a@10.0.0.2>;expires=0, <nonsense>"),
    ] {
        let reply = desk.send(&bad);
        assert!(reply.status() >= 400, "{bad:?}");
        assert_eq!(reply.change, None);
        assert_eq!(desk.bindings("sip:alice@click.test"), before, "{bad:?}");
    }
}

#[test]
fn step_7_only_sip_contacts_can_be_called() {
    let desk = Desk::new();
    for contact in [
        "<tel:+49301234>",
        "<mailto:alice@click.test>",
        "<http://click.test/>",
    ] {
        let reply = desk.send(&register().contact(contact));
        assert_eq!(
            (reply.status(), reply.phrase().as_str()),
            (400, "Contact Is Not SIP"),
            "{contact}"
        );
    }
}

#[test]
fn rfc_3261_26_2_a_phone_for_tls_alone_has_to_come_by_tls() {
    let mut desk = Desk::new();
    let request = register().contact("<sips:alice@10.0.0.2>");
    for flow in [udp("10.0.0.2:5060"), tcp("10.0.0.2:40000", 1)] {
        desk.flow = flow;
        let reply = desk.send(&request);
        assert_eq!(
            (reply.status(), reply.phrase().as_str()),
            (400, "SIPS Contact Without TLS")
        );
    }
    desk.flow = tls("10.0.0.2:40000", 2);
    assert_eq!(desk.send(&request.clone().cseq(2)).status(), 200);
    // It may leave by any way, and what a proxy does behind us is its own affair.
    desk.flow = tcp("10.0.0.9:40000", 3);
    assert_eq!(
        desk.send(
            &request
                .clone()
                .cseq(3)
                .header("Path", "<sip:p1.click.test;lr>")
        )
        .status(),
        200
    );
    assert_eq!(
        desk.send(&request.cseq(4).header("Expires", "0")).status(),
        200
    );
}

#[test]
fn step_8_the_200_lists_all_bindings_best_first_and_the_date() {
    let mut desk = Desk::new();
    desk.send(
        &register().contact(
            "<sip:low@10.0.0.2>;q=0.25;expires=100, <sip:high@10.0.0.2>;q=1.0;expires=200",
        ),
    );
    desk.pass(60);
    let reply = desk.send(
        &register()
            .call_id("another")
            .contact("<sip:new@10.0.0.3>;q=0.5")
            .expires(300),
    );
    assert_eq!(
        reply.contacts(),
        [
            "<sip:high@10.0.0.2>;expires=140",
            "<sip:new@10.0.0.3>;expires=300;q=0.5",
            "<sip:low@10.0.0.2>;expires=40;q=0.25",
        ]
    );
    assert_eq!(
        reply.header(Name::Date).as_deref(),
        Some("Thu, 01 Jan 2026 12:01:00 GMT")
    );
    assert_eq!(reply.phrase(), "OK");
}

#[test]
fn step_8_of_equals_the_newest_comes_first() {
    let desk = Desk::new();
    desk.send(&register().call_id("1").contact("<sip:old@10.0.0.2>"));
    desk.send(&register().call_id("2").contact("<sip:new@10.0.0.2>"));
    assert_eq!(desk.alice(), ["sip:new@10.0.0.2", "sip:old@10.0.0.2"]);
}

#[test]
fn the_event_tells_the_device() {
    let mut desk = Desk::new();
    desk.flow = udp("10.0.0.2:40000");
    let request = register()
        .with(|r| r.to = "\"Alice \\\"the\\\" First\" <sip:alice@click.test>".to_owned())
        .contact("<sip:alice@10.0.0.2>")
        .header("User-Agent", "Phone/1.0 <script>");
    let change = desk.send(&request).change.unwrap();
    assert_eq!(
        (change.aor.as_str(), change.why),
        ("sip:alice@click.test", PhoneCause::Bound)
    );
    let device = &change.bindings[0];
    assert_eq!(device.display_name(), Some("Alice \"the\" First"));
    assert_eq!(device.user_agent(), Some("Phone/1.0 <script>"));
    assert_eq!(device.flow, udp("10.0.0.2:40000"));

    let next = desk
        .send(&register().cseq(2).contact("<sip:alice@10.0.0.2>"))
        .change
        .unwrap();
    assert!(next.version > change.version);
    assert_eq!(next.bindings[0].display_name(), None);
}

#[test]
fn rfc_3327_the_path_is_kept_and_told_to_who_understands_it() {
    let desk = Desk::new();
    let request = register()
        .contact("<sip:alice@10.0.0.2>")
        .header("Path", "<sip:p1.click.test;lr>, <sip:p2.click.test;lr>;x=1")
        .header("Path", "<sip:p3.click.test;lr>");
    let reply = desk.send(&request);
    assert_eq!(
        desk.only().path(),
        Some("<sip:p1.click.test;lr>, <sip:p2.click.test;lr>;x=1, <sip:p3.click.test;lr>")
    );
    assert_eq!(reply.header(Name::Path), None);

    let reply = desk.send(&request.cseq(2).header("Supported", "gruu, Path"));
    assert_eq!(reply.message.values(Name::Path).count(), 3);
    assert_eq!(
        desk.send(
            &register()
                .cseq(3)
                .contact("<sip:alice@10.0.0.2>")
                .header("Path", "nonsense")
        )
        .status(),
        400
    );
}

#[test]
fn rfc_3608_phones_are_told_their_route_only_where_it_is_set() {
    let request = register().contact("<sip:alice@10.0.0.2>");
    assert_eq!(Desk::new().send(&request).header(Name::ServiceRoute), None);
    let route = |desk: &Desk| desk.send(&request).header(Name::ServiceRoute);
    let desk = Desk::with(|config| config.sip.service_route = true);
    assert_eq!(
        route(&desk).as_deref(),
        Some("<sip:10.0.0.1:5080;transport=udp;lr>")
    );
    let desk = Desk::with(|config| {
        config.sip.service_route = true;
        config.sip.advertised = Some("sip.click.test".to_owned());
    });
    assert_eq!(
        route(&desk).as_deref(),
        Some("<sip:sip.click.test:5080;transport=udp;lr>")
    );
}
