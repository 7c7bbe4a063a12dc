//! One phone dials, another answers, or not.

use sip::name::Transport::{Tcp, Udp};
use testkit::phone::{Deed, Script, What};

use crate::scene::{BOB, phone, s, story_of};

#[test]
fn they_talk_and_the_caller_hangs_up() {
    let alice = Script::default().at_connect(s(10), Deed::HangUp);
    let casts = [phone("alice", alice), phone("bob", Script::answering(s(2)))];
    insta::assert_snapshot!(story_of(&casts, |scene| scene.dial(BOB)));
}

#[test]
fn they_talk_and_the_callee_hangs_up() {
    let bob = Script::answering(s(2)).at_connect(s(10), Deed::HangUp);
    for transports in [[Udp, Udp], [Tcp, Udp], [Udp, Tcp], [Tcp, Tcp]] {
        let casts = [
            phone("alice", Script::default()).over(transports[0]),
            phone("bob", bob.clone()).over(transports[1]),
        ];
        story_of(&casts, |scene| {
            scene.dial(BOB);
            scene.run_for(20);
            assert!(scene.heard(0, &What::Connected) && scene.heard(1, &What::Connected));
            assert!(
                scene
                    .phone(0)
                    .has_heard(|what| matches!(what, What::HungUp(_)))
            );
            assert!(scene.heard(1, &What::Left));
        });
    }
}

#[test]
fn the_caller_gives_up() {
    let casts = [
        phone("alice", Script::default()),
        phone("bob", Script::default()),
    ];
    insta::assert_snapshot!(story_of(&casts, |scene| {
        scene.dial(BOB);
        scene.run_for(5);
        scene.act(0, Deed::HangUp);
    }));
}

#[test]
fn the_callee_declines() {
    let casts = [
        phone("alice", Script::default()),
        phone("bob", Script::declining(s(2), 486)),
    ];
    insta::assert_snapshot!(story_of(&casts, |scene| scene.dial(BOB)));
}
