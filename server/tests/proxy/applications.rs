//! Requests on their way through the applications of the router: refused, sent elsewhere, or taken by nobody.

use std::path::Path;

use server::config::{Blocked, Config, Forwarding, Router, SpeedDial};

use crate::rig::{ALICE, BOB, CAROL, Rig, to_bob};
use crate::support::Request;

fn rig(router: Router) -> Rig {
    let config = Config {
        router,
        ..Config::default()
    };
    Rig::with(1, config)
}

fn dial(to: &str) -> Request {
    to_bob("INVITE").with(|r| r.uri = format!("sip:{to}@click.test"))
}

/// The status of the last answer that Alice heard.
fn status(rig: &mut Rig, request: &Request) -> Option<u16> {
    rig.ask(request).last().and_then(|answer| answer.status())
}

#[test]
fn a_digit_rings_whom_it_means_and_one_without_meaning_is_488() {
    let mut rig = rig(Router {
        speed_dial: vec![SpeedDial::read("1=sip:bob@click.test").unwrap()],
        ..Router::default()
    });
    rig.register(BOB, "bob", "");
    rig.ask(&dial("1"));
    assert_eq!(rig.one(BOB).request_uri(), Some("sip:bob@10.0.0.3:5060"));
    assert_eq!(
        status(&mut rig, &dial("2").cseq(2).call_id("two")),
        Some(488)
    );
}

#[test]
fn a_forwarded_call_rings_elsewhere_and_not_where_it_was_aimed() {
    let mut rig = rig(Router {
        forwarded: vec![Forwarding::read("sip:bob@click.test=sip:carol@click.test").unwrap()],
        ..Router::default()
    });
    rig.register(BOB, "bob", "");
    rig.register(CAROL, "carol", "");
    rig.heard(BOB);
    rig.ask(&dial("bob"));
    assert_eq!(
        rig.one(CAROL).request_uri(),
        Some("sip:carol@10.0.0.4:5060")
    );
    assert!(rig.heard(BOB).is_empty());
    // Only calls are forwarded.
    rig.ask(&to_bob("MESSAGE").cseq(2).call_id("two"));
    assert_eq!(rig.heard(BOB).len(), 1);
}

#[test]
fn nobody_is_forwarded_to_where_no_phone_could_call() {
    let mut rig = rig(Router {
        forwarded: vec![Forwarding::read("sip:bob@click.test=sip:bob@elsewhere.example").unwrap()],
        ..Router::default()
    });
    rig.register(BOB, "bob", "");
    assert!(matches!(status(&mut rig, &dial("bob")), Some(403 | 480)));
}

#[test]
fn a_blocked_caller_is_403_and_the_phone_stays_silent() {
    let mut rig = rig(Router {
        blocked: vec![Blocked::read("sip:alice@click.test").unwrap()],
        ..Router::default()
    });
    rig.register(BOB, "bob", "");
    rig.heard(BOB);
    assert_eq!(status(&mut rig, &dial("bob")), Some(403));
    assert!(rig.heard(BOB).is_empty());
}

#[test]
fn by_the_file_of_the_click_to_call_example_phones_register_and_call_by_the_page_alone() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/proxy/click2call.dar");
    let mut rig = rig(Router {
        dar: Some(file),
        ..Router::default()
    });
    rig.register(BOB, "bob", "");
    rig.register(ALICE, "alice", "");
    rig.heard(ALICE);
    rig.heard(BOB);
    assert_eq!(status(&mut rig, &dial("bob")), Some(404));
    let options = to_bob("OPTIONS").cseq(2).call_id("two");
    assert_eq!(status(&mut rig, &options), Some(200));
    assert!(rig.heard(BOB).is_empty(), "the server has answered for him");
}
