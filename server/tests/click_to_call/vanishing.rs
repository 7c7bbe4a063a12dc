//! A phone is there, and then it is not.

use server::event::{CallState, Outcome};
use sip::name::Transport::{Tcp, Udp};
use testkit::phone::{Deed, Phone, Script, What};

use crate::scene::{Cast, Scene, s, story_of};
use crate::support::{SERVER, addr, with_shards};

fn cast() -> Cast {
    Cast::new(Script::answering(s(2)), Script::answering(s(2)))
}

/// Alice hangs up and Bob's phone is gone: the call ends all the same.
#[test]
fn b_is_gone_when_a_hangs_up() {
    let play = |scene: &mut Scene| {
        scene.click();
        scene.run_to(CallState::Talking);
        scene.run_for(5);
        scene.net.set_plugged(scene.bob, false);
        scene.act(scene.alice, Deed::HangUp);
        scene.run_for(40);
        // So that his owner hears the end, too.
        scene.net.set_plugged(scene.bob, true);
        scene.act(scene.bob, Deed::HangUp);
    };
    insta::assert_snapshot!(story_of(cast(), play));
}

#[test]
fn b_answers_no_bye() {
    let bob = Script::answering(s(2))
        .ignoring_bye()
        .at_connect(s(60), Deed::HangUp);
    let mut scene = Scene::new(Cast::new(Script::answering(s(2)), bob));
    scene.click();
    scene.run_to(CallState::Talking);
    scene.act(scene.alice, Deed::HangUp);
    scene.run_to(CallState::Done(Outcome::Answered));
    scene.finish();
}

/// The connection is cut while they talk: nobody hears it, and the end comes at once.
#[test]
fn the_connection_of_b_is_cut() {
    for when in [CallState::CallingB, CallState::Talking] {
        let cast = cast().over(Udp, Tcp);
        let mut scene = Scene::new(cast);
        scene.click();
        scene.run_to(when);
        scene.run_for(1);
        scene.net.cut(SERVER, addr("10.0.0.3:5060"));
        scene.run_for(1);
        scene.end().unwrap();
        scene.net.run_for(crate::scene::LONGEST);
        assert!(matches!(scene.state(), CallState::Done(_)), "{when:?}");
    }
}

/// The connection of Bob is cut while they talk, and he registers by a new one: they go on talking, and whoever hangs up,
/// he hears it there.
#[test]
fn b_comes_back_by_another_connection() {
    for is_alice in [false, true] {
        with_shards(|shards| {
            let mut scene = Scene::new(Cast {
                shards,
                ..cast().over(Udp, Tcp)
            });
            scene.click();
            scene.run_to(CallState::Talking);
            scene.run_for(1);
            scene.net.cut(SERVER, addr("10.0.0.3:5060"));
            scene.run_for(1);
            let back = |phone: &mut Phone, now, out: &mut _| phone.register(now, 7_200, out);
            scene.net.act(scene.bob, back);
            scene.run_for(60);
            assert_eq!(scene.state(), CallState::Talking);
            if is_alice {
                scene.act(scene.alice, Deed::HangUp);
            } else {
                scene.end().unwrap();
            }
            scene.run_for(1);
            assert_eq!(scene.state(), CallState::Done(Outcome::Answered));
            let bob = scene.net.node(scene.bob);
            assert!(bob.has_heard(|what| matches!(what, What::HungUp(_))));
            scene.finish();
        });
    }
}
