//! A click on "End".

use server::event::{CallState, Outcome};
use server::switch::HangUpError;
use testkit::phone::Script;

use crate::scene::{Cast, Scene, s, story_of};

fn cast() -> Cast {
    Cast::new(Script::answering(s(2)), Script::answering(s(2)))
}

#[test]
fn while_a_rings() {
    let play = |scene: &mut Scene| {
        scene.click();
        scene.run_for(1);
        scene.end().unwrap();
    };
    insta::assert_snapshot!(story_of(cast(), play));
}

/// No CANCEL before the phone has said a word (RFC 3261 section 9.1).
#[test]
fn at_once() {
    let play = |scene: &mut Scene| {
        scene.click();
        scene.end().unwrap();
    };
    insta::assert_snapshot!(story_of(cast(), play));
}

#[test]
fn while_b_rings() {
    let play = |scene: &mut Scene| {
        scene.click();
        scene.run_for(3);
        assert_eq!(scene.state(), CallState::CallingB);
        scene.end().unwrap();
    };
    insta::assert_snapshot!(story_of(cast(), play));
}

#[test]
fn while_they_talk() {
    let play = |scene: &mut Scene| {
        scene.click();
        scene.run_to(CallState::Talking);
        scene.run_for(5);
        scene.end().unwrap();
    };
    insta::assert_snapshot!(story_of(cast(), play));
}

/// The second click changes nothing, neither while the call is being released nor after.
#[test]
fn twice() {
    let twice = story_of(cast(), |scene| {
        scene.click();
        scene.run_for(3);
        scene.end().unwrap();
        scene.end().unwrap();
        scene.run_to(CallState::Done(Outcome::Cancelled));
        let call = scene.call.unwrap();
        assert_eq!(scene.end(), Err(HangUpError::NoSuchCall(call)));
    });
    let once = story_of(cast(), |scene| {
        scene.click();
        scene.run_for(3);
        scene.end().unwrap();
    });
    assert_eq!(twice, once);
}
