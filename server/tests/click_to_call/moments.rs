//! Something happens at *every* moment of a call: at each instant at which a message leaves or arrives, just after what
//! was due then, and half a millisecond later.

use std::collections::BTreeSet;
use std::time::Duration;

use server::event::{CallState, Outcome};
use sip::time::Instant;
use testkit::clock::Clock;
use testkit::phone::{Deed, Script};

use crate::scene::{Cast, LONGEST, Scene, ms, s};

/// Everything happens quickly, and Bob hangs up after a second.
fn cast() -> Cast {
    let bob = Script::answering(ms(400)).at_connect(s(1), Deed::HangUp);
    Cast::new(Script::answering(ms(400)), bob)
}

/// All moments of the call when nothing special happens.
fn moments() -> BTreeSet<Instant> {
    let mut scene = Scene::new(cast());
    scene.click();
    scene.finish();
    let travel = ms(1);
    let sent = scene.net.trace().iter().map(|sent| sent.at);
    let moments = sent.flat_map(|at| [at, at + travel]);
    let moments = moments.flat_map(|at| [at, at + Duration::from_micros(500)]);
    moments.filter(|at| *at > Clock::START + s(1)).collect()
}

/// Plays the call up to each moment, lets `happen`, and gives back what became of it.
fn at_every_moment(happen: impl Fn(&mut Scene)) -> Vec<Scene> {
    let moments = moments();
    assert!(
        moments.len() > 20,
        "a call has more moments than {}",
        moments.len()
    );
    let play = |at: &Instant| {
        let mut scene = Scene::new(cast());
        scene.click();
        scene.net.run_until(*at);
        happen(&mut scene);
        scene.net.run_for(LONGEST);
        scene
    };
    moments.iter().map(play).collect()
}

/// Each of these outcomes was there, and no other.
fn assert_outcomes(scenes: &[Scene], expected: &[Outcome]) {
    let mut left = expected.to_vec();
    for scene in scenes {
        let CallState::Done(outcome) = scene.state() else {
            panic!("not done: {}", scene.story());
        };
        assert!(expected.contains(&outcome), "{}", scene.story());
        left.retain(|word| *word != outcome);
    }
    assert_eq!(left, []);
}

#[test]
fn a_click_on_end() {
    let scenes = at_every_moment(|scene| {
        let _ = scene.end();
    });
    scenes.iter().for_each(Scene::assert_over);
    assert_outcomes(&scenes, &[Outcome::Cancelled, Outcome::Answered]);
}

#[test]
fn a_hangs_up() {
    let scenes = at_every_moment(|scene| scene.act(scene.alice, Deed::HangUp));
    scenes.iter().for_each(Scene::assert_over);
    // Before she has answered, hanging up is refusing (480). With the ACK due, it waits for it.
    assert_outcomes(&scenes, &[Outcome::NoAnswer, Outcome::Answered]);
}

#[test]
fn a_hangs_up_without_waiting_for_the_ack() {
    let scenes = at_every_moment(|scene| {
        if scene.net.node(scene.alice).is_off_hook() {
            scene.act(scene.alice, Deed::Bye);
        }
    });
    scenes.iter().for_each(Scene::assert_over);
    assert_outcomes(&scenes, &[Outcome::Cancelled, Outcome::Answered]);
}

#[test]
fn b_hangs_up() {
    let scenes = at_every_moment(|scene| scene.act(scene.bob, Deed::HangUp));
    scenes.iter().for_each(Scene::assert_over);
    assert_outcomes(&scenes, &[Outcome::NoAnswer, Outcome::Answered]);
}

#[test]
fn everybody_ends_it_at_once() {
    let scenes = at_every_moment(|scene| {
        scene.act(scene.alice, Deed::HangUp);
        scene.act(scene.bob, Deed::HangUp);
        let _ = scene.end();
    });
    scenes.iter().for_each(Scene::assert_over);
    assert_outcomes(&scenes, &[Outcome::Cancelled, Outcome::Answered]);
}

/// What a phone without a cable does for itself is its own affair; here the call must end.
#[test]
fn a_cable_is_pulled() {
    for pulls_alice in [true, false] {
        let scenes = at_every_moment(|scene| {
            let phone = if pulls_alice { scene.alice } else { scene.bob };
            scene.net.set_plugged(phone, false);
            scene.run_for(100);
            // Nobody has noticed that somebody who talks is gone: that takes a click.
            let _ = scene.end();
        });
        for scene in &scenes {
            assert!(
                matches!(scene.state(), CallState::Done(_)),
                "{}",
                scene.story()
            );
            let house = scene.net.node(scene.house);
            assert_eq!((house.calls(), house.transactions()), (0, 0));
        }
    }
}
