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

/// A phone that falls silent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SilentPhone {
    /// Its address of record, as it writes it.
    pub address: Box<str>,
    /// Its User-Agent.
    pub agent: Box<str>,
}

/// What was learned of phones.
#[derive(Debug)]
pub struct Learning {
    hasher: RandomState,
    parts: [Mutex<Part>; PARTS],
}

#[derive(Debug, Default)]
struct Part {
    /// Who was challenged with more than one algorithm, and has not answered yet.
    waiting: HashMap<u64, Instant>,
    /// Who fell silent, and when.
    silent: HashMap<u64, (SilentPhone, Instant)>,
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
    /// Nothing.
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
    pub(super) fn asks(&self, now: Instant, address: &str, agent: &[u8]) -> Lesson {
        let phone = self.phone(address, agent);
        let mut part = self.part(phone);
        if let Some((_, since)) = part.silent.get(&phone.0) {
            if now.since(*since) < MEMORY {
                return Lesson::Known;
            }
            part.silent.remove(&phone.0);
        }
        let asked = part.waiting.get(&phone.0).map(|since| now.since(*since));
        if asked.is_some_and(|ago| (PATIENCE..AWAY).contains(&ago)) {
            part.waiting.remove(&phone.0);
            let Some(silent) = SilentPhone::new(address, agent) else {
                return Lesson::None;
            };
            make_room(&mut part.silent, now, MEMORY, |(_, since)| *since);
            part.silent.insert(phone.0, (silent, now));
            return Lesson::New;
        }
        if asked.is_none_or(|ago| ago >= AWAY) {
            make_room(&mut part.waiting, now, AWAY, |since| *since);
            part.waiting.insert(phone.0, now);
        }
        Lesson::None
    }

    /// A phone has answered a challenge, right or wrong.
    pub(super) fn answers(&self, phone: PhoneKey) {
        self.part(phone).waiting.remove(&phone.0);
    }

    /// Who fell silent and is not forgotten yet, and when.
    pub fn silent(&self, now: Instant) -> Vec<(SilentPhone, Instant)> {
        let mut all = Vec::new();
        for part in &self.parts {
            let part = part.lock().unwrap_or_else(PoisonError::into_inner);
            let standing = part.silent.values();
            all.extend(
                standing
                    .filter(|(_, since)| now.since(*since) < MEMORY)
                    .cloned(),
            );
        }
        all
    }

    /// What an earlier process has learned. A clock that was set back makes it last no longer.
    pub fn restore(&self, now: Instant, phone: &SilentPhone, since: Instant) {
        let since = since.min(now);
        if now.since(since) < MEMORY {
            let key = self.phone(&phone.address, phone.agent.as_bytes());
            let mut part = self.part(key);
            make_room(&mut part.silent, now, MEMORY, |(_, since)| *since);
            part.silent.insert(key.0, (phone.clone(), since));
        }
    }

    /// Takes one for a phone like all others again; `false` if it is.
    pub fn forget(&self, phone: &SilentPhone) -> bool {
        let key = self.phone(&phone.address, phone.agent.as_bytes());
        let mut part = self.part(key);
        part.waiting.remove(&key.0);
        part.silent.remove(&key.0).is_some()
    }

    fn part(&self, phone: PhoneKey) -> MutexGuard<'_, Part> {
        let at = usize::try_from(phone.0 % PARTS as u64).unwrap_or(0);
        self.parts[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl SilentPhone {
    /// `None` for one whose name is too long to be remembered, or cannot be written down.
    fn new(address: &str, agent: &[u8]) -> Option<Self> {
        let is_short = address.len().max(agent.len()) <= limits::PHONE_NAME;
        let agent = std::str::from_utf8(agent).ok().filter(|_| is_short)?;
        Some(Self {
            address: address.into(),
            agent: agent.into(),
        })
    }
}

/// What is too old goes first; if that is not enough everything does, which only means to learn it again.
fn make_room<V>(
    map: &mut HashMap<u64, V>,
    now: Instant,
    keep: Duration,
    since: impl Fn(&V) -> Instant,
) {
    if map.len() < limits::PHONES_LEARNED / PARTS {
        return;
    }
    map.retain(|_, value| now.since(since(value)) < keep);
    if map.len() >= limits::PHONES_LEARNED / PARTS {
        map.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGENT: &[u8] = b"Phone 1.0";

    fn at(seconds: u64) -> Instant {
        Instant::from_unix_micros((1_767_268_800 + seconds) * 1_000_000)
    }

    #[test]
    fn a_phone_that_answers_is_fine() {
        let learning = Learning::new();
        let phone = learning.phone("sip:a@x", AGENT);
        for round in 0..10 {
            assert_eq!(
                learning.asks(at(60 * round), "sip:a@x", AGENT),
                Lesson::None
            );
            learning.answers(phone);
        }
    }

    #[test]
    fn a_phone_that_falls_silent_is_found_out_and_forgotten_after_a_day() {
        let learning = Learning::new();
        let phone = learning.phone("sip:a@x", AGENT);
        assert_eq!(learning.asks(at(0), "sip:a@x", AGENT), Lesson::None);
        assert_eq!(learning.asks(at(1), "sip:a@x", AGENT), Lesson::None);
        assert_eq!(learning.asks(at(30), "sip:a@x", AGENT), Lesson::New);
        learning.answers(phone);
        assert_eq!(learning.asks(at(60), "sip:a@x", AGENT), Lesson::Known);
        assert_eq!(learning.asks(at(86_429), "sip:a@x", AGENT), Lesson::Known);
        assert_eq!(learning.asks(at(86_430), "sip:a@x", AGENT), Lesson::None);
        assert_eq!(learning.asks(at(60), "sip:b@x", AGENT), Lesson::None);
    }

    #[test]
    fn what_was_learned_can_be_kept_and_forgotten() {
        let learning = Learning::new();
        learning.asks(at(0), "sip:a@x", AGENT);
        learning.asks(at(30), "sip:a@x", AGENT);
        let kept = learning.silent(at(31));
        let later = Learning::new();
        for (phone, since) in &kept {
            later.restore(at(40), phone, *since);
        }
        assert_eq!(later.silent(at(40)), kept);
        assert_eq!(later.asks(at(60), "sip:a@x", AGENT), Lesson::Known);
        assert!(later.silent(at(86_430)).is_empty());
        assert!(later.forget(&kept[0].0));
        assert!(!later.forget(&kept[0].0));
        assert_eq!(later.asks(at(90), "sip:a@x", AGENT), Lesson::None);
        // A name without a measure is not learned.
        let long = "x".repeat(limits::PHONE_NAME + 1);
        later.asks(at(0), "sip:b@x", long.as_bytes());
        assert_eq!(later.asks(at(30), "sip:b@x", long.as_bytes()), Lesson::None);
    }

    #[test]
    fn who_was_away_has_not_fallen_silent() {
        let learning = Learning::new();
        assert_eq!(learning.asks(at(0), "sip:a@x", AGENT), Lesson::None);
        assert_eq!(learning.asks(at(7_200), "sip:a@x", AGENT), Lesson::None);
    }

    #[test]
    fn the_memory_is_bounded() {
        let learning = Learning::new();
        for n in 0..3 * limits::PHONES_LEARNED as u64 {
            learning.asks(at(0), &format!("sip:{n}@x"), b"");
        }
        let held: usize = learning
            .parts
            .iter()
            .map(|part| part.lock().unwrap().waiting.len())
            .sum();
        assert!(held <= limits::PHONES_LEARNED, "{held}");
    }
}
