//! They talk.

use server::event::{CallState, Outcome, Side};
use sip::name::Transport::{Tcp, Udp};
use testkit::phone::{Deed, Script};

use crate::scene::{Cast, Scene, s, story_of};

/// Both answer after two seconds.
fn cast() -> Cast {
    Cast::new(Script::answering(s(2)), Script::answering(s(2)))
}

#[test]
fn a_hangs_up() {
    let alice = Script::answering(s(2)).at_connect(s(10), Deed::HangUp);
    let cast = Cast::new(alice, Script::answering(s(2)));
    insta::assert_snapshot!(story_of(cast, Scene::click));
}

#[test]
fn b_hangs_up() {
    let bob = Script::answering(s(2)).at_connect(s(10), Deed::HangUp);
    let cast = Cast::new(Script::answering(s(2)), bob);
    insta::assert_snapshot!(story_of(cast, Scene::click));
}

#[test]
fn the_column_rings_first() {
    let play = |scene: &mut Scene| {
        scene.place(Side::B).unwrap();
        scene.run_to(CallState::Talking);
        scene.end().unwrap();
    };
    insta::assert_snapshot!(story_of(cast(), play));
}

#[test]
fn over_connections() {
    let bob = Script::answering(s(2)).at_connect(s(10), Deed::HangUp);
    let cast = Cast::new(Script::answering(s(2)), bob);
    insta::assert_snapshot!(story_of(cast.over(Tcp, Tcp), Scene::click));
}

#[test]
fn over_one_connection() {
    for cast in [cast().over(Tcp, Udp), cast().over(Udp, Tcp)] {
        story_of(cast, |scene| {
            scene.click();
            scene.run_to(CallState::Talking);
            scene.act(scene.alice, Deed::HangUp);
            scene.run_to(CallState::Done(Outcome::Answered));
        });
    }
}

/// Each phone sends to where the other one listens: no byte of audio passes the server.
#[test]
fn audio_goes_from_phone_to_phone() {
    story_of(cast(), |scene| {
        scene.click();
        scene.run_to(CallState::Talking);
        scene.run_for(1);
        let (alice, bob) = (scene.net.node(scene.alice), scene.net.node(scene.bob));
        let alice_sends_to = alice.talks_to().unwrap().address;
        let bob_sends_to = bob.talks_to().unwrap().address;
        assert_eq!(alice_sends_to, bob.audio_address());
        assert_eq!(bob_sends_to, alice.audio_address());
        scene.end().unwrap();
    });
}

/// Two hours without a message: nothing has been forgotten.
#[test]
fn a_long_talk_ends_as_a_short_one() {
    story_of(cast(), |scene| {
        scene.click();
        scene.run_to(CallState::Talking);
        scene.run_for(7_000);
        assert_eq!(scene.state(), CallState::Talking);
        scene.act(scene.bob, Deed::HangUp);
        scene.run_for(1);
        assert_eq!(scene.state(), CallState::Done(Outcome::Answered));
    });
}

#[test]
fn they_call_again() {
    story_of(cast(), |scene| {
        for _ in 0..3 {
            scene.click();
            scene.run_to(CallState::Talking);
            scene.act(scene.alice, Deed::HangUp);
            scene.run_to(CallState::Done(Outcome::Answered));
        }
    });
}
