//! Phones that cannot bear two challenges (RFC 8760 section 2.3): those that are known, and those that are found out.

use std::time::Duration;

use sip::auth::Algorithm;

use crate::door::{Door, answered, login, name, offered, refused};
use crate::support::Request;

fn register(agent: &str) -> Request {
    Request::register("alice").header("User-Agent", agent)
}

#[test]
fn phones_that_are_known_to_fail_are_offered_md5_alone() {
    let door = Door::new();
    let baresip = register("baresip v1.0.0 (x86_64/linux)");
    let challenge = refused(door.register(&baresip));
    assert_eq!(offered(&challenge), ["MD5"]);
    let again = answered(&baresip, &challenge, &login("alice", "secret"));
    assert_eq!(name(door.register(&again)), "alice");
}

#[test]
fn a_quirk_never_weakens_what_is_set() {
    let door = Door::with(|config| config.auth.algorithms = vec![Algorithm::Sha256]);
    let baresip = register("baresip v1.0.0 (x86_64/linux)");
    assert_eq!(offered(&refused(door.register(&baresip))), ["SHA-256"]);
    let silent = register("Silent 1.0");
    for _ in 0..3 {
        assert_eq!(offered(&refused(door.register(&silent))), ["SHA-256"]);
        assert_eq!(
            door.auth.tally().counts().find(|it| it.0 == "silenced"),
            Some(("silenced", 0))
        );
    }
}

#[test]
fn a_phone_that_falls_silent_is_offered_md5_alone_the_next_time() {
    let mut door = Door::new();
    let silent = register("Silent 1.0");
    assert_eq!(
        offered(&refused(door.register(&silent))),
        ["SHA-256", "MD5"]
    );
    door.pass(Duration::from_secs(60));
    let challenge = refused(door.register(&silent));
    assert_eq!(offered(&challenge), ["MD5"]);
    let again = answered(&silent, &challenge, &login("alice", "secret"));
    assert_eq!(name(door.register(&again)), "alice");
    // And at each refresh.
    door.pass(Duration::from_secs(3_000));
    assert_eq!(offered(&refused(door.register(&silent))), ["MD5"]);
    // Other phones of the same user are not concerned.
    let fine = register("Fine 1.0");
    assert_eq!(offered(&refused(door.register(&fine))), ["SHA-256", "MD5"]);
}

#[test]
fn a_phone_that_answers_is_offered_both_for_ever() {
    let mut door = Door::new();
    let fine = register("Fine 1.0");
    for _ in 0..5 {
        let challenge = refused(door.register(&fine));
        assert_eq!(offered(&challenge), ["SHA-256", "MD5"]);
        let again = answered(&fine, &challenge, &login("alice", "secret"));
        assert_eq!(name(door.register(&again)), "alice");
        door.pass(Duration::from_secs(60));
    }
}

#[test]
fn a_phone_with_a_wrong_password_is_not_taken_for_a_silent_one() {
    let mut door = Door::new();
    let wrong = register("Fine 1.0");
    for _ in 0..5 {
        let challenge = refused(door.register(&wrong));
        assert_eq!(offered(&challenge), ["SHA-256", "MD5"]);
        let again = answered(&wrong, &challenge, &login("alice", "wrong"));
        refused(door.register(&again));
        door.pass(Duration::from_secs(60));
    }
}
