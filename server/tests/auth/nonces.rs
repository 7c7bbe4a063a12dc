//! Old nonces and used counts: RFC 7616 sections 3.3, 3.4 and 5.4.

use std::time::Duration;

use server::auth::{Auth, Desk};
use sip::msg::Message;

use crate::door::{
    Door, answered, answered_with, digest, from, is_stale, login, name, refused, user,
};
use crate::support::Request;

fn stale(door: &Door, request: &Request) {
    let response = refused(door.register(request));
    assert_eq!((response.status(), is_stale(&response)), (Some(401), true));
    // The new nonce is good.
    let plain = Request::register("alice");
    let again = answered(&plain, &response, &login("alice", "secret"));
    assert_eq!(name(door.register(&again)), "alice");
}

fn right(challenge: &Message) -> Request {
    answered(
        &Request::register("alice"),
        challenge,
        &login("alice", "secret"),
    )
}

/// The same nonce used once more.
fn count(challenge: &Message, nc: &str) -> Request {
    // The count goes into the proof: a client that counts on is one whose challenge is answered with another `nc`.
    let login = login("alice", "secret");
    let request = Request::register("alice");
    answered_with(&request, challenge, &login, |value| {
        let nonce = value.split("nonce=\"").nth(1).unwrap()[..48].to_owned();
        let hash = sip::auth::Hash::Sha256;
        let ha1 = hash.of(&[b"alice:crosspoint:secret"]).hex();
        let ha2 = hash.of(&[b"REGISTER:sip:click.test"]).hex();
        let parts = [&nonce, nc, "c0", "auth"]
            .map(|part| format!(":{part}"))
            .concat();
        let proof = hash
            .of(&[ha1.digits(), parts.as_bytes(), b":", ha2.digits()])
            .hex();
        let (before, after) = value.split_once("response=\"").unwrap();
        format!("{before}response=\"{}{}", proof.as_str(), &after[64..])
            .replace("nc=00000001", &format!("nc={nc}"))
    })
}

#[test]
fn rfc_7616_3_3_an_old_nonce_is_stale() {
    let mut door = Door::new();
    let challenge = door.challenge("alice");
    door.pass(Duration::from_secs(299));
    assert_eq!(name(door.register(&right(&challenge))), "alice");
    door.pass(Duration::from_secs(1));
    stale(&door, &count(&challenge, "00000002"));
    assert!(door.auth.bans().list(door.now).is_empty());
}

#[test]
fn rfc_7616_3_3_a_nonce_of_before_a_restart_is_stale() {
    let before = Door::new().challenge("alice");
    let mut door = Door::new();
    door.auth = Auth::new(&digest(|_| {}), &[2; 32]);
    door.auth.users().put(user("alice"));
    stale(&door, &right(&before));
}

#[test]
fn a_nonce_is_good_where_it_was_sent_to() {
    let mut door = Door::new();
    let challenge = door.challenge("alice");
    door.flow = from("203.0.113.7:40000");
    assert_eq!(name(door.register(&right(&challenge))), "alice");
    let challenge = door.challenge("alice");
    door.flow = from("203.0.113.8:5060");
    stale(&door, &right(&challenge));
}

#[test]
fn the_opaque_comes_back_as_it_was() {
    let door = Door::new();
    for (other, is_taken) in [("", true), (", opaque=\"0123456789abcdef\"", false)] {
        let challenge = door.challenge("alice");
        let request = Request::register("alice");
        let again = answered_with(&request, &challenge, &login("alice", "secret"), |value| {
            let (before, _) = value.split_once(", opaque=").unwrap();
            format!("{before}{other}")
        });
        if is_taken {
            assert_eq!(name(door.register(&again)), "alice");
        } else {
            stale(&door, &again);
        }
    }
}

#[test]
fn rfc_7616_3_4_a_count_is_good_once() {
    let door = Door::new();
    let challenge = door.challenge("alice");
    assert_eq!(name(door.register(&count(&challenge, "00000001"))), "alice");
    assert_eq!(name(door.register(&count(&challenge, "00000002"))), "alice");
    assert_eq!(name(door.register(&count(&challenge, "0000000a"))), "alice");
    assert_eq!(name(door.register(&count(&challenge, "00000003"))), "alice");
    for used in ["00000002", "0000000a", "00000000"] {
        stale(&door, &count(&challenge, used).call_id("another"));
    }
}

#[test]
fn rfc_7616_5_4_a_captured_request_is_no_use_to_others() {
    let door = Door::new();
    let challenge = door.challenge("alice");
    let request = right(&challenge).contact("<sip:alice@203.0.113.7>");
    assert_eq!(name(door.register(&request)), "alice");
    // The very same again: a repetition that finds no transaction.
    assert_eq!(name(door.register(&request)), "alice");
    let theirs = right(&challenge).contact("<sip:mallory@203.0.113.7>");
    stale(&door, &theirs);
}

#[test]
fn a_wrong_password_is_told_before_a_used_count() {
    let door = Door::new();
    let challenge = door.challenge("alice");
    let request = Request::register("alice");
    let wrong = answered(&request, &challenge, &login("alice", "wrong"));
    assert!(!is_stale(&refused(door.register(&wrong))));
    // The nonce is not used up by it.
    assert_eq!(name(door.register(&right(&challenge))), "alice");
    let judged = door.ask(Desk::Registrar, &wrong);
    assert!(!is_stale(&refused(judged)));
}
