//! One request, several phones: RFC 3261 sections 16.6 to 16.10, RFC 3326, RFC 4320.

use sip::msg::{Message, Name};
use sip::name::Transport::{Tls, Udp};

use crate::rig::{ALICE, BOB, CAROL, Rig, invite, list, to_bob};
use crate::support::Request;

/// Bob and Carol are two phones of Bob's.
fn two_phones(q: [&str; 2]) -> Rig {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", q[0]);
    rig.register(CAROL, "bob", q[1]);
    rig
}

/// Both have their copy of the INVITE.
fn ringing() -> (Rig, Message, Message) {
    let mut rig = two_phones(["", ""]);
    rig.ask(&invite());
    let (bob, carol) = (rig.one(BOB), rig.one(CAROL));
    (rig, bob, carol)
}

/// ACK to whatever failure came.
fn methods(messages: &[Message]) -> Vec<String> {
    let requests = messages.iter().filter_map(Message::method);
    requests.map(ToString::to_string).collect()
}

#[test]
fn section_16_7_step_10_the_others_are_told_that_it_is_answered_elsewhere() {
    let (mut rig, bob, carol) = ringing();
    assert_eq!(bob.request_uri(), Some("sip:bob@10.0.0.3:5060"));
    assert_eq!(carol.request_uri(), Some("sip:bob@10.0.0.4:5060"));
    rig.answer(BOB, &bob, 180);
    rig.answer(CAROL, &carol, 180);
    assert_eq!(rig.statuses(ALICE), [180, 180]);
    rig.answer(CAROL, &carol, 200);
    assert_eq!(rig.statuses(ALICE), [200]);
    let cancel = rig.one(BOB);
    assert_eq!(methods(std::slice::from_ref(&cancel)), ["CANCEL"]);
    assert_eq!(
        cancel.text(Name::Reason).unwrap(),
        "SIP;cause=200;text=\"Call completed elsewhere\""
    );
    rig.answer(BOB, &cancel, 200);
    rig.answer(BOB, &bob, 487);
    assert_eq!(methods(&rig.heard(BOB)), ["ACK"]);
    assert_eq!(rig.heard(ALICE), []);
    rig.assert_over();
}

#[test]
fn section_9_1_no_cancel_before_the_phone_has_said_something() {
    let (mut rig, bob, carol) = ringing();
    rig.answer(CAROL, &carol, 200);
    assert_eq!(methods(&rig.heard(BOB)), [""; 0]);
    rig.answer(BOB, &bob, 100);
    assert_eq!(methods(&rig.heard(BOB)), ["CANCEL"]);
    rig.assert_over();
}

#[test]
fn section_16_7_step_5_every_2xx_goes_back_also_late_and_100_never() {
    let (mut rig, bob, carol) = ringing();
    rig.answer(BOB, &bob, 100);
    assert_eq!(rig.heard(ALICE), []);
    rig.answer(BOB, &bob, 200);
    rig.answer(CAROL, &carol, 200);
    // A repetition goes back as well (RFC 6026 section 7).
    rig.answer(BOB, &bob, 200);
    let all = rig.net.trace().iter();
    let to_alice = all.filter(|sent| sent.to == crate::rig::address(ALICE));
    let finals = to_alice.filter(|sent| sent.bytes.starts_with(b"SIP/2.0 200"));
    assert_eq!(finals.count(), 3);
    // When all is over, what proves to be an answer to a request of ours still goes back.
    rig.assert_over();
    rig.heard(ALICE);
    rig.answer_with(BOB, &bob, 200, |response| {
        response.header(Name::Server, "late")
    });
    assert_eq!(rig.one(ALICE).text(Name::Server).unwrap(), "late");
    let forged = String::from_utf8(bob.bytes().to_vec()).unwrap();
    let forged = forged.replacen("z9hG4bK-1", "z9hG4bK-2", 1);
    let forged = sip::msg::lex(forged.into()).unwrap();
    rig.answer(BOB, &forged, 200);
    assert_eq!(rig.heard(ALICE), []);
}

#[test]
fn section_16_6_phones_of_lower_preference_have_their_turn_later() {
    let mut rig = two_phones([";q=0.5", ";q=0.9"]);
    rig.ask(&invite());
    let carol = rig.one(CAROL);
    assert_eq!(rig.heard(BOB), []);
    rig.answer(CAROL, &carol, 486);
    assert_eq!(methods(&rig.heard(CAROL)), ["ACK"]);
    let bob = rig.one(BOB);
    rig.answer(BOB, &bob, 200);
    assert_eq!(rig.statuses(ALICE), [200]);
    rig.assert_over();
}

#[test]
fn phones_of_lower_preference_do_not_wait_for_ever() {
    let mut rig = two_phones([";q=0.5", ";q=0.9"]);
    rig.ask(&invite());
    let carol = rig.one(CAROL);
    rig.answer(CAROL, &carol, 180);
    rig.run_for(21);
    let heard = rig.heard(CAROL);
    assert_eq!(methods(&heard), ["CANCEL"]);
    rig.answer(CAROL, &carol, 487);
    let bob = rig.one(BOB);
    rig.answer(BOB, &bob, 486);
    // What the phone said that was not given its time is no answer.
    assert_eq!(rig.statuses(ALICE), [180, 486]);
    rig.assert_over();
}

#[test]
fn section_16_7_step_5_6xx_ends_it_everywhere_but_waits_for_all() {
    let (mut rig, bob, carol) = ringing();
    rig.answer(CAROL, &carol, 180);
    rig.answer(BOB, &bob, 603);
    assert_eq!(rig.statuses(ALICE), [180]);
    assert_eq!(methods(&rig.heard(CAROL)), ["CANCEL"]);
    rig.answer(CAROL, &carol, 487);
    assert_eq!(rig.statuses(ALICE), [603]);
    rig.assert_over();
}

#[test]
fn section_16_7_step_6_the_best_of_them_when_all_have_answered() {
    for (of_bob, of_carol, best) in [(486, 404, 486), (500, 486, 486), (503, 503, 500)] {
        let (mut rig, bob, carol) = ringing();
        rig.answer(BOB, &bob, of_bob);
        assert_eq!(rig.statuses(ALICE), [0; 0]);
        rig.answer(CAROL, &carol, of_carol);
        assert_eq!(rig.statuses(ALICE), [best]);
        rig.assert_over();
    }
}

#[test]
fn section_16_7_step_7_the_challenges_of_all_branches_go_back_together() {
    let (mut rig, bob, carol) = ringing();
    rig.answer_with(BOB, &bob, 401, |r| {
        r.header(Name::WwwAuthenticate, "Digest realm=\"b\"")
    });
    rig.answer_with(CAROL, &carol, 407, |r| {
        r.header(Name::ProxyAuthenticate, "Digest realm=\"c\"")
    });
    let response = rig.one(ALICE);
    assert_eq!(response.status(), Some(401));
    assert_eq!(
        response.text(Name::WwwAuthenticate).unwrap(),
        "Digest realm=\"b\""
    );
    assert_eq!(
        response.text(Name::ProxyAuthenticate).unwrap(),
        "Digest realm=\"c\""
    );
    rig.assert_over();
}

#[test]
fn section_16_7_step_4_a_redirection_to_a_phone_of_ours_is_followed_and_any_other_told() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    rig.register(CAROL, "carol", "");
    rig.ask(&invite());
    let bob = rig.one(BOB);
    let redirected = |to: &'static str| {
        move |request: &Message| {
            let tag = sip::name::Tag::new("redirects");
            let response = sip::msg::build::Response::to(request, 302, None, Some(&tag));
            response.contact(to).finish()
        }
    };
    rig.send(BOB, Udp, redirected("<sip:carol@click.test>")(&bob));
    rig.wait(50);
    let carol = rig.one(CAROL);
    assert_eq!(carol.request_uri(), Some("sip:carol@10.0.0.4:5060"));
    rig.answer(CAROL, &carol, 486);
    assert_eq!(rig.statuses(ALICE), [486]);

    rig.ask(&invite().cseq(2));
    let bob = rig.heard(BOB).pop().unwrap();
    rig.send(BOB, Udp, redirected("<sip:bob@elsewhere.test>")(&bob));
    rig.wait(50);
    let response = rig.one(ALICE);
    assert_eq!(response.status(), Some(302));
    assert_eq!(list(&response, Name::Contact), ["<sip:bob@elsewhere.test>"]);
    rig.assert_over();
}

fn redirected(request: &Message, to: &str) -> bytes::Bytes {
    let tag = sip::name::Tag::new("redirects");
    let response = sip::msg::build::Response::to(request, 302, None, Some(&tag));
    response.contact(to).finish()
}

#[test]
fn section_16_7_step_4_from_sips_nothing_less_secure_is_tried() {
    let mut rig = Rig::new();
    let register = Request::register("bob").contact("<sip:bob@10.0.0.3:5060>");
    rig.register_with(BOB, Tls, register);
    rig.register_by(CAROL, Tls, "carol", "");
    let call = invite().with(|r| {
        r.uri = "sips:bob@click.test".to_owned();
        r.via = r.via.replace("UDP", "TLS");
    });
    rig.exchange(ALICE, Tls, call.bytes());
    let bob = rig.one(BOB);
    rig.send(BOB, Tls, redirected(&bob, "<sip:carol@click.test>"));
    rig.wait(50);
    assert_eq!(rig.statuses(ALICE), [302]);
    assert_eq!(rig.heard(CAROL), []);
}

#[test]
fn section_16_5_no_target_is_added_to_a_request_that_was_for_others() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    rig.register(CAROL, "carol", "");
    rig.ask(&invite());
    let bob = rig.one(BOB);
    rig.answer(BOB, &bob, 200);
    let answer = rig.one(ALICE);
    let mut again = invite().cseq(2).with(|r| {
        r.uri = "sip:bob@10.0.0.3:5060".to_owned();
        r.to = answer.text(Name::To).unwrap().into_owned();
    });
    for route in list(&answer, Name::RecordRoute).into_iter().rev() {
        again = again.header("Route", route);
    }
    rig.ask(&again);
    let bob = rig.one(BOB);
    rig.send(BOB, Udp, redirected(&bob, "<sip:carol@click.test>"));
    rig.wait(50);
    assert_eq!(rig.statuses(ALICE), [302]);
    assert_eq!(rig.heard(CAROL), []);
}

#[test]
fn section_16_5_nobody_is_tried_twice() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    rig.ask(&invite());
    let bob = rig.one(BOB);
    rig.send(BOB, Udp, redirected(&bob, "<sip:bob@click.test>"));
    rig.wait(50);
    assert_eq!(rig.statuses(ALICE), [302]);
    assert_eq!(methods(&rig.heard(BOB)), ["ACK"]);
}

#[test]
fn section_16_7_step_9_a_response_loses_our_via_and_nothing_else() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    rig.ask(&invite());
    let bob = rig.one(BOB);
    for (status, tag) in [(180, None), (183, Some("early")), (486, Some("final"))] {
        let tag = tag.map(sip::name::Tag::new);
        let said = sip::msg::build::Response::to(&bob, status, Some("So"), tag.as_ref())
            .raw("X-Unknown", b"one, \"two\"")
            .record_route(&bob)
            .body("text/plain", b"\x00\xff body")
            .finish();
        rig.send(BOB, Udp, said.clone());
        rig.wait(50);
        let heard = rig.one(ALICE);
        let said = String::from_utf8_lossy(&said).into_owned();
        let (line, rest) = said.split_once("\r\n").unwrap();
        let (ours, rest) = rest.split_once("\r\n").unwrap();
        assert!(ours.starts_with("Via: SIP/2.0/UDP 10.0.0.1:5080;"));
        let left = String::from_utf8_lossy(heard.bytes()).into_owned();
        assert_eq!(left, format!("{line}\r\n{rest}"), "{status}");
        assert!(left.contains(";received=10.0.0.2;rport=5060"), "{left}");
    }
}

#[test]
fn section_16_7_step_3_a_response_that_leads_back_to_nobody_goes_no_further() {
    for status in [200, 486] {
        let mut rig = Rig::new();
        rig.register(BOB, "bob", "");
        rig.ask(&invite());
        let bob = rig.one(BOB);
        let text = String::from_utf8(bob.bytes().to_vec()).unwrap();
        let (top, rest) = text.rsplit_once("\r\nVia:").unwrap();
        let (_, rest) = rest.split_once("\r\n").unwrap();
        let shorn = sip::msg::lex(format!("{top}\r\n{rest}").into()).unwrap();
        rig.answer(BOB, &shorn, status);
        assert_eq!(rig.statuses(ALICE), [502], "{status}");
        rig.assert_over();
    }
}

#[test]
fn section_16_8_silence_is_408_to_invite_and_silence_to_anything_else() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    rig.ask(&invite());
    rig.ask(&to_bob("MESSAGE").cseq(2));
    rig.run_for(40);
    let mut statuses = rig.statuses(ALICE);
    statuses.retain(|status| *status != 100);
    // RFC 4320 section 4.2: the sender of the MESSAGE knows by himself.
    assert_eq!(statuses, [408]);
    rig.assert_over();
}

#[test]
fn section_16_8_timer_c_ends_what_rings_for_ever_and_begins_anew_with_each_1xx() {
    let mut rig = Rig::new();
    rig.register(BOB, "bob", "");
    rig.ask(&invite());
    let bob = rig.one(BOB);
    rig.answer(BOB, &bob, 180);
    rig.run_for(180);
    rig.answer(BOB, &bob, 180);
    rig.run_for(180);
    assert_eq!(rig.heard(BOB), []);
    rig.run_for(10);
    assert_eq!(methods(&rig.heard(BOB)), ["CANCEL"]);
    rig.heard(ALICE);
    rig.answer(BOB, &bob, 487);
    assert_eq!(rig.statuses(ALICE), [487]);
    rig.assert_over();
}

#[test]
fn section_16_10_cancel_goes_on_with_its_reason() {
    let (mut rig, bob, carol) = ringing();
    rig.answer(BOB, &bob, 180);
    let reason = "SIP;cause=487;text=\"changed my mind\"";
    let cancel = invite().with(|r| r.method = "CANCEL".to_owned());
    let heard = rig.ask(&cancel.header("Reason", reason));
    assert_eq!(heard.last().unwrap().status(), Some(200));
    let cancel = rig.one(BOB);
    assert_eq!(cancel.text(Name::Reason).unwrap(), reason);
    // RFC 5393 section 5.4.1: a CANCEL goes one hop only.
    assert_eq!(cancel.raw(Name::MaxBreadth), None);
    rig.answer(BOB, &bob, 487);
    // Carol's phone has said nothing yet; when it does it hears the same.
    assert_eq!(rig.heard(CAROL), []);
    rig.answer(CAROL, &carol, 180);
    assert_eq!(methods(&rig.heard(CAROL)), ["CANCEL"]);
    rig.answer(CAROL, &carol, 487);
    assert_eq!(rig.statuses(ALICE), [180, 487]);
    rig.assert_over();
}
