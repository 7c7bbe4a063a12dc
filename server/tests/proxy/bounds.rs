//! At the edge of what the proxy holds: `limits.rs`, and the settings that start from it. BYE and ACK get through when new
//! calls do not.

use server::config::Config;
use server::event::{CallChange, CallState, Outcome, What};
use server::limits;
use sip::msg::build::Response;
use sip::msg::{Message, Method, Name};
use sip::name::Tag;
use sip::name::Transport::Udp;
use testkit::phone::Script;

use crate::dialogs::{in_dialog, talking};
use crate::rig::{ALICE, BOB, CAROL, Rig, address, invite, to_bob};
use crate::scene::{BOB as BOB_AOR, Scene, phone, s};
use crate::support::Request;

fn rig(change: impl FnOnce(&mut server::config::Limits)) -> Rig {
    let mut config = Config::default();
    change(&mut config.limits);
    Rig::with(1, config)
}

fn another(n: u32) -> Request {
    let invite = invite().call_id(&format!("another-{n}"));
    invite.branch(&format!("z9hG4bK-another-{n}"))
}

fn methods(heard: &[Message]) -> Vec<&str> {
    heard
        .iter()
        .filter_map(|m| m.method())
        .map(Method::as_str)
        .collect()
}

fn redirect(rig: &mut Rig, request: &Message, to: &str) {
    let tag = Tag::new("redirects");
    let response = Response::to(request, 302, None, Some(&tag)).contact(to);
    rig.send(BOB, Udp, response.finish());
    rig.wait(50);
}

#[test]
fn calls_can_end_when_no_others_begin() {
    let mut rig = rig(|limits| limits.proxied = 4);
    rig.register(BOB, "bob", "");
    let (_, answer) = talking(&mut rig);
    for n in 1..4 {
        rig.ask(&another(n));
    }
    let ringing = rig.heard(BOB);
    assert_eq!(ringing.len(), 3);
    // One more is one too many.
    let refused = rig.ask(&another(4));
    assert_eq!(refused[0].status(), Some(503));
    assert_eq!(refused[0].text(Name::RetryAfter).unwrap(), "10");
    rig.ask(&in_dialog("ACK", 1, &answer).branch("z9hG4bK-ack"));
    assert_eq!(methods(&rig.heard(BOB)), ["ACK"]);
    // What belongs to a call has room of its own, and then goes on without being remembered.
    rig.ask(&in_dialog("INFO", 2, &answer));
    assert_eq!(methods(&rig.heard(BOB)), ["INFO"]);
    let bye = in_dialog("BYE", 3, &answer);
    rig.ask(&bye);
    let passed = rig.one(BOB);
    assert_eq!(
        (passed.method(), passed.vias().count()),
        (Some(&Method::Bye), 2)
    );
    // Repeated by Alice alone, and then alike (RFC 3261 section 16.11).
    rig.wait(2_000);
    assert_eq!(methods(&rig.heard(BOB)), [""; 0]);
    rig.ask(&bye);
    assert_eq!(methods(&rig.heard(BOB)), [""; 0], "the same octets");
    rig.heard(ALICE);
    rig.answer(BOB, &passed, 200);
    let heard = rig.one(ALICE);
    assert_eq!((heard.status(), heard.vias().count()), (Some(200), 1));
    assert_eq!(heard.cseq().unwrap(), (3, Method::Bye));
    // A call that rings can be given up.
    rig.answer(BOB, &ringing[0], 180);
    let cancel = another(1).with(|r| r.method = "CANCEL".to_owned());
    rig.ask(&cancel);
    assert_eq!(methods(&rig.heard(BOB)), ["CANCEL"]);
}

#[test]
fn a_call_ends_without_a_transaction_where_there_is_room_for_none() {
    // The INVITE has two; a BYE may have one more, which is one too few.
    let mut rig = rig(|limits| limits.transactions = 2);
    rig.register(BOB, "bob", "");
    let (_, answer) = talking(&mut rig);
    assert_eq!(rig.ask(&another(1))[0].status(), Some(503));
    for (cseq, method) in [(2, "INFO"), (3, "BYE")] {
        rig.ask(&in_dialog(method, cseq, &answer));
        let passed = rig.one(BOB);
        assert_eq!(passed.method().map(Method::as_str), Some(method));
        rig.answer(BOB, &passed, 200);
        assert_eq!(rig.statuses(ALICE), [200], "{method}");
    }
    // A stranger's Route proves nothing.
    let forged = to_bob("INFO")
        .cseq(4)
        .header("Route", "<sip:AAAA@10.0.0.1:5080;lr>")
        .with(|r| r.to = "<sip:bob@click.test>;tag=tag-1".to_owned());
    assert_eq!(rig.ask(&forged)[0].status(), Some(503));
    assert_eq!(rig.heard(BOB), []);
    rig.assert_over();
}

#[test]
fn calls_beyond_those_that_may_be_followed_go_on_unseen() {
    let mut rig = rig(|limits| limits.followed = 1);
    rig.register(BOB, "bob", "");
    for n in 1..=2 {
        rig.ask(&another(n));
    }
    assert_eq!(rig.heard(BOB).len(), 2);
    let events = &rig.net.node(rig.house).events;
    let opened = |what: &What| matches!(what, What::Call(_, CallChange::Opened { .. }));
    assert_eq!(events.iter().filter(|event| opened(&event.what)).count(), 1);
}

#[test]
fn a_request_is_copied_so_often_and_no_more() {
    let mut rig = rig(|limits| limits.bindings_per_aor = 130);
    rig.register(BOB, "bob", "");
    for n in 0..130 {
        let contact = format!("<sip:crowd-{n}@{}>", address(CAROL));
        let register = Request::register("crowd").call_id(&format!("crowd-{n}"));
        rig.register_with(CAROL, Udp, register.contact(&contact));
    }
    rig.heard(CAROL);
    rig.ask(&to_bob("MESSAGE"));
    let copy = rig.one(BOB);
    redirect(&mut rig, &copy, "<sip:crowd@click.test>");
    let mut copies = 1;
    loop {
        let heard = rig.heard(CAROL);
        if heard.is_empty() {
            break;
        }
        copies += heard.len();
        for copy in heard {
            rig.answer(CAROL, &copy, 404);
        }
    }
    assert_eq!(copies, limits::BRANCHES);
    assert_eq!(rig.statuses(ALICE).last(), Some(&404));
}

#[test]
fn redirections_are_followed_so_often_and_no_more() {
    let mut rig = Rig::new();
    let last = u32::from(limits::REDIRECTIONS) + 1;
    rig.register(BOB, "bob", "");
    for n in 1..=last {
        rig.register(BOB, &format!("next-{n}"), "");
    }
    rig.heard(BOB);
    rig.ask(&to_bob("MESSAGE"));
    for n in 1..=last {
        let copy = rig.one(BOB);
        redirect(&mut rig, &copy, &format!("<sip:next-{n}@click.test>"));
    }
    assert_eq!(rig.heard(BOB), []);
    let told = rig.one(ALICE);
    assert_eq!(told.status(), Some(302));
}

#[test]
fn a_call_of_which_nothing_passes_is_shown_for_so_long() {
    let casts = [
        phone("alice", Script::default()),
        phone("bob", Script::answering(s(2))),
    ];
    let mut scene = Scene::new(1, 1, Config::default(), &casts);
    scene.dial(BOB_AOR);
    scene.run_for(1);
    scene.run_for(limits::TRACKED_TIME.as_secs());
    assert_eq!(scene.state(), CallState::Talking);
    scene.run_for(62);
    assert_eq!(scene.state(), CallState::Done(Outcome::Answered));
}
