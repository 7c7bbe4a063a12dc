//! How often somebody has failed, and what follows: a wait that doubles, then a ban. Failures run off again with time.
//!
//! Bounded; cut into parts with a lock each, and not looked at as long as nobody has to wait. Does not know who fails.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sip::time::Instant;

use crate::limits;

const PARTS: usize = 16;
/// The longest wait before a ban: a request that is repeated over UDP still gets through.
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// A failure in the measure of [`Record::level`].
const ONE: u64 = 1_000;

/// How much is too much.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) slow_after: u64,
    pub(super) ban_after: u64,
    pub(super) ban_time: Duration,
}

/// What somebody is blamed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Offence {
    /// A wrong password, or a user that there is not.
    Password,
    /// To be a scanner, by its User-Agent.
    Scanner,
}

/// What became of somebody by one more failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sentence {
    /// Nothing.
    Free,
    /// Has to wait.
    Slowed(Duration),
    /// Is banned.
    Banned(Duration),
}

/// One column of the book.
#[derive(Debug)]
pub(super) struct Ledger<K> {
    hasher: RandomState,
    parts: [Mutex<HashMap<K, Record>>; PARTS],
    /// When the last one may speak again, in microseconds: before that moment, and only then, is there a need to look.
    quiet: AtomicU64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    /// Failures that have not run off yet, in thousandths.
    level: u64,
    at: Instant,
    pub(super) failures: u64,
    /// Of the last failure.
    pub(super) offence: Offence,
    wait_until: Instant,
    /// Since when it is banned, if it is.
    banned: Option<Instant>,
}

impl<K: Hash + Eq + Clone> Ledger<K> {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            parts: Default::default(),
            quiet: AtomicU64::new(0),
        }
    }

    pub(super) fn wait<Q>(&self, now: Instant, who: &Q) -> Option<Duration>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        if now.unix_micros() >= self.quiet.load(Ordering::Relaxed) {
            return None;
        }
        let until = self.part(who).get(who)?.wait_until;
        (until > now).then(|| until - now)
    }

    pub(super) fn fail<Q>(&self, now: Instant, who: &Q, offence: Offence, rules: &Rules) -> Sentence
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized + ToOwned,
        Q::Owned: Into<K>,
    {
        let mut part = self.part(who);
        if !part.contains_key(who) {
            make_room(&mut part, now, rules);
            part.insert(who.to_owned().into(), Record::new(now, offence));
        }
        let Some(record) = part.get_mut(who) else {
            return Sentence::Free;
        };
        let sentence = record.fail(now, offence, rules);
        self.quiet
            .fetch_max(record.wait_until.unix_micros(), Ordering::Relaxed);
        sentence
    }

    /// Bans one again whom an earlier process had banned.
    pub(super) fn restore(
        &self,
        now: Instant,
        who: K,
        (since, until): (Instant, Instant),
        (failures, offence): (u64, Offence),
        rules: &Rules,
    ) {
        let mut part = self.part(&who);
        make_room(&mut part, now, rules);
        let wait_until = until.min(now + rules.ban_time);
        let record = Record {
            level: rules.ban_after * ONE,
            at: now,
            failures,
            offence,
            wait_until,
            banned: Some(since),
        };
        part.insert(who, record);
        self.quiet
            .fetch_max(wait_until.unix_micros(), Ordering::Relaxed);
    }

    pub(super) fn list(&self, now: Instant, rules: &Rules, mut tell: impl FnMut(&K, &Record)) {
        for part in &self.parts {
            let part = part.lock().unwrap_or_else(PoisonError::into_inner);
            part.iter()
                .filter(|(_, record)| !record.is_over(now, rules))
                .for_each(|(who, record)| tell(who, record));
        }
    }

    pub(super) fn remove<Q>(&self, who: &Q) -> usize
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        usize::from(self.part(who).remove(who).is_some())
    }

    pub(super) fn clear(&self) -> usize {
        self.parts
            .iter()
            .map(|part| {
                let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
                let held = part.len();
                part.clear();
                held
            })
            .sum()
    }

    fn part<Q: Hash + ?Sized>(&self, who: &Q) -> MutexGuard<'_, HashMap<K, Record>> {
        let at = self.hasher.hash_one(who) % PARTS as u64;
        self.parts[usize::try_from(at).unwrap_or(0)]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever is forgotten by time goes first, else the one of a few who has done least.
fn make_room<K: Hash + Eq + Clone>(part: &mut HashMap<K, Record>, now: Instant, rules: &Rules) {
    if part.len() < limits::OFFENDERS / PARTS {
        return;
    }
    part.retain(|_, record| !record.is_over(now, rules));
    if part.len() < limits::OFFENDERS / PARTS {
        return;
    }
    let least = part
        .iter()
        .take(16)
        .min_by_key(|(_, record)| (record.banned.is_some(), record.level))
        .map(|(who, _)| who.clone());
    if let Some(who) = least {
        part.remove(&who);
    }
}

impl Record {
    const fn new(now: Instant, offence: Offence) -> Self {
        Self {
            level: 0,
            at: now,
            failures: 0,
            offence,
            wait_until: now,
            banned: None,
        }
    }

    fn fail(&mut self, now: Instant, offence: Offence, rules: &Rules) -> Sentence {
        let before = self.banned(now);
        self.level = self.level(now, rules) + ONE;
        self.at = now;
        self.failures += 1;
        self.offence = offence;
        let count = self.level.div_ceil(ONE);
        let is_banned = count >= rules.ban_after;
        self.banned = is_banned.then(|| before.map_or(now, |(since, _)| since));
        let sentence = if is_banned {
            Sentence::Banned(rules.ban_time)
        } else if count > rules.slow_after {
            let doublings = u32::try_from(count - rules.slow_after - 1).unwrap_or(u32::MAX);
            let wait = Duration::from_secs(2_u64.saturating_pow(doublings));
            Sentence::Slowed(wait.min(LONGEST_WAIT))
        } else {
            Sentence::Free
        };
        match sentence {
            Sentence::Free => {}
            Sentence::Slowed(wait) | Sentence::Banned(wait) => self.wait_until = now + wait,
        }
        sentence
    }

    /// What is left of the failures: as many as make a ban run off in the time of one.
    fn level(&self, now: Instant, rules: &Rules) -> u64 {
        let elapsed = u64::try_from(now.since(self.at).as_millis()).unwrap_or(u64::MAX);
        let whole = u64::try_from(rules.ban_time.as_millis()).unwrap_or(u64::MAX);
        let run_off = elapsed.saturating_mul(rules.ban_after * ONE) / whole.max(1);
        self.level.saturating_sub(run_off)
    }

    fn is_over(&self, now: Instant, rules: &Rules) -> bool {
        self.wait_until <= now && self.level(now, rules) == 0
    }

    /// Since when and until when it is banned, if it is.
    pub(super) fn banned(&self, now: Instant) -> Option<(Instant, Instant)> {
        self.banned
            .filter(|_| self.wait_until > now)
            .map(|since| (since, self.wait_until))
    }
}
