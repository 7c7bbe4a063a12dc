//! Whatever the phones, the operators and the weather do: every INVITE gets exactly one final response, every 2xx its ACK, no
//! call stays open on either phone, nothing is left in the server, what is told is lawful, and the board shows at any moment
//! as many calls as there are.
//!
//! The cases are the same each time. `PROPTEST_CASES=100000` plays more of them.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use server::config::{Config as Settings, Forwarding};
use sip::msg::{Method, lex};
use sip::name::Transport;
use testkit::net::{Fate, Weather};
use testkit::phone::{Deed, Phone, Script, What};

use crate::scene::{BOB, Cast, Scene, phone};
use crate::support::{SERVER, laws};

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[derive(Clone, Debug)]
struct Case {
    alice: Script,
    bobs: Vec<(Script, Transport)>,
    weather: Weather,
    seed: u64,
    shards: u8,
    /// When the operator ends what there is.
    end: Option<u64>,
    /// When Alice hangs up, or gives up.
    leave: Option<u64>,
    /// What Carol does, who rings where Bob is not to be had.
    carol: Option<Script>,
}

const RULES: [&str; 3] = [
    "busy sip:bob@click.test=sip:carol@click.test",
    "no_answer 2s sip:bob@click.test=sip:carol@click.test",
    "unreachable sip:bob@click.test=sip:carol@click.test",
];

fn callee() -> impl Strategy<Value = (Script, Transport)> {
    let script = prop_oneof![
        4 => (0_u64..4_000).prop_map(|after| Script::answering(ms(after))),
        2 => (0_u64..4_000, prop::sample::select(vec![404, 480, 486, 500, 503, 603]))
            .prop_map(|(after, status)| Script::declining(ms(after), status)),
        1 => Just(Script::default().answering_into_cancel()),
        1 => Just(Script::deaf()),
        1 => (0_u64..4_000).prop_map(|after| Script::answering(ms(after)).at_connect(ms(after), Deed::HangUp)),
    ];
    let transport = prop::sample::select(vec![Transport::Udp, Transport::Tcp]);
    (script, transport)
}

fn weather() -> impl Strategy<Value = Weather> {
    let any = (1_u64..20, 0_u64..200, 0_u8..20, 0_u8..20, 0_u8..20);
    let any = any.prop_map(|(least, span, loss, duplication, reordering)| Weather {
        delay: ms(least)..=ms(least + span),
        loss,
        duplication,
        reordering,
    });
    prop_oneof![1 => Just(Weather::CALM), 3 => any]
}

fn case() -> impl Strategy<Value = Case> {
    let alice = prop_oneof![
        Just(Script::default()),
        (0_u64..4_000).prop_map(|after| Script::default().at_connect(ms(after), Deed::HangUp)),
    ];
    let end = prop_oneof![2 => Just(None), 1 => (0_u64..8_000).prop_map(Some)];
    let bobs = prop::collection::vec(callee(), 1..4);
    let shards = prop::sample::select(vec![1_u8, 4]);
    let leave = prop_oneof![2 => Just(None), 1 => (0_u64..8_000).prop_map(Some)];
    let carol = prop::option::of(callee().prop_map(|(script, _)| script));
    let acts = (end, leave, carol);
    (alice, bobs, weather(), any::<u64>(), shards, acts).prop_map(
        |(alice, bobs, weather, seed, shards, (end, leave, carol))| Case {
            alice,
            bobs,
            weather,
            seed,
            shards,
            end,
            leave,
            carol,
        },
    )
}

fn count(phone: &Phone, is_it: impl Fn(&What) -> bool) -> usize {
    phone
        .heard()
        .iter()
        .filter(|heard| is_it(&heard.what))
        .count()
}

/// As many calls on the board as there are.
fn assert_board_is_true(scene: &Scene) {
    let house = scene.net.node(scene.house);
    let told = laws::fold(&house.events);
    let open = told.values().filter(|told| !told.is_done()).count();
    let load = house.load();
    assert_eq!(open, load.calls + load.followed, "{load:?}");
}

/// Whatever acknowledges a 2xx that the caller heard arrives at the server and leaves it again.
fn assert_each_ack_goes_on(scene: &Scene) {
    let mut heard = BTreeSet::new();
    let (mut came, mut left) = (BTreeSet::new(), BTreeSet::new());
    for sent in scene.net.trace() {
        let message = lex(sent.bytes.clone()).unwrap();
        let Ok((_, Method::Invite | Method::Ack)) = message.cseq() else {
            continue;
        };
        let tag = message.to().unwrap().tag().unwrap_or_default().to_owned();
        let is_ack = message.method() == Some(&Method::Ack);
        match message.status() {
            Some(200..=299) if sent.from == SERVER => drop(heard.insert(tag)),
            None if is_ack && sent.from == SERVER => drop(left.insert(tag)),
            None if is_ack && sent.fate != Fate::Lost => drop(came.insert(tag)),
            Some(_) | None => {}
        }
    }
    let lost: Vec<_> = came
        .intersection(&heard)
        .filter(|tag| !left.contains(*tag))
        .collect();
    assert!(lost.is_empty(), "{lost:?}\n{}", scene.story());
}

fn play(case: &Case) {
    let mut casts = vec![Cast {
        aor: "sip:alice@click.test".to_owned(),
        script: case.alice.clone(),
        transport: Transport::Udp,
    }];
    casts.extend(case.bobs.iter().map(|(script, transport)| Cast {
        aor: BOB.to_owned(),
        script: script.clone(),
        transport: *transport,
    }));
    let mut settings = Settings::default();
    if let Some(script) = &case.carol {
        let rules = RULES.map(|rule| Forwarding::read(rule).unwrap());
        settings.router.forwarded = rules.to_vec();
        casts.push(phone("carol", script.clone()));
    }
    let mut scene = Scene::new(case.shards, case.seed, settings, &casts);
    scene.net.set_weather(case.weather.clone());
    scene.dial(BOB);
    let mut acts = [(case.end, true), (case.leave, false)];
    acts.sort_unstable();
    let start = scene.net.now();
    for (at, is_operator) in acts {
        let Some(at) = at else { continue };
        scene.net.run_until(start + ms(at));
        assert_board_is_true(&scene);
        if is_operator {
            // It may be over, or not have begun.
            let _ = scene.try_end();
        } else {
            scene.act(0, Deed::HangUp);
        }
        assert_board_is_true(&scene);
    }
    // An owner who still talks after a minute hangs up.
    scene.run_for(200);
    assert_board_is_true(&scene);
    for phone in 0..casts.len() {
        scene.act(phone, Deed::HangUp);
    }
    scene.finish();
    assert_each_ack_goes_on(&scene);
    let alice = scene.phone(0);
    let ends = |what: &What| {
        matches!(
            what,
            What::Unanswered(_) | What::HungUp(_) | What::Left | What::GaveUp
        )
    };
    // One call, one end, whatever happened.
    assert_eq!(count(alice, ends), 1, "{:#?}", alice.story());
    for phone in 1..casts.len() {
        let bob = scene.phone(phone);
        assert!(!bob.is_off_hook(), "{:#?}", bob.story());
    }
    // Who was answered was connected, and then the other one was as well.
    if count(alice, |what| *what == What::Connected) == 1 {
        // A BYE may overtake the ACK.
        let answered =
            |what: &What| matches!(what, What::Connected | What::HungUp(_) | What::GaveUp);
        let reached = (1..casts.len()).filter(|n| count(scene.phone(*n), answered) > 0);
        assert!(reached.count() >= 1, "{}", scene.story());
    }
}

#[test]
fn whatever_happens_every_call_ends_once() {
    let config = Config {
        cases: std::env::var("PROPTEST_CASES").map_or(200, |n| n.parse().unwrap()),
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    runner
        .run(&case(), |case| {
            play(&case);
            Ok(())
        })
        .unwrap();
}
