//! How long a binding stands: section 10.3 step 7 and section 10.2.1.1.

use std::time::Duration;

use server::event::PhoneCause;
use sip::msg::Name;

use crate::desk::Desk;
use crate::support::Request;

/// Seconds granted, by the Contact's own parameter and the Expires header.
fn granted(desk: &Desk, contact: Option<&str>, header: Option<&str>) -> u64 {
    let param = contact
        .map(|seconds| format!(";expires={seconds}"))
        .unwrap_or_default();
    let mut request = Request::register("alice").contact(&format!("<sip:alice@10.0.0.2>{param}"));
    if let Some(seconds) = header {
        request = request.expires(seconds);
    }
    assert_eq!(desk.send(&request).status(), 200);
    (desk.only().expires - desk.now).as_secs()
}

#[test]
fn step_7_the_parameter_goes_before_the_header_and_that_before_the_default() {
    for (contact, header, seconds) in [
        (Some("100"), Some("200"), 100),
        (None, Some("200"), 200),
        (Some("100"), None, 100),
        (None, None, 3_600),
        // Malformed counts as an hour (section 20.10).
        (Some("soon"), Some("200"), 3_600),
        (Some(""), None, 3_600),
        (None, Some("-1"), 3_600),
        // Longer than we like is shortened, however long.
        (Some("7200"), None, 7_200),
        (Some("7201"), None, 7_200),
        (None, Some("4294967295"), 7_200),
        (None, Some("99999999999999999999"), 7_200),
        // As brief as it may be.
        (Some("60"), None, 60),
    ] {
        assert_eq!(
            granted(&Desk::new(), contact, header),
            seconds,
            "{contact:?} {header:?}"
        );
    }
}

#[test]
fn step_7_too_brief_is_423_and_says_how_long_it_must_be() {
    let desk = Desk::new();
    for request in [
        Request::register("alice").contact("<sip:alice@10.0.0.2>;expires=59"),
        Request::register("alice")
            .contact("<sip:alice@10.0.0.2>")
            .expires(1),
    ] {
        let reply = desk.send(&request);
        assert_eq!(
            (reply.status(), reply.phrase().as_str()),
            (423, "Interval Too Brief")
        );
        assert_eq!(reply.header(Name::MinExpires).as_deref(), Some("60"));
    }
    assert!(desk.alice().is_empty());
}

#[test]
fn step_7_an_hour_is_never_too_brief() {
    let desk = Desk::with(|config| {
        config.sip.min_expires = Duration::from_secs(7_000);
        config.sip.default_expires = Duration::from_secs(7_200);
    });
    assert_eq!(granted(&desk, Some("3600"), None), 3_600);
    let brief = Request::register("bob").contact("<sip:bob@10.0.0.3>;expires=3599");
    assert_eq!(desk.send(&brief).status(), 423);
}

#[test]
fn step_7_zero_removes_one_and_leaves_the_others() {
    let desk = Desk::new();
    desk.send(&Request::register("alice").contact("<sip:a@10.0.0.2>, <sip:b@10.0.0.2>"));
    let reply = desk.send(
        &Request::register("alice")
            .cseq(2)
            .contact("<sip:a@10.0.0.2>;expires=0"),
    );
    assert_eq!(reply.contacts(), ["<sip:b@10.0.0.2>;expires=3600"]);
    assert_eq!(reply.why(), Some(PhoneCause::Removed));

    let reply = desk.send(
        &Request::register("alice")
            .cseq(3)
            .contact("<sip:b@10.0.0.2>")
            .expires(0),
    );
    assert_eq!(
        (reply.contacts().len(), reply.why()),
        (0, Some(PhoneCause::Removed))
    );
    assert!(desk.location.is_empty());
}

#[test]
fn step_7_to_remove_what_is_not_there_succeeds() {
    let desk = Desk::new();
    let reply = desk.send(&Request::register("alice").contact("<sip:a@10.0.0.2>;expires=0"));
    assert_eq!((reply.status(), reply.change), (200, None));
    assert!(desk.location.is_empty());
}

#[test]
fn a_binding_that_ran_out_is_gone_to_everybody_at_once() {
    let mut desk = Desk::new();
    desk.send(
        &Request::register("alice")
            .contact("<sip:a@10.0.0.2>;expires=60, <sip:b@10.0.0.2>;expires=90"),
    );
    desk.pass(59);
    assert_eq!(desk.alice().len(), 2);
    desk.pass(1);
    assert_eq!(desk.alice(), ["sip:b@10.0.0.2"]);
    assert_eq!(
        desk.send(&Request::register("alice").cseq(2)).contacts(),
        ["<sip:b@10.0.0.2>;expires=30"]
    );

    // What comes after its time is a new device, whatever the order of numbers.
    let reply = desk.send(
        &Request::register("alice")
            .cseq(1)
            .contact("<sip:a@10.0.0.2>"),
    );
    assert_eq!(reply.why(), Some(PhoneCause::Bound));
}
