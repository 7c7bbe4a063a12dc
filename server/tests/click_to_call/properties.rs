//! Whatever the phones, the weather and the operators do: every call ends, every 2xx is acknowledged, no phone is left
//! ringing or talking to nobody, and what is told is lawful.
//!
//! The cases are the same each time. `PROPTEST_CASES=100000` plays more of them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sip::name::Transport;
use testkit::net::{Handle, Weather};
use testkit::phone::{Deed, Phone, Script};

use crate::scene::{BOB, Cast, LONGEST, Scene, begun, ended, ms};
use crate::support::{addr, laws, wire};

/// What one phone is like.
/// Where Bob's second device stands, if he has one.
const SECOND: &str = "10.0.0.4:5060";

#[derive(Clone, Debug)]
struct Habits {
    script: Script,
    transport: Transport,
    /// Whether it hears neither INVITE nor BYE.
    is_hard_of_hearing: bool,
}

/// Who does something of his own accord.
#[derive(Clone, Debug)]
enum Action {
    Click,
    ClickFromTheOtherSide,
    End,
    Alice(Deed),
    Bob(Deed),
}

#[derive(Clone, Debug)]
struct Case {
    alice: Habits,
    bob: Habits,
    /// Another device of Bob, over UDP.
    second: Option<Habits>,
    weather: Weather,
    seed: u64,
    shards: u8,
    actions: Vec<(u64, Action)>,
}

/// Most things happen soon; some much later.
fn delay() -> impl Strategy<Value = Duration> {
    prop_oneof![
        6 => 0_u64..3_000,
        2 => 0_u64..30_000,
        1 => 0_u64..70_000,
    ]
    .prop_map(ms)
}

fn at_invite() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => Just(Deed::Ring),
        1 => Just(Deed::PlayEarlyMedia),
        8 => Just(Deed::Answer),
        2 => prop::sample::select(vec![400, 404, 480, 486, 488, 500, 603]).prop_map(Deed::Decline),
        1 => Just(Deed::Redirect(302, vec!["sip:elsewhere@click.test".to_owned()])),
        1 => Just(Deed::HangUp),
    ]
}

fn in_call() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => Just(Deed::HangUp),
        1 => Just(Deed::Bye),
        1 => Just(Deed::Hold),
        1 => Just(Deed::Resume),
        1 => Just(Deed::Update),
        1 => Just(Deed::Info("Signal=1\r\n".to_owned())),
        1 => Just(Deed::Options),
        1 => Just(Deed::Refer("sip:carol@click.test".to_owned())),
    ]
}

fn habits() -> impl Strategy<Value = Habits> {
    let deeds = (
        prop::collection::vec((delay(), at_invite()), 0..4),
        prop::collection::vec((delay(), in_call()), 0..2),
        prop::collection::vec((delay(), in_call()), 0..4),
    );
    let faults = (
        0_u8..24,
        prop::sample::select(vec![Transport::Udp, Transport::Tcp]),
    );
    (deeds, faults).prop_map(|((at_invite, at_answer, at_connect), (fault, transport))| {
        let mut script = Script::new();
        for (after, deed) in at_invite {
            script = script.at_invite(after, deed);
        }
        for (after, deed) in at_answer {
            script = script.at_answer(after, deed);
        }
        for (after, deed) in at_connect {
            script = script.at_connect(after, deed);
        }
        let script = match fault {
            0 => script.refusing_offerless(),
            1 | 2 => script.answering_into_cancel(),
            3 => script.answering_without_sdp(),
            4 => script.ignoring_bye(),
            5 => Script::deaf(),
            6 => script.with_call_waiting(),
            _ => script,
        };
        Habits {
            script,
            transport,
            is_hard_of_hearing: matches!(fault, 4 | 5),
        }
    })
}

fn weather() -> impl Strategy<Value = Weather> {
    let any = (1_u64..20, 0_u64..300, 0_u8..25, 0_u8..25, 0_u8..25);
    let any = any.prop_map(|(least, span, loss, duplication, reordering)| Weather {
        delay: ms(least)..=ms(least + span),
        loss,
        duplication,
        reordering,
    });
    prop_oneof![1 => Just(Weather::CALM), 3 => any]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        2 => Just(Action::Click),
        1 => Just(Action::ClickFromTheOtherSide),
        4 => Just(Action::End),
        1 => at_invite().prop_map(Action::Alice),
        1 => at_invite().prop_map(Action::Bob),
        1 => in_call().prop_map(Action::Alice),
        1 => in_call().prop_map(Action::Bob),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let actions = prop::collection::vec((0_u64..40_000, action()), 0..6);
    let shards = prop::sample::select(vec![1, 4]);
    let phones = (habits(), habits(), prop::option::of(habits()));
    (phones, weather(), any::<u64>(), shards, actions).prop_map(
        |((alice, bob, second), weather, seed, shards, mut actions)| {
            actions.sort_by_key(|(at, _)| *at);
            Case {
                alice,
                bob,
                second,
                weather,
                seed,
                shards,
                actions,
            }
        },
    )
}

fn play(case: &Case) -> Scene {
    let second = case.second.iter().map(|habits| {
        let does = habits.script.clone();
        (BOB, SECOND, does, "1")
    });
    let mut scene = Scene::new(Cast {
        alice: case.alice.script.clone(),
        bob: case.bob.script.clone(),
        more: second.collect(),
        transports: [case.alice.transport, case.bob.transport],
        seed: case.seed,
        shards: case.shards,
    });
    scene.net.set_weather(case.weather.clone());
    scene.click();
    let start = scene.net.now();
    for (at, action) in &case.actions {
        scene.net.run_until(start + ms(*at));
        match action {
            Action::Click => drop(scene.place(server::event::Side::A)),
            Action::ClickFromTheOtherSide => drop(scene.place(server::event::Side::B)),
            Action::End => {
                let _ = scene.end();
            }
            Action::Alice(deed) => scene.act(scene.alice, deed.clone()),
            Action::Bob(deed) => scene.act(scene.bob, deed.clone()),
        }
    }
    // Those who still talk then would talk for ever.
    scene.net.run_for(LONGEST);
    let end_all = |house: &mut crate::support::House, now, out: &mut _| house.hang_up_all(now, out);
    scene.net.act(scene.house, end_all);
    scene.net.run_for(LONGEST);
    scene
}

fn check(case: &Case, scene: &Scene) {
    let house = scene.net.node(scene.house);
    for (call, told) in laws::fold(&house.events) {
        assert!(told.is_done(), "{call} is not done: {told:?}");
    }
    assert_eq!(
        (house.calls(), house.transactions()),
        (0, 0),
        "something is left"
    );
    wire::judge(&scene.net);
    assert_idle(scene, scene.alice, &case.alice, "10.0.0.2:5060");
    assert_idle(scene, scene.bob, &case.bob, "10.0.0.3:5060");
    for (phone, habits) in scene.more.iter().zip(&case.second) {
        assert_idle(scene, *phone, habits, SECOND);
    }
}

fn assert_idle(scene: &Scene, phone: Handle<Phone>, habits: &Habits, address: &str) {
    let is_known = wire::has_reached_the_server(&scene.net, addr(address));
    if habits.is_hard_of_hearing || !is_known {
        return;
    }
    let phone = scene.net.node(phone);
    assert_eq!(
        begun(phone),
        ended(phone),
        "a call is left: {:#?}",
        phone.story()
    );
}

#[test]
fn every_call_ends_well() {
    let config = Config {
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let words = RefCell::new(BTreeMap::<String, usize>::new());
    let outcome = runner.run(&case(), |case| {
        let scene = play(&case);
        check(&case, &scene);
        for told in laws::fold(&scene.net.node(scene.house).events).values() {
            let word = format!("{:?}", told.state);
            *words.borrow_mut().entry(word).or_default() += 1;
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    // Each end that a call can have was among them.
    let words = words.into_inner();
    assert_eq!(words.len(), 8, "{words:?}");
    assert!(words.values().all(|&count| count > 1), "{words:?}");
}
