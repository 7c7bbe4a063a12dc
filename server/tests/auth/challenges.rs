//! Challenges and their right answers: RFC 3261 sections 22.1 to 22.4, RFC 8760 sections 2.3 and 2.4.

use proptest::prelude::*;
use server::auth::{Desk, Subject};
use server::config::{AuthMode, MethodRule};
use sip::auth::{Algorithm, Hash};
use sip::msg::{Method, Name};

use crate::door::{Door, answered, answered_with, is_stale, login, name, offered, refused, user};
use crate::support::Request;

#[test]
fn rfc_3261_22_2_a_registrar_asks_by_401_and_lets_the_right_answer_in() {
    let door = Door::new();
    let challenge = door.challenge("alice");
    assert_eq!(challenge.status(), Some(401));
    assert_eq!(challenge.verify(), Ok(()));
    assert!(challenge.all(Name::ProxyAuthenticate).next().is_none());
    assert!(!is_stale(&challenge));
    let request = answered(
        &Request::register("alice"),
        &challenge,
        &login("alice", "secret"),
    );
    assert_eq!(name(door.register(&request)), "alice");
}

#[test]
fn rfc_3261_22_3_a_proxy_asks_by_407_and_reads_its_own_header_only() {
    let door = Door::new();
    let request = Request::new("INVITE").with(|r| r.uri = "sip:bob@click.test".to_owned());
    let challenge = refused(door.ask(Desk::Proxy, &request));
    assert_eq!(challenge.status(), Some(407));
    assert!(challenge.all(Name::WwwAuthenticate).next().is_none());
    let again = answered(&request, &challenge, &login("alice", "secret"));
    assert_eq!(name(door.ask(Desk::Proxy, &again)), "alice");

    let register = Request::register("alice");
    let for_registrar = answered(
        &register,
        &door.challenge("alice"),
        &login("alice", "secret"),
    );
    assert_eq!(
        refused(door.ask(Desk::Proxy, &for_registrar)).status(),
        Some(407)
    );
}

#[test]
fn rfc_8760_2_4_the_best_algorithm_stands_on_top() {
    assert_eq!(offered(&Door::new().challenge("alice")), ["SHA-256", "MD5"]);
    for algorithms in [
        vec![Algorithm::Md5],
        vec![Algorithm::Sha256Sess, Algorithm::Md5Sess],
        vec![Algorithm::Md5, Algorithm::Sha256],
    ] {
        let door = Door::with(|config| config.auth.algorithms.clone_from(&algorithms));
        let names: Vec<_> = algorithms.iter().map(|it| it.as_str()).collect();
        assert_eq!(offered(&door.challenge("alice")), names);
        let request = Request::register("alice");
        let login = login("alice", "secret");
        assert_eq!(
            name(door.log_in(Desk::Registrar, &request, &login)),
            "alice"
        );
    }
}

#[test]
fn rfc_8760_2_3_each_of_the_challenges_can_be_answered() {
    let door = Door::new();
    for algorithm in ["SHA-256", "MD5"] {
        let request = Request::register("alice");
        let challenge = door.challenge("alice");
        // A phone that knows one of them only.
        let other = if algorithm == "MD5" { "SHA-256" } else { "MD5" };
        let lines = String::from_utf8_lossy(challenge.bytes())
            .replace(&format!("algorithm={other}"), "algorithm=NOT-KNOWN");
        let challenge = sip::msg::lex(lines.into()).unwrap();
        let again = answered(&request, &challenge, &login("alice", "secret"));
        assert_eq!(name(door.register(&again)), "alice", "{algorithm}");
    }
}

#[test]
fn an_algorithm_that_was_not_offered_is_not_taken() {
    let door = Door::with(|config| config.auth.algorithms = vec![Algorithm::Sha256]);
    let challenge = door.challenge("alice");
    let lines = String::from_utf8_lossy(challenge.bytes()).replace("SHA-256", "MD5");
    let weaker = sip::msg::lex(lines.into()).unwrap();
    let request = answered(
        &Request::register("alice"),
        &weaker,
        &login("alice", "secret"),
    );
    let again = refused(door.register(&request));
    assert_eq!(offered(&again), ["SHA-256"]);
    assert!(door.auth.bans().list(door.now).is_empty());
}

#[test]
fn rfc_3261_22_1_what_cannot_be_challenged_is_not() {
    let door = Door::new();
    for method in ["ACK", "CANCEL", "BYE", "PRACK"] {
        let judged = door.ask(Desk::Proxy, &Request::new(method));
        assert_eq!(judged, Ok(Subject::Anyone), "{method}");
    }
    for method in [
        "INVITE",
        "MESSAGE",
        "SUBSCRIBE",
        "OPTIONS",
        "PUBLISH",
        "REFER",
        "HELLO",
    ] {
        let judged = door.ask(Desk::Proxy, &Request::new(method));
        assert_eq!(refused(judged).status(), Some(407), "{method}");
    }
}

#[test]
fn only_the_methods_that_are_set_need_proof() {
    let door = Door::with(|config| {
        config.auth.methods = vec![MethodRule {
            method: Some(Method::Register),
            role: None,
        }];
    });
    assert_eq!(door.challenge("alice").status(), Some(401));
    let judged = door.ask(Desk::Proxy, &Request::new("INVITE"));
    assert_eq!(judged, Ok(Subject::Anyone));
}

#[test]
fn an_open_lab_asks_nobody() {
    let door = Door::with(|config| config.auth.mode = AuthMode::OpenLab);
    let request = Request::register("nobody").header("Authorization", "Digest nonsense");
    assert_eq!(door.register(&request), Ok(Subject::Anyone));
}

#[test]
fn rfc_3261_22_4_credentials_of_others_are_left_alone() {
    let door = Door::new();
    let other = "Digest username=\"alice\", realm=\"elsewhere\", nonce=\"n\", uri=\"sip:x\", response=\"00\"";
    let request = Request::register("alice")
        .header("Authorization", "Basic YTpi")
        .header("Authorization", other);
    let challenge = refused(door.register(&request));
    assert_eq!(
        (challenge.status(), is_stale(&challenge)),
        (Some(401), false)
    );
    let again = answered(&request, &challenge, &login("alice", "secret"));
    assert_eq!(name(door.register(&again)), "alice");
}

#[test]
fn empty_credentials_are_as_good_as_none() {
    let door = Door::new();
    let empty = "Digest username=\"alice\", realm=\"crosspoint\", nonce=\"\", uri=\"sip:click.test\", response=\"\"";
    let request = Request::register("alice").header("Authorization", empty);
    let challenge = refused(door.register(&request));
    assert_eq!(
        (challenge.status(), is_stale(&challenge)),
        (Some(401), false)
    );
}

#[test]
fn rfc_7616_3_4_what_is_improper_is_a_bad_request() {
    let door = Door::new();
    let request = Request::register("alice");
    for (part, other, phrase) in [
        ("nc=00000001", "nc=x", "Malformed Credentials"),
        ("qop=auth", "qop=auth-int", "Malformed Credentials"),
        ("username=", "name=", "Malformed Credentials"),
        (", qop=auth, nc=00000001", "", "Credentials Without QOP"),
        (
            "uri=\"sip:click.test\"",
            "uri=\"sip:other.test\"",
            "Credentials For Another URI",
        ),
    ] {
        let challenge = door.challenge("alice");
        let login = login("alice", "secret");
        let again = answered_with(&request, &challenge, &login, |value| {
            assert!(value.contains(part), "{value}");
            value.replace(part, other)
        });
        let response = refused(door.register(&again));
        assert_eq!(response.status(), Some(400), "{other}");
        assert_eq!(response.reason(), phrase, "{other}");
    }
}

#[test]
fn rfc_7616_3_4_4_a_user_may_hide_his_name() {
    let door = Door::with(|config| config.auth.algorithms = vec![Algorithm::Sha256]);
    let hidden = Hash::Sha256.of(&[b"alice:crosspoint"]).hex();
    let request = answered_with(
        &Request::register("alice"),
        &door.challenge("alice"),
        &login("alice", "secret"),
        |value| {
            value.replace(
                "username=\"alice\"",
                &format!("username=\"{}\", userhash=true", hidden.as_str()),
            )
        },
    );
    assert_eq!(name(door.register(&request)), "alice");
}

#[test]
fn wrong_passwords_and_unknown_users_look_the_same() {
    let door = Door::new();
    door.auth.users().put(server::auth::User {
        enabled: false,
        ..user("carol")
    });
    let looks: Vec<_> = [
        ("alice", "wrong"),
        ("mallory", "secret"),
        ("carol", "secret"),
    ]
    .into_iter()
    .map(|(who, password)| {
        // Asked as alice, so that the names in the messages are the same.
        let request = Request::register("alice");
        let response = refused(door.log_in(Desk::Registrar, &request, &login(who, password)));
        assert_eq!((response.status(), is_stale(&response)), (Some(401), false));
        let text = String::from_utf8_lossy(response.bytes()).into_owned();
        let nonces: Vec<_> = text
            .match_indices("nonce=\"")
            .map(|(at, _)| at + 7)
            .collect();
        nonces.into_iter().fold(text, |mut text, at| {
            text.replace_range(at..at + 48, "*");
            text.insert_str(at, &"*".repeat(47));
            text
        })
    })
    .collect();
    assert_eq!(looks[0], looks[1]);
    assert_eq!(looks[0], looks[2]);
}

proptest! {
    #[test]
    fn who_answers_rightly_is_never_asked_twice(
        moments in proptest::collection::vec((0_u64..10_000_000, 0_u64..290_000_000, any::<bool>()), 1..40)
    ) {
        let mut door = Door::new();
        for (after, thinks, is_call) in moments {
            door.pass(std::time::Duration::from_micros(after));
            let (desk, request) = if is_call {
                (Desk::Proxy, Request::new("INVITE"))
            } else {
                (Desk::Registrar, Request::register("alice"))
            };
            let challenge = refused(door.ask(desk, &request));
            door.pass(std::time::Duration::from_micros(thinks));
            let again = answered(&request, &challenge, &login("alice", "secret"));
            prop_assert_eq!(name(door.ask(desk, &again)), "alice");
        }
    }
}
