//! Nobody answers.

use server::event::{CallState, Outcome};
use testkit::phone::Script;

use crate::scene::{Cast, Scene, s, story_of};

#[test]
fn a_does_not_answer() {
    let cast = Cast::new(Script::default(), Script::answering(s(1)));
    insta::assert_snapshot!(story_of(cast, Scene::click));
}

#[test]
fn b_does_not_answer() {
    let cast = Cast::new(Script::answering(s(2)), Script::default());
    insta::assert_snapshot!(story_of(cast, Scene::click));
}

/// His binding stands, but the phone is off.
#[test]
fn b_is_off() {
    let cast = Cast::new(Script::answering(s(2)), Script::deaf());
    insta::assert_snapshot!(story_of(cast, Scene::click));
}

#[test]
fn a_is_off() {
    let cast = Cast::new(Script::deaf(), Script::answering(s(2)));
    let mut scene = Scene::new(cast);
    scene.click();
    scene.finish();
    assert_eq!(scene.state(), CallState::Done(Outcome::Unreachable));
}

/// The last moment: Alice's phone has repeated its 200 all the while, and has not given up.
#[test]
fn b_answers_at_the_last_moment() {
    let cast = Cast::new(Script::answering(s(59)), Script::answering(s(24)));
    story_of(cast, |scene| {
        scene.click();
        scene.run_to(CallState::Talking);
        scene.run_for(60);
        assert_eq!(scene.state(), CallState::Talking);
        scene.end().unwrap();
    });
}
