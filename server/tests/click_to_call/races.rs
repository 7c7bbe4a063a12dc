//! Two things happen at once (RFC 5407).

use server::event::{CallState, Outcome};
use testkit::phone::{Deed, Script};

use crate::scene::{Cast, Scene, ms, s, story_of};

fn answers() -> Script {
    Script::answering(s(2))
}

/// Section 3.1.2: the 200 of A crosses our CANCEL, and is acknowledged before the BYE.
#[test]
fn the_200_of_a_crosses_the_cancel() {
    let cast = Cast::new(Script::default().answering_into_cancel(), answers());
    let play = |scene: &mut Scene| {
        scene.click();
        scene.run_for(1);
        scene.end().unwrap();
    };
    insta::assert_snapshot!(story_of(cast, play));
}

#[test]
fn the_200_of_b_crosses_the_cancel() {
    let cast = Cast::new(answers(), Script::default().answering_into_cancel());
    let play = |scene: &mut Scene| {
        scene.click();
        scene.run_for(3);
        scene.end().unwrap();
    };
    insta::assert_snapshot!(story_of(cast, play));
}

/// Alice loses patience while Bob rings: her phone sends BYE although our ACK is due.
#[test]
fn the_bye_of_a_comes_before_our_ack() {
    let cast = Cast::new(answers().at_answer(s(3), Deed::Bye), Script::default());
    insta::assert_snapshot!(story_of(cast, Scene::click));
}

#[test]
fn both_hang_up_at_once() {
    let play = |scene: &mut Scene| {
        scene.click();
        scene.run_to(CallState::Talking);
        scene.run_for(5);
        scene.act(scene.alice, Deed::HangUp);
        scene.act(scene.bob, Deed::HangUp);
    };
    insta::assert_snapshot!(story_of(Cast::new(answers(), answers()), play));
}

/// She hangs up in the moment in which somebody clicks on "End".
#[test]
fn a_hangs_up_and_the_operator_too() {
    let play = |scene: &mut Scene| {
        scene.click();
        scene.run_to(CallState::Talking);
        scene.run_for(5);
        scene.act(scene.alice, Deed::HangUp);
        scene.end().unwrap();
    };
    insta::assert_snapshot!(story_of(Cast::new(answers(), answers()), play));
}

/// The ACK with the answer is lost on its way to A: her phone repeats its 200, and gets the same ACK again.
#[test]
fn the_ack_to_a_is_lost() {
    let play = |scene: &mut Scene| {
        let mut lost = 0;
        scene.net.lose_if(move |bytes| {
            let is_it = bytes.starts_with(b"ACK sip:alice");
            lost += usize::from(is_it);
            is_it && lost <= 2
        });
        scene.click();
        scene.run_to(CallState::Talking);
        scene.run_for(10);
        scene.end().unwrap();
    };
    insta::assert_snapshot!(story_of(Cast::new(answers(), answers()), play));
}

/// Bob hangs up as soon as he is connected, while Alice's ACK is still under way.
#[test]
fn b_hangs_up_at_once() {
    let bob = Script::answering(s(2)).at_connect(ms(0), Deed::HangUp);
    let cast = Cast::new(answers(), bob);
    let mut scene = Scene::new(cast);
    scene.click();
    scene.finish();
    assert_eq!(scene.state(), CallState::Done(Outcome::Answered));
}
