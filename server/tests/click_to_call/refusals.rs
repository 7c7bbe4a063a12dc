//! One of them does not want to, or cannot.

use server::event::{CallState, Outcome};
use testkit::phone::{Deed, Script};

use crate::scene::{Cast, Scene, s, story_of};

fn answers() -> Script {
    Script::answering(s(2))
}

#[test]
fn a_declines() {
    let cast = Cast::new(Script::declining(s(2), 603), answers());
    insta::assert_snapshot!(story_of(cast, Scene::click));
}

#[test]
fn a_refuses_an_invite_without_offer() {
    let cast = Cast::new(answers().refusing_offerless(), answers());
    insta::assert_snapshot!(story_of(cast, Scene::click));
}

#[test]
fn a_answers_without_offer() {
    let cast = Cast::new(answers().answering_without_sdp(), answers());
    insta::assert_snapshot!(story_of(cast, Scene::click));
}

#[test]
fn b_is_busy() {
    let cast = Cast::new(answers(), Script::declining(s(0), 486));
    insta::assert_snapshot!(story_of(cast, Scene::click));
}

#[test]
fn b_declines() {
    let cast = Cast::new(answers(), Script::declining(s(3), 603));
    insta::assert_snapshot!(story_of(cast, Scene::click));
}

#[test]
fn b_passes_calls_on() {
    let cast = Cast::new(answers(), Script::redirecting("sip:bob@home.test"));
    insta::assert_snapshot!(story_of(cast, Scene::click));
}

#[test]
fn b_answers_without_session_description() {
    let cast = Cast::new(answers(), answers().answering_without_sdp());
    insta::assert_snapshot!(story_of(cast, Scene::click));
}

/// The word on the board for what phones say, whichever of them says it.
#[test]
fn each_refusal_has_its_word() {
    let refusals = [
        (400, Outcome::Failed),
        (403, Outcome::Declined),
        (404, Outcome::Unreachable),
        (408, Outcome::NoAnswer),
        (410, Outcome::Unreachable),
        (415, Outcome::MediaMismatch),
        (480, Outcome::NoAnswer),
        (486, Outcome::Busy),
        (488, Outcome::MediaMismatch),
        (500, Outcome::Failed),
        (600, Outcome::Busy),
        (603, Outcome::Declined),
        (606, Outcome::MediaMismatch),
    ];
    for (status, outcome) in refusals {
        let refuses = Script::declining(s(1), status);
        for cast in [
            Cast::new(refuses.clone(), answers()),
            Cast::new(answers(), refuses.clone()),
        ] {
            let mut scene = Scene::new(cast);
            scene.click();
            scene.finish();
            assert_eq!(scene.state(), CallState::Done(outcome), "{status}");
        }
    }
}

/// Bob is told nothing of a call for which Alice was not there.
#[test]
fn b_does_not_ring_before_a_has_answered() {
    let cast = Cast::new(
        Script::default().at_invite(s(5), Deed::Decline(486)),
        answers(),
    );
    let mut scene = Scene::new(cast);
    scene.click();
    scene.finish();
    let bob = scene.net.node(scene.bob);
    assert_eq!(
        bob.story().len(),
        1,
        "registered and nothing else: {:?}",
        bob.story()
    );
}
