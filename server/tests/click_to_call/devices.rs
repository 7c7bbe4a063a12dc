//! A party has several devices: all of them ring, one wins (RFC 3261 sections 16.6 and 16.7 in spirit, RFC 3326).

use std::sync::Arc;

use server::event::{CallChange, CallState, Device, Outcome, Side, What};
use testkit::phone::Script;

use crate::scene::{ALICE, BOB, Cast, Scene, ms, s, story_of};

const SECOND: &str = "10.0.0.4:5060";
const THIRD: &str = "10.0.0.5:5060";

fn answers() -> Script {
    Script::answering(s(2))
}

/// Bob has two devices.
fn two(bob: Script, second: Script) -> Cast {
    Cast::new(answers(), bob).and(BOB, SECOND, second, "1")
}

/// As above, one after the other.
fn in_turn(bob: Script, second: Script) -> Cast {
    Cast::new(answers(), bob).and(BOB, SECOND, second, "0.5")
}

fn hang_up_after_5_s(scene: &mut Scene) {
    scene.click();
    scene.run_to(CallState::Talking);
    scene.run_for(5);
    scene.end().unwrap();
}

fn devices(scene: &Scene) -> Vec<(Side, Arc<Device>)> {
    let events = scene.net.node(scene.house).events.iter();
    let devices = events.filter_map(|event| match &event.what {
        What::Call(_, CallChange::Device(side, device)) => Some((*side, Arc::clone(device))),
        What::Call(..) | What::Phone(_) => None,
    });
    devices.collect()
}

#[test]
fn the_first_to_answer_wins() {
    let cast = two(Script::default(), answers());
    insta::assert_snapshot!(story_of(cast, hang_up_after_5_s));
}

#[test]
fn the_winner_is_told() {
    let mut scene = Scene::new(two(Script::default(), answers()));
    hang_up_after_5_s(&mut scene);
    let told = devices(&scene);
    let names = told
        .iter()
        .map(|(side, device)| (*side, device.short_name()));
    assert_eq!(
        names.collect::<Vec<_>>(),
        [(Side::A, "scripted/1"), (Side::B, "Pocket/2")]
    );
    assert_eq!(&*told[1].1.contact, "sip:bob@10.0.0.4:5060;transport=udp");
    assert_ne!(told[0].1.call_id, told[1].1.call_id);
    scene.finish();
}

/// The second 200 crosses the CANCEL: it is acknowledged, then ended, with the Reason.
#[test]
fn both_answer_at_once() {
    let cast = two(answers(), answers());
    insta::assert_snapshot!(story_of(cast, hang_up_after_5_s));
}

#[test]
fn the_200_of_the_slower_crosses_the_cancel() {
    let cast = two(answers(), Script::default().answering_into_cancel());
    insta::assert_snapshot!(story_of(cast, hang_up_after_5_s));
}

#[test]
fn one_declines_and_the_other_answers() {
    let cast = two(Script::declining(s(1), 486), Script::answering(s(4)));
    insta::assert_snapshot!(story_of(cast, hang_up_after_5_s));
}

/// Busy, but not until the limit is over: nobody says so while his other phone may be picked up.
#[test]
fn one_is_busy_and_the_other_silent() {
    let cast = two(Script::declining(s(1), 486), Script::deaf());
    insta::assert_snapshot!(story_of(cast, Scene::click));
}

#[test]
fn all_refuse_and_the_best_answer_counts() {
    for (one, other, outcome) in [
        (480, 486, Outcome::NoAnswer),
        (486, 503, Outcome::Busy),
        (500, 404, Outcome::Unreachable),
    ] {
        let cast = two(Script::declining(s(1), one), Script::declining(s(2), other));
        let mut scene = Scene::new(cast);
        scene.click();
        scene.finish();
        assert_eq!(scene.state(), CallState::Done(outcome), "{one} {other}");
    }
}

/// 6xx is the answer of all: the others stop ringing (RFC 3261 section 16.7 step 5).
#[test]
fn one_declines_for_all() {
    let cast = two(Script::declining(s(1), 603), Script::default());
    insta::assert_snapshot!(story_of(cast, Scene::click));
}

#[test]
fn the_next_preference_rings_when_the_first_has_refused() {
    let cast = in_turn(Script::declining(s(1), 486), answers());
    insta::assert_snapshot!(story_of(cast, hang_up_after_5_s));
}

/// The ring limit of 25 s is for the party: each of two preferences has half of it.
#[test]
fn the_next_preference_rings_when_the_time_of_the_first_is_over() {
    let cast = in_turn(Script::default(), answers());
    insta::assert_snapshot!(story_of(cast, hang_up_after_5_s));
}

#[test]
fn nobody_answers_on_any_device() {
    let cast = in_turn(Script::default(), Script::default()).and(BOB, THIRD, Script::deaf(), "0.5");
    let mut scene = Scene::new(cast);
    scene.click();
    scene.run_to(CallState::Releasing);
    // Alice answers after 2 s.
    let limit = scene
        .net
        .node(scene.house)
        .events
        .iter()
        .next_back()
        .unwrap()
        .at;
    scene.finish();
    assert_eq!(scene.state(), CallState::Done(Outcome::NoAnswer));
    let heard = scene
        .net
        .node(scene.more[0])
        .when(|what| matches!(what, testkit::phone::What::Invited { .. }));
    let waited = limit.since(heard.unwrap());
    assert!(waited > s(12) && waited < s(13), "{waited:?}");
}

#[test]
fn alice_has_two_devices() {
    let cast = Cast::new(Script::default(), answers()).and(ALICE, SECOND, answers(), "1");
    insta::assert_snapshot!(story_of(cast, hang_up_after_5_s));
}

/// While they talk only the winner is kept: 64*T1 after the others have ended they are forgotten.
#[test]
fn who_lost_is_forgotten() {
    let mut scene = Scene::new(two(answers(), Script::default()));
    scene.click();
    scene.run_to(CallState::Talking);
    assert_eq!(scene.net.node(scene.house).load().legs, 3);
    scene.net.run_for(s(32) + ms(100));
    assert_eq!(scene.net.node(scene.house).load().legs, 2);
    scene.end().unwrap();
    scene.finish();
}

#[test]
fn end_while_two_ring() {
    let play = |scene: &mut Scene| {
        scene.click();
        scene.run_for(4);
        scene.end().unwrap();
    };
    insta::assert_snapshot!(story_of(two(Script::default(), Script::default()), play));
}
