//! Registrations survive the server, as far as there is a way to the phone.

use crate::scene::{Caller, Phone, Scene};

#[test]
fn who_was_registered_is_on_the_board_after_a_restart() {
    let scene = Scene::new();
    let server = scene.start();
    let phone = Phone::new(&server);
    let mut draft = phone.draft("alice");
    draft.cseq = 7;
    assert_eq!(phone.ask(&draft), Some(200));
    let caller = Caller::register(&server, "bob", 1);
    server.shows(&[("alice", "udp", true), ("bob", "tcp", true)]);
    let before = server.registrations();
    server.program.signal("-TERM");
    let (code, log) = server.program.end();
    assert_eq!(code, Some(0), "{log}");
    caller.wait();

    let server = scene.start();
    server.shows(&[("alice", "udp", true), ("bob", "tcp", false)]);
    assert_eq!(server.registrations()[0], before[0]);

    // An old REGISTER of the same Call-ID is still an old one (RFC 3261 section 10.3 step 7).
    draft.cseq = 3;
    draft.extra = format!("Expires: 0\r\n{}", draft.extra);
    assert_eq!(phone.ask(&draft), Some(500));
    draft.cseq = 8;
    assert_eq!(phone.ask(&draft), Some(200));
    let _back = Caller::register(&server, "bob", 2);
    server.shows(&[("bob", "tcp", true)]);
}

#[test]
fn a_phone_reached_from_a_port_that_is_no_more_is_shown_so() {
    let scene = Scene::new();
    let server = scene.start();
    let phone = Phone::new(&server);
    assert_eq!(phone.ask(&phone.draft("alice")), Some(200));
    server.program.signal("-TERM");
    server.program.end();

    let elsewhere = scene.elsewhere();
    let server = elsewhere.start();
    server.shows(&[("alice", "udp", false)]);
}
