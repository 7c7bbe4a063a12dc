//! What phones ask for within a call: each gets the answer that is right while nothing is relayed, and they go on
//! talking.

use server::event::CallState;
use testkit::phone::{Deed, Script, What};

use crate::scene::{Cast, Scene, s, story_of};

/// Both answer, and one of them does this after a second of talk; the other one hangs up later.
fn story(deed: Deed) -> String {
    let alice = Script::answering(s(2)).at_connect(s(1), deed);
    let bob = Script::answering(s(2)).at_connect(s(10), Deed::HangUp);
    story_of(Cast::new(alice, bob), Scene::click)
}

#[test]
fn hold_is_refused() {
    insta::assert_snapshot!(story(Deed::Hold));
}

#[test]
fn update_is_refused() {
    insta::assert_snapshot!(story(Deed::Update));
}

#[test]
fn a_key_is_not_understood() {
    insta::assert_snapshot!(story(Deed::Info("Signal=5\r\n".to_owned())));
}

#[test]
fn a_transfer_is_refused() {
    insta::assert_snapshot!(story(Deed::Refer("sip:carol@click.test".to_owned())));
}

#[test]
fn capabilities_are_told() {
    insta::assert_snapshot!(story(Deed::Options));
}

/// PJSIP does that: it locks one codec as soon as the call is up.
#[test]
fn an_offer_right_after_the_ack() {
    for deed in [Deed::Hold, Deed::Update] {
        let eager = Script::answering(s(2)).at_connect(s(0), deed);
        let answers = Script::answering(s(2));
        for cast in [
            Cast::new(eager.clone(), answers.clone()),
            Cast::new(answers.clone(), eager.clone()),
            Cast::new(eager.clone(), eager.clone()),
        ] {
            story_of(cast, |scene| {
                scene.click();
                scene.run_for(10);
                assert_eq!(scene.state(), CallState::Talking);
                let refused = |what: &What| matches!(what, What::Refused(Some(488 | 491)));
                let phones = [scene.alice, scene.bob].map(|phone| scene.net.node(phone));
                assert!(phones.iter().any(|phone| phone.has_heard(refused)));
                scene.end().unwrap();
            });
        }
    }
}
