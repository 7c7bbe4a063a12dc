//! Who may register, and as whom: section 10.3 steps 1, 3, 4 and 5.

use sip::msg::Name;

use crate::desk::{Desk, udp};
use crate::support::Request;

const CONTACT: &str = "<sip:alice@10.0.0.2>";

fn click_test_only() -> Desk {
    Desk::with(|config| config.sip.domains = vec!["click.test".to_owned()])
}

#[test]
fn section_10_3_a_record_route_means_nothing() {
    let desk = Desk::new();
    let request = Request::register("alice")
        .contact(CONTACT)
        .header("Record-Route", "<sip:10.9.9.9;lr>");
    let reply = desk.send(&request);
    assert_eq!(
        (reply.status(), reply.header(Name::RecordRoute)),
        (200, None)
    );
    assert_eq!(desk.only().path(), None);
}

#[test]
fn step_1_the_request_uri_names_a_domain_of_ours() {
    let desk = click_test_only();
    for (uri, status) in [
        ("sip:click.test", 200),
        ("sip:CLICK.test:5080;transport=udp", 200),
        // Only a server can be meant by an address, and behind a translator we do not know all of ours.
        ("sip:10.0.0.1:5080", 200),
        ("sip:[2001:db8::1]", 200),
        ("sip:elsewhere.test", 404),
        ("sip:click.test.elsewhere.test", 404),
    ] {
        let request = Request::register("alice").with(|r| r.uri = uri.to_owned());
        assert_eq!(desk.send(&request).status(), status, "{uri}");
    }
}

#[test]
fn step_1_the_advertised_name_is_a_domain_of_ours() {
    let desk = Desk::with(|config| {
        config.sip.domains = vec!["click.test".to_owned()];
        config.sip.advertised = Some("pbx.click.test".to_owned());
    });
    let request = Request::register("alice").with(|r| r.uri = "sip:pbx.click.test".to_owned());
    assert_eq!(desk.send(&request).status(), 200);
}

#[test]
fn step_3_an_open_lab_takes_any_password_from_private_networks_only() {
    let mut desk = Desk::new();
    let request = Request::register("alice").contact(CONTACT).header(
        "Authorization",
        "Digest username=\"alice\", response=\"wrong\"",
    );
    desk.flow = udp("203.0.113.7:5060");
    let refused = desk.send(&request);
    assert_eq!(
        (refused.status(), refused.phrase().as_str()),
        (403, "Private Networks Only")
    );
    let warning = refused.header(Name::Warning).unwrap();
    assert!(
        warning.starts_with("399 10.0.0.1:5080 \"") && warning.contains("203.0.113.7"),
        "{warning}"
    );
    assert!(desk.alice().is_empty());

    desk.flow = udp("192.168.1.7:5060");
    assert_eq!(desk.send(&request).status(), 200);
    assert_eq!(desk.alice(), ["sip:alice@10.0.0.2"]);
}

#[test]
fn step_3_a_stranger_may_not_even_ask_who_is_registered() {
    let mut desk = Desk::new();
    desk.flow = udp("203.0.113.7:5060");
    assert_eq!(desk.send(&Request::register("alice")).status(), 403);
}

#[test]
fn step_5_the_address_of_record_is_in_to_and_not_in_from() {
    let desk = Desk::new();
    let request = Request::register("alice")
        .with(|r| r.from = "<sip:secretary@click.test>;tag=1".to_owned())
        .contact(CONTACT);
    assert_eq!(desk.send(&request).status(), 200);
    assert_eq!(desk.alice(), ["sip:alice@10.0.0.2"]);
    assert!(desk.bindings("sip:secretary@click.test").is_empty());
}

#[test]
fn step_5_the_address_of_record_is_canonical() {
    for to in [
        "sip:alice@click.test",
        "<sip:alice@CLICK.Test>",
        "\"Alice\" <sip:%61lice@click.test>",
        "<sip:alice:secret@click.test:5090;transport=tcp;user=phone?Subject=x>",
        "Alice <sip:alice@click.test>;tag=left-over",
    ] {
        let desk = Desk::new();
        let request = Request::register("alice")
            .with(|r| r.to = to.to_owned())
            .contact(CONTACT);
        // A tag left over in To is no dialog: REGISTER makes none (section 10.2).
        assert_eq!(desk.send(&request).status(), 200, "{to}");
        assert_eq!(desk.alice(), ["sip:alice@10.0.0.2"], "{to}");
    }
}

#[test]
fn step_5_the_user_is_case_sensitive() {
    let desk = Desk::new();
    desk.send(&Request::register("Alice").contact(CONTACT));
    assert!(desk.alice().is_empty());
    assert_eq!(desk.bindings("sip:Alice@click.test").len(), 1);
}

#[test]
fn step_5_what_is_no_address_of_record_of_ours_is_not_found() {
    let desk = click_test_only();
    for (to, status, phrase) in [
        ("<sip:alice@elsewhere.test>", 404, "Unknown Domain"),
        ("<sip:alice@10.0.0.1>", 404, "Unknown Domain"),
        // It has to be a SIP URI to be an address of record at all (section 10.2).
        ("<tel:+4930123456>", 400, "Not A SIP Address Of Record"),
        ("<sip:click.test>", 404, "No User In To"),
        ("<sip:%zz@click.test>", 404, "Bad Address Of Record"),
    ] {
        let request = Request::register("alice")
            .with(|r| r.to = to.to_owned())
            .contact(CONTACT);
        let reply = desk.send(&request);
        assert_eq!(
            (reply.status(), reply.phrase().as_str()),
            (status, phrase),
            "{to}"
        );
    }
    assert!(desk.location.is_empty());
}

#[test]
fn step_5_without_domains_any_host_is_ours() {
    let desk = Desk::new();
    for host in [
        "click.test",
        "10.0.0.1",
        "[2001:db8::1]",
        "anything.example",
    ] {
        let request = Request::register("alice")
            .with(|r| r.to = format!("<sip:alice@{host}>"))
            .contact(CONTACT);
        assert_eq!(desk.send(&request).status(), 200, "{host}");
        assert_eq!(
            desk.bindings(&format!("sip:alice@{host}")).len(),
            1,
            "{host}"
        );
    }
}
