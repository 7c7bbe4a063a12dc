//! Guessing: slowed, then banned, and nobody else with it. Scanners learn nothing.

use std::time::Duration;

use server::auth::{Culprit, Desk, Offence};
use sip::name::Transport;

use crate::door::{Door, answered, from, is_stale, login, name, refused};
use crate::support::Request;

/// One guess, unless it is not heard.
fn guess(door: &Door, who: &str) -> Option<u16> {
    let request = Request::register(who);
    if door
        .auth
        .overlooks(door.now, &request.message(), &door.flow)
    {
        return None;
    }
    let judged = door.log_in(Desk::Registrar, &request, &login(who, "guess"));
    refused(judged).status()
}

/// Guesses as fast as it is answered; how many guesses were heard.
fn guess_for(door: &mut Door, who: impl Fn(u32) -> String, time: Duration) -> u32 {
    let end = door.now + time;
    let mut heard = 0;
    while door.now < end {
        heard += u32::from(guess(door, &who(heard)) == Some(401));
        door.pass(Duration::from_millis(100));
    }
    heard
}

#[test]
fn a_guesser_is_slowed_and_then_banned_for_a_time() {
    let mut door = Door::new();
    // A user of his own for each guess: only the source can be to blame.
    let who = |n: u32| format!("user{n}");
    assert_eq!(guess_for(&mut door, who, Duration::from_secs(1)), 6);
    guess_for(&mut door, who, Duration::from_secs(300));
    let bans = door.auth.bans().list(door.now);
    assert_eq!(bans[0].who, Culprit::Source("203.0.113.7".parse().unwrap()));
    let until = bans[0].banned_until.unwrap();
    assert!(bans[0].failures < 40, "{bans:?}");
    assert_eq!(guess(&door, "alice"), None);

    // From elsewhere alice is not concerned.
    let banned = door.flow;
    door.flow = from("203.0.113.8:5060");
    let request = Request::register("alice");
    let right = login("alice", "secret");
    assert_eq!(
        name(door.log_in(Desk::Registrar, &request, &right)),
        "alice"
    );

    door.flow = banned;
    door.now = until;
    assert_eq!(guess(&door, "alice"), Some(401));
}

#[test]
fn a_ban_can_be_lifted_by_hand() {
    let mut door = Door::new();
    guess_for(&mut door, |n| format!("user{n}"), Duration::from_secs(300));
    let source = Culprit::Source(door.flow.peer.ip());
    assert_eq!(guess(&door, "alice"), None);
    assert_eq!(door.auth.bans().clear(Some(&source)), 1);
    assert_eq!(door.auth.bans().clear(Some(&source)), 0);
    assert_eq!(guess(&door, "alice"), Some(401));
    assert!(door.auth.bans().clear(None) > 0);
    assert!(door.auth.bans().list(door.now).is_empty());
}

#[test]
fn a_benchmark_can_lift_the_limits() {
    let mut door = Door::with(|config| config.auth.ban_after = 0);
    let all = guess_for(&mut door, |_| "alice".to_owned(), Duration::from_secs(60));
    assert_eq!(all, 600);
    assert!(door.auth.bans().list(door.now).is_empty());
}

#[test]
fn a_phone_with_an_old_password_gets_nobody_banned() {
    let mut door = Door::new();
    for _ in 0..600 {
        assert_eq!(guess(&door, "alice"), Some(401));
        door.pass(Duration::from_secs(60));
    }
}

#[test]
fn a_user_who_is_guessed_at_from_everywhere_keeps_his_own_phones() {
    let mut door = Door::new();
    let home = door.flow;
    let request = Request::register("alice");
    let right = login("alice", "secret");
    assert_eq!(
        name(door.log_in(Desk::Registrar, &request, &right)),
        "alice"
    );
    for n in 0..60 {
        door.flow = from(&format!("198.51.100.{n}:5060"));
        guess(&door, "alice");
        door.pass(Duration::from_secs(9));
    }
    door.flow = from("198.51.100.200:5060");
    // Not even the right password is heard from elsewhere, or guessing from many places would do.
    let response = refused(door.log_in(Desk::Registrar, &request, &right));
    assert_eq!(response.status(), Some(503));
    assert!(response.raw(sip::msg::Name::RetryAfter).is_some());
    door.flow = home;
    assert_eq!(
        name(door.log_in(Desk::Registrar, &request, &right)),
        "alice"
    );
    // An unknown user is treated alike.
    for n in 0..60 {
        door.flow = from(&format!("192.0.2.{n}:5060"));
        guess(&door, "nobody");
        door.pass(Duration::from_secs(9));
    }
    door.flow = from("192.0.2.200:5060");
    let request = Request::register("nobody");
    let response = refused(door.log_in(Desk::Registrar, &request, &login("nobody", "x")));
    assert_eq!(response.status(), Some(503));
}

#[test]
fn nobody_can_get_an_address_banned_that_is_not_his() {
    let mut door = Door::new();
    let challenge = door.challenge("alice");
    let request = Request::register("alice");
    // Sent with the victim's address as source, by one who cannot hear what it is answered.
    door.flow = from("198.51.100.1:5060");
    for _ in 0..100 {
        let wrong = answered(&request, &challenge, &login("alice", "wrong"));
        assert!(is_stale(&refused(door.register(&wrong))));
    }
    assert!(door.auth.bans().list(door.now).is_empty());
}

#[test]
fn addresses_of_one_ipv6_customer_are_one() {
    let mut door = Door::new();
    for n in 0..60 {
        door.flow = from(&format!("[2001:db8::{n}]:5060"));
        guess(&door, &format!("user{n}"));
        door.pass(Duration::from_secs(9));
    }
    let bans = door.auth.bans().list(door.now);
    assert_eq!(bans[0].who, Culprit::Source("2001:db8::".parse().unwrap()));
    assert!(bans[0].banned_until.is_some());
}

#[test]
fn calls_that_stand_go_on_from_a_banned_source() {
    let mut door = Door::new();
    guess_for(&mut door, |n| format!("user{n}"), Duration::from_secs(300));
    let overlooked = |request: &Request| {
        door.auth
            .overlooks(door.now, &request.message(), &door.flow)
    };
    assert!(overlooked(&Request::new("INVITE")));
    assert!(!overlooked(&Request::new("ACK")));
    assert!(!overlooked(&Request::new("CANCEL")));
    let in_dialog = Request::new("BYE").with(|r| r.to.push_str(";tag=to"));
    assert!(!overlooked(&in_dialog));
}

#[test]
fn a_scanner_is_not_answered_and_over_a_connection_is_banned() {
    let mut door = Door::new();
    let scan = Request::new("OPTIONS").header("User-Agent", "friendly-scanner");
    for _ in 0..100 {
        assert!(door.auth.overlooks(door.now, &scan.message(), &door.flow));
    }
    // By datagram anybody could have said it.
    assert!(door.auth.bans().list(door.now).is_empty());
    assert!(
        !door
            .auth
            .overlooks(door.now, &Request::new("OPTIONS").message(), &door.flow)
    );

    door.flow.transport = Transport::Tcp;
    for _ in 0..60 {
        assert!(door.auth.overlooks(door.now, &scan.message(), &door.flow));
        door.pass(Duration::from_secs(9));
    }
    assert!(door.auth.bans().list(door.now)[0].banned_until.is_some());
}

#[test]
fn what_is_remembered_of_offenders_is_bounded() {
    let mut door = Door::new();
    let most = 2 * server::limits::OFFENDERS;
    for n in 0..server::limits::OFFENDERS + 2_000 {
        let source = std::net::Ipv4Addr::from_bits(0x0a00_0000 + u32::try_from(n).unwrap());
        door.auth.bans().fail(
            door.now,
            &format!("user{n}"),
            source.into(),
            Offence::Password,
        );
    }
    assert!(door.auth.bans().list(door.now).len() <= most);
    door.pass(Duration::from_secs(600));
    assert!(door.auth.bans().list(door.now).is_empty());
}
