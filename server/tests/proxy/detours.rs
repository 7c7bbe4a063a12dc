//! Requests that leave for another server before they go on, as ROUTE and ROUTE_BACK of the router's file have it.

use std::path::Path;

use server::config::{Config, Forwarding, Router};
use sip::msg::splice::Splice;
use sip::msg::{Message, Name};
use sip::name::Transport::Udp;

use crate::dialogs::{back, in_dialog};
use crate::rig::{ALICE, BOB, CAROL, Rig, SCREEN, address, invite, list, to_bob};

/// Phones of Bob and Carol; whatever is for Carol goes to Bob.
fn rig() -> Rig {
    let config = Config {
        router: Router {
            dar: Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/proxy/screened.dar")),
            forwarded: vec![Forwarding::read("sip:carol@click.test=sip:bob@click.test").unwrap()],
            ..Router::default()
        },
        ..Config::default()
    };
    let mut rig = Rig::with(1, config);
    rig.register(BOB, "bob", "");
    rig.register(CAROL, "carol", "");
    rig.heard(BOB);
    rig.heard(CAROL);
    rig
}

/// The other server passes a request on, as a proxy on the way of the dialog does.
fn pass(request: &Message) -> Splice<'_> {
    Splice::new(request)
        .remove_first(Name::Route)
        .prepend(
            Name::Via,
            format_args!(
                "SIP/2.0/UDP {};branch=z9hG4bK-s{}",
                address(SCREEN),
                request.cseq().unwrap().0
            ),
        )
        .prepend(
            Name::RecordRoute,
            format_args!("<sip:{};lr>", address(SCREEN)),
        )
}

/// What the other server heard, which goes on, and what comes of it goes back.
#[track_caller]
fn pass_on(rig: &mut Rig) -> Message {
    let request = rig.one(SCREEN);
    rig.send(SCREEN, Udp, pass(&request).finish());
    rig.wait(50);
    request
}

fn pass_back(rig: &mut Rig) {
    for response in rig.heard(SCREEN) {
        let bytes = Splice::new(&response).remove_first(Name::Via).finish();
        rig.send(SCREEN, Udp, bytes);
    }
    rig.wait(50);
}

/// An INVITE to Carol that has come back from the other server with something changed.
fn returned(rig: &mut Rig, change: impl FnOnce(String) -> String) {
    rig.ask(&invite().with(|r| r.uri = "sip:carol@click.test".to_owned()));
    let left = rig.one(SCREEN);
    let bytes = pass(&left).finish();
    let text = change(String::from_utf8(bytes.to_vec()).unwrap());
    rig.send(SCREEN, Udp, text.into_bytes().into());
    rig.wait(50);
}

#[test]
fn a_call_goes_by_the_other_server_and_on_behind_it() {
    let mut rig = rig();
    rig.ask(&invite().with(|r| r.uri = "sip:carol@click.test".to_owned()));
    assert!(rig.heard(BOB).is_empty());
    let left = pass_on(&mut rig);
    assert_eq!(left.request_uri(), Some("sip:carol@click.test"));
    let routes = list(&left, Name::Route);
    assert_eq!(routes[0], "<sip:198.51.100.9:5060;lr>");
    assert!(
        routes[1].ends_with("@10.0.0.1:5080;transport=udp;lr>"),
        "{routes:?}"
    );
    assert_eq!(routes.len(), 2);
    let copy = rig.one(BOB);
    assert_eq!(copy.request_uri(), Some("sip:bob@10.0.0.3:5060"));
    assert!(
        copy.raw(Name::Route).is_none(),
        "nobody else sees the ticket"
    );
    assert!(rig.heard(CAROL).is_empty());

    rig.answer(BOB, &copy, 200);
    pass_back(&mut rig);
    let answer = rig.heard(ALICE).pop().unwrap();
    assert_eq!(answer.status(), Some(200));
    // The dialog goes the same way: twice by us, once by the other server.
    rig.ask(&in_dialog("ACK", 1, &answer));
    pass_on(&mut rig);
    assert_eq!(rig.one(BOB).cseq().unwrap().1.as_str(), "ACK");
    let bye = back("BYE", 1, &copy);
    rig.exchange(BOB, Udp, bye.bytes());
    pass_on(&mut rig);
    let heard = rig.one(ALICE);
    assert_eq!(heard.cseq().unwrap().1.as_str(), "BYE");
    assert!(heard.raw(Name::Route).is_none());
    rig.answer(ALICE, &heard, 200);
    pass_back(&mut rig);
    assert_eq!(rig.statuses(BOB), [200]);
    rig.assert_over();
}

#[test]
fn an_operator_s_bye_takes_the_way_of_the_dialog() {
    let mut rig = rig();
    rig.ask(&invite());
    pass_on(&mut rig);
    let copy = rig.one(BOB);
    rig.answer(BOB, &copy, 200);
    pass_back(&mut rig);
    let answer = rig.heard(ALICE).pop().unwrap();
    rig.ask(&in_dialog("ACK", 1, &answer));
    pass_on(&mut rig);
    rig.heard(BOB);
    rig.end();
    assert_eq!(rig.one(BOB).cseq().unwrap().1.as_str(), "BYE");
    pass_on(&mut rig);
    assert_eq!(rig.one(ALICE).cseq().unwrap().1.as_str(), "BYE");
}

#[test]
fn who_comes_back_is_let_in_by_his_ticket_alone() {
    // The other server is in no private network, so nobody else would be.
    let mut rig_ = rig();
    returned(&mut rig_, |text| text);
    assert_eq!(rig_.heard(BOB).len(), 1);

    let forged = |text: String| {
        let at = text.find("Route: <sip:_").expect("a ticket") + "Route: <sip:_".len();
        let other = if &text[at..=at] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &text[..at], &text[at + 1..])
    };
    let another = |text: String| text.replace("From: <sip:alice@", "From: <sip:mallory@");
    let without = |text: String| {
        let at = text.find("Route: <sip:_").expect("a ticket");
        let end = at + text[at..].find("\r\n").unwrap() + 2;
        format!("{}{}", &text[..at], &text[end..])
    };
    type Change<'a> = &'a dyn Fn(String) -> String;
    // Without any it is the INVITE of before by another way.
    let changes = [
        (&forged as Change<'_>, 403),
        (&another, 403),
        (&without, 482),
    ];
    for (change, status) in changes {
        let mut rig = rig();
        returned(&mut rig, change);
        assert!(rig.heard(BOB).is_empty());
        assert!(rig.heard(CAROL).is_empty());
        assert_eq!(rig.statuses(SCREEN), [status]);
    }
}

#[test]
fn who_comes_back_too_late_is_403() {
    let mut rig = rig();
    rig.ask(&invite());
    let left = rig.one(SCREEN);
    rig.run_for(186);
    rig.heard(SCREEN);
    rig.send(SCREEN, Udp, pass(&left).finish());
    rig.wait(50);
    assert_eq!(rig.statuses(SCREEN), [403]);
    assert!(rig.heard(BOB).is_empty());
}

#[test]
fn what_is_left_to_the_other_server_does_not_come_back() {
    let mut rig = rig();
    rig.ask(&to_bob("MESSAGE"));
    let left = rig.one(SCREEN);
    assert_eq!(list(&left, Name::Route), ["<sip:198.51.100.9;lr>"]);
    rig.answer(SCREEN, &left, 202);
    assert_eq!(rig.statuses(ALICE), [202]);
    assert!(rig.heard(BOB).is_empty());
}

#[test]
fn a_route_to_ourselves_or_to_nowhere_is_told() {
    let mut rig = rig();
    let info = rig.ask(&to_bob("INFO"));
    assert_eq!(info[0].status(), Some(482));
    let subscribe = rig.ask(&to_bob("SUBSCRIBE").cseq(2));
    assert_eq!(subscribe[0].status(), Some(404));
    rig.assert_over();
}
