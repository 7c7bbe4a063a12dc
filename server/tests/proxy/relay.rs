//! Never an open relay: whatever a third party makes of addresses, Routes, tokens and tags, nothing of it reaches a server of
//! another domain, and what our users send reaches those alone that they may call.
//!
//! The cases are the same each time. `PROPTEST_CASES=100000` plays more of them.

use proptest::prelude::*;
use proptest::test_runner::{Config as Runs, RngAlgorithm, TestRng, TestRunner};
use server::config::{AuthMode, Config, Domains, NextHop, Peer, Proxy, Sip};
use sip::msg::{Message, Name};
use sip::name::Transport::Udp;
use sip::name::Uri;

use crate::rig::{ALICE, BOB, CAROL, Rig, address, invite, list};
use crate::support::Request;

/// The server of all other domains.
const DAVE: usize = 3;

/// What somebody tries.
#[derive(Clone, Debug)]
struct Attempt {
    source: usize,
    from: &'static str,
    method: &'static str,
    uri: &'static str,
    /// Indices into [`Scene::routes`].
    routes: Vec<usize>,
    in_dialog: bool,
    with_passwords: bool,
}

const URIS: [&str; 9] = [
    "sip:carol@elsewhere.test",
    "sip:carol@static.test",
    "sip:carol@sip.trunk.test",
    "sip:0301@click.test",
    "sip:carol@another.test;maddr=10.0.0.5",
    "sip:carol@click.test;maddr=10.0.0.5",
    "sip:dave@10.0.0.5:5060",
    "sip:bob@click.test",
    "sips:carol@elsewhere.test",
];

fn attempt() -> impl Strategy<Value = Attempt> {
    let source = prop::sample::select(vec![ALICE, BOB, CAROL]);
    let from = prop::sample::select(vec!["alice", "bob", "carol", "dave"]);
    let method = prop::sample::select(vec!["INVITE", "MESSAGE", "BYE", "ACK", "REFER"]);
    let uri = prop::sample::select(URIS.to_vec());
    let routes = prop::collection::vec(0..9_usize, 0..4);
    (
        source,
        from,
        method,
        uri,
        routes,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(source, from, method, uri, routes, in_dialog, with_passwords)| Attempt {
                source,
                from,
                method,
                uri,
                routes,
                in_dialog,
                with_passwords,
            },
        )
}

fn config(with_passwords: bool) -> Config {
    let mut config = Config {
        sip: Sip {
            domains: vec!["click.test".to_owned()],
            hosts: ["static.test", "elsewhere.test"].map(served).into(),
            ..Config::default().sip
        },
        proxy: Proxy {
            domains: Domains(vec!["10.0.0.99".to_owned()]),
        },
        peers: vec![Peer {
            domains: vec!["sip.trunk.test".to_owned()],
            server: Some(Uri::parse("sip:10.0.0.5:5060").unwrap()),
            prefix: "0".to_owned(),
            ..Peer::default()
        }],
        ..Config::default()
    };
    if with_passwords {
        config.auth.mode = AuthMode::Digest;
    }
    config
}

fn served(host: &str) -> NextHop {
    NextHop {
        host: host.to_owned(),
        address: address(DAVE),
        tcp: false,
    }
}

/// Alice and Bob are users, Carol is nobody. Alice has talked to Dave and to Bob, and everybody knows the Routes of both
/// dialogs, as if somebody had told.
fn scene() -> (Rig, Vec<String>) {
    let mut rig = Rig::with(1, config(false));
    rig.register(ALICE, "alice", "");
    rig.register(BOB, "bob", "");
    let mut routes: Vec<String> = [
        "<sip:elsewhere.test;lr>",
        "<sip:10.0.0.5:5060;lr>",
        "<sip:10.0.0.1:5080;lr>",
        "<sip:AAAA@10.0.0.1:5080;lr>",
        "<sip:another.test;lr>",
    ]
    .map(str::to_owned)
    .into();
    for (n, uri, callee) in [
        (1, "sip:dave@elsewhere.test", DAVE),
        (2, "sip:bob@click.test", BOB),
    ] {
        let request = invite().cseq(n).call_id(&format!("talk-{n}"));
        rig.ask(&request.with(|r| r.uri = uri.to_owned()));
        let copy = rig.one(callee);
        rig.answer(callee, &copy, 200);
        let ok = rig.one(ALICE);
        let mut both = list(&ok, Name::RecordRoute);
        both.reverse();
        routes.extend(both);
    }
    // Nobody acknowledges; the callees give up.
    rig.run_for(300);
    rig.register(ALICE, "alice", "");
    rig.register(BOB, "bob", "");
    for peer in [ALICE, BOB, CAROL, DAVE] {
        rig.heard(peer);
    }
    (rig, routes)
}

fn request(attempt: &Attempt, routes: &[String]) -> Request {
    let mut request = Request::new(attempt.method).call_id("attempt");
    request.via = format!(
        "SIP/2.0/UDP {};rport;branch=z9hG4bK-attempt",
        address(attempt.source)
    );
    request.uri = attempt.uri.to_owned();
    request.from = format!("<sip:{}@click.test>;tag=from", attempt.from);
    request.to = match attempt.in_dialog {
        true => "<sip:dave@elsewhere.test>;tag=tag-3".to_owned(),
        false => "<sip:dave@elsewhere.test>".to_owned(),
    };
    for route in &attempt.routes {
        request = request.header("Route", &routes[*route]);
    }
    request
}

/// Whether he who asks is a user, at his own phone.
fn is_user(attempt: &Attempt) -> bool {
    matches!(
        (attempt.source, attempt.from),
        (ALICE, "alice") | (BOB, "bob")
    )
}

/// Whether the last Route of ours is that of Alice's dialog with Dave, and it is she who asks: her address proves it.
fn is_alices_dialog(attempt: &Attempt, routes: &[String]) -> bool {
    let is_ours = |n: &&usize| routes[**n].contains("10.0.0.1:5080");
    let ours = attempt.routes.iter().take_while(is_ours);
    let last = ours.filter(|n| **n >= 5).last();
    attempt.source == ALICE && last == Some(&6)
}

#[test]
fn no_third_party_reaches_another_domain_through_us() {
    let (mut with_users, routes) = scene();
    assert_eq!(routes.len(), 9);
    let mut locked = Rig::with(1, config(true));
    let reached = std::cell::Cell::new(0);
    let runs = Runs {
        cases: 600,
        failure_persistence: None,
        ..Runs::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(runs, rng);
    let mut n = 0;
    let mut play = |attempt: &Attempt| -> Vec<Message> {
        n += 1;
        let rig = if attempt.with_passwords {
            &mut locked
        } else {
            &mut with_users
        };
        let bytes = request(attempt, &routes)
            .cseq(n)
            .call_id(&format!("attempt-{n}"))
            .bytes();
        rig.send(attempt.source, Udp, bytes);
        rig.wait(100);
        rig.heard(DAVE)
    };
    let play = std::cell::RefCell::new(&mut play);
    runner
        .run(&attempt(), |attempt| {
            let heard = (play.borrow_mut())(&attempt);
            if !heard.is_empty() {
                reached.set(reached.get() + 1);
                // Without a password nobody is a user; a dialog was let in when it began.
                let may = is_user(&attempt) && !attempt.with_passwords
                    || is_alices_dialog(&attempt, &routes);
                prop_assert!(may, "{attempt:?} reached {heard:?}");
            }
            Ok(())
        })
        .unwrap();
    // The property says something: our users do get there.
    assert!(reached.get() > 20, "{}", reached.get());
}
