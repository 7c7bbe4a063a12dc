//! The peer's requests in the dialog (RFC 3261 sections 8.2, 11.2, 12.2.2, 13.3.1.4, 14.2, 15.1.2; RFC 3311; RFC 6086).

use std::time::Duration;

use sip::dialog::Input;
use sip::msg::{Method, Name};
use sip::transaction::ServerId;

use crate::desk::{Desk, Usage, sdp, text};
use sip::dialog::invite_uac::InviteUac;

fn ask(
    method: &Method,
    headers: &[(&str, &str)],
    body: &str,
) -> (Desk<InviteUac>, ServerId, String) {
    let mut desk = Desk::established();
    let (id, request) = desk.peer_request_with(method, "a1", 7, headers, body);
    let said = desk.ask(id, &request);
    (desk, id, said)
}

fn respond(id: ServerId, status: u16, body: Option<&str>) -> Input<'static> {
    Input::Respond {
        id,
        status,
        headers: &[],
        body: body.map(sdp),
    }
}

#[test]
fn options_says_what_can_be_done() {
    let (desk, _, said) = ask(&Method::Options, &[], "");
    assert_eq!(said, "200 to OPTIONS");
    let response = desk.last_response();
    assert!(response.lists(Name::Allow, "INVITE") && response.lists(Name::Allow, "UPDATE"));
    assert_eq!(text(&response, Name::Accept), "application/sdp");
    assert_eq!(text(&response, Name::AcceptEncoding), "identity");
    assert_eq!(text(&response, Name::AcceptLanguage), "en");
    assert_eq!(text(&response, Name::Supported), "");
}

#[test]
fn each_default_fits_its_method() {
    let package: &[(&str, &str)] = &[("Info-Package", "x")];
    let extension = Method::parse(b"FROBNICATE").expect("a method");
    type Case<'a> = (&'a Method, &'a [(&'a str, &'a str)], &'a str, u16);
    let cases: [Case<'_>; 11] = [
        (&Method::Invite, &[], "offer", 488),
        (&Method::Invite, &[], "", 488),
        (&Method::Update, &[], "offer", 488),
        (&Method::Info, &[], "", 200),
        (&Method::Info, &[], "Signal=5", 415),
        (&Method::Info, package, "", 469),
        (&Method::Message, &[], "hello", 405),
        (&Method::Refer, &[("Refer-To", "<sip:c@x>")], "", 405),
        (&Method::Notify, &[("Event", "refer")], "", 405),
        (&Method::Register, &[], "", 405),
        (&extension, &[], "", 501),
    ];
    for (method, headers, body, status) in cases {
        let (mut desk, id, said) = ask(method, headers, body);
        assert!(said.starts_with("asked"), "{method}: {said}");
        let said = desk.give(Input::Decline(id));
        assert_eq!(said, format!("{status} to {method}"));
        let response = desk.last_response();
        assert_eq!(status == 405, response.raw(Name::Allow).is_some());
        assert_eq!(status == 488, response.raw(Name::Warning).is_some());
        assert_eq!(status == 469, response.raw(Name::RecvInfo).is_some());
        assert_eq!(status == 415, response.raw(Name::Accept).is_some());
        assert_eq!(desk.give(Input::Decline(id)), "");
        assert_eq!(desk.hang_up(), "BYE");
    }
}

#[test]
fn nobody_answers_and_the_default_goes_out() {
    let (mut desk, id, _) = ask(&Method::Info, &[], "key");
    assert_eq!(
        desk.wait(Duration::from_secs(60)),
        "4s 415 to INFO, withdrawn"
    );
    assert_eq!(desk.give(respond(id, 200, None)), "");
    let (mut desk, _, _) = ask(&Method::Invite, &[], "offer");
    assert_eq!(
        desk.wait(Duration::from_secs(60)),
        "20s 488 to INVITE, withdrawn"
    );
    assert_eq!(Usage::deadline(&desk.usage), None);
}

#[test]
fn prack_of_what_was_never_sent() {
    let (_, _, said) = ask(&Method::Prack, &[("RAck", "1 1 INVITE")], "");
    assert_eq!(said, "481 to PRACK");
}

#[test]
fn an_extension_is_required_that_nobody_knows() {
    let (desk, _, said) = ask(
        &Method::Info,
        &[("Require", "one, two"), ("Require", "three")],
        "",
    );
    assert_eq!(said, "420 to INFO");
    let response = desk.last_response();
    for tag in ["one", "two", "three"] {
        assert!(response.lists(Name::Unsupported, tag));
    }
    // A BYE ends the session whatever it requires.
    let (_, _, said) = ask(&Method::Bye, &[("Require", "one")], "");
    assert_eq!(said, "200 to BYE, ended: remote bye");
}

#[test]
fn a_cseq_out_of_order() {
    let mut desk = Desk::established();
    let mut ask = |cseq| {
        let (id, options) = desk.peer_request_with(&Method::Options, "a1", cseq, &[], "");
        desk.ask(id, &options)
    };
    assert_eq!(ask(50), "200 to OPTIONS");
    assert_eq!(ask(49), "500 to OPTIONS");
    assert_eq!(ask(50), "200 to OPTIONS");
    assert_eq!(ask(2_000_000_000), "200 to OPTIONS");
    assert_eq!(ask(51), "500 to OPTIONS");
}

#[test]
fn tags_of_no_dialog() {
    let mut desk = Desk::established();
    for method in [Method::Bye, Method::Invite, Method::Options, Method::Info] {
        assert_eq!(desk.peer(&method, "zz", ""), format!("481 to {method}"));
    }
    assert_eq!(desk.peer(&Method::Options, "a1", ""), "200 to OPTIONS");
}

#[test]
fn an_update_without_offer_refreshes_the_target() {
    let (mut desk, _, said) = ask(&Method::Update, &[], "");
    assert_eq!(said, "200 to UPDATE");
    assert!(desk.last_response().raw(Name::Contact).is_some());
    desk.hang_up();
    let (_, bye) = desk.last(&Method::Bye);
    assert_eq!(bye.request_uri(), Some("sip:alice@192.0.2.8:5062"));
}

#[test]
fn a_reinvite_is_answered_until_its_ack_comes() {
    let (mut desk, id, said) = ask(&Method::Invite, &[], "hold");
    assert_eq!(said, "asked INVITE+hold");
    assert_eq!(desk.give(respond(id, 180, None)), "180 to INVITE");
    assert_eq!(
        desk.give(respond(id, 200, Some("held"))),
        "200 to INVITE+held"
    );
    let response = desk.last_response();
    assert!(response.raw(Name::Contact).is_some() && response.raw(Name::Allow).is_some());
    let again = desk.wait(Duration::from_secs(8));
    assert_eq!(
        again,
        "0.5s 200 to INVITE+held, 1.5s 200 to INVITE+held, 3.5s 200 to INVITE+held, 7.5s 200 to INVITE+held"
    );
    // Another change waits for the ACK, on both sides.
    assert_eq!(desk.peer(&Method::Invite, "a1", "again"), "491 to INVITE");
    assert_eq!(desk.peer_acks(6, "a1", ""), "");
    assert_eq!(desk.peer_acks(7, "a1", ""), "peer ack");
    assert_eq!(desk.peer_acks(7, "a1", ""), "");
    assert_eq!(desk.wait(Duration::from_secs(60)), "");
    assert_eq!(
        desk.peer(&Method::Invite, "a1", "again"),
        "asked INVITE+again"
    );
    // Its target moved with our 2xx (RFC 3261 section 12.2.2).
    desk.hang_up();
    let (_, bye) = desk.last(&Method::Bye);
    assert_eq!(bye.request_uri(), Some("sip:alice@192.0.2.8:5062"));
}

#[test]
fn the_ack_to_our_offer_brings_the_answer() {
    let (mut desk, id, said) = ask(&Method::Invite, &[], "");
    assert_eq!(said, "asked INVITE");
    desk.give(respond(id, 200, Some("offer")));
    assert_eq!(desk.peer_acks(7, "a1", "answer"), "peer ack+answer");
}

#[test]
fn no_ack_ever_comes() {
    let (mut desk, id, _) = ask(&Method::Invite, &[], "hold");
    desk.give(respond(id, 200, Some("held")));
    let said = desk.wait(Duration::from_secs(60));
    assert_eq!(said.matches("200 to INVITE").count(), 10);
    assert!(said.ends_with("32s BYE, ended: lost"), "{said}");
}

#[test]
fn a_refused_reinvite_changes_nothing() {
    let (mut desk, id, _) = ask(&Method::Invite, &[], "hold");
    assert_eq!(desk.give(respond(id, 488, None)), "488 to INVITE");
    desk.hang_up();
    let (_, bye) = desk.last(&Method::Bye);
    assert_eq!(bye.request_uri(), Some("sip:alice@192.0.2.7:5060"));
}

#[test]
fn the_peer_cancels_its_reinvite() {
    let (mut desk, id, _) = ask(&Method::Invite, &[], "hold");
    let cancel = || Input::PeerCancel { id, reason: None };
    assert_eq!(desk.give(cancel()), "487 to INVITE, withdrawn");
    assert_eq!(desk.give(cancel()), "");
    assert_eq!(desk.give(respond(id, 200, None)), "");
    let (mut desk, id, _) = ask(&Method::Info, &[], "key");
    assert_eq!(desk.give(Input::PeerCancel { id, reason: None }), "");
    assert_eq!(desk.give(respond(id, 200, None)), "200 to INFO");
}

#[test]
fn glare() {
    let ours = || Input::Reinvite {
        offer: Some(sdp("ours")),
    };
    let mut desk = Desk::established();
    desk.give(ours());
    assert_eq!(desk.peer(&Method::Invite, "a1", "x"), "491 to INVITE");
    assert_eq!(desk.peer(&Method::Update, "a1", "x"), "491 to UPDATE");
    assert_eq!(desk.peer(&Method::Update, "a1", ""), "200 to UPDATE");
    // A mere refresh of ours is no offer.
    let mut desk = Desk::established();
    desk.give(Input::Update { offer: None });
    assert_eq!(desk.peer(&Method::Invite, "a1", "x"), "asked INVITE+x");
    // The peer's own one waits.
    for method in [Method::Invite, Method::Update] {
        let (mut desk, _, _) = ask(&method, &[], "x");
        let (id, again) = desk.peer_request(&Method::Invite, "a1", "y");
        assert_eq!(desk.ask(id, &again), "500 to INVITE");
        let after: u32 = text(&desk.last_response(), Name::RetryAfter)
            .parse()
            .expect("seconds");
        assert!(after <= 10);
        assert_eq!(desk.peer(&Method::Update, "a1", "y"), "500 to UPDATE");
    }
}

#[test]
fn only_so_many_questions_wait() {
    let mut desk = Desk::established();
    for _ in 0..8 {
        assert_eq!(desk.peer(&Method::Info, "a1", "key"), "asked INFO+key");
    }
    assert_eq!(desk.peer(&Method::Info, "a1", "key"), "500 to INFO");
    assert!(desk.last_response().raw(Name::RetryAfter).is_some());
    assert_eq!(desk.peer(&Method::Options, "a1", ""), "200 to OPTIONS");
    let bye = desk.peer(&Method::Bye, "a1", "");
    assert_eq!(bye.matches("487 to INFO, withdrawn").count(), 8);
}

#[test]
fn what_is_no_answer_is_not_sent() {
    for status in [0, 99, 100, 700, 65_535] {
        let (mut desk, id, _) = ask(&Method::Info, &[], "key");
        assert_eq!(desk.give(respond(id, status, None)), "");
        assert_eq!(desk.give(respond(id, 200, None)), "200 to INFO");
    }
    // RFC 4320 section 4.1.
    let (mut desk, id, _) = ask(&Method::Info, &[], "key");
    assert_eq!(desk.give(respond(id, 183, None)), "");
}
