//! Guessing passwords is made slow, then impossible for a time.
//!
//! Each wrong answer counts against the address that it came from and against the user whom it was for. Counts run off
//! again, so that one phone with an old password in an office never gets the office banned. From a source that is slowed
//! or banned nothing new is heard: it is not even told so, and a phone that repeats its request is heard as soon as the
//! wait is over. A user who is guessed at stays reachable from where he has logged in before.
//!
//! Only answers to a challenge that was really received at the address count against it (`sip::auth::Nonces`), so nobody
//! can get somebody else's address banned. Knows no digests.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sip::time::Instant;

use super::ledger::{Ledger, Record, Rules};
pub use super::ledger::{Offence, Sentence};
use crate::config;
use crate::limits;

const PARTS: usize = 16;

/// Who has failed, and how often.
#[derive(Debug)]
pub struct Bans {
    rules: Rules,
    sources: Ledger<IpAddr>,
    users: Ledger<Box<str>>,
    known: Known,
}

/// One who has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offender {
    /// Who.
    pub who: Culprit,
    /// Failures since it was first seen.
    pub failures: u64,
    /// What the last one was.
    pub offence: Offence,
    /// Since when it is banned, if it is.
    pub banned_since: Option<Instant>,
    /// Until when it is banned, if it is.
    pub banned_until: Option<Instant>,
}

/// Who can fail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Culprit {
    /// An address; of IPv6 the first 64 bits.
    Source(IpAddr),
    /// A name to log in with, whether there is such a user or not.
    User(Box<str>),
}

impl Culprit {
    /// The one who an address belongs to.
    pub fn source(address: IpAddr) -> Self {
        Self::Source(whole(address))
    }
}

impl Bans {
    /// Nobody, by the rules of the settings.
    pub fn new(settings: &config::Auth) -> Self {
        Self {
            rules: Rules {
                slow_after: settings.slow_after.into(),
                ban_after: settings.ban_after.into(),
                ban_time: settings.ban_time,
            },
            sources: Ledger::new(),
            users: Ledger::new(),
            known: Known::default(),
        }
    }

    /// Whether nothing new is heard from there now.
    pub fn is_deaf_to(&self, now: Instant, source: IpAddr) -> bool {
        self.sources.wait(now, &whole(source)).is_some()
    }

    /// How long nobody may try to log in as this user from there, if he has to wait. Not where he did before.
    pub fn wait(&self, now: Instant, user: &str, source: IpAddr) -> Option<Duration> {
        let wait = self.users.wait(now, user)?;
        (!self.known.is_known(user, whole(source))).then_some(wait)
    }

    /// One more failure: what became of its source, and of the user; an empty name stands for none.
    pub fn fail(
        &self,
        now: Instant,
        user: &str,
        source: IpAddr,
        offence: Offence,
    ) -> [Sentence; 2] {
        if self.rules.ban_after == 0 {
            return [Sentence::Free; 2];
        }
        let of_user = if user.is_empty() {
            Sentence::Free
        } else {
            self.users.fail(now, user, offence, &self.rules)
        };
        let of_source = self.sources.fail(now, &whole(source), offence, &self.rules);
        [of_source, of_user]
    }

    /// A user has logged in from there.
    pub fn succeed(&self, user: &str, source: IpAddr) {
        if self.rules.ban_after > 0 {
            self.known.remember(user, whole(source));
        }
    }

    /// All who have failed and are not forgotten yet, those who are banned first.
    pub fn list(&self, now: Instant) -> Vec<Offender> {
        let mut all = Vec::new();
        self.sources.list(now, &self.rules, |source, record| {
            all.push(offender(now, Culprit::Source(*source), record));
        });
        self.users.list(now, &self.rules, |user, record| {
            all.push(offender(now, Culprit::User(user.clone()), record));
        });
        all.sort_by(|a, b| {
            (b.banned_until, b.failures, &a.who).cmp(&(a.banned_until, a.failures, &b.who))
        });
        all
    }

    /// Bans one again whom an earlier process had banned, at most for as long as a ban lasts.
    pub fn restore(&self, now: Instant, offender: Offender) {
        let (Some(since), Some(until)) = (offender.banned_since, offender.banned_until) else {
            return;
        };
        if self.rules.ban_after == 0 || until <= now {
            return;
        }
        let term = (since, until);
        let why = (offender.failures, offender.offence);
        match offender.who {
            Culprit::Source(source) => {
                self.sources
                    .restore(now, whole(source), term, why, &self.rules);
            }
            Culprit::User(user) => self.users.restore(now, user, term, why, &self.rules),
        }
    }

    /// Forgets what one has done, or with `None` what all have; how many there were.
    pub fn clear(&self, who: Option<&Culprit>) -> usize {
        match who {
            None => self.sources.clear() + self.users.clear(),
            Some(Culprit::Source(source)) => self.sources.remove(&whole(*source)),
            Some(Culprit::User(user)) => self.users.remove(user),
        }
    }
}

/// Where one customer begins and ends: an IPv4 address, the first 64 bits of an IPv6 address.
fn whole(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        v4 @ IpAddr::V4(_) => v4,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

fn offender(now: Instant, who: Culprit, record: &Record) -> Offender {
    let (banned_since, banned_until) = record.banned(now).unzip();
    Offender {
        who,
        failures: record.failures,
        offence: record.offence,
        banned_since,
        banned_until,
    }
}

/// From where users have logged in, by a keyed hash of both.
#[derive(Debug, Default)]
struct Known {
    hasher: RandomState,
    parts: [Mutex<HashSet<u64>>; PARTS],
}

impl Known {
    fn is_known(&self, user: &str, source: IpAddr) -> bool {
        let key = self.hasher.hash_one((user, source));
        self.part(key).contains(&key)
    }

    fn remember(&self, user: &str, source: IpAddr) {
        let key = self.hasher.hash_one((user, source));
        let mut part = self.part(key);
        if part.len() >= limits::KNOWN_SOURCES / PARTS && !part.contains(&key) {
            // Who is there comes again within an hour.
            part.clear();
        }
        part.insert(key);
    }

    fn part(&self, key: u64) -> MutexGuard<'_, HashSet<u64>> {
        let at = usize::try_from(key % PARTS as u64).unwrap_or(0);
        self.parts[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
