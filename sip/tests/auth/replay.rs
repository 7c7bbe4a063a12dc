//! Nonces that need no memory, and the counts that do (RFC 7616 sections 3.3, 3.4 and 5.4).

use std::collections::HashSet;
use std::net::IpAddr;
use std::time::Duration;

use proptest::prelude::*;
use sip::auth::{Counts, Nonce, Nonces, Use};
use sip::time::Instant;

const NOON: Instant = Instant::from_unix_micros(1_767_268_800_000_000);
const LIFETIME: Duration = Duration::from_secs(300);

fn at(seconds: u64) -> Instant {
    NOON + Duration::from_secs(seconds)
}

fn nonce(seconds: u64, number: u32) -> Nonce {
    Nonce {
        given: at(seconds),
        number,
    }
}

fn peer(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn a_nonce_is_known_by_its_key_and_its_peer() {
    let ours = Nonces::new(&[1; 32]);
    let text = ours.give(nonce(0, 7), peer("10.0.0.2"));
    assert_eq!(text.as_str().len(), 48);
    let read = |nonces: &Nonces, from| nonces.read(text.as_str().as_bytes(), peer(from));
    assert_eq!(read(&ours, "10.0.0.2"), Some(nonce(0, 7)));
    assert_eq!(read(&ours, "::ffff:10.0.0.2"), Some(nonce(0, 7)));
    assert_eq!(read(&ours.clone(), "10.0.0.2"), Some(nonce(0, 7)));
    assert_eq!(read(&ours, "10.0.0.3"), None);
    assert_eq!(read(&Nonces::new(&[2; 32]), "10.0.0.2"), None);
    assert_ne!(
        text.as_str(),
        ours.give(nonce(0, 8), peer("10.0.0.2")).as_str()
    );
    assert_eq!(ours.opaque().len(), 16);
    assert_ne!(ours.opaque(), Nonces::new(&[2; 32]).opaque());
    assert_eq!(format!("{ours:?}"), "Nonces");
}

#[test]
fn not_a_digit_of_a_nonce_can_be_changed() {
    let ours = Nonces::new(&[1; 32]);
    let text = ours.give(nonce(0, 7), peer("10.0.0.2"));
    for at in 0..text.as_str().len() {
        let mut other = text.as_str().as_bytes().to_vec();
        other[at] = if other[at] == b'0' { b'1' } else { b'0' };
        assert_eq!(ours.read(&other, peer("10.0.0.2")), None);
    }
    for other in [
        "",
        "00",
        &text.as_str()[1..],
        &format!("{}0", text.as_str()),
    ] {
        assert_eq!(ours.read(other.as_bytes(), peer("10.0.0.2")), None);
    }
}

#[test]
fn each_count_is_good_once() {
    let mut counts = Counts::new(10, LIFETIME);
    for (count, expected) in [
        (1, Use::First),
        (1, Use::Replayed),
        (0, Use::Replayed),
        (3, Use::First),
        (2, Use::First),
        (2, Use::Replayed),
        // Phones that go on counting with a new nonce, or in leaps.
        (100, Use::First),
        (37, Use::First),
        (36, Use::Replayed),
        (u32::MAX, Use::First),
        (u32::MAX, Use::Replayed),
    ] {
        let request = u64::from(count) + 1_000 * u64::from(expected == Use::Replayed);
        assert_eq!(
            counts.take(at(1), nonce(0, 1), count, request),
            expected,
            "{count}"
        );
    }
    assert_eq!(counts.take(at(1), nonce(0, 2), 1, 0), Use::First);
    assert_eq!(counts.len(), 2);
}

#[test]
fn the_very_same_request_is_a_repetition() {
    let mut counts = Counts::new(10, LIFETIME);
    assert_eq!(counts.take(at(1), nonce(0, 1), 1, 42), Use::First);
    assert_eq!(counts.take(at(1), nonce(0, 1), 1, 42), Use::Repeated);
    assert_eq!(counts.take(at(1), nonce(0, 1), 1, 43), Use::Replayed);
    assert_eq!(counts.take(at(1), nonce(0, 1), 2, 44), Use::First);
    assert_eq!(counts.take(at(1), nonce(0, 1), 1, 42), Use::Replayed);
}

#[test]
fn a_nonce_is_good_for_its_lifetime() {
    let mut counts = Counts::new(10, LIFETIME);
    assert_eq!(counts.take(at(299), nonce(0, 1), 1, 0), Use::First);
    assert_eq!(counts.take(at(300), nonce(0, 1), 2, 0), Use::Stale);
    // The clock of another shard is a little ahead.
    assert_eq!(counts.take(at(0), nonce(1, 1), 1, 0), Use::First);
}

#[test]
fn full_it_gives_the_oldest_up_and_never_takes_it_again() {
    let mut counts = Counts::new(3, LIFETIME);
    for number in 0..4 {
        let seconds = u64::from(number);
        assert_eq!(counts.take(at(9), nonce(seconds, number), 1, 0), Use::First);
    }
    assert_eq!(counts.len(), 3);
    assert_eq!(counts.take(at(9), nonce(0, 0), 1, 0), Use::Stale);
    assert_eq!(counts.take(at(9), nonce(0, 9), 1, 0), Use::Stale);
    assert_eq!(counts.take(at(9), nonce(1, 1), 1, 9), Use::Replayed);
    assert_eq!(counts.take(at(9), nonce(1, 1), 2, 9), Use::First);
}

#[test]
fn what_has_expired_goes_by_itself() {
    let mut counts = Counts::new(1_000, LIFETIME);
    for second in 0..2_000 {
        let nonce = nonce(second, 0);
        assert_eq!(counts.take(at(second), nonce, 1, 0), Use::First);
    }
    assert!(counts.len() <= 301, "{}", counts.len());
}

proptest! {
    #[test]
    fn no_count_is_good_twice(uses in proptest::collection::vec((0_u32..6, 0_u32..150, 0_u64..200), 0..300)) {
        let mut counts = Counts::new(4, LIFETIME);
        let mut used = HashSet::new();
        for (request, (number, count, seconds)) in uses.into_iter().enumerate() {
            let nonce = nonce(u64::from(number), number);
            let taken = counts.take(at(100 + seconds), nonce, count, request as u64);
            if taken == Use::First {
                prop_assert!(used.insert((number, count)), "{number} {count}");
            }
            prop_assert_ne!(taken, Use::Repeated);
            prop_assert!(counts.len() <= 4);
        }
    }

    #[test]
    fn who_counts_up_is_never_sent_away(steps in proptest::collection::vec(1_u32..5, 1..100)) {
        let mut counts = Counts::new(1, LIFETIME);
        let mut count = 0;
        for step in steps {
            count += step;
            prop_assert_eq!(counts.take(at(1), nonce(0, 1), count, 0), Use::First);
        }
    }
}
