//! A phone of a dialled call is there, and then it is not: the board never shows what is not so.

use server::event::{CallState, Outcome};
use server::limits;
use sip::name::Transport::{self, Tcp, Udp};
use testkit::phone::{Deed, Script, What};

use crate::scene::{BOB, Scene, phone, s};
use crate::support::{SERVER, addr, with_shards};

const TALKED: CallState = CallState::Done(Outcome::Answered);

fn talking(shards: u8, transports: [Transport; 2], scripts: [Script; 2]) -> Scene {
    let [alice, bob] = scripts;
    let casts = [
        phone("alice", alice).over(transports[0]),
        phone("bob", bob).over(transports[1]),
    ];
    let mut scene = Scene::new(shards, 1, server::config::Config::default(), &casts);
    scene.dial(BOB);
    scene.run_for(5);
    assert_eq!(scene.state(), CallState::Talking);
    scene
}

fn plain() -> [Script; 2] {
    [Script::default(), Script::answering(s(2))]
}

fn bound() -> u64 {
    (limits::TRACKED_QUESTION + limits::TRACKED_DOUBT).as_secs() + 2 * 32
}

/// Whether a phone was told that the other is gone, once.
fn was_told(scene: &Scene, phone: usize) -> bool {
    let heard = scene.phone(phone).heard();
    let is_it =
        |what: &What| matches!(what, What::HungUp(Some(reason)) if reason.cause == Some(27));
    heard.iter().filter(|heard| is_it(&heard.what)).count() == 1
}

#[test]
fn a_phone_that_loses_its_power_is_missed_and_the_other_one_told() {
    with_shards(|shards| {
        for (gone, stays) in [(0, 1), (1, 0)] {
            let mut scene = talking(shards, [Udp, Udp], plain());
            scene.net.set_plugged(scene.phones[gone], false);
            scene.run_for(bound());
            assert_eq!(scene.state(), TALKED);
            assert!(was_told(&scene, stays));
            assert!(scene.told().contains("network"), "{}", scene.told());
        }
    });
}

#[test]
fn a_phone_that_is_gone_for_a_moment_is_not_missed() {
    let mut scene = talking(1, [Udp, Udp], plain());
    scene.run_for(50);
    scene.net.set_plugged(scene.phones[1], false);
    scene.run_for(40);
    scene.net.set_plugged(scene.phones[1], true);
    scene.run_for(300);
    assert_eq!(scene.state(), CallState::Talking);
}

/// Whoever has started anew answers, but not for the call.
#[test]
fn a_phone_that_does_not_know_the_call_any_more_is_gone() {
    let bob = Script::answering(s(2)).ignoring_bye();
    let mut scene = talking(1, [Udp, Udp], [Script::default(), bob]);
    scene.net.lose_if(|bytes| bytes.starts_with(b"BYE"));
    scene.act(1, Deed::HangUp);
    scene.run_for(1);
    assert_eq!(scene.state(), CallState::Talking, "nobody has heard it");
    scene.net.lose_if(|_| false);
    scene.run_for(limits::TRACKED_QUESTION.as_secs() + 33);
    assert_eq!(scene.state(), TALKED);
}

#[test]
fn a_connection_that_is_closed_and_not_opened_again_ends_the_call() {
    with_shards(|shards| {
        let mut scene = talking(shards, [Udp, Tcp], plain());
        scene.net.cut(SERVER, addr("10.0.0.3:5060"));
        scene.run_for(limits::TRACKED_DOUBT.as_secs() - 1);
        assert_eq!(scene.state(), CallState::Talking);
        scene.run_for(2);
        assert!(was_told(&scene, 0));
        assert_eq!(scene.state(), TALKED);
    });
}

#[test]
fn a_phone_that_comes_back_by_another_connection_is_still_in_its_call() {
    with_shards(|shards| {
        let mut scene = talking(shards, [Udp, Tcp], plain());
        scene.net.cut(SERVER, addr("10.0.0.3:5060"));
        scene.run_for(2);
        scene.net.act(scene.phones[1], |bob, now, out| {
            bob.register(now, 7200, out);
        });
        scene.run_for(600);
        assert_eq!(scene.state(), CallState::Talking);
        // And is reached there.
        scene.end().unwrap();
        scene.run_for(2);
        assert_eq!(scene.state(), TALKED);
        assert!(matches!(
            scene.phone(1).heard().last().map(|heard| &heard.what),
            Some(What::HungUp(_))
        ));
    });
}

/// Section 12.2.2: no request of the phones comes with a number below that of a question.
#[test]
fn questions_leave_the_numbers_of_the_dialog_alone() {
    for transport in [Udp, Tcp] {
        let mut scene = talking(1, [transport; 2], plain());
        for deed in [Deed::Hold, Deed::Resume, Deed::Info("Signal=1".into())] {
            scene.run_for(limits::TRACKED_QUESTION.as_secs());
            scene.act(0, deed.clone());
            scene.run_for(limits::TRACKED_QUESTION.as_secs());
            scene.act(1, deed);
        }
        scene.run_for(100);
        assert_eq!(scene.state(), CallState::Talking);
        let refused = |what: &What| matches!(what, What::Refused(..));
        assert!(!scene.phone(0).has_heard(refused) && !scene.phone(1).has_heard(refused));
        scene.act(1, Deed::HangUp);
        scene.run_for(1);
        assert_eq!(scene.state(), TALKED);
        scene.finish();
    }
}
