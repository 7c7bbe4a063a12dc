//! Each bound of `limits` that a REGISTER can meet, at its edge.

use server::limits;
use sip::msg::Name;

use crate::desk::Desk;
use crate::support::Request;

#[test]
fn bindings_of_one_address_of_record() {
    let desk = Desk::new();
    for n in 0..limits::BINDINGS_PER_AOR {
        let reply = desk.send(
            &Request::register("alice")
                .call_id(&n.to_string())
                .contact(&format!("<sip:a@10.0.0.2:{}>", 5000 + n)),
        );
        assert_eq!(reply.status(), 200);
    }
    let reply = desk.send(
        &Request::register("alice")
            .call_id("one-more")
            .contact("<sip:b@10.0.0.2>"),
    );
    assert_eq!(
        (reply.status(), reply.phrase().as_str()),
        (403, "Too Many Contacts")
    );
    assert!(
        reply
            .header(Name::Warning)
            .unwrap()
            .contains("at most 16 contacts")
    );
    assert_eq!(desk.alice().len(), 16);

    // Refreshing one, and putting one in the place of another, still works.
    let reply = desk.send(
        &Request::register("alice")
            .call_id("x")
            .contact("<sip:a@10.0.0.2:5000>"),
    );
    assert_eq!(reply.status(), 200);
    let reply = desk.send(
        &Request::register("alice")
            .call_id("y")
            .contact("<sip:a@10.0.0.2:5000>;expires=0, <sip:b@10.0.0.2>"),
    );
    assert_eq!(reply.status(), 200);
    assert_eq!(desk.alice().len(), 16);
}

#[test]
fn contacts_of_one_request() {
    let contacts = |n: u32| {
        (0..n)
            .map(|n| format!("<sip:a@10.0.0.2:{}>", 5000 + n))
            .collect::<Vec<_>>()
            .join(",")
    };
    let desk = Desk::new();
    assert_eq!(
        desk.send(&Request::register("alice").contact(&contacts(17)))
            .status(),
        403
    );
    assert!(desk.alice().is_empty());
    assert_eq!(
        desk.send(&Request::register("alice").contact(&contacts(16)))
            .status(),
        200
    );
}

#[test]
fn addresses_of_record() {
    let desk = Desk::with(|config| config.limits.aors = 2);
    let register = |user: &str| Request::register(user).contact("<sip:x@10.0.0.2>");
    assert_eq!(desk.send(&register("alice")).status(), 200);
    assert_eq!(desk.send(&register("bob")).status(), 200);
    let reply = desk.send(&register("carol"));
    assert_eq!(
        (reply.status(), reply.phrase().as_str()),
        (503, "Location Service Full")
    );
    assert_eq!(reply.header(Name::RetryAfter).as_deref(), Some("10"));
    assert_eq!(desk.location.len(), 2);

    // A second device of a known one needs no room; a place that gets free can be taken.
    assert_eq!(
        desk.send(&register("bob").cseq(2).contact("<sip:y@10.0.0.2>"))
            .status(),
        200
    );
    assert_eq!(
        desk.send(&register("alice").cseq(2).expires(0)).status(),
        200
    );
    assert_eq!(desk.send(&register("carol")).status(), 200);
    assert_eq!(desk.location.len(), 2);
}

#[test]
fn length_of_a_contact() {
    let contact = |length: usize| {
        format!(
            "<sip:{}@10.0.0.2>",
            "a".repeat(length - "sip:@10.0.0.2".len())
        )
    };
    let desk = Desk::new();
    assert_eq!(
        desk.send(&Request::register("alice").contact(&contact(limits::CONTACT + 1)))
            .status(),
        403
    );
    assert_eq!(
        desk.send(&Request::register("alice").contact(&contact(limits::CONTACT)))
            .status(),
        200
    );
    assert_eq!(desk.alice()[0].len(), limits::CONTACT);
}

#[test]
fn length_of_a_call_id() {
    let desk = Desk::new();
    let register = |length| {
        Request::register("alice")
            .contact("<sip:a@10.0.0.2>")
            .call_id(&"x".repeat(length))
    };
    let reply = desk.send(&register(limits::CALL_ID + 1));
    assert_eq!(
        (reply.status(), reply.phrase().as_str()),
        (403, "Registration Too Long")
    );
    assert_eq!(desk.send(&register(limits::CALL_ID)).status(), 200);
}

#[test]
fn length_of_a_path() {
    let desk = Desk::new();
    let register = |length: usize| {
        let path = format!(
            "<sip:{}.test;lr>",
            "p".repeat(length - "<sip:.test;lr>".len())
        );
        Request::register("alice")
            .contact("<sip:a@10.0.0.2>")
            .header("Path", path)
    };
    assert_eq!(desk.send(&register(limits::PATH + 1)).status(), 403);
    assert_eq!(desk.send(&register(limits::PATH)).status(), 200);
    assert_eq!(desk.only().path().unwrap().len(), limits::PATH);
}

#[test]
fn length_of_an_instance() {
    let desk = Desk::new();
    for (length, kept) in [(limits::INSTANCE, true), (limits::INSTANCE + 1, false)] {
        let instance = format!("<{}>", "u".repeat(length - 2));
        let contact = format!("<sip:a@10.0.0.2>;+sip.instance=\"{instance}\"");
        assert_eq!(
            desk.send(
                &Request::register("alice")
                    .call_id(&length.to_string())
                    .contact(&contact)
            )
            .status(),
            200
        );
        assert_eq!(desk.only().instance().is_some(), kept, "{length}");
    }
}

#[test]
fn length_of_an_address_of_record() {
    let desk = Desk::new();
    let register = |length: usize| {
        let user = "a".repeat(length - "sip:@click.test".len());
        Request::register(&user).contact("<sip:a@10.0.0.2>")
    };
    assert_eq!(desk.send(&register(sip::limits::MAX_AOR + 1)).status(), 403);
    assert_eq!(desk.send(&register(sip::limits::MAX_AOR)).status(), 200);
}

#[test]
fn texts_that_are_only_shown_are_cut_between_characters() {
    let desk = Desk::new();
    let request = Request::register("alice")
        .with(|r| r.to = format!("\"{}\" <sip:alice@click.test>", "ö".repeat(40)))
        .contact("<sip:a@10.0.0.2>")
        .header("User-Agent", format!("x{}", "ö".repeat(100)));
    assert_eq!(desk.send(&request).status(), 200);
    let device = desk.only();
    assert_eq!(
        device.display_name(),
        Some("ö".repeat(limits::DISPLAY_NAME / 2).as_str())
    );
    assert_eq!(
        device.user_agent(),
        Some(format!("x{}", "ö".repeat(63)).as_str())
    );
    assert_eq!(limits::USER_AGENT, 128);
}
