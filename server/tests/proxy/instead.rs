//! Who rings in place of a called party that is busy, does not answer or is not to be had.

use server::config::{Config, Forwarding, Router};
use server::event::{CallState, Outcome};
use testkit::phone::{Deed, Script, What};

use crate::scene::{BOB, Scene, phone, s};
use crate::support::{laws, with_shards};

const RULES: [&str; 4] = [
    "busy sip:bob@click.test=sip:carol@click.test",
    "no_answer 5s sip:bob@click.test=sip:carol@click.test",
    "unreachable sip:bob@click.test=sip:carol@click.test",
    "unreachable sip:dave@click.test=sip:carol@click.test",
];

/// Alice has dialled a minute ago; Bob does as he is told, Carol answers.
fn dialled(shards: u8, rules: &[&str], bob: Script, uri: &str) -> Scene {
    let forwarded = rules.iter().map(|rule| Forwarding::read(rule).unwrap());
    let config = Config {
        router: Router {
            forwarded: forwarded.collect(),
            ..Router::default()
        },
        ..Config::default()
    };
    let casts = [
        phone("alice", Script::default()),
        phone("bob", bob),
        phone("carol", Script::answering(s(1))),
    ];
    let mut scene = Scene::new(shards, 1, config, &casts);
    scene.dial(uri);
    scene.run_for(60);
    scene
}

/// What the board has shown, call by call, before and after Alice hangs up.
fn ends(mut scene: Scene) -> Vec<CallState> {
    scene.act(0, Deed::HangUp);
    scene.finish();
    let told = laws::fold(&scene.net.node(scene.house).events);
    told.values().map(|told| told.state).collect()
}

fn talked(outcome: Outcome) -> Vec<CallState> {
    vec![CallState::Done(outcome), CallState::Done(Outcome::Answered)]
}

#[test]
fn when_busy() {
    with_shards(|shards| {
        let scene = dialled(shards, &RULES, Script::declining(s(1), 486), BOB);
        assert!(scene.heard(0, &What::Connected) && scene.heard(2, &What::Connected));
        assert_eq!(ends(scene), talked(Outcome::Busy));
    });
}

#[test]
fn without_an_answer() {
    with_shards(|shards| {
        let scene = dialled(shards, &RULES, Script::default(), BOB);
        assert!(scene.heard(0, &What::Connected) && scene.heard(2, &What::Connected));
        assert!(!scene.phone(1).is_ringing());
        assert_eq!(ends(scene), talked(Outcome::NoAnswer));
    });
}

#[test]
fn when_the_phone_is_silent() {
    with_shards(|shards| {
        let scene = dialled(shards, &RULES[2..], Script::deaf(), BOB);
        assert!(scene.heard(0, &What::Connected) && scene.heard(2, &What::Connected));
        assert_eq!(ends(scene), talked(Outcome::Unreachable));
    });
}

#[test]
fn when_there_is_no_phone() {
    with_shards(|shards| {
        let scene = dialled(shards, &RULES, Script::default(), "sip:dave@click.test");
        assert!(scene.heard(0, &What::Connected) && scene.heard(2, &What::Connected));
        assert_eq!(ends(scene), [CallState::Done(Outcome::Answered)]);
    });
}

#[test]
fn nobody_rings_instead_of_one_who_declines_or_answers() {
    for (bob, outcome) in [
        (Script::declining(s(1), 603), Outcome::Declined),
        (Script::answering(s(4)), Outcome::Answered),
    ] {
        let scene = dialled(1, &RULES, bob, BOB);
        assert!(
            !scene
                .phone(2)
                .has_heard(|what| matches!(what, What::Invited { .. }))
        );
        assert_eq!(ends(scene), [CallState::Done(outcome)]);
    }
}

#[test]
fn where_nobody_is_there_instead_the_answer_stands_and_the_phone_rings_on() {
    let rules = [
        "busy sip:bob@click.test=sip:nobody@click.test",
        "no_answer 5s sip:bob@click.test=sip:nobody@click.test",
    ];
    let scene = dialled(1, &rules, Script::declining(s(1), 486), BOB);
    assert!(scene.heard(0, &What::Unanswered(486)));
    let scene = dialled(1, &rules, Script::default(), BOB);
    assert!(scene.phone(1).is_ringing());
    assert_eq!(ends(scene), [CallState::Done(Outcome::Cancelled)]);
}
