//! Phones that fall silent when they are challenged with more than one algorithm: noticed, and offered MD5 alone the next
//! time (RFC 8760 section 2.3 has two challenges; some phones die of the pair).
//!
//! ```text
//! REGISTER without credentials --> two challenges --> an answer        the phone is fine
//!                                                 --> nothing, and later a REGISTER without credentials again: silent
//! ```
//!
//! A phone is an address of record with a User-Agent, so that one that misbehaves changes nothing for the others. What is
//! learned is forgotten after a day, since phones get better. Knows nothing of what is known beforehand (`quirks`).

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sip::time::Instant;

use crate::limits;

/// A phone answers within a round trip; what is asked again sooner than this has been lost.
const PATIENCE: Duration = Duration::from_secs(5);
/// Whoever comes again later than this was away in between.
const AWAY: Duration = Duration::from_secs(3_600);
const MEMORY: Duration = Duration::from_secs(86_400);
const PARTS: usize = 16;

/// A phone, as far as this is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PhoneKey(u64);

/// What was learned of phones.
#[derive(Debug)]
pub(super) struct Learning {
    hasher: RandomState,
    parts: [Mutex<Part>; PARTS],
}

#[derive(Debug, Default)]
struct Part {
    /// Who was challenged with more than one algorithm, and has not answered yet.
    waiting: HashMap<u64, Instant>,
    /// Who fell silent, and when.
    silent: HashMap<u64, Instant>,
}

/// What to offer a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lesson {
    /// All there is.
    None,
    /// MD5 alone, which has just been found out.
    New,
    /// MD5 alone.
    Known,
}

impl Learning {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            parts: Default::default(),
        }
    }

    /// The phone of this address and User-Agent.
    pub(super) fn phone(&self, address: &str, agent: &[u8]) -> PhoneKey {
        PhoneKey(self.hasher.hash_one((address, agent)))
    }

    /// A phone registers without credentials, and there is more than one algorithm to offer.
    pub(super) fn asks(&self, now: Instant, phone: PhoneKey) -> Lesson {
        let mut part = self.part(phone);
        if let Some(since) = part.silent.get(&phone.0) {
            if now.since(*since) < MEMORY {
                return Lesson::Known;
            }
            part.silent.remove(&phone.0);
        }
        let asked = part.waiting.get(&phone.0).map(|since| now.since(*since));
        if asked.is_some_and(|ago| (PATIENCE..AWAY).contains(&ago)) {
            part.waiting.remove(&phone.0);
            make_room(&mut part.silent, now, MEMORY);
            part.silent.insert(phone.0, now);
            return Lesson::New;
        }
        if asked.is_none_or(|ago| ago >= AWAY) {
            make_room(&mut part.waiting, now, AWAY);
            part.waiting.insert(phone.0, now);
        }
        Lesson::None
    }

    /// A phone has answered a challenge, right or wrong.
    pub(super) fn answers(&self, phone: PhoneKey) {
        self.part(phone).waiting.remove(&phone.0);
    }

    fn part(&self, phone: PhoneKey) -> MutexGuard<'_, Part> {
        let at = usize::try_from(phone.0 % PARTS as u64).unwrap_or(0);
        self.parts[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is too old goes first; if that is not enough everything does, which only means to learn it again.
fn make_room(map: &mut HashMap<u64, Instant>, now: Instant, keep: Duration) {
    if map.len() < limits::PHONES_LEARNED / PARTS {
        return;
    }
    map.retain(|_, since| now.since(*since) < keep);
    if map.len() >= limits::PHONES_LEARNED / PARTS {
        map.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::from_unix_micros((1_767_268_800 + seconds) * 1_000_000)
    }

    #[test]
    fn a_phone_that_answers_is_fine() {
        let learning = Learning::new();
        let phone = learning.phone("sip:a@x", b"Good 1.0");
        for round in 0..10 {
            assert_eq!(learning.asks(at(60 * round), phone), Lesson::None);
            learning.answers(phone);
        }
    }

    #[test]
    fn a_phone_that_falls_silent_is_found_out_and_forgotten_after_a_day() {
        let learning = Learning::new();
        let phone = learning.phone("sip:a@x", b"Bad 1.0");
        assert_eq!(learning.asks(at(0), phone), Lesson::None);
        assert_eq!(learning.asks(at(1), phone), Lesson::None);
        assert_eq!(learning.asks(at(30), phone), Lesson::New);
        learning.answers(phone);
        assert_eq!(learning.asks(at(60), phone), Lesson::Known);
        assert_eq!(learning.asks(at(86_429), phone), Lesson::Known);
        assert_eq!(learning.asks(at(86_430), phone), Lesson::None);
        let other = learning.phone("sip:b@x", b"Bad 1.0");
        assert_eq!(learning.asks(at(60), other), Lesson::None);
    }

    #[test]
    fn who_was_away_has_not_fallen_silent() {
        let learning = Learning::new();
        let phone = learning.phone("sip:a@x", b"Good 1.0");
        assert_eq!(learning.asks(at(0), phone), Lesson::None);
        assert_eq!(learning.asks(at(7_200), phone), Lesson::None);
    }

    #[test]
    fn the_memory_is_bounded() {
        let learning = Learning::new();
        for n in 0..3 * limits::PHONES_LEARNED as u64 {
            learning.asks(at(0), PhoneKey(n));
        }
        let held: usize = learning
            .parts
            .iter()
            .map(|part| part.lock().unwrap().waiting.len())
            .sum();
        assert!(held <= limits::PHONES_LEARNED, "{held}");
    }
}
