//! What the board shows of calls that phones place to each other, and how an operator ends them.

use server::event::{CallState, Outcome};
use sip::name::Transport::{Tcp, Udp};
use testkit::phone::{Deed, Script, What};

use crate::scene::{BOB, Cast, Scene, phone, s, story_of};

fn talkers() -> [Cast; 2] {
    [
        phone("alice", Script::default()),
        phone("bob", Script::answering(s(2))),
    ]
}

fn hung_up(scene: &Scene, phone: usize) -> usize {
    let heard = scene.phone(phone).heard();
    let is_it =
        |what: &What| matches!(what, What::HungUp(Some(reason)) if reason.cause == Some(16));
    heard.iter().filter(|heard| is_it(&heard.what)).count()
}

#[test]
fn an_operator_ends_a_call_by_bye_to_both() {
    insta::assert_snapshot!(story_of(&talkers(), |scene| {
        scene.dial(BOB);
        scene.run_for(10);
        assert_eq!(scene.state(), CallState::Talking);
        scene.end().unwrap();
        scene.end().unwrap();
    }));
}

/// The CSeq of each side is that of the next request of the other, however many there were.
#[test]
fn an_operator_s_bye_is_taken_for_the_other_s() {
    for transport in [Udp, Tcp] {
        let casts = talkers().map(|cast| cast.over(transport));
        story_of(&casts, |scene| {
            scene.dial(BOB);
            scene.run_for(5);
            for deed in [Deed::Hold, Deed::Resume, Deed::Info("Signal=1".into())] {
                scene.act(0, deed.clone());
                scene.run_for(1);
                scene.act(1, deed);
                scene.run_for(1);
            }
            scene.end().unwrap();
            scene.run_for(1);
            assert_eq!((hung_up(scene, 0), hung_up(scene, 1)), (1, 1));
            assert_eq!(scene.state(), CallState::Done(Outcome::Answered));
            assert!(scene.end().is_err());
        });
    }
}

#[test]
fn an_operator_ends_a_call_that_rings() {
    let casts = [
        phone("alice", Script::default()),
        phone("bob", Script::default()),
    ];
    insta::assert_snapshot!(story_of(&casts, |scene| {
        scene.dial(BOB);
        scene.run_for(3);
        assert_eq!(scene.state(), CallState::CallingB);
        scene.end().unwrap();
    }));
}

#[test]
fn an_operator_s_end_crosses_the_answer() {
    let bob = Script::default().answering_into_cancel();
    let casts = [phone("alice", Script::default()), phone("bob", bob)];
    story_of(&casts, |scene| {
        scene.dial(BOB);
        scene.run_for(3);
        scene.end().unwrap();
        scene.run_for(5);
        assert_eq!((hung_up(scene, 0), hung_up(scene, 1)), (1, 1));
        assert!(matches!(scene.state(), CallState::Done(Outcome::Cancelled)));
    });
}

#[test]
fn a_phone_that_is_off_is_shown_until_it_is_given_up() {
    let casts = [
        phone("alice", Script::default()),
        phone("bob", Script::deaf()),
    ];
    story_of(&casts, |scene| {
        scene.dial(BOB);
        scene.run_for(30);
        assert_eq!(scene.state(), CallState::CallingB);
        scene.run_for(5);
        assert_eq!(scene.state(), CallState::Done(Outcome::Unreachable));
    });
}

#[test]
fn a_stop_cancels_what_rings_and_leaves_alone_who_talk() {
    for (bob, state) in [
        (Script::answering(s(2)), CallState::Talking),
        (Script::default(), CallState::Done(Outcome::Cancelled)),
    ] {
        let casts = [phone("alice", Script::default()), phone("bob", bob)];
        let config = server::config::Config::default();
        let mut scene = Scene::new(1, 1, config, &casts);
        scene.dial(BOB);
        scene.run_for(5);
        scene.net.act(scene.house, |house, now, out| {
            house.drain();
            house.hang_up_all(now, out);
        });
        scene.run_for(2);
        assert_eq!(scene.state(), state);
        // What belongs to a call that stands still passes.
        scene.act(0, Deed::HangUp);
        scene.run_for(2);
        assert!(matches!(scene.state(), CallState::Done(_)));
        scene.finish();
    }
}
